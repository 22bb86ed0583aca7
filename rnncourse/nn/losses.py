"""Losses: each takes a prediction and a target and returns the loss and its gradient.

    loss, dy_hat = mse(y_hat, y)

The loss is a mean, so that it does not depend on the batch size, and `dy_hat` has the shape of
`y_hat`. Classifiers give logits, never probabilities: softmax and logarithm together are both
more exact and cheaper, and their gradient is a difference.
"""

import numpy as np

__all__ = ["cross_entropy", "get_loss", "mse"]


def mse(y_hat, y):
    """Mean squared error: mean (ŷ - y)².

    y_hat and y: any one shape, (B, K) or (B, T, K). A y that lacks only a last axis of length 1
    is taken as that shape. Returns (loss, dy_hat). Raises ValueError if the shapes differ, which
    NumPy would silently broadcast.
    """
    y = _same_shape("mse", y_hat, y)
    error = y_hat - y
    loss = float(np.mean(np.square(error), dtype=np.float64))
    error *= 2 / error.size
    return loss, error


def cross_entropy(logits, y):
    """Softmax cross-entropy: mean over all examples of -Σ_k y_k log softmax(logits)_k.

    logits (..., K); y (..., K) one-hot rows, or any rows of probabilities.
    Returns (loss, dlogits) with dlogits = (softmax(logits) Σy - y) / number of examples.
    """
    y = _same_shape("cross_entropy", logits, y)
    log_p = log_softmax(logits)
    n = logits.size // logits.shape[-1]
    loss = -float(np.sum(y * log_p, dtype=np.float64)) / n
    return loss, (np.exp(log_p) * y.sum(axis=-1, keepdims=True) - y) / n


def log_softmax(logits):
    """logits (..., K) -> log softmax(logits), without taking the logarithm of a tiny number."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _same_shape(name, y_hat, y):
    """`y` as an array of y_hat's shape and dtype; ValueError if it cannot be that."""
    y = np.asarray(y)
    if y.shape != y_hat.shape:
        if (*y.shape, 1) == y_hat.shape:
            y = y[..., None]
        else:
            raise ValueError(
                f"{name}: y has shape {y.shape}, the prediction has shape {y_hat.shape}."
                " Give both the same shape; a recurrent layer with return_sequences=True"
                " predicts one value a time step, without it one a sequence."
            )
    return y.astype(y_hat.dtype, copy=False)


_BY_NAME = {
    "mse": mse,
    "mean_squared_error": mse,
    "cross_entropy": cross_entropy,
    "categorical_crossentropy": cross_entropy,
}


def get_loss(loss):
    """The loss function called `loss` (a name, ours or Keras's, or any function like ours)."""
    if callable(loss):
        return loss
    if loss not in _BY_NAME:
        raise ValueError(f"loss={loss!r} is not known; choose one of {', '.join(_BY_NAME)}.")
    return _BY_NAME[loss]
