"""GRU over whole sequences, with the reset gate after the recurrent product or before it."""

import numpy as np

from rnncourse.nn.cells import GRUCell
from rnncourse.nn.layers.recurrent import Recurrent, as_rows, sum_rows

__all__ = ["GRU"]


class GRU(Recurrent):
    """The gated recurrent unit: Keras's GRU, same words, same weights. Formulas: cells.GRUCell.

    W (D, 3N), U (N, 3N), blocks z, r, h. b (2, 3N) with reset_after, Keras's default, else
    (3N,). Options and shapes: see Recurrent.forward and backward.
    """

    n_gates = 3

    option_names = (*Recurrent.option_names, "reset_after")

    def __init__(self, units, *args, reset_after=True, **options):
        super().__init__(units, *args, **options)
        self.reset_after = reset_after

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
        b = self.b if self.use_bias else self._first_bias().astype(self.dtype)
        return GRUCell(self.W, self.U, b, self.activation.name, self.reset_after)

    def _sweep(self, X, states, mask):
        T, B, _ = X.shape
        N, f = self.units, self.activation.function
        # σ(a) = ½ tanh(½ a) + ½, the inner ½ already in the weights (see LSTM). The two biases
        # of z and r are one; that of h meets the reset gate, so it stays with its product.
        half = np.repeat(np.array([0.5, 0.5, 1], self.dtype), N)
        b_x, b_h = self._biases()
        A = self._input_product(X, self.W * half)
        A += (b_x + np.where(half == 1, 0, b_h)) * half
        U_zr, U_h, b_h = self.U[:, : 2 * N] * half[: 2 * N], self.U[:, 2 * N :], b_h[2 * N :]
        U = np.concatenate([U_zr, U_h], axis=1) if self.reset_after else U_zr
        H = np.empty((T + 1, B, N), self.dtype)
        H[0] = states[0]
        # h_prev U_h + b_h, which the way back multiplies by; without reset_after only scratch.
        kept = np.empty((T if self.reset_after else 1, B, N), self.dtype)
        recurrent, room = np.empty((B, U.shape[1]), self.dtype), np.empty((B, N), self.dtype)
        z, r, h_tilde = A.reshape(T, B, 3, N).transpose(2, 0, 1, 3)
        for t in range(T):
            h_prev, h_t, zr_t = H[t], H[t + 1], A[t, :, : 2 * N]
            h_prev.dot(U, recurrent)
            zr_t += recurrent[:, : 2 * N]
            np.tanh(zr_t, out=zr_t)
            zr_t *= 0.5
            zr_t += 0.5
            if self.reset_after:
                np.add(recurrent[:, 2 * N :], b_h, out=kept[t])
                np.multiply(r[t], kept[t], out=room)
            else:
                np.multiply(r[t], h_prev, out=kept[0]).dot(U_h, room)
            h_tilde[t] += room
            f(h_tilde[t], h_tilde[t])
            np.subtract(h_prev, h_tilde[t], out=h_t)  # h_t = h̃ + z (h_prev - h̃)
            h_t *= z[t]
            h_t += h_tilde[t]
            if mask is not None:
                np.copyto(h_t, h_prev, where=~mask[t])
        self._X, self._H, self._gates, self._kept_product = X, H, A, kept
        return [H[-1]]

    def _block_back(self, block, dH, carry, mask, dX):
        A, H_prev, N = self._gates[block], self._H[:-1][block], self.units
        z, r, h_tilde = A.reshape(*A.shape[:2], 3, N).transpose(2, 0, 1, 3)
        # Blocks z, r, h: what each is per unit of dh_t. With reset_after U sees another share of
        # h than W, in front: then U has the first three and W the last three, without a copy.
        dA = np.empty((*A.shape[:2], 4 if self.reset_after else 3, N), self.dtype)
        *d_u, d_z, d_r, d_h = dA.transpose(2, 0, 1, 3)
        np.subtract(H_prev, h_tilde, out=d_z)
        d_z *= z * (1 - z)
        np.multiply(self.activation.derivative(h_tilde), 1 - z, out=d_h)
        np.multiply(r, 1 - r, out=d_r)
        if self.reset_after:
            d_r *= self._kept_product[block]
            d_r *= d_h
            np.multiply(d_h, r, out=d_u[0])
        else:
            d_r *= H_prev  # per unit of d(r ⊙ h_prev)
        if mask is not None:  # a held state does not move with its pre-activations
            dA *= mask[block][..., None]
        back = self._steps_after if self.reset_after else self._steps_before
        back(block, dA, z, r, dH, carry[0], mask)
        dA = dA.reshape(*A.shape[:2], -1)
        self._collect(self._X[block], dA[..., -3 * N :], dX[block])
        seen = as_rows(H_prev)
        if self.reset_after:
            to_U = as_rows(dA[..., : 3 * N])
            self.grads[1] += np.roll(seen.T @ to_U, -N, axis=1)  # from blocks h, z, r to z, r, h
            if self.use_bias:
                self.grads[2][1] += np.roll(sum_rows(to_U), -N)
        else:
            self.grads[1][:, : 2 * N] += seen.T @ as_rows(dA[..., : 2 * N])
            self.grads[1][:, 2 * N :] += as_rows(r * H_prev).T @ as_rows(dA[..., 2 * N :])

    def _transposed(self):
        # With reset_after the blocks h, z, r, in which order _block_back has them.
        U = np.roll(self.U, self.units, axis=1) if self.reset_after else self.U
        return np.ascontiguousarray(U.T)

    def _steps_after(self, block, dA, z, r, dH, dh, mask):
        """Step by step back through the block, reset_after: finishes dA, leaves dh_prev in dh."""
        U_T = self._U_T
        to_U = dA.reshape(*dA.shape[:2], -1)[..., : 3 * self.units]
        through_U, room = np.empty_like(dh), np.empty_like(dh)
        for t in reversed(range(len(dA))):
            if dH is not None:
                dh += dH[block.start + t]
            dA[t] *= dh[:, None]
            to_U[t].dot(U_T, through_U)
            through_U += np.multiply(dh, z[t], out=room)
            np.copyto(dh, through_U, where=True if mask is None else mask[block.start + t])

    def _steps_before(self, block, dA, z, r, dH, dh, mask):
        """The same where the reset gate comes before the product."""
        N = self.units
        U_T, U_h_T = self._U_T[: 2 * N], self._U_T[2 * N :]
        d_zr = dA.reshape(*dA.shape[:2], -1)[..., : 2 * N]
        d_product, through_U = np.empty_like(dh), np.empty_like(dh)
        for t in reversed(range(len(dA))):
            if dH is not None:
                dh += dH[block.start + t]
            dA[t, :, ::2] *= dh[:, None]  # z and h
            dA[t, :, 2].dot(U_h_T, d_product)  # of r ⊙ h_prev
            dA[t, :, 1] *= d_product
            d_product *= r[t]
            d_zr[t].dot(U_T, through_U)
            through_U += d_product
            through_U += np.multiply(dh, z[t], out=d_product)
            np.copyto(dh, through_U, where=True if mask is None else mask[block.start + t])
