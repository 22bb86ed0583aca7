"""Tasks of lesson 3, the algorithm: one step, the loop, the output, and the way back."""

import numpy as np

from rnncourse.checking.task import function_task, value_task
from rnncourse.tasks import bent
from rnncourse.tasks.bent import normal

B, T, D, N, K = 2, 4, 3, 5, 6  # all different, so that a swapped axis cannot hide


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


def _step_cases(rng):
    shapes = ((B, D), (B, N), (D, N), (N, N), (N,))
    one_row = ((1, D), (1, N), (D, N), (N, N), (N,))
    return [normal(rng, *s) for s in (shapes, shapes, one_row)]


@function_task(
    cases=_step_cases,
    axes="batch unit",
    wrong={
        "no-bias": lambda x, h, W, U, b: np.tanh(x @ W + h @ U),
        "bias-outside": lambda x, h, W, U, b: np.tanh(x @ W + h @ U) + b,
        "no-activation": lambda x, h, W, U, b: x @ W + h @ U + b,
        "sigmoid": lambda x, h, W, U, b: 1 / (1 + np.exp(-(x @ W + h @ U + b))),
        "no-state": lambda x, h, W, U, b: np.tanh(x @ W + b),
        "only-state": lambda x, h, W, U, b: np.tanh(h @ U + b),
        "u-transposed": lambda x, h, W, U, b: np.tanh(x @ W + h @ U.T + b),
        "tanh-each": lambda x, h, W, U, b: np.tanh(x @ W) + np.tanh(h @ U) + b,
        "averaged": lambda x, h, W, U, b: np.tanh((x @ W + h @ U) / 2 + b),
        "column-order": lambda x, h, W, U, b: np.tanh(W @ x + U @ h + b),
    },
)
def rnn_step(x_t, h_prev, W, U, b):
    return np.tanh(x_t @ W + h_prev @ U + b)


# --- the loop --------------------------------------------------------------------------------


def _forward_cases(rng):
    def case(n_batch, n_steps):
        return normal(rng, (n_batch, n_steps, D), (n_batch, N), (D, N), (N, N), (N,))

    return [case(B, T), case(1, 7), case(B, 1)]


def _forward(X, h_0, W, U, b):
    h_t, states = h_0, []
    for t in range(X.shape[1]):
        h_t = rnn_step.reference(X[:, t], h_t, W, U, b)
        states.append(h_t)
    return states


def _not_carried(X, h_0, W, U, b):
    return np.stack([rnn_step.reference(X[:, t], h_0, W, U, b) for t in range(X.shape[1])], axis=1)


