"""Tasks of lesson 4.3, LSTM and GRU: counts, steps, gates to read, and the steps back.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task
from rnncourse.nn import sigmoid

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


def _lstm(rng, B, D, N):
    return normal(rng, (B, D), (B, N), (B, N), (D, 4 * N), (N, 4 * N), (4 * N,))


def _lstm_cases(rng):
    return [_lstm(rng, *sizes(rng, 3)), _lstm(rng, 1, *sizes(rng, 2))]


def _lstm_edges(rng):
    B, D, N = sizes(rng, 3)
    x_t, h_prev, c_prev, W, U, b = _lstm(rng, B, D, N)
    return {
        "one unit": _lstm(rng, B, D, 1),
        "one feature": _lstm(rng, B, 1, N),
        "one example, one feature, one unit": _lstm(rng, 1, 1, 1),
        "a first step, from zeros": (x_t, 0 * h_prev, 0 * c_prev, W, U, b),
        "gates that are shut or open": (10 * x_t, h_prev, c_prev, W, U, b),
    }


@function_task(
    cases=_lstm_cases,
    edges=_lstm_edges,
    axes={"h_t": "batch unit", "c_t": "batch unit"},
    points=3,
    wrong={
        "returned-swapped": edit("h_t, c_t", "c_t, h_t"),
        "order-forget-first": edit("a_i, a_f, a_c, a_o", "a_f, a_i, a_c, a_o"),
        "order-candidate-last": edit("a_i, a_f, a_c, a_o", "a_i, a_f, a_o, a_c"),
        "order-candidate-second": edit("a_i, a_f, a_c, a_o", "a_i, a_c, a_f, a_o"),
        "no-forget": edit("f_t * c_prev", "c_prev"),
        "no-input-gate": edit("i_t * c_tilde", "c_tilde"),
        "forget-inverted": edit("f_t * c_prev", "(1 - f_t) * c_prev"),
        "coupled": edit("i_t * c_tilde", "(1 - f_t) * c_tilde"),
        "cell-squashed": edit(
            "f_t * c_prev + i_t * c_tilde", "np.tanh(f_t * c_prev + i_t * c_tilde)"
        ),
        "no-tanh-out": edit("np.tanh(c_t)", "c_t"),
        "sigmoid-out": edit("np.tanh(c_t)", "sigmoid(c_t)"),
        "tanh-around": edit("o_t * np.tanh(c_t)", "np.tanh(o_t * c_t)"),
        "candidate-linear": edit("np.tanh(a_c)", "a_c"),
        "parentheses": edit(
            "f_t * c_prev + i_t", "f_t * (c_prev + i_t", "c_tilde\n    h_t", "c_tilde)\n    h_t"
        ),
        "no-recurrence": edit(" + h_prev @ U", ""),
        "old-cell-shown": edit("np.tanh(c_t)", "np.tanh(c_prev)"),
        "candidate-sigmoid": edit("np.tanh(a_c)", "sigmoid(a_c)"),
        "gates-tanh": edit(
            "sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)", "np.tanh(a_i), np.tanh(a_f), np.tanh(a_o)"
        ),
        "reads-cell": edit("h_prev @ U", "c_prev @ U"),
        "no-bias": edit(" + b", ""),
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


def _gru(rng, B, D, N):
    return normal(rng, (B, D), (B, N), (D, 3 * N), (N, 3 * N), (2, 3 * N))


def _gru_before(rng, B, D, N):
    return normal(rng, (B, D), (B, N), (D, 3 * N), (N, 3 * N), (3 * N,))


def _gru_cases(rng, draw=_gru):
    return [draw(rng, *sizes(rng, 3)), draw(rng, 1, *sizes(rng, 2))]


def _gru_edges(rng, draw=_gru):
    B, D, N = sizes(rng, 3)
    x_t, h_prev, W, U, b = draw(rng, B, D, N)
    return {
        "one unit": draw(rng, B, D, 1),
        "one feature": draw(rng, B, 1, N),
        "one example, one feature, one unit": draw(rng, 1, 1, 1),
        "a first step, from zeros": (x_t, 0 * h_prev, W, U, b),
        "gates that are shut or open": (10 * x_t, h_prev, W, U, b),
    }


def _gru_before_cases(rng):
    return _gru_cases(rng, _gru_before)


def _gru_before_edges(rng):
    return _gru_edges(rng, _gru_before)


_SHARED = {  # edits of both forms
    "keep-swapped": edit(
        "z_t * h_prev + (1 - z_t) * h_tilde", "(1 - z_t) * h_prev + z_t * h_tilde"
    ),
    "candidate-sigmoid": edit("np.tanh", "sigmoid"),
    "candidate-linear": edit("np.tanh", ""),
    "candidate-whole": edit("(1 - z_t) * h_tilde", "h_tilde"),
    "parentheses": edit("(1 - z_t) * h_tilde", "1 - z_t * h_tilde"),
    "not-blended": edit("z_t * h_prev + (1 - z_t) * h_tilde", "h_tilde"),
    "reset-in-blend": edit("z_t * h_prev", "z_t * r_t * h_prev"),
}


@function_task(
    cases=_gru_cases,
    edges=_gru_edges,
    axes="batch unit",
    points=3,
    wrong={
        "reset-before": edit("r_t * h_h", "(r_t * h_prev) @ U[:, -len(U) :] + b[1, -len(U) :]"),
        "bias-outside-reset": edit(
            "r_t * h_h", "r_t * (h_prev @ U[:, -len(U) :]) + b[1, -len(U) :]"
        ),
        "no-recurrent-bias": edit(" + b[1]", ""),
        "no-input-bias": edit(" + b[0]", ""),
        "biases-swapped": edit("W + b[0]", "W + b[1]", "U + b[1]", "U + b[0]"),
        "order-reset-first": edit(
            "x_z, x_r, x_h", "x_r, x_z, x_h", "h_z, h_r, h_h", "h_r, h_z, h_h"
        ),
        "order-candidate-first": edit(
            "x_z, x_r, x_h", "x_h, x_z, x_r", "h_z, h_r, h_h", "h_h, h_z, h_r"
        ),
        "no-reset": edit("r_t * h_h", "h_h"),
        "reset-input-too": edit("x_h + r_t * h_h", "r_t * (x_h + h_h)"),
        **_SHARED,
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
    edges=_gru_before_edges,
    axes="batch unit",
    points=2,
    wrong={
        "reset-after": edit("(r_t * h_prev) @ U_h", "r_t * (h_prev @ U_h)"),
        "no-bias": edit(" + b", ""),
        "u-transposed": edit("@ U_h", "@ U_h.T"),
        "order-reset-first": edit(
            "x_z, x_r, x_h", "x_r, x_z, x_h", "U_z, U_r, U_h", "U_r, U_z, U_h"
        ),
        "order-candidate-first": edit(
            "x_z, x_r, x_h", "x_h, x_z, x_r", "U_z, U_r, U_h", "U_h, U_z, U_r"
        ),
        "no-reset": edit("(r_t * h_prev) @", "h_prev @"),
        "reset-input-too": edit("x_h + (r_t * h_prev) @ U_h", "r_t * (x_h + h_prev @ U_h)"),
        **_SHARED,
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


def _lstm_back(rng, B, D, N):
    return *normal(rng, (B, N), (B, N)), *_lstm(rng, B, D, N)


def _lstm_back_cases(rng):
    return [_lstm_back(rng, *sizes(rng, 3)), _lstm_back(rng, 1, *sizes(rng, 2))]


def _lstm_back_edges(rng):
    B, D, N = sizes(rng, 3)
    dh_t, dc_next, x_t, h_prev, c_prev, W, U, b = _lstm_back(rng, B, D, N)
    return {
        "one feature": _lstm_back(rng, B, 1, N),
        "one example, one unit": _lstm_back(rng, 1, D, 1),
        "a first step, from zeros": (dh_t, dc_next, x_t, 0 * h_prev, 0 * c_prev, W, U, b),
        "the last step: dc_next of zeros": (dh_t, 0 * dc_next, x_t, h_prev, c_prev, W, U, b),
        "nothing asked of h_t: dh_t of zeros": (0 * dh_t, dc_next, x_t, h_prev, c_prev, W, U, b),
    }


# Mistakes that use c_t, to which the reference gives no name, begin with this edit.
_NAMES_C_T = (
    "np.tanh(f_t * c_prev + i_t * c_tilde)",
    "np.tanh(c_t := f_t * c_prev + i_t * c_tilde)",
)


@function_task(
    cases=_lstm_back_cases,
    edges=_lstm_back_edges,
    axes={
        "dh_prev": "batch unit",
        "dc_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "column",
    },
    points=4,
    wrong={
        "dc-next-dropped": edit("dc_next + ", ""),
        "dh-not-in-cell": edit(" + dh_t * o_t * (1 - tanh_c**2)", ""),
        "no-tanh-of-c": edit(" * (1 - tanh_c**2)", ""),
        "c-for-tanh-c": edit(*_NAMES_C_T, "tanh_c**2", "c_t**2"),
        "no-output-gate": edit("dh_t * o_t", "dh_t"),
        "parentheses-cell": edit("dc_next + dh_t * o_t", "(dc_next + dh_t * o_t)"),
        "parentheses-gates": edit(
            *("dc_t * c_tilde *", "dc_next * c_tilde + (dc_t - dc_next) * c_tilde *"),
            *("dc_t * c_prev *", "dc_next * c_prev + (dc_t - dc_next) * c_prev *"),
            *("dc_t * i_t *", "dc_next * i_t + (dc_t - dc_next) * i_t *"),
        ),
        "tanh-not-squared": edit("tanh_c**2", "tanh_c"),
        "candidate-not-undone": edit(" * (1 - c_tilde**2)", ""),
        "u-not-transposed": edit("U.T", "U"),
        "kept-whole": edit("dc_t * f_t,", "dc_t,"),
        "only-dc-next-kept": edit("dc_t * f_t,", "dc_next * f_t,"),
        "c-t-for-c-prev": edit(*_NAMES_C_T, "dc_t * c_prev", "dc_t * c_t"),
        "partners-swapped": edit(
            *("dc_t * c_tilde", "dc_t * i_t"),
            *("dc_t * i_t * (1 - c_tilde**2)", "dc_t * c_tilde * (1 - c_tilde**2)"),
        ),
        "output-gate-from-dc": edit("dh_t * tanh_c", "dc_t * tanh_c"),
        "output-gate-without-tanh": edit(*_NAMES_C_T, "dh_t * tanh_c", "dh_t * c_t"),
        "gates-not-undone": edit(
            *(" * i_t * (1 - i_t)", "", " * f_t * (1 - f_t)", ""),
            *(" * o_t * (1 - o_t)", ""),
        ),
        "gates-as-tanh": edit(
            *("i_t * (1 - i_t)", "(1 - i_t**2)", "f_t * (1 - f_t)", "(1 - f_t**2)"),
            *("o_t * (1 - o_t)", "(1 - o_t**2)"),
        ),
        "candidate-as-sigmoid": edit("(1 - c_tilde**2)", "c_tilde * (1 - c_tilde)"),
        "order": edit("da_c, da_o]", "da_o, da_c]"),
        "dU-from-h": edit("h_prev.T", "(o_t * tanh_c).T"),
        "bias-mean": edit("da_t.sum", "da_t.mean"),
        "bias-not-summed": edit("da_t.sum(axis=0)", "da_t"),
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


def _gru_back(rng, B, D, N):
    return *normal(rng, (B, N)), *_gru(rng, B, D, N)


def _gru_back_cases(rng):
    return [_gru_back(rng, *sizes(rng, 3)), _gru_back(rng, 1, *sizes(rng, 2))]


def _gru_back_edges(rng):
    B, D, N = sizes(rng, 3)
    dh_t, x_t, h_prev, W, U, b = _gru_back(rng, B, D, N)
    return {
        "one feature": _gru_back(rng, B, 1, N),
        "one example, one unit": _gru_back(rng, 1, D, 1),
        "a first step, from zeros": (dh_t, x_t, 0 * h_prev, W, U, b),
    }


@function_task(
    level="stretch",
    cases=_gru_back_cases,
    edges=_gru_back_edges,
    axes={
        "dh_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "row column",
    },
    points=4,
    wrong={
        "no-direct-path": edit("dh_t * z_t + ", ""),
        "direct-whole": edit("dh_t * z_t", "dh_t"),
        "direct-swapped": edit("dh_t * z_t", "dh_t * (1 - z_t)"),
        "z-sign": edit("h_prev - h_tilde", "h_tilde - h_prev"),
        "z-only-old": edit("(h_prev - h_tilde)", "h_prev"),
        "candidate-ungated": edit("dh_t * (1 - z_t)", "dh_t"),
        "no-recurrent-path": edit(" + da_u @ U.T", ""),
        "U-sees-da_x": edit("+ da_u @ U.T", "+ da_x @ U.T", "h_prev.T @ da_u", "h_prev.T @ da_x"),
        "u-not-transposed": edit("U.T", "U"),
        "no-reset-share": edit("da_h * h_h * r_t * (1 - r_t)", "np.zeros_like(r_t)"),
        "reset-from-state": edit("da_h * h_h", "da_h * h_prev"),
        "reset-before": edit("da_h * h_h", "(da_h @ U[:, -len(U) :].T) * h_prev"),
        "reset-not-on-the-way": edit("r_t * da_h]", "da_h]"),
        "gates-not-undone": edit(" * z_t * (1 - z_t)", "", " * r_t * (1 - r_t)", ""),
        "tanh-not-undone": edit(" * (1 - h_tilde**2)", ""),
        "biases-alike": edit("da_u.sum", "da_x.sum"),
        "one-bias": edit("np.stack([da_x.sum(axis=0), da_u.sum(axis=0)])", "da_x.sum(axis=0)"),
        "bias-mean": edit("da_x.sum", "da_x.mean", "da_u.sum", "da_u.mean"),
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
