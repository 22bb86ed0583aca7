"""SimpleRNN over whole sequences: h_t = f(x_t W + h_prev U + b)."""

import numpy as np

from rnncourse.nn.cells import SimpleRNNCell
from rnncourse.nn.layers.recurrent import Recurrent

__all__ = ["SimpleRNN"]


class SimpleRNN(Recurrent):
    """The simple recurrent layer (Elman 1990): Keras's SimpleRNN, same words, same weights.

    W (D, N), U (N, N), b (N,). Options and shapes: see Recurrent.forward and backward.
    """

    @property
    def cell(self):
        """One readable time step with these very weights."""
        self._need_built()
        b = self.b if self.use_bias else np.zeros(self.units, self.dtype)
        return SimpleRNNCell(self.W, self.U, b, self.activation.name)

    def _sweep(self, XH, states, mask):
        W = np.ascontiguousarray(self._stacked(*self.params.values()).T)
        H, f = XH[:, self._h_row :], self.activation.function
        for t, (xh_t, h_t) in enumerate(zip(XH[:-1], H[1:], strict=True)):
            f(W.dot(xh_t, h_t), h_t)
            if mask is not None:
                np.copyto(h_t, H[t], where=~mask[t])
        self._H = H
        return [H[-1]]

    def _weights_back(self):
        return np.concatenate([self.W, self.U])

    def _block_back(self, back, block, dH, carry, mask):
        H = self._H[1:][block]
        dA = self._buffers.scratch("dA", *H.shape)
        self.activation.derivative(H, dA)  # f' of each step, to be multiplied by dh_t
        if mask is not None:
            dA *= mask  # a masked step's state does not depend on its pre-activation
        (dh,) = carry
        dXH = self._buffers.scratch("dXH", len(dA), len(back), dh.shape[1])
        for t in reversed(range(len(dA))):
            if dH is not None:
                dh += dH[t]
            da_t = dA[t]
            da_t *= dh
            back.dot(da_t, dXH[t])
            if mask is None:
                dh = dXH[t, self.n_features :]
            else:  # at a masked step the gradient passes on unchanged
                np.copyto(dh, dXH[t, self.n_features :], where=mask[t])
        carry[0] = dh
        return dA, dXH[:, : self.n_features]
