"""One time step of each recurrent layer, letter for letter the formulas, and the step back.

Read this file for the mathematics, then plain.py for the loop over the steps. `layers/` computes
the same numbers over whole sequences, fast, and tests keep them equal.

Axes are batch, feature: x_t (B, D), h_t (B, N). W, U, b are Keras's kernel, recurrent_kernel and
bias: same numbers, same orientation. The gates lie side by side along the last axis, in Keras's
order. ⊙ is the elementwise product, σ the sigmoid, Wᵀ the transpose.

`step_back` takes dL/dh_t (for an LSTM also dL/dc_t) and returns what the input, the step before
and the weights receive. It computes the step anew, so it needs no more than step's arguments.
f' and σ' are computed from the output, as functions.py explains: for tanh f'(a_t) = 1 - h_t².
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.nn.functions import get_activation, sigmoid

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell"]


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
        """dh_t (B, N) -> dx_t (B, D), dh_prev (B, N), {"W": dW, "U": dU, "b": db}.

        da_t = dh_t ⊙ f'(a_t), where h_t = f(a_t)
        dx_t = da_t Wᵀ      dh_prev = da_t Uᵀ
        dW = x_tᵀ da_t      dU = h_prevᵀ da_t      db = Σ da_t over the batch
        """
        f = get_activation(self.activation)
        h_t = self.step(x_t, h_prev)
        da_t = dh_t * f.derivative(h_t)
        grads = {"W": x_t.T @ da_t, "U": h_prev.T @ da_t, "b": da_t.sum(axis=0)}
        return da_t @ self.W.T, da_t @ self.U.T, grads


@dataclass
class LSTMCell:
    """The LSTM (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000).

        i_t, f_t, o_t = σ(x_t W + h_prev U + b), each with its own block of columns
        c̃_t = f(x_t W + h_prev U + b),          block c
        c_t = f_t ⊙ c_prev + i_t ⊙ c̃_t
        h_t = o_t ⊙ f(c_t)

    W (D, 4N), U (N, 4N), b (4N,), blocks i, f, c, o; f is `activation`.
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    activation: str = "tanh"

    def gates(self, x_t, h_prev):
        """i_t, f_t, c_tilde, o_t, each (B, N)."""
        f = get_activation(self.activation)
        a_i, a_f, a_c, a_o = np.split(x_t @ self.W + h_prev @ self.U + self.b, 4, axis=-1)
        return sigmoid(a_i), sigmoid(a_f), f(a_c), sigmoid(a_o)

    def step(self, x_t, h_prev, c_prev):
        """x_t (B, D), h_prev and c_prev (B, N) -> h_t, c_t (B, N)."""
        f = get_activation(self.activation)
        i_t, f_t, c_tilde, o_t = self.gates(x_t, h_prev)
        c_t = f_t * c_prev + i_t * c_tilde
        return o_t * f(c_t), c_t

    def step_back(self, dh_t, dc_t, x_t, h_prev, c_prev):
        """dh_t, dc_t (B, N) -> dx_t, dh_prev, dc_prev, {"W": dW, "U": dU, "b": db}.

        The argument dc_t comes from the step after. To it comes what c_t does to h_t:

            dc_t ← dc_t + dh_t ⊙ o_t ⊙ f'(c_t)
            da_i = dc_t ⊙ c̃_t ⊙ σ'(a_i)      da_f = dc_t ⊙ c_prev ⊙ σ'(a_f)
            da_c = dc_t ⊙ i_t ⊙ f'(a_c)       da_o = dh_t ⊙ f(c_t) ⊙ σ'(a_o)
            dc_prev = dc_t ⊙ f_t

        The others follow from da_t = [da_i, da_f, da_c, da_o] as in SimpleRNNCell.
        """
        f = get_activation(self.activation)
        i_t, f_t, c_tilde, o_t = self.gates(x_t, h_prev)
        squashed = f(f_t * c_prev + i_t * c_tilde)
        dc_t = dc_t + dh_t * o_t * f.derivative(squashed)
        da_i = dc_t * c_tilde * sigmoid.derivative(i_t)
        da_f = dc_t * c_prev * sigmoid.derivative(f_t)
        da_c = dc_t * i_t * f.derivative(c_tilde)
        da_o = dh_t * squashed * sigmoid.derivative(o_t)
        da_t = np.concatenate([da_i, da_f, da_c, da_o], axis=-1)
        grads = {"W": x_t.T @ da_t, "U": h_prev.T @ da_t, "b": da_t.sum(axis=0)}
        return da_t @ self.W.T, da_t @ self.U.T, dc_t * f_t, grads


