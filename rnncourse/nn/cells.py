"""One time step of each recurrent layer, letter for letter the formulas, and the step back.

Read this file for the mathematics; `layers/` holds the same numbers over whole sequences, fast,
and a test keeps the two equal. Axes are batch, feature: x_t (B, D), h_t (B, N). W, U, b are
Keras's kernel, recurrent_kernel and bias: same numbers, same orientation. `step_back` takes
dL/dh_t and returns what the step before, the input and the weights receive.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.nn.functions import get_activation

__all__ = ["SimpleRNNCell"]


@dataclass
class SimpleRNNCell:
    """h_t = f(x_t W + h_prev U + b)          (Elman 1990)

    W (D, N), U (N, N), b (N,); f is `activation`.
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    activation: str = "tanh"

    def step(self, x_t, h_prev):
        """x_t (B, D), h_prev (B, N) -> h_t (B, N)."""
        f = get_activation(self.activation)
        return f(x_t @ self.W + h_prev @ self.U + self.b)

    def step_back(self, dh_t, x_t, h_prev):
        """dh_t (B, N) -> dx_t (B, D), dh_prev (B, N), {"W": dW, "U": dU, "b": db}."""
        f = get_activation(self.activation)
        h_t = self.step(x_t, h_prev)
        da_t = dh_t * f.derivative(h_t)
        grads = {"W": x_t.T @ da_t, "U": h_prev.T @ da_t, "b": da_t.sum(axis=0)}
        return da_t @ self.W.T, da_t @ self.U.T, grads
