"""Right answers to lesson 1's exercises, written differently from ours."""

import numpy as np


def _lag_correlation(x, k):
    def standard(part):
        return (part - part.mean()) / part.std()

    return np.float32(np.mean(standard(x[k:]) * standard(x[: len(x) - k])))


def _windows(x, R):
    X = np.lib.stride_tricks.sliding_window_view(x, R, axis=0)[:-1]
    return [X.swapaxes(1, 2), x[R:, 0]]


def _last_marked(x, mark):
    at = np.maximum.accumulate(np.where(mark, np.arange(x.shape[1]), -1), axis=1)
    return np.where(at >= 0, np.take_along_axis(x, np.maximum(at, 0), axis=1), 0.0)


def _neighbours(x, n_kinds):
    pair = np.bincount(x[:-1] * n_kinds + x[1:], minlength=n_kinds**2)
    counts = 1 + pair.reshape(n_kinds, n_kinds)
    return (counts.T / counts.sum(1)).T


ANSWERS = {
    "bag": lambda X, n_kinds: np.stack([np.bincount(row, minlength=n_kinds) for row in X]),
    "neighbours": _neighbours,
    "lag_correlation": _lag_correlation,
    "windows": _windows,
    "last_marked": _last_marked,
}
