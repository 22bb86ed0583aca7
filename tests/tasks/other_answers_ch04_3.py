"""Right answers to the tasks of lesson 4.3, written differently from ours."""

import numpy as np

from rnncourse.nn import GRUCell, LSTMCell


def _sigma(a):
    return 1 / (1 + np.exp(-a))


def _lstm_step(x_t, h_prev, c_prev, W, U, b):
    N = len(U)
    a = np.concatenate([x_t, h_prev], axis=1) @ np.vstack([W, U]) + b
    i, f, o = _sigma(a[:, :N]), _sigma(a[:, N : 2 * N]), _sigma(a[:, 3 * N :])
    c = c_prev * f + np.tanh(a[:, 2 * N : 3 * N]) * i
    e = np.exp(2 * c)
    return [(e - 1) / (e + 1) * o, c]


def _gru_step(x_t, h_prev, W, U, b):
    rows = []
    for x, h in zip(x_t, h_prev, strict=True):
        from_x, from_h = (v.reshape(3, -1) for v in (x @ W + b[0], h @ U + b[1]))
        z, r = _sigma(from_x[:2] + from_h[:2])
        h_tilde = np.tanh(from_x[2] + r * from_h[2])
        rows.append(h_tilde + z * (h - h_tilde))
    return np.array(rows)


def _gru_step_before(x_t, h_prev, W, U, b):
    W_z, W_r, W_h = W.reshape(len(W), 3, -1).transpose(1, 0, 2)
    U_z, U_r, U_h = U.reshape(len(U), 3, -1).transpose(1, 0, 2)
    b_z, b_r, b_h = b.reshape(3, -1)
    update = 1 - _sigma(x_t @ W_z + h_prev @ U_z + b_z)
    reset = np.einsum("bn,bn->bn", _sigma(x_t @ W_r + h_prev @ U_r + b_r), h_prev)
    return (1 - update) * h_prev + update * np.tanh(x_t @ W_h + reset @ U_h + b_h)


def _lstm_step_back(dh_t, dc_next, x_t, h_prev, c_prev, W, U, b):
    _, dh_prev, dc_prev, grads = LSTMCell(W, U, b).step_back(dh_t, dc_next, x_t, h_prev, c_prev)
    return [dh_prev, dc_prev, grads["W"], grads["U"], grads["b"]]


def _gru_step_back(dh_t, x_t, h_prev, W, U, b):
    _, dh_prev, grads = GRUCell(W, U, b).step_back(dh_t, x_t, h_prev)
    return dh_prev, grads["W"], grads["U"], grads["b"]


ANSWERS = {
    "lstm_step": _lstm_step,
    "gru_step": _gru_step,
    "gru_step_before": _gru_step_before,
    "lstm_step_back": _lstm_step_back,
    "gru_step_back": _gru_step_back,
}
