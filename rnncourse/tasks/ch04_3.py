"""Tasks of lesson 4.3, LSTM and GRU: counts, steps, gates to read, and the steps back."""

from functools import partial

import numpy as np

from rnncourse.checking.task import function_task, value_task
from rnncourse.nn import sigmoid
from rnncourse.tasks import bent
from rnncourse.tasks.bent import bend, normal

B, D, N = 2, 3, 5  # all different, so that a swapped axis cannot hide

# Each makes a misconception: _lstm(gate=np.tanh) is the LSTM's step with that joint bent.
_lstm, _lstm_back = partial(bend, bent.lstm), partial(bend, bent.lstm_back)
_gru, _gru_back = partial(bend, bent.gru), partial(bend, bent.gru_back)


# --- warm-up: how many numbers are learned? ---------------------------------------------------


@value_task(
    wrong={
        "simple-rnn": 170,
        "three-gates": 510,
        "no-bias": 640,
        "two-biases": 720,
        "no-recurrence": 280,
        "no-input": 440,
        "one-bias": 650,
        "sizes-swapped": 4 * (10 * 6 + 6 * 6 + 6),
        "cell-as-block": 5 * 170,
    },
    points=1,
)
def lstm_parameters():
    n_features, n_units = 6, 10
    return 4 * (n_features * n_units + n_units * n_units + n_units)


@value_task(
    wrong={
        "one-bias": 510,
        "no-bias": 480,
        "lstm": 680,
        "two-blocks": 360,
        "one-extra-bias": 520,
        "simple-rnn": 170,
        "no-recurrence": 3 * (60 + 20),
        "sizes-swapped": 3 * (10 * 6 + 6 * 6 + 2 * 6),
        "lstm-two-biases": 4 * (60 + 100 + 20),
    },
    points=1,
)
def gru_parameters():
    n_features, n_units = 6, 10
    return 3 * (n_features * n_units + n_units * n_units + 2 * n_units)


# --- one step of an LSTM ----------------------------------------------------------------------


def _lstm_cases(rng):
    return [
        normal(rng, (n, D), (n, N), (n, N), (D, 4 * N), (N, 4 * N), (4 * N,)) for n in (B, 3, 1)
    ]


@function_task(
    cases=_lstm_cases,
    axes={"h_t": "batch unit", "c_t": "batch unit"},
    points=3,
    wrong={
        "returned-swapped": lambda *a: bent.lstm(*a)[::-1],
        "order-forget-first": _lstm(order="fico"),
        "order-candidate-last": _lstm(order="ifoc"),
        "order-candidate-second": _lstm(order="icfo"),
        "no-forget": _lstm(cell=lambda i, f, g, c: c + i * g),
        "no-input-gate": _lstm(cell=lambda i, f, g, c: f * c + g),
        "forget-inverted": _lstm(cell=lambda i, f, g, c: (1 - f) * c + i * g),
        "coupled": _lstm(cell=lambda i, f, g, c: f * c + (1 - f) * g),
        "cell-squashed": _lstm(cell=lambda i, f, g, c: np.tanh(f * c + i * g)),
        "no-tanh-out": _lstm(output=lambda o, c_t, c_prev: o * c_t),
        "old-cell-shown": _lstm(output=lambda o, c_t, c_prev: o * np.tanh(c_prev)),
        "candidate-sigmoid": _lstm(squash=sigmoid),
        "gates-tanh": _lstm(gate=np.tanh),
        "reads-cell": lambda x, h, c, W, U, b: bent.lstm(x, c, c, W, U, b),
        "no-bias": lambda x, h, c, W, U, b: bent.lstm(x, h, c, W, U, 0 * b),
    },
)
def lstm_step(x_t, h_prev, c_prev, W, U, b):
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i_t, f_t, o_t = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    c_tilde = np.tanh(a_c)
    c_t = f_t * c_prev + i_t * c_tilde
    h_t = o_t * np.tanh(c_t)
    return h_t, c_t


# --- reading gates ----------------------------------------------------------------------------


@value_task(wrong={"forgets": "b", "dead": "c", "copies": "d"}, points=1)
def closed_door():
    return "a"


# --- one step of a GRU, reset after the product and before it ----------------------------------


def _gru_cases(rng):
    return [normal(rng, (n, D), (n, N), (D, 3 * N), (N, 3 * N), (2, 3 * N)) for n in (B, 3, 1)]