@dataclass
class GRUCell:
    """The gated recurrent unit (Cho et al. 2014; Chung et al. 2014).

        z_t, r_t = σ(x_t W + h_prev U + b), each with its own block of columns
        h̃_t = f(x_t W + (r_t ⊙ h_prev) U + b),            block h, reset_after=False
        h̃_t = f(x_t W + b_x + r_t ⊙ (h_prev U + b_h)),    block h, reset_after=True
        h_t = z_t ⊙ h_prev + (1 - z_t) ⊙ h̃_t

    W (D, 3N), U (N, 3N), blocks z, r, h; b (3N,), or with reset_after, Keras's default, (2, 3N):
    b_x above b_h. Here z_t = 1 keeps the state, as in Cho et al. and Keras; Chung et al. and many
    texts swap z_t and 1 - z_t.
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    activation: str = "tanh"
    reset_after: bool = True

    def gates(self, x_t, h_prev):
        """z_t, r_t, h_tilde, and h_prev U + b_h of the block h (None without reset_after)."""
        f, N = get_activation(self.activation), len(self.U)
        b_x, b_h = self.b if self.reset_after else (self.b, np.zeros_like(self.b))
        x_z, x_r, x_h = np.split(x_t @ self.W + b_x, 3, axis=-1)
        h_z, h_r = np.split(h_prev @ self.U[:, : 2 * N] + b_h[: 2 * N], 2, axis=-1)
        z_t, r_t = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        if self.reset_after:
            recurrent = h_prev @ self.U[:, 2 * N :] + b_h[2 * N :]
            return z_t, r_t, f(x_h + r_t * recurrent), recurrent
        return z_t, r_t, f(x_h + (r_t * h_prev) @ self.U[:, 2 * N :]), None

    def step(self, x_t, h_prev):
        """x_t (B, D), h_prev (B, N) -> h_t (B, N)."""
        z_t, _, h_tilde, _ = self.gates(x_t, h_prev)
        return z_t * h_prev + (1 - z_t) * h_tilde

    def step_back(self, dh_t, x_t, h_prev):
        """dh_t (B, N) -> dx_t (B, D), dh_prev (B, N), {"W": dW, "U": dU, "b": db}.

            da_z = dh_t ⊙ (h_prev - h̃_t) ⊙ σ'(a_z)
            da_r = dr_t ⊙ σ'(a_r)
            da_h = dh_t ⊙ (1 - z_t) ⊙ f'(a_h)
            da_x = [da_z, da_r, da_h]      dx_t = da_x Wᵀ      dW = x_tᵀ da_x

        With U_h, the block h of U, and U_zr, the other two, reset_after=False gives

            dr_t = (da_h U_hᵀ) ⊙ h_prev
            dh_prev = dh_t ⊙ z_t + [da_z, da_r] U_zrᵀ + r_t ⊙ (da_h U_hᵀ)
            dU = [h_prevᵀ [da_z, da_r], (r_t ⊙ h_prev)ᵀ da_h]      db = Σ da_x

        and reset_after=True

            dr_t = da_h ⊙ (h_prev U_h + b_h)      da_rec = [da_z, da_r, r_t ⊙ da_h]
            dh_prev = dh_t ⊙ z_t + da_rec Uᵀ
            dU = h_prevᵀ da_rec      db = Σ da_x above Σ da_rec
        """
        f, N = get_activation(self.activation), len(self.U)
        z_t, r_t, h_tilde, recurrent = self.gates(x_t, h_prev)
        da_z = dh_t * (h_prev - h_tilde) * sigmoid.derivative(z_t)
        da_h = dh_t * (1 - z_t) * f.derivative(h_tilde)
        if self.reset_after:  # r_t stands outside the product with U_h
            dr_t, to_U_h, seen_by_U_h = da_h * recurrent, r_t * da_h, h_prev
        else:  # r_t stands inside the product with U_h
            d_product = da_h @ self.U[:, 2 * N :].T
            dr_t, to_U_h, seen_by_U_h = d_product * h_prev, da_h, r_t * h_prev
        da_r = dr_t * sigmoid.derivative(r_t)
        da_x = np.concatenate([da_z, da_r, da_h], axis=-1)
        da_zr, da_rec = da_x[:, : 2 * N], np.concatenate([da_z, da_r, to_U_h], axis=-1)
        dU = np.concatenate([h_prev.T @ da_zr, seen_by_U_h.T @ to_U_h], axis=-1)
        db = da_x.sum(axis=0)
        if self.reset_after:
            db = np.stack([db, da_rec.sum(axis=0)])
            through_U = da_rec @ self.U.T
        else:
            through_U = da_zr @ self.U[:, : 2 * N].T + r_t * d_product
        return da_x @ self.W.T, dh_t * z_t + through_U, {"W": x_t.T @ da_x, "U": dU, "b": db}
