"""What the model of lesson 9.1 is trained on and judged by: handwritten digits, row by row."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import digits

__all__ = ["rows_of_digits"]


@cache
def rows_of_digits():
    """Digits as eight rows of eight pixels: 1,200 to learn from, 597 to be tested on.

    Has X_train (1200, 8, 8), y_train (1200, 10) one-hot, X_test, y_test; the error is the share of
    wrong digits, the baseline the answers of a linear readout of the last row alone.
    """
    everything = digits.load()
    learn, unseen = everything.part("train"), everything.part("test")
    y_train, y_test = (np.eye(10, dtype="float32")[part.label] for part in (learn, unseen))
    return HeldOut(
        train=(learn.image, y_train),
        X_train=learn.image,
        y_train=y_train,
        X_test=unseen.image,
        y_test=y_test,
        measure=_share_of_wrong_digits,
        baseline=_linear_readout(learn.image[:, -1], y_train, unseen.image[:, -1]),
    )


def _share_of_wrong_digits(y_hat, y):
    return np.mean(y_hat.argmax(axis=1) != y.argmax(axis=1))


def _linear_readout(H, Y, H_test, ridge=1.0):
    """H (n, N), Y (n, K), H_test (m, N) -> (m, K), by ridge regression with a bias."""
    F, F_test = (np.concatenate([part, np.ones((len(part), 1))], axis=1) for part in (H, H_test))
    return F_test @ np.linalg.solve(F.T @ F + ridge * np.eye(F.shape[1]), F.T @ Y)
