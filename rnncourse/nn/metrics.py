"""What we look at but do not train on: each takes (y_hat, y, mask) and returns a float."""

import numpy as np

__all__ = ["accuracy", "get_metric", "mae"]


def accuracy(logits, y, mask=None):
    """The share of right answers.

    logits (..., K): the class of the largest logit is the answer; for K = 1 yes is a logit above
    0, that is a probability above one half. y: class numbers (...) or (..., 1), or one-hot rows
    (..., K). mask (...): which answers count; at least one must.
    """
    logits, y = np.asarray(logits), np.asarray(y)
    K = logits.shape[-1]
    answers = logits[..., 0] > 0 if K == 1 else logits.argmax(axis=-1)
    if y.shape == (*answers.shape, 1):
        y = y[..., 0]
    elif y.shape == logits.shape:
        y = y.argmax(axis=-1)
    if y.shape != answers.shape:
        raise ValueError(f"accuracy: y has shape {y.shape}, expected {answers.shape}.")
    return float(np.mean(answers == y, where=True if mask is None else mask))


def mae(y_hat, y, mask=None):
    """Mean absolute error; y_hat and y of one shape, or y without a last axis of length 1."""
    y_hat, y = np.asarray(y_hat), np.asarray(y)
    if (*y.shape, 1) == y_hat.shape:
        y = y[..., None]
    if y.shape != y_hat.shape:
        raise ValueError(f"mae: y has shape {y.shape}, the prediction {y_hat.shape}.")
    return float(np.mean(np.abs(y_hat - y), where=True if mask is None else mask[..., None]))


_BY_NAME = {"accuracy": accuracy, "acc": accuracy, "mae": mae, "mean_absolute_error": mae}


def get_metric(metric):
    """(name, function) of a metric given by name or as a function."""
    if callable(metric):
        return metric.__name__, metric
    if metric not in _BY_NAME:
        raise ValueError(f"metric {metric!r} is not known; choose one of {', '.join(_BY_NAME)}.")
    return metric, _BY_NAME[metric]
