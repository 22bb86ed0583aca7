"""Tasks of lesson 4.1: backpropagation by hand, with outputs at every step, and truncated.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task
from rnncourse.nn.cells import SimpleRNNCell
from rnncourse.nn.plain import forward

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


def _nudge(rng, *shape):
    w = rng.integers(-16, 17, size=shape) / 8  # exact in binary, so that w + e - e is w
    cubes, mix = rng.normal(size=shape), rng.normal(size=shape)

    def loss(v):
        if np.shape(v) != shape:
            raise ValueError(f"loss takes an array of shape {shape}; received {np.shape(v)}")
        return float((cubes * v**3).sum() + (mix * v).sum() ** 2)

    return loss, w, 2.0 ** -rng.integers(2, 8)


def _nudge_cases(rng):
    row, column, *more = sizes(rng, 4)
    return [_nudge(rng, row, column), _nudge(rng, more[0], 1), _nudge(rng, 1, more[1])]


def _nudge_edges(rng):
    loss, w, epsilon = _nudge(rng, *sizes(rng, 2))
    w[-1, -1] = 0.0
    return {"one weight": _nudge(rng, 1, 1), "a weight of 0, the last": (loss, w, epsilon)}


@function_task(
    cases=_nudge_cases,
    edges=_nudge_edges,
    axes="row column",
    wrong={
        "one-sided": edit("w - step", "w", "(2 * epsilon)", "epsilon"),
        "one-sided-down": edit("w + step", "w", "(2 * epsilon)", "epsilon"),
        "one-sided-halved": edit("w - step", "w"),
        "one-sided-down-halved": edit("w + step", "w"),
        "once-epsilon": edit("(2 * epsilon)", "epsilon"),
        "two-then-times": edit("(2 * epsilon)", "2 * epsilon"),
        "half-divided": edit("(loss(w + step)", "loss(w + step)", "step)) /", "step) /"),
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


def _outputs(rng, B, T, N, K):
    return normal(rng, (B, T, K), (B, T, N), (N, K))


def _output_cases(rng):
    return [_outputs(rng, *sizes(rng, 4)), _outputs(rng, 1, *sizes(rng, 3))]


def _output_edges(rng):
    B, T, N, K = sizes(rng, 4)
    return {
        "one step": _outputs(rng, B, 1, N, K),
        "one unit": _outputs(rng, B, T, 1, K),
        "sizes of 1": _outputs(rng, 1, 1, 1, 1),
    }


@function_task(
    cases=_output_cases,
    edges=_output_edges,
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
        "W_y-not-transposed": edit("W_y.T", "W_y"),
        "H-not-transposed": edit("rows.T", "rows"),
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


def _whole(rng, B, T, D, N, K):
    shapes = ((B, T, D), (B, T, K), (B, N), (D, N), (N, N), (N,), (N, K), (K,))
    X, y, h_0, W, U, b, W_y, b_y = normal(rng, *shapes)
    return X, y, h_0, W, U / 2, b, W_y, b_y


def _whole_cases(rng):
    return [_whole(rng, *sizes(rng, 5)), _whole(rng, 1, *sizes(rng, 4))]


def _whole_edges(rng):
    B, T, D, N, K = sizes(rng, 5)
    X, y, h_0, *weights = _whole(rng, B, T, D, N, K)
    weights[3][:, -1] = 0
    x, target, h, *others = _whole(rng, 1, 1, 1, 1, 1)
    return {
        "one step": _whole(rng, B, 1, D, N, K),
        # An error near 0 has few digits in float32, and so has 1 - h**2 where h is near 1.
        "sizes of 1": (x / 9, target + 9, h / 9, *others),
        "h_0 of zeros, and zeros in W_y": (X, y, 0 * h_0, *weights),
    }


@function_task(
    cases=_whole_cases,
    edges=_whole_edges,
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
        "dU-wraps-round": edit("states[t].T", "H[:, t - 1].T"),
        "no-tanh": edit(" * (1 - H[:, t] ** 2)", ""),
        "no-tanh-carried": edit("dh_next = da_t @", "dh_next = dh_t @"),
        "parentheses": edit("dh_t * (1", "dY_hat[:, t] @ W_y.T + dh_next * (1"),
        "forwards": edit("in reversed(range(X.shape[1]))", "in range(X.shape[1])"),
        "W_y-not-transposed": edit("W_y.T", "W_y"),
        "half": edit("2 * error", "error", "np.mean(error**2)", "np.mean(error**2) / 2"),
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


def _chunks(rng, B, T, D, N, k, size=1.0):
    """Arguments of `truncated_bptt`; `size` is the standard deviation of W and b."""
    X, dH, h_0, W, U, b = normal(rng, (B, T, D), (B, T, N), (B, N), (D, N), (N, N), (N,))
    W, b = size * W, size * b
    (states,) = forward(SimpleRNNCell(W, U / 2, b), X, [h_0])
    return dH, X, h_0, states[:, 1:], W, U / 2, k


def _chunk_cases(rng):
    """One step is left over for the last chunk, then none, then all but one."""
    k, B, D, N = sizes(rng, 4, 3, 6)
    k_2, *more = sizes(rng, 3)
    k_3, *others = sizes(rng, 4, 2, 5)
    return [
        _chunks(rng, B, 2 * k + 1, D, N, k),
        _chunks(rng, 1, 2 * k_2, *more, k_2),
        _chunks(rng, others[0], 3 * k_3 - 1, *others[1:], k_3),
    ]


def _chunk_edges(rng):
    B, T, D, N = sizes(rng, 4, least=3)
    return {
        "one step": _chunks(rng, B, 1, D, N, 2),
        "chunks of one step": _chunks(rng, B, T, D, N, 1),
        "one chunk, longer than the sequence": _chunks(rng, B, T, D, N, T + 2),
        "one chunk, as long as the sequence": _chunks(rng, B, T, D, N, T),
        "one feature": _chunks(rng, B, T, 1, N, 2),
        # 1 - h**2 has few digits in float32 where h is near 1.
        "sizes of 1": _chunks(rng, 1, 1, 1, 1, 1, size=0.3),
    }


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
    edges=_chunk_edges,
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
        "wraps-round": edit(" if t > 0 else h_0", ""),
        "dU-from-h": edit("h_prev.T", "H[:, t].T"),
        "parentheses": edit("(dH[:, t] + dh_next) * (1", "dH[:, t] + dh_next * (1"),
        "no-tanh": edit(" * (1 - H[:, t] ** 2)", ""),
        "no-tanh-carried": edit("dh_next = da_t", "dh_next = (dH[:, t] + dh_next)"),
        "u-not-transposed": edit("U.T", "U"),
        "overwritten": edit("dW +=", "dW =", "dU +=", "dU =", "db +=", "db ="),
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
