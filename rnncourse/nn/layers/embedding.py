"""Embedding: a table with one row of numbers for each token."""

import numpy as np

from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.checks import flag, positive_int

__all__ = ["Embedding"]


class Embedding(Layer):
    """Token numbers (B, T) -> their rows of the table E, (B, T, K); E (V, K), V = input_dim.

    With mask_zero, 0 is padding: the layers that follow see the mask `tokens != 0`.
    """

    weight_names = ("E",)
    option_names = ("input_dim", "output_dim", "mask_zero")

    def __init__(self, input_dim, output_dim, *, mask_zero=False, **options):
        super().__init__(**options)
        self.input_dim = positive_int("input_dim", input_dim)
        self.output_dim = positive_int("output_dim", output_dim)
        self.mask_zero = flag("mask_zero", mask_zero)
        self._tokens = None

    def build(self, n_features=None):
        """Make the table. Tokens are single numbers, so n_features is ignored."""
        if not self.built:
            rng = np.random.default_rng(self.seed)
            shape = self.input_dim, self.output_dim
            self.E = rng.uniform(-0.05, 0.05, shape).astype(self.dtype)  # as Keras does
            self.built = True
        return self

    def forward(self, X, mask=None, training=False, *, check=True):
        """X (B, T) whole numbers from 0 to input_dim - 1 -> (B, T, K).

        Raises TypeError for other than whole numbers, ValueError for a token outside the table.
        """
        tokens = np.asarray(X)
        if tokens.dtype.kind not in "iu":
            raise TypeError(
                f"{self} expects whole numbers (tokens); got {tokens.dtype}: X.astype(int)?"
            )
        if tokens.ndim != 2 or 0 in tokens.shape:
            raise ValueError(
                f"{self} expects tokens with axes (batch, time), none empty; got {tokens.shape}."
            )
        outside = (tokens < 0) | (tokens >= self.input_dim)
        if outside.any():
            at = tuple(int(i) for i in np.argwhere(outside)[0])
            raise ValueError(
                f"{self}: token {tokens[at]} at {list(at)} is outside 0 … {self.input_dim - 1}."
                " Make input_dim the largest token + 1, or map rare tokens to one 'unknown'."
            )
        self._tokens, self._check = tokens, check
        return self.build().E[tokens]

    def backward(self, dH):
        """dH (B, T, K) -> None, because tokens have no gradient; fills grads with dE.

        A token that occurs several times gets the sum of its gradients. Keras 3 on TensorFlow
        sums them up only in plain SGD: optimizers.py says what Adam and clipping do there.
        """
        if self._tokens is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        dH = self._gradient(dH, (*self._tokens.shape, self.output_dim))
        # Sorted by token, equal tokens are neighbours and one reduceat adds them up: many times
        # as fast as np.add.at, which goes number by number.
        tokens = self._tokens.reshape(-1)
        order = np.argsort(tokens, kind="stable")
        present, start = np.unique(tokens[order], return_index=True)
        dE = np.zeros_like(self.E)
        dE[present] = np.add.reduceat(dH.reshape(-1, self.output_dim)[order], start, axis=0)
        self.grads = [dE]

    def compute_mask(self, X, mask=None):
        """`tokens != 0` with mask_zero; together with a mask of your own, which Keras drops."""
        if not self.mask_zero:
            return mask
        return np.asarray(X) != 0 if mask is None else (np.asarray(X) != 0) & mask

    def compute_output_shape(self, input_shape):
        """(B, T) -> (B, T, K)."""
        return (*input_shape, self.output_dim)

    def __repr__(self):
        return f"Embedding({self.input_dim}, {self.output_dim})"
