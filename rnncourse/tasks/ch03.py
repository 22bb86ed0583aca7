"""Tasks of lesson 3, the algorithm: one step, the loop, the output, and the way back.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task

# --- warm-up: how many numbers does a step learn? ----------------------------------------------


@value_task(
    wrong={
        "no-bias": 40,
        "no-recurrence": 20,
        "times-T": 450,
        "keras-gru": 2 * 5 + 40,
        "U-as-W": 35,
        "no-input": 30,
        "one-bias": 41,
        "T-as-D": 10 * 5 + 25 + 5,
        "lstm": 4 * 45,
    },
    points=1,
)
def n_parameters():
    n_features, n_units = 3, 5
    return n_features * n_units + n_units * n_units + n_units


# --- one step --------------------------------------------------------------------------------


def _step_case(rng, B, D, N):
    return normal(rng, (B, D), (B, N), (D, N), (N, N), (N,))


def _step_cases(rng):
    """The last case has as many rows as units: there U @ h_prev does not fail by its shapes."""
    D, N = sizes(rng, 2)
    shapes = sizes(rng, 3), sizes(rng, 3), (1, *sizes(rng, 2)), (N, D, N)
    return [_step_case(rng, *shape) for shape in shapes]


def _step_edges(rng):
    B, D, N = sizes(rng, 3)
    edges = {"one unit": (B, D, 1), "one feature": (B, 1, N), "one of each": (1, 1, 1)}
    return {name: _step_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_step_cases,
    edges=_step_edges,
    axes="batch unit",
    wrong={
        "no-bias": edit(" + b", ""),
        "bias-outside": edit(" + b)", ") + b"),
        "no-activation": edit("np.tanh", ""),
        "sigmoid": edit("np.tanh(", "1 / (1 + np.exp(-(", " + b)", " + b)))"),
        "no-state": edit(" + h_prev @ U", ""),
        "only-state": edit("x_t @ W + ", ""),
        "u-transposed": edit("@ U", "@ U.T"),
        "tanh-each": edit(" + h_prev @ U + b)", ") + np.tanh(h_prev @ U) + b"),
        "averaged": edit("x_t @ W + h_prev @ U", "(x_t @ W + h_prev @ U) / 2"),
        "column-order": edit("x_t @ W + h_prev @ U", "W @ x_t + U @ h_prev"),
        "state-in-column-order": edit("h_prev @ U", "U @ h_prev"),
        "elementwise": edit("x_t @ W + h_prev @ U", "x_t * W + h_prev * U"),
        "state-elementwise": edit("h_prev @ U", "h_prev * U"),
        "relu": edit("np.tanh(", "np.maximum(0, "),
    },
)
def rnn_step(x_t, h_prev, W, U, b):
    return np.tanh(x_t @ W + h_prev @ U + b)


# --- the loop --------------------------------------------------------------------------------


def _forward_case(rng, B, T, D, N):
    return normal(rng, (B, T, D), (B, N), (D, N), (N, N), (N,))


def _forward_cases(rng):
    few_rows = 2, *sizes(rng, 3, 3)
    shapes = few_rows, (1, *sizes(rng, 3)), (rng.integers(8, 10), *sizes(rng, 3))
    return [_forward_case(rng, *shape) for shape in shapes]


def _forward_edges(rng):
    B, T, D, N = sizes(rng, 4)
    edges = {"one step": (B, 1, D, N), "one unit": (B, T, D, 1), "one feature": (B, T, 1, N)}
    return {name: _forward_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_forward_cases,
    edges=_forward_edges,
    axes="batch time unit",
    points=3,
    wrong={
        "not-carried": edit("h_t @ U", "h_0 @ U"),
        "only-last": edit("np.stack(states, axis=1)", "h_t"),
        "time-first": edit("axis=1", "axis=0"),
        "time-last": edit("axis=1", "axis=2"),
        "with-h0": edit("[]", "[h_0]"),
        "shifted": edit(
            *("        states.append(h_t)\n", ""),
            *("        h_t =", "        states.append(h_t)\n        h_t ="),
        ),
        "from-zero": edit("= h_0, []", "= 0 * h_0, []"),
        "first-input-skipped": edit("[]", "[h_0]", "range(X", "range(1, X"),
        "example-for-step": edit("X[:, t]", "X[t]"),
        "one-step-per-example": edit("range(X.shape[1])", "range(len(X))"),
        "backwards": edit("range(X.shape[1])", "reversed(range(X.shape[1]))"),
        "flipped": edit("np.stack(states", "np.stack(states[::-1]"),
        "all-last": edit("np.stack(states", "np.stack([h_t] * X.shape[1]"),
        "no-state": edit(" + h_t @ U", ""),
        "u-transposed": edit("@ U", "@ U.T"),
        "no-bias": edit(" + b", ""),
    },
)
def rnn_forward(X, h_0, W, U, b):
    h_t, states = h_0, []
    for t in range(X.shape[1]):
        h_t = np.tanh(X[:, t] @ W + h_t @ U + b)
        states.append(h_t)
    return np.stack(states, axis=1)


# --- state carried from part to part ---------------------------------------------------------


@value_task(wrong={"zeros": "a", "weights": "c", "average": "d"}, points=1)
def carried():
    return "b"


# --- the output ------------------------------------------------------------------------------


def _output_case(rng, B, T, N, K):
    return normal(rng, (B, T, N), (N, K), (K,))


def _output_cases(rng):
    shapes = sizes(rng, 4), (1, *sizes(rng, 3)), sizes(rng, 4)
    return [_output_case(rng, *shape) for shape in shapes]


def _output_edges(rng):
    B, T, N, K = sizes(rng, 4)
    edges = {"one step": (B, 1, N, K), "one unit": (B, T, 1, K), "one output": (B, T, N, 1)}
    return {name: _output_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_output_cases,
    edges=_output_edges,
    axes="batch output",
    wrong={
        "every-step": edit("H[:, -1]", "H"),
        "first-state": edit("H[:, -1]", "H[:, 0]"),
        "last-but-one": edit("H[:, -1]", "H[:, -2]"),
        "averaged": edit("H[:, -1]", "H.mean(axis=1)"),
        "summed": edit("H[:, -1]", "H.sum(axis=1)"),
        "last-example": edit("H[:, -1]", "H[-1]"),
        "no-bias": edit(" + b_y", ""),
        "tanh": edit("H[:, -1] @ W_y + b_y", "np.tanh(H[:, -1] @ W_y + b_y)"),
        "last-unit": edit("H[:, -1]", "H[:, :, -1]"),
    },
)
def last_output(H, W_y, b_y):
    return H[:, -1] @ W_y + b_y


# --- one step back ---------------------------------------------------------------------------


def _back_case(rng, B, D, N):
    shapes = (B, N), (B, D), (B, N), (B, N), (D, N), (N, N)
    dh_t, x_t, h_prev, a_t, W, U = normal(rng, *shapes)
    return dh_t, x_t, h_prev, np.tanh(a_t), W, U


def _back_cases(rng):
    shapes = sizes(rng, 3), (1, *sizes(rng, 2)), sizes(rng, 3)
    return [_back_case(rng, *shape) for shape in shapes]


def _back_edges(rng):
    B, D, N = sizes(rng, 3)
    edges = {"one unit": (B, D, 1), "one feature": (B, 1, N), "one of each": (1, 1, 1)}
    return {name: _back_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_back_cases,
    edges=_back_edges,
    axes={
        "dx_t": "batch feature",
        "dh_prev": "batch unit",
        "dW": "feature unit",
        "dU": "unit unit",
        "db": "unit",
    },
    points=3,
    wrong={
        "no-tanh": edit(" * (1 - h_t**2)", ""),
        "tanh-of-h": edit("h_t**2", "np.tanh(h_t) ** 2"),
        "not-squared": edit("h_t**2", "h_t"),
        "h-prev-in-tanh": edit("h_t**2", "h_prev**2"),
        "u-not-transposed": edit("U.T", "U"),
        "dh-for-da": edit("da_t @ U.T", "dh_t @ U.T"),
        "dU-from-h": edit("h_prev.T", "h_t.T"),
        "dU-transposed": edit("h_prev.T @ da_t", "da_t.T @ h_prev"),
        "dW-transposed": edit("x_t.T @ da_t", "da_t.T @ x_t"),
        "bias-mean": edit("da_t.sum", "da_t.mean"),
        "all-averaged": edit(
            "dh_prev, dW, dU, db", "dh_prev, dW / len(x_t), dU / len(x_t), db / len(x_t)"
        ),
        "bias-not-summed": edit("da_t.sum(axis=0)", "da_t"),
    },
)
def rnn_step_back(dh_t, x_t, h_prev, h_t, W, U):
    da_t = dh_t * (1 - h_t**2)
    dx_t, dh_prev = da_t @ W.T, da_t @ U.T
    dW, dU, db = x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)
    return dx_t, dh_prev, dW, dU, db


# --- stretch: backpropagation through time ---------------------------------------------------


def _bptt_case(rng, B, T, D, N, scale=1):
    shapes = (B, T, D), (B, T, N), (B, N), (D, N), (N, N), (N,)
    X, dH, h_0, W, U, b = normal(rng, *shapes)
    U = U / 2  # else the gradient explodes, and hides what the first steps add
    return scale * dH, X, h_0, rnn_forward.reference(X, h_0, W, U, b), W, U


def _bptt_cases(rng):
    """In the last case the gradients are large enough to show if they are clipped."""
    shapes = sizes(rng, 4), (1, *sizes(rng, 3, 3)), (*sizes(rng, 4, 3), 30)
    return [_bptt_case(rng, *shape) for shape in shapes]


def _bptt_edges(rng):
    B, T, D, N = sizes(rng, 4)
    edges = {"one step": (B, 1, D, N), "one unit": (B, T, D, 1), "one feature": (B, T, 1, N)}
    return {name: _bptt_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    level="stretch",
    cases=_bptt_cases,
    edges=_bptt_edges,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit", "dh_0": "batch unit"},
    points=4,
    wrong={
        "dh-next-dropped": edit(" + dh_next", ""),
        "only-last-loss": edit("np.zeros_like(h_0)", "dH[:, -1]", "dH[:, t] + dh_next", "dh_next"),
        "overwritten": edit("dW +=", "dW =", "dU +=", "dU =", "db +=", "db ="),
        "averaged": edit(
            *("    return", "    T = X.shape[1]\n    return"),
            *("dW, dU, db, dh_next", "dW / T, dU / T, db / T, dh_next"),
        ),
        "dU-from-h": edit("h_prev.T", "H[:, t].T"),
        "h0-ignored": edit("else h_0", "else 0 * h_0"),
        "h0-wrapped": edit("H[:, t - 1] if t > 0 else h_0", "H[:, t - 1]"),
        "first-step-left-out": edit("reversed(range(X.shape[1]))", "range(X.shape[1] - 1, 0, -1)"),
        "clipped": edit(
            "    return", "    dW, dU, db = (np.clip(g, -5, 5) for g in (dW, dU, db))\n    return"
        ),
        "slope-after-U": edit("da_t @ U.T", "((dH[:, t] + dh_next) @ U.T) * (1 - H[:, t] ** 2)"),
        "no-tanh": edit(" * (1 - H[:, t] ** 2)", ""),
        "no-tanh-carried": edit("da_t @ U.T", "(dH[:, t] + dh_next) @ U.T"),
        "u-not-transposed": edit("U.T", "U"),
        "forwards": edit("reversed(range(X.shape[1]))", "range(X.shape[1])"),
    },
)
def bptt(dH, X, h_0, H, W, U):
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U))
    dh_next = np.zeros_like(h_0)
    for t in reversed(range(X.shape[1])):
        h_prev = H[:, t - 1] if t > 0 else h_0
        da_t = (dH[:, t] + dh_next) * (1 - H[:, t] ** 2)
        dW += X[:, t].T @ da_t
        dU += h_prev.T @ da_t
        db += da_t.sum(axis=0)
        dh_next = da_t @ U.T
    return dW, dU, db, dh_next
