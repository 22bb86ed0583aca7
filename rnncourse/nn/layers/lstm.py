"""LSTM over whole sequences."""

import numpy as np

from rnncourse.nn.cells import LSTMCell
from rnncourse.nn.functions import tanh
from rnncourse.nn.layers.recurrent import Recurrent, as_rows

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

    def __init__(self, units, *args, unit_forget_bias=True, **options):
        super().__init__(units, *args, **options)
        self.unit_forget_bias = unit_forget_bias

    def _first_bias(self):
        b = super()._first_bias()
        if self.unit_forget_bias:
            b[self.units : 2 * self.units] = 1
        return b

    @property
    def cell(self):
        """One readable time step with these very weights."""
        b = self.b if self.use_bias else np.zeros(4 * self.units, self.dtype)
        return LSTMCell(self.W, self.U, b, self.activation.name)

    def _sweep(self, X, states, mask):
        T, B, _ = X.shape
        N, f = self.units, self.activation.function
        # σ(a) = ½ tanh(½ a) + ½: with the ½ already in the weights of the gates, one tanh does
        # for all four blocks. The gates' values replace their pre-activations in place.
        half = np.repeat(np.array([0.5, 0.5, 1, 0.5], self.dtype), N)
        shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], self.dtype), N)
        U = self.U * half
        A = self._input_product(X, self.W * half)
        if self.use_bias:
            A += self.b * half
        H, C = (np.empty((T + 1, B, N), self.dtype) for _ in range(2))
        H[0], C[0] = states
        room, recurrent = np.empty((B, N), self.dtype), np.empty((B, 4 * N), self.dtype)
        i, f_gate, c_tilde, o = A.reshape(T, B, 4, N).transpose(2, 0, 1, 3)
        for t in range(T):
            h_prev, c_prev, h_t, c_t, a_t = H[t], C[t], H[t + 1], C[t + 1], A[t]
            a_t += h_prev.dot(U, recurrent)
            candidate = None if self.activation is tanh else f(c_tilde[t])
            np.tanh(a_t, out=a_t)
            a_t *= half
            a_t += shift
            if candidate is not None:
                c_tilde[t] = candidate
            np.multiply(f_gate[t], c_prev, out=c_t)
            np.multiply(i[t], c_tilde[t], out=room)
            c_t += room
            f(c_t, room)
            np.multiply(o[t], room, out=h_t)
            if mask is not None:
                held = ~mask[t]
                np.copyto(h_t, h_prev, where=held)
                np.copyto(c_t, c_prev, where=held)
        self._X, self._H, self._C, self._gates = X, H, C, A
        return [H[-1], C[-1]]

    def _block_back(self, block, dH, carry, mask, dX):
        f, N = self.activation, self.units
        A, C_prev = self._gates[block], self._C[:-1][block]
        i, f_gate, c_tilde, o = A.reshape(*A.shape[:2], 4, N).transpose(2, 0, 1, 3)
        # What each da_t is per unit of dc_t (blocks i, f, c) and of dh_t (block o), and what
        # dc_t is per unit of dh_t: the same for all steps, so taken for the block at once.
        dA = A - A * A
        d_i, d_f, d_c, d_o = dA.reshape(*A.shape[:2], 4, N).transpose(2, 0, 1, 3)
        d_i *= c_tilde
        d_f *= C_prev
        np.multiply(f.derivative(c_tilde), i, out=d_c)
        squashed = f(self._C[1:][block])
        d_o *= squashed
        c_per_h = f.derivative(squashed)
        c_per_h *= o
        if mask is not None:  # a held state does not move with its pre-activations
            dA *= mask[block]
            c_per_h *= mask[block]
        dh, dc = carry
        U_T, room = self._U_T, np.empty_like(dc)
        by_gate = dA.reshape(*A.shape[:2], 4, N)
        for t in reversed(range(len(A))):
            if dH is not None:
                dh += dH[block.start + t]
            dc += np.multiply(c_per_h[t], dh, out=room)
            by_gate[t, :, :3] *= dc[:, None]
            by_gate[t, :, 3] *= dh
            if mask is None:
                dc *= f_gate[t]
                dA[t].dot(U_T, dh)
            else:  # where the states were held, their gradients are held too
                real = mask[block.start + t]
                np.multiply(dc, f_gate[t], out=dc, where=real)
                np.copyto(dh, dA[t].dot(U_T), where=real)
        self._collect(self._X[block], dA, dX[block])
        self.grads[1] += as_rows(self._H[:-1][block]).T @ as_rows(dA)
