"""Losses: each takes a prediction and a target and returns the loss and its gradient.

    loss, dy_hat = mse(y_hat, y)

The loss is a mean, so that it does not depend on the batch size, and `dy_hat` has the shape of
`y_hat`. With a `mask` (B, T) the mean is over the real steps alone, and padding gets no gradient;
a mask without any real step gives 0. Classifiers give logits, never probabilities: softmax and
logarithm together are both more exact and cheaper, and their gradient is a difference
(Bishop 2006, section 4.3.4). The prediction comes first here; Keras's functions, which take
probabilities unless told otherwise and have other names, take the target first.
"""

import numpy as np

from rnncourse.nn.keras_words import LOSSES

__all__ = [
    "check_head",
    "cross_entropy",
    "get_loss",
    "log_softmax",
    "mse",
    "sparse_cross_entropy",
]


def mse(y_hat, y, mask=None):
    """Mean squared error: mean (ŷ - y)².

    y_hat and y: one shape, (B, K) or (B, T, K). A y that lacks only a last axis of length 1 is
    taken as that shape. Returns (loss, dy_hat). Raises ValueError if the shapes differ, which
    NumPy would silently broadcast.
    """
    y_hat = _as_floats("mse", y_hat)
    error = y_hat - _same_shape("mse", y_hat, y)
    K = y_hat.shape[-1]
    return _mean(np.square(error).sum(axis=-1) / K, error * (2 / K), mask)


def cross_entropy(logits, y, mask=None):
    """Softmax cross-entropy: the mean over examples of -Σ_k y_k log softmax(logits)_k.

    logits (..., K); y (..., K) one-hot rows, or any rows of probabilities. Returns
    (loss, dlogits); dlogits is softmax(logits) - y, divided by the number of examples.
    """
    logits = _as_floats("cross_entropy", logits)
    y = _same_shape("cross_entropy", logits, y)
    log_p = log_softmax(logits)
    gradient = np.exp(log_p) * y.sum(axis=-1, keepdims=True) - y
    return _mean(-(y * log_p).sum(axis=-1), gradient, mask)


def sparse_cross_entropy(logits, y, mask=None):
    """The same for targets that are class numbers: the mean of -log softmax(logits)_y.

    logits (..., K); y (...) or (..., 1), whole numbers from 0 to K - 1. Returns (loss, dlogits).
    Raises TypeError for other numbers, ValueError for a class outside or a wrong shape.
    """
    logits, y = _as_floats("sparse_cross_entropy", logits), np.asarray(y)
    K = logits.shape[-1]
    if y.shape == (*logits.shape[:-1], 1):
        y = y[..., 0]
    if y.dtype.kind not in "iub":
        raise TypeError(
            f"sparse_cross_entropy: y must be class numbers, got {y.dtype}; for one-hot rows use"
            " cross_entropy."
        )
    if y.shape != logits.shape[:-1]:
        raise ValueError(
            f"sparse_cross_entropy: y has shape {y.shape}, expected {logits.shape[:-1]}, one class"
            f" for each row of logits {logits.shape}."
        )
    real = True if mask is None else np.asarray(mask)
    if (real & ((y < 0) | (y >= K))).any():
        raise ValueError(
            f"sparse_cross_entropy: classes run from {y.min()} to {y.max()}, but the model has"
            f" {K} outputs, for classes 0 to {K - 1}."
        )
    y = np.where(real, y, 0)[..., None]  # padding may hold any number, -1 too
    log_p = log_softmax(logits)
    gradient = np.exp(log_p)
    np.put_along_axis(gradient, y, np.take_along_axis(gradient, y, -1) - 1, -1)
    return _mean(-np.take_along_axis(log_p, y, -1)[..., 0], gradient, mask)


def log_softmax(logits):
    """logits (..., K) -> log softmax(logits), without taking the logarithm of a tiny number."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _mean(losses, gradient, mask):
    """The mean of losses (...) over the real rows, and the gradient (..., K) of that mean."""
    if mask is None:
        return float(losses.mean(dtype=np.float64)), gradient / losses.size
    mask = np.asarray(mask)
    if mask.shape != losses.shape or mask.dtype != bool:
        raise ValueError(
            f"mask must be bool of shape {losses.shape}, one for each prediction; got"
            f" {mask.dtype} of {mask.shape}."
        )
    n = max(1, int(mask.sum()))
    loss = float(np.sum(losses, where=mask, dtype=np.float64)) / n
    return loss, np.where(mask[..., None], gradient / n, 0)


def _as_floats(name, y_hat):
    """The prediction as an array of floats; TypeError if it holds no real numbers."""
    y_hat = np.asarray(y_hat)
    if y_hat.dtype.kind not in "fiub":
        raise TypeError(f"{name}: the prediction must be real numbers; got {y_hat.dtype}.")
    return y_hat if y_hat.dtype.kind == "f" else y_hat.astype(np.float64)


def _same_shape(name, y_hat, y):
    """`y` as an array of y_hat's shape and dtype; ValueError if it cannot be that."""
    y = np.asarray(y)
    if y.shape != y_hat.shape:
        if (*y.shape, 1) == y_hat.shape:
            y = y[..., None]
        else:
            hint = "a recurrent layer with return_sequences=True predicts one value per step,"
            hint += " without it one per sequence"
            if name == "cross_entropy" and y.shape == y_hat.shape[:-1]:
                hint = "for class numbers use sparse_cross_entropy"
            raise ValueError(
                f"{name}: y has shape {y.shape}, the prediction has shape {y_hat.shape}. Give both"
                f" the same shape; {hint}."
            )
    return y.astype(y_hat.dtype, copy=False)


_BY_NAME = {f.__name__: f for f in (mse, cross_entropy, sparse_cross_entropy)}


def check_head(loss, layer):
    """Raise ValueError for a loss of logits after a layer that makes probabilities."""
    activation = getattr(getattr(layer, "activation", None), "name", None)
    if loss in (cross_entropy, sparse_cross_entropy) and activation == "sigmoid":
        raise ValueError(
            f"{loss.__name__} takes logits, and {layer} has activation='sigmoid': leave it linear,"
            " Dense(2) for two classes, and call softmax on the prediction."
        )


def get_loss(loss):
    """The loss function called `loss`; a function like those above is returned as it is."""
    if callable(loss):
        return loss
    if not isinstance(loss, str) or loss not in _BY_NAME:
        keras = f" In Keras's words: {LOSSES[loss]}." if loss in [*LOSSES] else ""
        raise ValueError(f"loss={loss!r} is not known; choose one of {', '.join(_BY_NAME)}.{keras}")
    return _BY_NAME[loss]
