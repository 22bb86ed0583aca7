"""LSTM over whole sequences."""

import numpy as np

from rnncourse.nn.cells import LSTMCell
from rnncourse.nn.functions import sigmoid, sigmoid_of_minus
from rnncourse.nn.layers.checks import flag
from rnncourse.nn.layers.recurrent import Recurrent

__all__ = ["LSTM"]


class LSTM(Recurrent):
    """Long short-term memory: Keras's LSTM, same words, same weights. Formulas: cells.LSTMCell.

    W (D, 4N), U (N, 4N), b (4N,), blocks i, f, c, o. Two states, h and c. unit_forget_bias
    starts the forget gate's bias at 1 (Gers, Schmidhuber and Cummins 2000; Keras's default), so
    that a fresh layer remembers. Options and shapes: see Recurrent.forward and backward.
    """

    n_gates = 4
    n_states = 2

    option_names = (*Recurrent.option_names, "unit_forget_bias")

    def __init__(self, units, activation="tanh", *, unit_forget_bias=True, **options):
        super().__init__(units, activation, **options)
        self.unit_forget_bias = flag("unit_forget_bias", unit_forget_bias)

    def _first_bias(self):
        b = super()._first_bias()
        if self.unit_forget_bias:
            b[self.units : 2 * self.units] = 1
        return b

    @property
    def cell(self):
        """One readable time step with these very weights."""
        self._need_built()
        b = self.b if self.use_bias else np.zeros(4 * self.units, self.dtype)
        return LSTMCell(self.W, self.U, b, self.activation.name)

    def _sweep(self, XH, states, mask):
        N, f = self.units, self.activation.function
        T, B = len(XH) - 1, XH.shape[-1]
        # σ(a) = 1 / (1 + e⁻ᵃ), with the minus folded into the weights of the gates. The gates'
        # values replace their pre-activations in place.
        W = _i_f_o_c(self._stacked(*self.params.values()))
        W[:, : 3 * N] *= -1
        W = np.ascontiguousarray(W.T)
        A, C = self._buffers.scratch("gates", T, 4 * N, B), self._buffers.scratch("C", T + 1, N, B)
        H, C[0] = XH[:, self._h_row :], states[1]
        temp = self._buffers.scratch("temp", N, B)
        for t in range(T):
            a_t, h_t, c_t = A[t], H[t + 1], C[t + 1]
            W.dot(XH[t], a_t)
            gates, (i, f_gate, o, c_tilde) = a_t[: 3 * N], a_t.reshape(4, N, B)
            sigmoid_of_minus(gates, gates)
            f(c_tilde, c_tilde)
            np.multiply(f_gate, C[t], c_t)
            c_t += np.multiply(i, c_tilde, temp)
            f(c_t, temp)
            np.multiply(o, temp, h_t)
            if mask is not None:
                held = ~mask[t]
                np.copyto(h_t, H[t], where=held)
                np.copyto(c_t, C[t], where=held)
        self._H, self._C, self._gates = H, C, A
        return [H[-1], C[-1]]

    def _weights_back(self):
        return _i_f_o_c(np.concatenate([self.W, self.U]))

    def _slopes(self, block, mask):
        """Local derivatives of the block's n steps, all at once.

        dA (n, 4, N, B): ∂c_t/∂a_t in blocks i, f, c and ∂h_t/∂a_t in block o; and ∂h_t/∂c_t
        (n, N, B).
        """
        f, N, scratch = self.activation, self.units, self._buffers.scratch
        n, _, B = self._gates[block].shape
        A = self._gates[block].reshape(n, 4, N, B)
        i, _, o, c_tilde = A.transpose(1, 0, 2, 3)
        dA = scratch("dA", n, 4, N, B)
        d_i, d_f, d_o, d_c = dA.transpose(1, 0, 2, 3)
        sigmoid.derivative(A[:, :3], dA[:, :3])
        d_i *= c_tilde
        d_f *= self._C[:-1][block]
        f.derivative(c_tilde, d_c)
        d_c *= i
        squashed = f(self._C[1:][block], scratch("squashed", n, N, B))
        d_o *= squashed
        h_per_c = f.derivative(squashed, scratch("h per c", n, N, B))
        h_per_c *= o
        if mask is not None:  # a masked step's state does not depend on its pre-activations
            dA *= mask[:, None]
            h_per_c *= mask
        return dA, h_per_c

    def _block_back(self, back, block, dH, carry, mask):
        dA, h_per_c = self._slopes(block, mask)
        n, _, N, B = dA.shape
        f_gate = self._gates[block][:, N : 2 * N]
        dh, dc = carry
        dXH = self._buffers.scratch("dXH", n, len(back), B)
        temp = self._buffers.scratch("temp", N, B)
        for t in reversed(range(n)):
            if dH is not None:
                dh += dH[t]
            dc += np.multiply(h_per_c[t], dh, temp)
            dA[t, :2] *= dc
            dA[t, 2] *= dh
            dA[t, 3] *= dc
            back.dot(dA[t].reshape(-1, B), dXH[t])
            if mask is None:
                dc *= f_gate[t]
                dh = dXH[t, self.n_features :]
            else:  # at a masked step the gradients pass on unchanged
                np.multiply(dc, f_gate[t], dc, where=mask[t])
                np.copyto(dh, dXH[t, self.n_features :], where=mask[t])
        carry[0] = dh
        return dA.reshape(n, -1, B), dXH[:, : self.n_features]

    def _gradients(self, totals):
        return super()._gradients([_i_f_o_c(total) for total in totals])


def _i_f_o_c(blocks):
    """Blocks of columns i, f, c, o as i, f, o, c, or the other way round: a copy.

    So the three blocks with a sigmoid are adjacent.
    """
    i, f_gate, c, o = np.split(blocks, 4, axis=1)
    return np.concatenate([i, f_gate, o, c], axis=1)
