"""Right answers to lesson 3, written differently from ours."""

import numpy as np


def _rnn_step(x_t, h_prev, W, U, b):
    joined = np.concatenate([x_t, h_prev], axis=1) @ np.concatenate([W, U])
    e = np.exp(2 * (joined + b))
    return ((e - 1) / (e + 1)).astype("float32")


def _rnn_forward(X, h_0, W, U, b):
    H = np.empty((*X.shape[:2], len(b)))
    for n in range(len(X)):
        h = h_0[n]
        for t, x in enumerate(X[n]):
            H[n, t] = h = np.tanh(b + x.dot(W) + h.dot(U))
    return H


def _step_back(dh_t, x_t, h_prev, h_t, W, U):
    da = (1 + h_t) * (1 - h_t) * dh_t
    dW = np.einsum("bd,bn->dn", x_t, da)
    dU = np.einsum("bm,bn->mn", h_prev, da)
    return [(W @ da.T).T, (U @ da.T).T, dW, dU, np.ones(len(da)) @ da]


def _bptt(dH, X, h_0, H, W, U):
    before = np.concatenate([h_0[:, None], H[:, :-1]], axis=1)
    dA, dh = np.empty_like(dH), 0
    for t in range(X.shape[1] - 1, -1, -1):
        dA[:, t] = (dH[:, t] + dh) * (1 - H[:, t] ** 2)
        dh = dA[:, t] @ U.T
    return (
        np.tensordot(X, dA, ((0, 1), (0, 1))),
        np.einsum("btm,btn->mn", before, dA),
        dA.sum((0, 1)),
        dh,
    )


ANSWERS = {
    "rnn_step": _rnn_step,
    "rnn_forward": _rnn_forward,
    "last_output": lambda H, W_y, b_y: np.einsum("btn,nk->btk", H, W_y)[:, -1, :] + b_y,
    "rnn_step_back": _step_back,
    "bptt": _bptt,
}
