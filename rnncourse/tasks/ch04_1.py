"""Tasks of lesson 4.1: backpropagation by hand, with outputs at every step, and truncated.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task
from rnncourse.nn.cells import SimpleRNNCell
from rnncourse.nn.plain import forward

B, T, D, N, K = 2, 5, 3, 4, 6  # all different, so that a swapped axis changes the shape


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


# --- finite differences ----------------------------------------------------------------------


def _nudge_cases(rng):
    def case(*shape):
        w = rng.integers(-16, 17, size=shape) / 8  # exact in binary, so that w + e - e is w
        cubes, mix = rng.normal(size=shape), rng.normal(size=shape)

        def loss(v):
            return float((cubes * v**3).sum() + (mix * v).sum() ** 2)

        return loss, w, 1 / 64

    return [case(2, 4), case(3, 1), case(1, 5)]


@function_task(
    cases=_nudge_cases,
    axes="row column",
    wrong={
        "one-sided": edit("w - step", "w", "(2 * epsilon)", "epsilon"),
        "one-sided-down": edit("w + step", "w", "(2 * epsilon)", "epsilon"),
        "once-epsilon": edit("(2 * epsilon)", "epsilon"),
        "not-divided": edit(" / (2 * epsilon)", ""),
        "sign": edit("loss(w + step) - loss(w - step)", "loss(w - step) - loss(w + step)"),
        "added": edit(") - loss", ") + loss"),
        "not-restored": edit("(2 * epsilon)", "(2 * epsilon)\n        w = w - step"),
        "all-at-once": edit("step[i]", "step[:]"),
        "summed": edit("return gradient", "return gradient.sum()"),
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


@function_task(
    cases=_output_cases,
    axes={"dH": "batch time unit", "dW_y": "unit output", "db_y": "output"},
    points=3,
    wrong={
        "last-step-only": edit(
            *("H.reshape(-1, H.shape[2])", "H[:, -1]"),
            *("dY_hat.reshape(-1, dY_hat.shape[2])", "dY_hat[:, -1]"),
        ),
        "averaged-over-time": edit("dY_hat.shape[2])", "dY_hat.shape[2]) / H.shape[1]"),
        "averaged-over-batch": edit("dY_hat.shape[2])", "dY_hat.shape[2]) / len(H)"),
        "bias-has-time": edit("dY_rows.sum(axis=0)", "dY_hat.sum(axis=0)"),
        "bias-has-batch": edit("dY_rows.sum(axis=0)", "dY_hat.sum(axis=1)"),
        "weights-have-batch": edit("rows.T @ dY_rows", "H.swapaxes(1, 2) @ dY_hat"),
        "weights-transposed": edit("rows.T @ dY_rows", "dY_rows.T @ rows"),
        "summed-too-early": edit(
            "rows.T @ dY_rows", "np.outer(rows.sum(axis=0), dY_rows.sum(axis=0))"
        ),
        "tanh-undone": edit("W_y.T", "W_y.T * (1 - H**2)"),
        "future-added": edit(
            "dY_hat @ W_y.T", "np.cumsum((dY_hat @ W_y.T)[:, ::-1], axis=1)[:, ::-1]"
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
        "dh-next-dropped": edit(" + dh_next", ""),
        "own-output-dropped": edit("+ dh_next", "if t == X.shape[1] - 1 else dh_next"),
        "dU-from-h": edit("states[t].T", "H[:, t].T"),
        "no-tanh": edit(" * (1 - H[:, t] ** 2)", ""),
        "overwritten": edit("dW +=", "dW =", "dU +=", "dU =", "db +=", "db ="),
        "u-not-transposed": edit("U.T", "U"),
        "from-zero": edit("[h_0]", "[0 * h_0]"),
        "no-output-bias": edit(" + b_y", ""),
        "no-two": edit("2 * error", "error"),
        "sign": edit("2 * error", "-2 * error"),
        "gradient-of-sum": edit(" / error.size", ""),
        "sum": edit(" / error.size", "", "np.mean", "np.sum"),
        "per-example": edit(
            "error.size", "len(error)", "np.mean(error**2)", "np.sum(error**2) / len(error)"
        ),
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
        (states,) = forward(SimpleRNNCell(W, U / 2, b), X, [h_0])
        return dH, X, h_0, states[:, 1:], W, U / 2, k

    return [case(B, 7, 3), case(1, 8, 4), case(3, 5, 2)]


def _looks_back(dH, X, h_0, H, W, U, k):
    """Each loss goes back exactly k steps, with a pass of its own."""
    states = np.concatenate([h_0[:, None], H], axis=1)
    total = [0, 0, 0]
    for t in range(X.shape[1]):
        first = max(0, t + 1 - k)
        steps = np.s_[:, first : t + 1]
        own = np.zeros_like(dH[steps])
        own[:, -1] = dH[:, t]
        share = truncated_bptt.reference(own, X[steps], states[:, first], H[steps], W, U, k)
        total = [so_far + new for so_far, new in zip(total, share, strict=True)]
    return tuple(total)


@function_task(
    level="stretch",
    cases=_chunk_cases,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit"},
    points=4,
    wrong={
        "not-cut": edit(" if t % k > 0 else 0", ""),
        "cut-every-step": edit("da_t @ U.T if t % k > 0 else 0", "0"),
        "from-the-end": edit("t % k > 0", "(X.shape[1] - t) % k > 0"),
        "one-late": edit("t % k > 0", "t <= k or (t - 1) % k > 0"),
        "one-early": edit("t % k > 0", "(t + 1) % k > 0"),
        "state-reset": edit("H[:, t - 1] if", "H[:, t - 1] * (t % k > 0) if"),
        "h0-ignored": edit("else h_0", "else 0 * h_0"),
        "last-chunk-only": edit(
            "range(X.shape[1])", "range((X.shape[1] - 1) // k * k, X.shape[1])"
        ),
        "first-chunk-only": edit("range(X.shape[1])", "range(k)"),
        "averaged": edit(
            *("    return", "    n_chunks = -(-X.shape[1] // k)\n    return"),
            *("return dW, dU, db", "return dW / n_chunks, dU / n_chunks, db / n_chunks"),
        ),
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