def _gru_before_cases(rng):
    return [normal(rng, (n, D), (n, N), (D, 3 * N), (N, 3 * N), (3 * N,)) for n in (B, 3, 1)]


def _before(**joints):
    return _gru(**({"candidate": bent.reset_before} | joints))


_SHARED = {  # what goes wrong in both forms
    "keep-swapped": {"blend": lambda z, r, h, g: (1 - z) * h + z * g},
    "order-reset-first": {"order": "rzh"},
    "order-candidate-first": {"order": "hzr"},
    "no-reset": {"candidate": lambda x, r, h, U_h, b_h: x + h @ U_h + b_h},
    "reset-input-too": {"candidate": lambda x, r, h, U_h, b_h: r * (x + h @ U_h + b_h)},
    "candidate-sigmoid": {"squash": sigmoid},
    "not-blended": {"blend": lambda z, r, h, g: g},
    "reset-in-blend": {"blend": lambda z, r, h, g: z * r * h + (1 - z) * g},
}


@function_task(
    cases=_gru_cases,
    axes="batch unit",
    points=3,
    wrong={
        "reset-before": _gru(candidate=bent.reset_before),
        "bias-outside-reset": _gru(candidate=lambda x, r, h, U, b: x + r * (h @ U) + b),
        "no-recurrent-bias": _gru(bias=lambda b: (b[0], 0 * b[1])),
        "no-input-bias": _gru(bias=lambda b: (0 * b[0], b[1])),
        "biases-swapped": _gru(bias=lambda b: (b[1], b[0])),
        **{code: _gru(**joint) for code, joint in _SHARED.items()},
    },
)
def gru_step(x_t, h_prev, W, U, b):
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z_t, r_t = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r_t * h_h)
    return z_t * h_prev + (1 - z_t) * h_tilde


@function_task(
    cases=_gru_before_cases,
    axes="batch unit",
    points=2,
    wrong={
        "reset-after": bent.gru,
        "no-bias": lambda x, h, W, U, b: _before()(x, h, W, U, 0 * b),
        "u-transposed": _before(candidate=lambda x, r, h, U_h, b_h: x + (r * h) @ U_h.T),
        **{code: _before(**joint) for code, joint in _SHARED.items()},
    },
)
def gru_step_before(x_t, h_prev, W, U, b):
    N = len(U)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    U_z, U_r, U_h = U[:, :N], U[:, N : 2 * N], U[:, 2 * N :]
    z_t, r_t = sigmoid(x_z + h_prev @ U_z), sigmoid(x_r + h_prev @ U_r)
    h_tilde = np.tanh(x_h + (r_t * h_prev) @ U_h)
    return z_t * h_prev + (1 - z_t) * h_tilde


# --- one step of an LSTM back -------------------------------------------------------------------


def _lstm_back_cases(rng):
    def case(n):
        states = ((n, N),) * 2, (n, D), ((n, N),) * 2
        return normal(rng, *states[0], states[1], *states[2], (D, 4 * N), (N, 4 * N), (4 * N,))

    return [case(B), case(3), case(1)]


