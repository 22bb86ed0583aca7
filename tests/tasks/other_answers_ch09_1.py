"""Right answers to lesson 9.1, written differently from ours."""

import numpy as np


def _horizon(accuracy, bar):
    steps = 0
    for value in accuracy:
        if not value > bar:
            break
        steps += 1
    return steps


def _frozen_readout(H, Y, ridge):
    """Ridge as least squares on more rows: the penalty's own, asked to be zero."""
    F = np.hstack([H, np.ones((len(H), 1))])
    more = np.sqrt(ridge) * np.eye(F.shape[1])
    rows, wanted = np.vstack([F, more]), np.vstack([Y, np.zeros((len(more), Y.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0]


def _same_network(W, U, b, W_y, order):
    P = np.eye(len(order))[:, order]
    return [W @ P, P.T @ U @ P, b @ P, P.T @ W_y]


def _shortest_path(distance, k):
    jumps, rest = np.divmod(distance, k)
    return jumps + rest


def _residual_step_back(dh_t, x_t, h_prev, W, U, b, step):
    a_t = np.concatenate([x_t, h_prev], axis=1) @ np.concatenate([W, U]) + b
    da_t = dh_t * step / np.cosh(a_t) ** 2
    dW, dU = (np.einsum("bi,bn->in", seen, da_t) for seen in (x_t, h_prev))
    return dh_t + np.einsum("bn,mn->bm", da_t, U), dW, dU, np.ones(len(da_t)) @ da_t


def _as_sequence(images, n_steps, order):
    B, height, width = images.shape
    row, column = np.divmod(order, width)
    return images[:, row, column].reshape(B, n_steps, height * width // n_steps)


def _train(X_train, y_train):
    """No network: the label of the nearest training image."""

    def predict(X):
        rows, known = X.reshape(len(X), -1), X_train.reshape(len(X_train), -1)
        apart = (known**2).sum(axis=1) - 2 * rows @ known.T
        return y_train[apart.argmin(axis=1)]

    return predict


ANSWERS = {
    "horizon": _horizon,
    "frozen_readout": _frozen_readout,
    "same_network": _same_network,
    "shortest_path": _shortest_path,
    "residual_step_back": _residual_step_back,
    "as_sequence": _as_sequence,
    "train": _train,
}
