"""Dropout and Masking: the two layers without weights."""

import numpy as np

from rnncourse.nn.layers.base import Layer, as_input

__all__ = ["Dropout", "Masking"]


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
        self._scale = None

    def forward(self, X, mask=None, training=False, *, check=True):
        """X, any shape -> the same shape; X itself unless training."""
        X = self._input(X, ("...", "feature"), check)
        self._scale = None
        if not training or self.rate == 0:
            return X
        kept = self._rng.random(X.shape, dtype=np.float32) >= self.rate
        self._scale = kept * self.dtype.type(1 / (1 - self.rate))
        return X * self._scale

    def backward(self, dY):
        """The gradient, where forward let the number pass."""
        dY = np.asarray(dY, self.dtype)
        return dY if self._scale is None else dY * self._scale

    def __repr__(self):
        return f"Dropout({self.rate})"


class Masking(Layer):
    """Marks the steps whose features all equal `mask_value` as padding: Keras's Masking.

    The layers that follow see the mask; the padded steps themselves become 0.
    """

    option_names = ("mask_value",)

    def __init__(self, mask_value=0.0, **options):
        super().__init__(**options)
        self.mask_value = mask_value
        self._real = None

    def forward(self, X, mask=None, training=False, *, check=True):
        """X (B, T, D) -> (B, T, D)."""
        X = self._input(X, ("batch", "time", "feature"), check)
        self._real = self.compute_mask(X)[:, :, None]
        return X * self._real

    def backward(self, dY):
        """The gradient of the real steps; padding has none."""
        if self._real is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        return np.asarray(dY, self.dtype) * self._real

    def compute_mask(self, X, mask=None):
        """(B, T): True where any feature differs from mask_value."""
        X = as_input(X, ("batch", "time", "feature"), owner=self, dtype=self.dtype, finite=False)
        return (self.dtype.type(self.mask_value) != X).any(axis=-1)

    def __repr__(self):
        return f"Masking({self.mask_value})"
