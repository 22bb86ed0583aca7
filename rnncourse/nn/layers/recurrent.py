"""What SimpleRNN, LSTM and GRU share: axes, masks, states, and the blocks of the way back.

Inside, time comes first: the numbers of one step then lie together in memory. A subclass gives
three things:

    _sweep       through all steps forward; keeps the states, self._H (T + 1, B, N), and gates
    _block_back  through a few steps backward; adds to grads, sets the block's dX
    cell         the same weights as one readable step (rnncourse.nn.cells)

Time goes backwards in blocks of about ROWS rows (steps x batch). Only the recurrent product has
to be taken step by step; everything that is the same for all steps, local derivatives, dX and
the weight gradients, is taken for a block at once, and a block still fits the cache. So BPTT
needs little more memory than the states and gates themselves.
"""

import numpy as np

from rnncourse.nn.functions import get_activation, glorot_uniform, orthogonal
from rnncourse.nn.layers.base import Layer, positive_int

__all__ = ["Recurrent", "as_rows", "sum_rows"]

ROWS = 1024


class Recurrent(Layer):
    """The options, weights and bookkeeping of a recurrent layer of `units` units."""

    n_gates = 1
    n_states = 1  # 2 for LSTM: h and c
    option_names = (
        "units",
        "activation",
        "use_bias",
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "zero_output_for_mask",
    )

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        *,
        zero_output_for_mask=False,
        dtype="float32",
        seed=None,
        name=None,
    ):
        super().__init__(dtype=dtype, seed=seed, name=name)
        self.units = positive_int("units", units)
        self.activation = get_activation(activation)
        self.use_bias = use_bias
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.zero_output_for_mask = zero_output_for_mask
        self.weight_names = ("W", "U", "b") if use_bias else ("W", "U")
        self.grad_initial_state = None
        self._carried = None  # the final states, when stateful
        self._kept = None  # what backward needs to know about the last forward

    def _make_weights(self, rng):
        width = self.n_gates * self.units
        self.W = glorot_uniform(rng, (self.n_features, width)).astype(self.dtype)
        self.U = orthogonal(rng, (self.units, width)).astype(self.dtype)
        if self.use_bias:
            self.b = self._first_bias().astype(self.dtype)

    def _first_bias(self):
        return np.zeros(self.n_gates * self.units)

    # ---------------------------------------------------------------- forward

    def forward(self, X, initial_state=None, mask=None, training=False):
        """Read the sequences X (B, T, D).

        Returns the last state h_T (B, N), or with return_sequences all of them, (B, T, N); with
        return_state a tuple that goes on with the final states: (output, h_T), or for an LSTM
        (output, h_T, c_T). The result is read-only, since backward needs its numbers again:
        copy it if you want to change it.

        initial_state: h_0 (B, N), or a list [h_0] or, for an LSTM, [h_0, c_0]; zeros by default.
        mask: (B, T) of bool; where False the step is skipped and the state held. As in Keras,
        the output before the first True step is 0, also when h_0 is not; with
        zero_output_for_mask it is 0 at every False step.
        Raises ValueError for a wrong shape, an empty batch, or nan and inf.
        """
        X = self._input(X, ("batch", "time", "feature"))
        if X.strides[-1] != X.itemsize:
            X = np.ascontiguousarray(X)  # BLAS wants the features of a step side by side
        X_t = X.transpose(1, 0, 2)
        if self.go_backwards:
            X_t = X_t[::-1]
        mask_t = self._time_major_mask(mask, X.shape[:2])
        states = self._first_states(initial_state, len(X))
        final = self._sweep(X_t, states, mask_t)
        silent = self._silent_steps(mask_t, states[0])
        self._kept = X.shape, mask_t, silent
        if self.stateful:
            self._carried = [state.copy() for state in final]
        output = self._output(silent)
        return (output, *(state.copy() for state in final)) if self.return_state else output

    def _output(self, silent):
        H = self._H[1:] if self.return_sequences else self._H[-1]
        if silent is not None:
            H = np.where(silent if self.return_sequences else silent[-1], 0, H)
        H = H.view()
        H.flags.writeable = False
        return H.transpose(1, 0, 2) if self.return_sequences else H

    def _time_major_mask(self, mask, shape):
        """(B, T) -> (T, B, 1), in the order the layer reads; None if nothing is masked."""
        if mask is None:
            return None
        mask = np.asarray(mask)
        if mask.shape != shape or mask.dtype != bool:
            raise ValueError(
                f"{self}: mask must be (batch, time) = {shape} of bool; got {mask.shape} of"
                f" {mask.dtype}. For a padded array of token numbers write tokens != 0."
            )
        if mask.all():
            return None
        mask = mask.T[::-1] if self.go_backwards else mask.T
        return np.ascontiguousarray(mask)[:, :, None]

    def _silent_steps(self, mask, h_0):
        """Where the output is 0 though the state may not be, (T, B, 1); None for nowhere."""
        if mask is not None and self.zero_output_for_mask:
            return ~mask
        if mask is None or not h_0.any():
            return None
        return ~np.logical_or.accumulate(mask, axis=0)

    def _first_states(self, initial_state, n_batch):
        """The states before the first step, a list of (B, N), one or two."""
        shape = (n_batch, self.units)
        if initial_state is None and self._carried is not None:
            initial_state = self._carried
        if initial_state is None:
            return [np.zeros(shape, self.dtype) for _ in range(self.n_states)]
        if isinstance(initial_state, np.ndarray) and initial_state.ndim == 2:
            initial_state = [initial_state]
        states = [np.asarray(state, self.dtype) for state in initial_state]
        if [s.shape for s in states] != [shape] * self.n_states:
            names = " and ".join(("h_0", "c_0")[: self.n_states])
            raise ValueError(
                f"{self}: initial_state must be {names}, each (batch, units) = {shape};"
                f" got shapes {[s.shape for s in states]}."
                + (" Call reset_state() before another batch size." if self._carried else "")
            )
        return states

    def reset_state(self):
        """Forget the state that a stateful layer has carried over from the last batch."""
        self._carried = None

    # --------------------------------------------------------------- backward

    def backward(self, dH, dstates=None):
        """Backpropagation through time: dL/d(output) -> dX (B, T, D).

        dH: of the shape of forward's output. dstates: the gradients of the final states that
        return_state gave, (B, N) or a list of them; None for zeros.
        Fills grads, in the order of get_weights(), and grad_initial_state, a list [dh_0], for
        an LSTM [dh_0, dc_0].
        """
        if self._kept is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        shape, mask, silent = self._kept
        dH = self._time_major_gradient(dH, shape, silent)
        carry = self._final_gradients(dstates, shape[0])
        if not self.return_sequences:
            carry[0] += dH
            dH = None
        dX = np.empty((shape[1], shape[0], shape[2]), self.dtype)
        self.grads = [np.zeros_like(w) for w in self.params.values()]
        self._U_T = self._transposed()
        n = max(1, ROWS // shape[0])
        for stop in range(shape[1], 0, -n):
            block = slice(max(0, stop - n), stop)
            self._block_back(block, dH, carry, mask, dX)
        self.grad_initial_state = [np.array(d) for d in carry]
        if self.go_backwards:
            dX = dX[::-1]
        return dX.transpose(1, 0, 2)

    def _transposed(self):
        """U transposed and laid out anew: T products with it pay for one copy."""
        return np.ascontiguousarray(self.U.T)

    def _time_major_gradient(self, dH, shape, silent):
        want = (*shape[:2], self.units) if self.return_sequences else (shape[0], self.units)
        dH = np.asarray(dH, self.dtype)
        if dH.shape != want:
            raise ValueError(
                f"{self}: backward got a gradient of shape {dH.shape}; forward's output had"
                f" {want}, and the gradient must have the same."
            )
        if self.return_sequences:
            dH = dH.transpose(1, 0, 2)
        if silent is not None:  # these outputs were the constant 0
            dH = np.where(silent if self.return_sequences else silent[-1], 0, dH)
        return dH

    def _final_gradients(self, dstates, n_batch):
        """The gradients that flow into the last step from behind: fresh arrays, a list."""
        shape = (n_batch, self.units)
        if dstates is None:
            return [np.zeros(shape, self.dtype) for _ in range(self.n_states)]
        if isinstance(dstates, np.ndarray) and dstates.ndim == 2:
            dstates = [dstates]
        dstates = [np.array(d, self.dtype) for d in dstates]
        if [d.shape for d in dstates] != [shape] * self.n_states:
            raise ValueError(
                f"{self}: dstates must be {self.n_states} array(s) of shape {shape}; got"
                f" {[d.shape for d in dstates]}."
            )
        return dstates

    def _collect(self, X, dA, dX):
        """Add a block's dW and db, and set its dX: one matrix product each.

        X (n, B, D), dA (n, B, g·N) the gradients of the pre-activations, dX (n, B, D).
        """
        rows = as_rows(dA)
        self.grads[0] += as_rows(X).T @ rows
        if self.use_bias:
            db = self.grads[2] if self.grads[2].ndim == 1 else self.grads[2][0]
            db += sum_rows(rows)
        np.matmul(rows, self.W.T, out=as_rows(dX))

    def _input_product(self, X, W, out=None):
        """X (T, B, D) times W (D, K) for all steps in one call, without copying X."""
        if out is None:
            out = np.empty((*X.shape[:2], W.shape[1]), self.dtype)
        if X.flags.c_contiguous:
            np.matmul(X.reshape(-1, X.shape[-1]), W, out=out.reshape(-1, W.shape[1]))
        else:  # batch-major outside: NumPy hands each step to BLAS where it lies
            np.matmul(X, W, out=out)
        return out

    # ------------------------------------------------------------------ shapes

    def compute_mask(self, X, mask=None):
        """Passed on with the sequences, used up with the last state."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        """(B, T, D) -> (B, T, N) or (B, N)."""
        B, T, _ = input_shape
        return (B, T, self.units) if self.return_sequences else (B, self.units)


def as_rows(array):
    """(n, B, K) -> (n · B, K), without a copy if the memory allows."""
    return array.reshape(-1, array.shape[-1])


def sum_rows(rows):
    """The sum over rows (R, K) -> (K,), by BLAS, which is several times as fast as sum(axis=0)."""
    return np.ones(len(rows), rows.dtype) @ rows
