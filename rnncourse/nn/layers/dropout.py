"""Dropout: in training, some numbers are replaced by 0."""

import numpy as np

from rnncourse.nn.layers.base import Layer

__all__ = ["Dropout"]


class Dropout(Layer):
    """In training sets each number to 0 with probability `rate` (Srivastava et al. 2014).

    The others are divided by 1 - rate, so that the expected sum stays and nothing has to change
    in prediction. The choice is drawn anew at each forward, from `seed`.
    """

    option_names = ("rate",)

    def __init__(self, rate, **options):
        super().__init__(**options)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and below 1, got {rate}.")
        self.rate = rate
        self._rng = np.random.default_rng(self.seed)
        self._scale = self._shape = None

    def forward(self, X, mask=None, training=False, *, check=True):
        """X, any shape -> the same shape; X itself unless training."""
        X = self._input(X, ("...", "feature"), check)
        self._scale, self._shape = None, X.shape
        if not training or self.rate == 0:
            return X
        kept = self._rng.random(X.shape, dtype=np.float32) >= self.rate
        self._scale = kept * self.dtype.type(1 / (1 - self.rate))
        return X * self._scale

    def backward(self, dY):
        """The gradient, where forward let the number pass."""
        if self._shape is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        dY = self._gradient(dY, self._shape)
        return dY if self._scale is None else dY * self._scale

    def __repr__(self):
        return f"Dropout({self.rate})"
