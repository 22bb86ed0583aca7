"""SimpleRNN over whole sequences: h_t = f(x_t W + h_prev U + b)."""

import numpy as np

from rnncourse.nn.cells import SimpleRNNCell
from rnncourse.nn.layers.recurrent import Recurrent, as_rows

__all__ = ["SimpleRNN"]


class SimpleRNN(Recurrent):
    """The simple recurrent layer (Elman 1990): Keras's SimpleRNN, same words, same weights.

    W (D, N), U (N, N), b (N,). Options and shapes: see Recurrent.forward and backward.
    """

    @property
    def cell(self):
        """One readable time step with these very weights."""
        b = self.b if self.use_bias else np.zeros(self.units, self.dtype)
        return SimpleRNNCell(self.W, self.U, b, self.activation.name)

    def _sweep(self, X, states, mask):
        T, B, _ = X.shape
        # H[t] is the state before step t. The input product of all steps is written where the
        # states will be; each step then adds its recurrent product and applies f in place.
        H = np.empty((T + 1, B, self.units), self.dtype)
        H[0] = states[0]
        self._input_product(X, self.W, out=H[1:])
        if self.use_bias:
            H[1:] += self.b
        recurrent = np.empty((B, self.units), self.dtype)
        U, f = self.U, self.activation.function
        for t in range(T):
            h_prev, h_t = H[t], H[t + 1]
            h_t += h_prev.dot(U, recurrent)
            f(h_t, h_t)
            if mask is not None:
                np.copyto(h_t, h_prev, where=~mask[t])
        self._X, self._H = X, H
        return [H[-1]]

    def _block_back(self, block, dH, carry, mask, dX):
        H_prev, H = self._H[:-1][block], self._H[1:][block]
        slope = self.activation.derivative(H)
        if mask is not None:
            slope *= mask[block]  # a held state does not move with its pre-activation
        dA = slope  # each step's slope gives way to its da_t
        (dh,) = carry
        U_T = self._U_T
        for t in reversed(range(len(H))):
            if dH is not None:
                dh += dH[block.start + t]
            da_t = dA[t]
            da_t *= dh
            if mask is None:
                da_t.dot(U_T, dh)
            else:  # where the state was held, its gradient is held too
                np.copyto(dh, da_t.dot(U_T), where=mask[block.start + t])
        self._collect(self._X[block], dA, dX[block])
        self.grads[1] += as_rows(H_prev).T @ as_rows(dA)
