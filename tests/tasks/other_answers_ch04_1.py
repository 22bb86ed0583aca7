"""Right answers to lesson 4.1's tasks, written differently from ours."""

import numpy as np


def _numeric_gradient(loss, w, epsilon):
    entries = []
    for i in range(w.size):
        up, down = w.astype(float).ravel(), w.astype(float).ravel()
        up[i], down[i] = up[i] + epsilon, down[i] - epsilon
        entries.append((loss(up.reshape(w.shape)) - loss(down.reshape(w.shape))) / epsilon / 2)
    return np.array(entries).reshape(w.shape)


def _output_back(dY_hat, H, W_y):
    dW_y, db_y = 0, 0
    for h, dy in zip(H, dY_hat, strict=True):
        dW_y, db_y = dW_y + h.T @ dy, db_y + dy.sum(0)
    return [np.einsum("btk,nk->btn", dY_hat, W_y), dW_y, db_y]


def _loss_and_gradients(X, y, h_0, W, U, b, W_y, b_y):
    """One example at a time, and every loss sent back on its own."""
    loss, grads = 0, [0 * a for a in (W, U, b, W_y, b_y)]
    for x, target, h in zip(X, y, h_0, strict=True):
        states = [h]
        for t in range(len(x)):
            states.append(np.tanh(x[t] @ W + states[-1] @ U + b))
            error = states[-1] @ W_y + b_y - target[t]
            loss += (error**2).sum() / y.size
            grads[3] = grads[3] + np.outer(states[-1], 2 * error / y.size)
            grads[4] = grads[4] + 2 * error / y.size
            dh = W_y @ (2 * error / y.size)
            for s in range(t, -1, -1):
                da = dh * (1 - states[s + 1] ** 2)
                grads[0] = grads[0] + np.outer(x[s], da)
                grads[1] = grads[1] + np.outer(states[s], da)
                grads[2] = grads[2] + da
                dh = U @ da
    return loss, *grads


def _truncated_bptt(dH, X, h_0, H, W, U, k):
    """Chunk after chunk, from the first."""
    dW, dU, db = 0, 0, 0
    for first in range(0, X.shape[1], k):
        stop, dh = min(first + k, X.shape[1]), 0
        for t in range(stop - 1, first - 1, -1):
            da = (dH[:, t] + dh) * (1 - H[:, t] ** 2)
            before = h_0 if t == 0 else H[:, t - 1]
            dW, dU, db = dW + X[:, t].T @ da, dU + before.T @ da, db + da.sum(0)
            dh = da @ U.T
    return dW, dU, db


ANSWERS = {
    "numeric_gradient": _numeric_gradient,
    "output_back": _output_back,
    "loss_and_gradients": _loss_and_gradients,
    "truncated_bptt": _truncated_bptt,
}
