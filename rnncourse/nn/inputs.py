"""The checks of what a model is given: X, y, and the order of batches for stateful layers."""

import numpy as np

from rnncourse.nn.layers.base import check_finite

__all__ = ["as_examples", "check_stateful"]


def as_examples(X, y=None):
    """X and y as arrays, after a check: at least one example, as many targets, finite numbers.

    Raises TypeError for what is not numeric, ValueError for everything else.
    """
    X = np.asarray(X)
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"The model needs at least one example; got shape {X.shape}.")
    _check_numbers(X, "X")
    if y is None:
        return X, None
    y = np.asarray(y)
    if y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"X has {len(X)} examples, y has shape {y.shape}: give one target per example."
        )
    _check_numbers(y, "y")
    return X, y


def _check_numbers(array, owner):
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{owner} must be an array of numbers; got {array.dtype}.")
    if array.dtype.kind == "f":
        check_finite(array, owner)


def check_stateful(layers, n_examples, batch_size, shuffle):
    """Raise ValueError where a stateful layer's batches would not continue one another."""
    if not any(layer.stateful for layer in layers):
        return
    if shuffle:
        raise ValueError(
            "Stateful layers carry their states from batch to batch, so the order matters:"
            " give fit shuffle=False."
        )
    if n_examples > batch_size and n_examples % batch_size:
        raise ValueError(
            f"Stateful layers need equal batches; {n_examples} examples do not divide into"
            f" batches of {batch_size}."
        )
