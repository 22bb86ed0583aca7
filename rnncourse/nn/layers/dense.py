"""Dense: y_hat = f(x W + b), on the last axis of whatever comes in."""

import numpy as np

from rnncourse.nn.functions import get_activation, glorot_uniform
from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.checks import flag, positive_int

__all__ = ["Dense"]


class Dense(Layer):
    """y_hat = f(X W + b); W (D, K), b (K,).

    X is (B, D) -> (B, K), or (B, T, D) -> (B, T, K): then every time step goes through the same
    weights, which is all that Keras's TimeDistributed(Dense(K)) does.
    """

    option_names = ("units", "activation", "use_bias")

    def __init__(self, units, activation=None, use_bias=True, **options):
        super().__init__(**options)
        self.units = positive_int("units", units)
        self.activation = get_activation(activation)
        self.use_bias = flag("use_bias", use_bias)
        self.weight_names = ("W", "b") if use_bias else ("W",)
        self._kept = None

    def _make_weights(self, rng):
        self.W = glorot_uniform(rng, (self.n_features, self.units)).astype(self.dtype)
        if self.use_bias:
            self.b = np.zeros(self.units, self.dtype)

    def forward(self, X, mask=None, training=False, *, check=True):
        """X (..., D) -> (..., K). The mask changes nothing here; it only travels on."""
        X = self._input(X, ("...", "feature") if np.ndim(X) > 1 else ("batch", "feature"), check)
        rows = X.reshape(-1, self.n_features)
        y_hat = rows @ self.W
        if self.use_bias:
            y_hat += self.b
        self.activation(y_hat, out=y_hat)
        self._kept = rows, y_hat
        self._output_shape = (*X.shape[:-1], self.units)
        return y_hat.reshape(self._output_shape).copy()

    def backward(self, dy_hat):
        """dy_hat (..., K) -> dX (..., D); fills grads with dW, db."""
        if self._kept is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        rows, y_hat = self._kept
        dy_hat = self._gradient(dy_hat, self._output_shape)
        da = dy_hat.reshape(-1, self.units) * self.activation.derivative(y_hat)
        self.grads = [rows.T @ da, da.sum(axis=0)][: len(self.weight_names)]
        return (da @ self.W.T).reshape(*dy_hat.shape[:-1], self.n_features)

    def compute_output_shape(self, input_shape):
        """(..., D) -> (..., K)."""
        return (*input_shape[:-1], self.units)
