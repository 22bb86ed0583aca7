"""Tasks of lesson 4.1: the way back by hand, with outputs at every step, and cut in chunks."""

import numpy as np

from rnncourse.checking.task import function_task, value_task
from rnncourse.tasks import bent
from rnncourse.tasks.bent import normal, states

B, T, D, N, K = 2, 5, 3, 4, 6  # all different, so that a swapped axis cannot hide


# --- warm-up: what must be kept? -------------------------------------------------------------


@value_task(
    wrong={
        "last-state": 32 * 64,
        "one-example": 100 * 64,
        "inputs": 32 * 100 * 8,
        "weights": 8 * 64 + 64 * 64 + 64,
        "with-h0": 32 * 101 * 64,
        "inputs-too": 32 * 100 * (64 + 8),
        "bytes": 32 * 100 * 64 * 8,
        "one-unit": 32 * 100,
    },
    points=1,
)
def kept_numbers():
    n_batch, n_steps, n_units = 32, 100, 64
    return n_batch * n_steps * n_units


# --- warm-up: one unit, three steps, on paper ------------------------------------------------


@value_task(
    wrong={
        "last-step-only": -11,
        "h-after": 24.5,
        "h0-forgotten": -14,
        "u-forgotten": -9,
        "once-too-far": 7.5,
        "no-two": -7.5,
        "sign": 15,
        "averaged": -5,
    },
    points=2,
)
def du_on_paper():
    u, h_0, h_1, h_2, h_3 = -0.5, -2, 3, -5.5, 8.75
    dh_3 = 2 * (h_3 - 7.75)
    dh_2 = dh_3 * u
    dh_1 = dh_2 * u
    return dh_3 * h_2 + dh_2 * h_1 + dh_1 * h_0


# --- the referee: finite differences ---------------------------------------------------------


def _nudge_cases(rng):
    def case(*shape):
        w = rng.integers(-16, 17, size=shape) / 8  # exact in binary, so that w + e - e is w
        cubes, mix = rng.normal(size=shape), rng.normal(size=shape)

        def loss(v):
            return float((cubes * v**3).sum() + (mix * v).sum() ** 2)

        return loss, w, 1 / 64

    return [case(2, 4), case(3, 1), case(1, 5)]


def _each_entry(formula, *, restore=True):
    """Nudge one entry after the other; `formula` sees the losses up, down and now, and epsilon."""

    def gradient(loss, w, epsilon):
        v, result = w.copy(), np.empty_like(w)
        for i in np.ndindex(w.shape):
            now = loss(v)
            v[i] += epsilon
            up = loss(v)
            v[i] -= 2 * epsilon
            result[i] = formula(up, loss(v), now, epsilon)
            v[i] += epsilon if restore else 0
        return result

    return gradient


def _all_at_once(loss, w, epsilon):
    return np.full_like(w, (loss(w + epsilon) - loss(w - epsilon)) / (2 * epsilon))


_centred = _each_entry(lambda up, down, now, e: (up - down) / (2 * e))


@function_task(
    cases=_nudge_cases,
    axes="row column",
    wrong={
        "one-sided": _each_entry(lambda up, down, now, e: (up - now) / e),
        "one-sided-down": _each_entry(lambda up, down, now, e: (now - down) / e),
        "once-epsilon": _each_entry(lambda up, down, now, e: (up - down) / e),
        "not-divided": _each_entry(lambda up, down, now, e: up - down),
        "sign": _each_entry(lambda up, down, now, e: (down - up) / (2 * e)),
        "added": _each_entry(lambda up, down, now, e: (up + down) / (2 * e)),
        "not-restored": _each_entry(lambda up, down, now, e: (up - down) / (2 * e), restore=False),
        "all-at-once": _all_at_once,
        "summed": lambda *a: _centred(*a).sum(),
    },
)
def numeric_gradient(loss, w, epsilon):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = epsilon
        gradient[i] = (loss(w + step) - loss(w - step)) / (2 * epsilon)
    return gradient


# --- the output layer, at every step ---------------------------------------------------------


def _output_cases(rng):
    return [normal(rng, (n, t, K), (n, t, N), (N, K)) for n, t in ((B, T), (1, 7), (3, 1))]


_OUTPUT = {"dH": "batch time unit", "dW_y": "unit output", "db_y": "output"}


def _output_back(dY_hat, H, W_y):
    dW_y = np.einsum("btn,btk->nk", H, dY_hat)
    return dY_hat @ W_y.T, dW_y, dY_hat.sum(axis=(0, 1))