@function_task(
    cases=_lstm_back_cases,
    axes={
        "dh_prev": "batch unit",
        "dc_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "column",
    },
    points=4,
    wrong={
        "dc-next-dropped": _lstm_back(cell=lambda dh, dc, o, c: dh * o * (1 - np.tanh(c) ** 2)),
        "dh-not-in-cell": _lstm_back(cell=lambda dh, dc, o, c: dc),
        "no-tanh-of-c": _lstm_back(cell=lambda dh, dc, o, c: dc + dh * o),
        "c-for-tanh-c": _lstm_back(cell=lambda dh, dc, o, c: dc + dh * o * (1 - c**2)),
        "no-output-gate": _lstm_back(cell=lambda dh, dc, o, c: dc + dh * (1 - np.tanh(c) ** 2)),
        "kept-whole": _lstm_back(kept=lambda dc, f, dc_next: dc),
        "only-dc-next-kept": _lstm_back(kept=lambda dc, f, dc_next: dc_next * f),
        "c-t-for-c-prev": _lstm_back(to_f=lambda dc, c_prev, c_t: dc * c_t),
        "partners-swapped": _lstm_back(to_i=lambda dc, g, i: dc * i, to_c=lambda dc, i, g: dc * g),
        "output-gate-from-dc": _lstm_back(to_o=lambda dh, dc, c: dc * np.tanh(c)),
        "output-gate-without-tanh": _lstm_back(to_o=lambda dh, dc, c: dh * c),
        "gates-not-undone": _lstm_back(gate_slope=np.ones_like),
        "gates-as-tanh": _lstm_back(gate_slope=lambda g: 1 - g**2),
        "candidate-as-sigmoid": _lstm_back(tanh_slope=lambda g: g * (1 - g)),
        "order": _lstm_back(order=(0, 1, 3, 2)),
        "dU-from-h": _lstm_back(seen=lambda h_prev, h_t: h_t),
        "bias-mean": _lstm_back(bias=lambda da: da.mean(axis=0)),
        "bias-not-summed": _lstm_back(bias=lambda da: da),
    },
)
def lstm_step_back(dh_t, dc_next, x_t, h_prev, c_prev, W, U, b):
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i_t, f_t, c_tilde, o_t = sigmoid(a_i), sigmoid(a_f), np.tanh(a_c), sigmoid(a_o)
    tanh_c = np.tanh(f_t * c_prev + i_t * c_tilde)

    dc_t = dc_next + dh_t * o_t * (1 - tanh_c**2)
    da_i = dc_t * c_tilde * i_t * (1 - i_t)
    da_f = dc_t * c_prev * f_t * (1 - f_t)
    da_c = dc_t * i_t * (1 - c_tilde**2)
    da_o = dh_t * tanh_c * o_t * (1 - o_t)

    da_t = np.concatenate([da_i, da_f, da_c, da_o], axis=1)
    return da_t @ U.T, dc_t * f_t, x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)


# --- stretch: one step of a GRU back ------------------------------------------------------------


def _gru_back_cases(rng):
    shapes = ((D, 3 * N), (N, 3 * N), (2, 3 * N))
    return [normal(rng, (n, N), (n, D), (n, N), *shapes) for n in (B, 3, 1)]


@function_task(
    level="stretch",
    cases=_gru_back_cases,
    axes={
        "dh_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "row column",
    },
    points=4,
    wrong={
        "no-direct-path": _gru_back(direct=lambda dh, z: 0),
        "direct-whole": _gru_back(direct=lambda dh, z: dh),
        "direct-swapped": _gru_back(direct=lambda dh, z: dh * (1 - z)),
        "z-sign": _gru_back(to_z=lambda dh, h_prev, g: dh * (g - h_prev)),
        "z-only-old": _gru_back(to_z=lambda dh, h_prev, g: dh * h_prev),
        "candidate-ungated": _gru_back(to_h=lambda dh, z: dh),
        "no-reset-share": _gru_back(to_r=lambda da_h, h_h, h_prev, U_h: 0 * da_h),
        "reset-from-state": _gru_back(to_r=lambda da_h, h_h, h_prev, U_h: da_h * h_prev),
        "reset-before": _gru_back(to_r=lambda da_h, h_h, h_prev, U_h: (da_h @ U_h.T) * h_prev),
        "reset-not-on-the-way": _gru_back(through=lambda da_h, r: da_h),
        "gates-not-undone": _gru_back(slope=np.ones_like),
        "tanh-not-undone": _gru_back(tanh_slope=np.ones_like),
        "biases-alike": _gru_back(bias=lambda da_x, da_u: np.stack([da_x.sum(0), da_x.sum(0)])),
        "one-bias": _gru_back(bias=lambda da_x, da_u: da_x.sum(axis=0)),
        "bias-mean": _gru_back(bias=lambda da_x, da_u: np.stack([da_x.mean(0), da_u.mean(0)])),
    },
)
def gru_step_back(dh_t, x_t, h_prev, W, U, b):
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z_t, r_t = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r_t * h_h)

    da_z = dh_t * (h_prev - h_tilde) * z_t * (1 - z_t)
    da_h = dh_t * (1 - z_t) * (1 - h_tilde**2)
    da_r = da_h * h_h * r_t * (1 - r_t)

    da_x = np.concatenate([da_z, da_r, da_h], axis=1)
    da_u = np.concatenate([da_z, da_r, r_t * da_h], axis=1)
    db = np.stack([da_x.sum(axis=0), da_u.sum(axis=0)])
    return dh_t * z_t + da_u @ U.T, x_t.T @ da_x, h_prev.T @ da_u, db
