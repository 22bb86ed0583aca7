"""GRU over whole sequences, with the reset gate after the recurrent product or before it."""

import numpy as np

from rnncourse.nn.cells import GRUCell
from rnncourse.nn.functions import sigmoid, sigmoid_of_minus
from rnncourse.nn.layers.checks import flag
from rnncourse.nn.layers.recurrent import Recurrent

__all__ = ["GRU"]


class GRU(Recurrent):
    """The gated recurrent unit: Keras's GRU, same words, same weights. Formulas: cells.GRUCell.

    W (D, 3N), U (N, 3N), blocks z, r, h. b (2, 3N) with reset_after, Keras's default, else
    (3N,). Options and shapes: see Recurrent.forward and backward.
    """

    n_gates = 3

    option_names = (*Recurrent.option_names, "reset_after")

    def __init__(self, units, activation="tanh", *, reset_after=True, **options):
        super().__init__(units, activation, **options)
        self.reset_after = flag("reset_after", reset_after)

    def _first_bias(self):
        b = super()._first_bias()
        return np.stack([b, b]) if self.reset_after else b

    def _biases(self):
        """The bias of the input product and that of the recurrent product, each (3N,)."""
        zero = np.zeros(3 * self.units, self.dtype)
        if not self.use_bias:
            return zero, zero
        return tuple(self.b) if self.reset_after else (self.b, zero)

    @property
    def cell(self):
        """One readable time step with these very weights."""
        self._need_built()
        b = self.b if self.use_bias else self._first_bias().astype(self.dtype)
        return GRUCell(self.W, self.U, b, self.activation.name, self.reset_after)

    def _sweep(self, XH, states, mask):
        N, f, after = self.units, self.activation.function, self.reset_after
        T, B = len(XH) - 1, XH.shape[-1]
        # σ(a) = 1 / (1 + e⁻ᵃ), with the minus folded into the weights (see LSTM). For z and r the
        # two biases are added here; the recurrent bias of h is subject to the reset gate.
        b_x, b_h = self._biases()
        W = self._stacked(self.W, self.U, b_x if self.use_bias else None)
        if self.use_bias:
            W[self.n_features, : 2 * N] += b_h[: 2 * N]
        W_zr = -np.ascontiguousarray(W[:, : 2 * N].T)
        W_h, U_h = W[: self._h_row, 2 * N :].T, np.ascontiguousarray(self.U[:, 2 * N :].T)
        b_h = np.repeat(b_h[2 * N :, None], B, axis=1)
        A, H = self._buffers.scratch("gates", T, 3 * N, B), XH[:, self._h_row :]
        np.matmul(W_h, XH[:-1, : self._h_row], out=A[:, 2 * N :])
        # U_h h_prev + b_h of each step, for backward; without reset_after memory for one product.
        kept = self._buffers.scratch("kept", T if after else 1, N, B)
        temp = self._buffers.scratch("temp", N, B)
        for t in range(T):
            h_prev, h_t, zr_t = H[t], H[t + 1], A[t, : 2 * N]
            z, r, h_tilde = A[t].reshape(3, N, B)
            sigmoid_of_minus(W_zr.dot(XH[t], zr_t), zr_t)
            if after:
                product = U_h.dot(h_prev, kept[t])
                product += b_h
                h_tilde += np.multiply(r, product, temp)
            else:
                h_tilde += U_h.dot(np.multiply(r, h_prev, kept[0]), temp)
            f(h_tilde, h_tilde)
            np.subtract(h_prev, h_tilde, h_t)  # h_t = h̃ + z (h_prev - h̃)
            h_t *= z
            h_t += h_tilde
            if mask is not None:
                np.copyto(h_t, h_prev, where=~mask[t])
        self._H, self._gates, self._kept_product = H, A, kept
        return [H[-1]]

    def _weights_back(self):
        # With reset_after in the order h, z, r: the first three blocks of _block_back's dA.
        return np.roll(self.U, self.units, axis=1) if self.reset_after else self.U

    def _block_back(self, back, block, dH, carry, mask):
        A, H_prev, N = self._gates[block], self._H[:-1][block], self.units
        n, _, B = A.shape
        z, r, h_tilde = A.reshape(n, 3, N, B).transpose(1, 0, 2, 3)
        # Local derivatives ∂h_t/∂a_t, block by block. With reset_after block h differs for the
        # input and the recurrent side, so dA is [h_recurrent, z, r, h_input]: the first three
        # blocks feed U, the last three feed W, and neither needs a copy.
        dA = self._buffers.scratch("dA", n, 4 if self.reset_after else 3, N, B)
        blocks = dA.transpose(1, 0, 2, 3)
        d_z, d_r, d_h = blocks[-3:]
        new_share = np.subtract(1, z, self._buffers.scratch("new share", n, N, B))
        np.subtract(H_prev, h_tilde, d_z)
        d_z *= z
        d_z *= new_share
        self.activation.derivative(h_tilde, d_h)
        d_h *= new_share
        sigmoid.derivative(r, d_r)
        if self.reset_after:
            d_r *= self._kept_product[block]
            d_r *= d_h
            np.multiply(d_h, r, blocks[0])
        else:
            d_r *= H_prev  # ∂(r ⊙ h_prev) / ∂a_r
        if mask is not None:  # a masked step's state does not depend on its pre-activations
            dA *= mask[:, None]
        steps = self._steps_after if self.reset_after else self._steps_before
        steps(back, dA, z, r, dH, carry[0], mask)
        dA = dA.reshape(n, -1, B)
        dX = self._buffers.scratch("dX", n, len(self.W), B)
        return dA, np.matmul(self.W, dA[:, -3 * N :], dX)

    def _steps_after(self, back, dA, z, r, dH, dh, mask):
        """The block's steps in reverse, reset_after=True: completes dA, leaves dh_prev in dh."""
        to_U = dA[:, :3].reshape(len(dA), -1, dh.shape[1])
        through_U = self._buffers.scratch("through U", *dh.shape)
        for t in reversed(range(len(dA))):
            if dH is not None:
                dh += dH[t]
            dA[t] *= dh
            back.dot(to_U[t], through_U)
            if mask is None:
                dh *= z[t]
                dh += through_U
            else:
                through_U += dh * z[t]
                np.copyto(dh, through_U, where=mask[t])

    def _steps_before(self, back, dA, z, r, dH, dh, mask):
        """The same for reset_after=False."""
        N = self.units
        U_zr, U_h = back[:, : 2 * N], back[:, 2 * N :]
        d_product = self._buffers.scratch("temp", *dh.shape)
        through_U = self._buffers.scratch("through U", *dh.shape)
        for t in reversed(range(len(dA))):
            if dH is not None:
                dh += dH[t]
            d_z, d_r, d_h = dA[t]
            d_z *= dh
            d_h *= dh
            U_h.dot(d_h, d_product)  # the gradient of r ⊙ h_prev
            d_r *= d_product
            d_product *= r[t]
            U_zr.dot(dA[t, :2].reshape(2 * N, -1), through_U)
            through_U += d_product
            through_U += np.multiply(dh, z[t], d_product)
            np.copyto(dh, through_U, where=True if mask is None else mask[t])

    def _weight_products(self, block, XH, dA):
        """The block's [dW; db] and [db; dU], the latter with gates in the order of _block_back."""
        rows = self._buffers.columns("dA columns", dA)
        seen = self._buffers.columns("XH columns", XH)
        N = self.units
        to_W = seen[: self._h_row] @ rows[-3 * N :].T
        if self.reset_after:
            return to_W, seen[self.n_features :] @ rows[: 3 * N].T
        reset = self._gates[block][:, N : 2 * N] * XH[:, self._h_row :]
        reset = self._buffers.columns("reset columns", reset)
        to_U = seen[self._h_row :] @ rows[: 2 * N].T, reset @ rows[2 * N :].T
        return to_W, np.concatenate(to_U, axis=1)

    def _gradients(self, totals):
        to_W, to_U = totals
        dW, db = np.split(to_W, [self.n_features])
        if not self.reset_after:
            return [dW, to_U, *db]  # db has one row, or none without a bias
        db_h, dU = np.split(np.roll(to_U, -self.units, axis=1), [self.use_bias])
        return [dW, dU, *([np.concatenate([db, db_h])] if self.use_bias else [])]