def _output_swap(**changes):
    """The right answer with some of its three arrays replaced: {name: function of dY_hat, H}."""

    def wrong(dY_hat, H, W_y):
        right = dict(zip(_OUTPUT, _output_back(dY_hat, H, W_y), strict=True))
        return tuple((right | {n: f(dY_hat, H, W_y) for n, f in changes.items()}).values())

    return wrong


def _per_size(axis):
    """Weights' gradients divided by the size of an axis, as if they were means."""

    def wrong(dY_hat, H, W_y):
        dH, dW_y, db_y = _output_back(dY_hat, H, W_y)
        return dH, dW_y / H.shape[axis], db_y / H.shape[axis]

    return wrong


@function_task(
    cases=_output_cases,
    axes=_OUTPUT,
    points=3,
    wrong={
        "last-step-only": _output_swap(
            dW_y=lambda dY, H, W_y: H[:, -1].T @ dY[:, -1], db_y=lambda dY, *_: dY[:, -1].sum(0)
        ),
        "averaged-over-time": _per_size(1),
        "averaged-over-batch": _per_size(0),
        "bias-has-time": _output_swap(db_y=lambda dY, *_: dY.sum(axis=0)),
        "bias-has-batch": _output_swap(db_y=lambda dY, *_: dY.sum(axis=1)),
        "weights-have-batch": _output_swap(dW_y=lambda dY, H, W_y: H.swapaxes(1, 2) @ dY),
        "weights-transposed": _output_swap(dW_y=lambda dY, H, W_y: np.einsum("btk,btn->kn", dY, H)),
        "summed-too-early": _output_swap(
            dW_y=lambda dY, H, W_y: np.outer(H.sum((0, 1)), dY.sum((0, 1)))
        ),
        "tanh-undone": _output_swap(dH=lambda dY, H, W_y: (dY @ W_y.T) * (1 - H**2)),
        "future-added": _output_swap(
            dH=lambda dY, H, W_y: np.cumsum((dY @ W_y.T)[:, ::-1], axis=1)[:, ::-1]
        ),
    },
)
def output_back(dY_hat, H, W_y):
    rows = H.reshape(-1, H.shape[2])
    dY_rows = dY_hat.reshape(-1, dY_hat.shape[2])
    return dY_hat @ W_y.T, rows.T @ dY_rows, dY_rows.sum(axis=0)


# --- loss and gradients, an output at every step ---------------------------------------------


def _whole_cases(rng):
    def case(n, t):
        shapes = ((n, t, D), (n, t, K), (n, N), (D, N), (N, N), (N,), (N, K), (K,))
        X, y, h_0, W, U, b, W_y, b_y = normal(rng, *shapes)
        return X, y, h_0, W, U / 2, b, W_y, b_y

    return [case(B, T), case(1, 7)]


def _whole(X, y, h_0, W, U, b, W_y, b_y, *, start=1, bias=1, scale=None, loss=None, **joints):
    H = states(X, start * h_0, W, U, b)
    error = H[:, 1:] @ W_y + bias * b_y - y
    dY_hat = 2 * error / error.size if scale is None else scale(error)
    dH, dW_y, db_y = _output_back(dY_hat, H[:, 1:], W_y)
    loss = np.mean(error**2) if loss is None else loss(error)
    dW, dU, db, _ = bent.bptt(dH, X, H, W, U, **joints)
    return loss, dW, dU, db, dW_y, db_y


def _bend(**joints):
    return bent.bend(_whole, **joints)


@function_task(
    cases=_whole_cases,
    axes={
        "loss": "",
        "dW": "feature unit",
        "dU": "unit unit",
        "db": "unit",
        "dW_y": "unit output",
        "db_y": "output",
    },
    points=3,
    wrong={
        "dh-next-dropped": _bend(ask=lambda own, dh_next, last: own),
        "own-output-dropped": _bend(ask=lambda own, dh_next, last: own if last else dh_next),
        "dU-from-h": _bend(after=1),
        "no-tanh": _bend(slope=np.ones_like),
        "overwritten": _bend(add=lambda total, share: share),
        "u-not-transposed": _bend(through=lambda U: U),
        "from-zero": _bend(start=0),
        "no-output-bias": _bend(bias=0),
        "no-two": _bend(scale=lambda e: e / e.size),
        "sign": _bend(scale=lambda e: -2 * e / e.size),
        "gradient-of-sum": _bend(scale=lambda e: 2 * e),
        "sum": _bend(scale=lambda e: 2 * e, loss=lambda e: np.sum(e**2)),
        "per-example": _bend(scale=lambda e: 2 * e / len(e), loss=lambda e: np.sum(e**2) / len(e)),
    },
)
def loss_and_gradients(X, y, h_0, W, U, b, W_y, b_y):
    states = [h_0]
    for t in range(X.shape[1]):
        states.append(np.tanh(X[:, t] @ W + states[-1] @ U + b))
    H = np.stack(states[1:], axis=1)
    error = H @ W_y + b_y - y
    dY_hat = 2 * error / error.size

    dW_y, db_y = np.einsum("btn,btk->nk", H, dY_hat), dY_hat.sum(axis=(0, 1))
    dW, dU, db, dh_next = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b), 0
    for t in reversed(range(X.shape[1])):
        dh_t = dY_hat[:, t] @ W_y.T + dh_next
        da_t = dh_t * (1 - H[:, t] ** 2)
        dW += X[:, t].T @ da_t
        dU += states[t].T @ da_t
        db += da_t.sum(axis=0)
        dh_next = da_t @ U.T
    return np.mean(error**2), dW, dU, db, dW_y, db_y