@function_task(
    cases=_forward_cases,
    axes="batch time unit",
    points=3,
    wrong={
        "not-carried": _not_carried,
        "only-last": lambda *a: _forward(*a)[-1],
        "time-first": lambda *a: np.stack(_forward(*a), axis=0),
        "time-last": lambda *a: np.stack(_forward(*a), axis=2),
        "with-h0": lambda X, h, *w: np.stack([h, *_forward(X, h, *w)], axis=1),
        "shifted": lambda X, h, *w: np.stack([h, *_forward(X, h, *w)[:-1]], axis=1),
        "from-zero": lambda X, h, *w: np.stack(_forward(X, 0 * h, *w), axis=1),
        "backwards": lambda X, *a: np.stack(_forward(X[:, ::-1], *a), axis=1),
        "flipped": lambda *a: np.stack(_forward(*a)[::-1], axis=1),
        "all-last": lambda X, *a: np.stack([_forward(X, *a)[-1]] * X.shape[1], axis=1),
        "no-state": lambda X, h, W, U, b: np.tanh(X @ W + b),
        "u-transposed": lambda X, h, W, U, b: np.stack(_forward(X, h, W, U.T, b), axis=1),
        "no-bias": lambda X, h, W, U, b: np.stack(_forward(X, h, W, U, 0 * b), axis=1),
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


def _output_cases(rng):
    return [normal(rng, (n, T, N), (N, K), (K,)) for n in (B, 1)]


@function_task(
    cases=_output_cases,
    axes="batch output",
    wrong={
        "every-step": lambda H, W_y, b_y: H @ W_y + b_y,
        "first-state": lambda H, W_y, b_y: H[:, 0] @ W_y + b_y,
        "averaged": lambda H, W_y, b_y: H.mean(axis=1) @ W_y + b_y,
        "summed": lambda H, W_y, b_y: H.sum(axis=1) @ W_y + b_y,
        "last-example": lambda H, W_y, b_y: H[-1] @ W_y + b_y,
        "no-bias": lambda H, W_y, b_y: H[:, -1] @ W_y,
        "tanh": lambda H, W_y, b_y: np.tanh(H[:, -1] @ W_y + b_y),
        "last-unit": lambda H, W_y, b_y: H[:, :, -1] @ W_y + b_y,
    },
)
def last_output(H, W_y, b_y):
    return H[:, -1] @ W_y + b_y


# --- one step back ---------------------------------------------------------------------------


def _back_cases(rng):
    def case(n_batch):
        dh_t, x_t, h_prev, a_t, W, U = normal(
            rng, (n_batch, N), (n_batch, D), (n_batch, N), (n_batch, N), (D, N), (N, N)
        )
        return dh_t, x_t, h_prev, np.tanh(a_t), W, U

    return [case(B), case(1)]


def _step_back(dh_t, x_t, h_prev, h_t, W, U, da_t=None):
    da_t = dh_t * (1 - h_t**2) if da_t is None else da_t
    return bent.step_back(da_t, x_t, h_prev, W, U)


def _swap(index, change):
    """The right answer with one of its five arrays replaced."""

    def wrong(dh_t, x_t, h_prev, h_t, W, U):
        result = list(_step_back(dh_t, x_t, h_prev, h_t, W, U))
        da_t = dh_t * (1 - h_t**2)
        result[index] = change(da_t, dh_t, x_t, h_prev, h_t, W, U)
        return tuple(result)

    return wrong


_GRADIENTS = {
    "dx_t": "batch feature",
    "dh_prev": "batch unit",
    "dW": "feature unit",
    "dU": "unit unit",
    "db": "unit",
}


@function_task(
    cases=_back_cases,
    axes=_GRADIENTS,
    points=3,
    wrong={
        "no-tanh": lambda dh, x, hp, h, W, U: _step_back(dh, x, hp, h, W, U, dh),
        "tanh-of-h": lambda dh, x, hp, h, W, U: _step_back(
            dh, x, hp, h, W, U, dh * (1 - np.tanh(h) ** 2)
        ),
        "not-squared": lambda dh, x, hp, h, W, U: _step_back(dh, x, hp, h, W, U, dh * (1 - h)),
        "h-prev-in-tanh": lambda dh, x, hp, h, W, U: _step_back(
            dh, x, hp, h, W, U, dh * (1 - hp**2)
        ),
        "u-not-transposed": _swap(1, lambda da, dh, x, hp, h, W, U: da @ U),
        "dh-for-da": _swap(1, lambda da, dh, x, hp, h, W, U: dh @ U.T),
        "dU-from-h": _swap(3, lambda da, dh, x, hp, h, W, U: h.T @ da),
        "dU-transposed": _swap(3, lambda da, dh, x, hp, h, W, U: da.T @ hp),
        "bias-mean": _swap(4, lambda da, dh, x, hp, h, W, U: da.mean(axis=0)),
        "bias-not-summed": _swap(4, lambda da, dh, x, hp, h, W, U: da),
    },
)
def rnn_step_back(dh_t, x_t, h_prev, h_t, W, U):
    da_t = dh_t * (1 - h_t**2)
    dx_t, dh_prev = da_t @ W.T, da_t @ U.T
    dW, dU, db = x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)
    return dx_t, dh_prev, dW, dU, db


# --- stretch: backpropagation through time ---------------------------------------------------


def _bptt_cases(rng):
    def case(n_batch, n_steps):
        X, dH, h_0, W, U, b = normal(
            rng, (n_batch, n_steps, D), (n_batch, n_steps, N), (n_batch, N), (D, N), (N, N), (N,)
        )
        return dH, X, h_0, rnn_forward.reference(X, h_0, W, U / 2, b), W, U / 2

    return [case(B, T), case(1, 6)]


def _bptt(dH, X, h_0, H, W, U, **joints):
    return bent.bptt(dH, X, np.concatenate([h_0[:, None], H], axis=1), W, U, **joints)


def _bend(**joints):
    return bent.bend(_bptt, **joints)


@function_task(
    level="stretch",
    cases=_bptt_cases,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit", "dh_0": "batch unit"},
    points=4,
    wrong={
        "dh-next-dropped": _bend(ask=lambda own, dh_next, last: own),
        "only-last-loss": _bend(ask=lambda own, dh_next, last: own if last else dh_next),
        "overwritten": _bend(add=lambda total, share: share),
        "averaged": lambda dH, X, *a: tuple(
            g / (X.shape[1] if i < 3 else 1) for i, g in enumerate(_bptt(dH, X, *a))
        ),
        "dU-from-h": _bend(after=1),
        "h0-ignored": lambda dH, X, h_0, *rest: _bptt(dH, X, 0 * h_0, *rest),
        "no-tanh": _bend(slope=np.ones_like),
        "no-tanh-carried": _bend(carry=lambda da_t, dh_t: dh_t),
        "u-not-transposed": _bend(through=lambda U: U),
        "forwards": _bend(order=iter),
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
