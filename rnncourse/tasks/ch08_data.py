"""What lesson 8's exercises know besides the tasks: the sequences to copy from, and the bar."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import synthetic_selective_copy

__all__ = ["BAR", "copying"]

BAR = 0.5  # of the baseline's error


@cache
def copying():
    """Selective copying over 24 steps: 8,000 sequences to learn from, 2,000 to be tested on.

    Has X_train (8000, 24, 7), y_train (8000, 3, 6) one-hot, X_test, y_test; the error is the share
    of wrong symbols, the baseline the error of the best answer without order.
    """
    X, y = synthetic_selective_copy.load(np.random.default_rng(2400), 10_000, 24)
    y = np.eye(6, dtype="float32")[y]
    return HeldOut(
        train=(X[:8000], y[:8000]),
        X_train=X[:8000],
        y_train=y[:8000],
        X_test=X[8000:],
        y_test=y[8000:],
        measure=_share_of_wrong_symbols,
        baseline=1 - synthetic_selective_copy.best_without_order(),
    )


def _share_of_wrong_symbols(y_hat, y):
    return np.mean(y_hat.argmax(axis=2) != y.argmax(axis=2))
