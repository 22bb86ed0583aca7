"""Masking: which time steps are padding."""

import numpy as np

from rnncourse.nn.layers.base import SEQUENCES, Layer
from rnncourse.nn.layers.checks import as_input

__all__ = ["Masking"]


class Masking(Layer):
    """Marks the steps whose features all equal `mask_value` as padding: Keras's Masking.

    The layers that follow see the mask; the padded steps themselves become 0.
    """

    option_names = ("mask_value",)

    def __init__(self, mask_value=0.0, **options):
        super().__init__(**options)
        if not np.isfinite(mask_value):
            raise ValueError(
                f"mask_value={mask_value}: nan and inf are refused as data, so pad with a number"
                " that does not occur, such as 0, and give that."
            )
        self.mask_value = mask_value
        self._real = None

    def forward(self, X, mask=None, training=False, *, check=True):
        """X (B, T, D) -> (B, T, D)."""
        X = self._input(X, SEQUENCES, check)
        self._real = self.compute_mask(X)[:, :, None]
        return X * self._real

    def backward(self, dY):
        """The gradient of the real steps; padding has none."""
        if self._real is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        return self._gradient(dY, (*self._real.shape[:2], self.n_features)) * self._real

    def compute_mask(self, X, mask=None):
        """(B, T): True where any feature differs from mask_value, and a mask of your own is True.

        Keras drops the mask of your own.
        """
        X = as_input(X, SEQUENCES, owner=self, dtype=self.dtype, finite=False)
        real = (self.dtype.type(self.mask_value) != X).any(axis=-1)
        return real if mask is None else real & mask

    def compute_output_shape(self, input_shape):
        """(B, T, D) -> (B, T, D)."""
        self._need_sequences(input_shape)
        return tuple(input_shape)

    def __repr__(self):
        return f"Masking({self.mask_value})"