# --- warm-up: what is cut? -------------------------------------------------------------------


@value_task(
    wrong={"state-cut": "a", "no-influence": "c", "exact": "d", "averages-away": "e"}, points=1
)
def what_is_cut():
    return "b"


# --- stretch: truncated BPTT -----------------------------------------------------------------


def _chunk_cases(rng):
    def case(n, t, k):
        X, dH, h_0, W, U, b = normal(rng, (n, t, D), (n, t, N), (n, N), (D, N), (N, N), (N,))
        return dH, X, h_0, states(X, h_0, W, U / 2, b)[:, 1:], W, U / 2, k

    return [case(B, 7, 3), case(1, 8, 4), case(3, 5, 2)]


def _in_chunks(dH, X, h_0, H, W, U, k, *, borders=None, reset=False, keep=0):
    """Truncated BPTT with its joints exposed: the borders, the state, the chunks that count."""
    n_steps = X.shape[1]
    borders = list(range(0, n_steps, k)) if borders is None else borders(n_steps, k)
    before = np.concatenate([h_0[:, None], H], axis=1)
    totals = []
    for first, stop in zip(borders, [*borders[1:], n_steps], strict=True):
        chunk = before[:, first : stop + 1].copy()
        chunk[:, 0] *= 0 if reset and first > 0 else 1
        totals.append(bent.bptt(dH[:, first:stop], X[:, first:stop], chunk, W, U)[:3])
    return tuple(map(sum, zip(*totals[-keep:], strict=True)))


def _cut(**joints):
    return bent.bend(_in_chunks, **joints)


def _averaged(dH, X, h_0, H, W, U, k):
    return tuple(g / -(-X.shape[1] // k) for g in _in_chunks(dH, X, h_0, H, W, U, k))


def _looks_back(dH, X, h_0, H, W, U, k):
    """Every loss looks back exactly k steps: the dear way to truncate."""
    total = [0, 0, 0]
    before = np.concatenate([h_0[:, None], H], axis=1)
    for t in range(X.shape[1]):
        window = slice(max(0, t + 1 - k), t + 1)
        own = np.zeros_like(dH[:, window])
        own[:, -1] = dH[:, t]
        *shares, _ = bent.bptt(own, X[:, window], before[:, window.start : t + 2], W, U)
        total = [so_far + share for so_far, share in zip(total, shares, strict=True)]
    return tuple(total)


@function_task(
    level="stretch",
    cases=_chunk_cases,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit"},
    points=4,
    wrong={
        "not-cut": _cut(borders=lambda n, k: [0]),
        "cut-every-step": _cut(borders=lambda n, k: list(range(n))),
        "from-the-end": _cut(borders=lambda n, k: [0, *range(n % k or k, n, k)]),
        "one-late": _cut(borders=lambda n, k: [0, *range(k + 1, n, k)]),
        "one-early": _cut(borders=lambda n, k: [0, *range(k - 1, n, k)]),
        "state-reset": _cut(reset=True),
        "h0-ignored": lambda dH, X, h_0, *rest: _in_chunks(dH, X, 0 * h_0, *rest),
        "last-chunk-only": _cut(keep=1),
        "first-chunk-only": lambda dH, X, h_0, H, W, U, k: _in_chunks(
            dH[:, :k], X[:, :k], h_0, H[:, :k], W, U, k
        ),
        "averaged": _averaged,
        "looks-back": _looks_back,
    },
)
def truncated_bptt(dH, X, h_0, H, W, U, k):
    dW, dU, db, dh_next = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U)), 0
    for t in reversed(range(X.shape[1])):
        h_prev = H[:, t - 1] if t > 0 else h_0
        da_t = (dH[:, t] + dh_next) * (1 - H[:, t] ** 2)
        dW += X[:, t].T @ da_t
        dU += h_prev.T @ da_t
        db += da_t.sum(axis=0)
        dh_next = da_t @ U.T if t % k > 0 else 0
    return dW, dU, db
