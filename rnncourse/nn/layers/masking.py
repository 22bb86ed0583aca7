"""Masking: which time steps are padding."""

import numpy as np

from rnncourse.nn.layers.base import Layer, as_input

__all__ = ["Masking"]


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
