"""What SimpleRNN, LSTM and GRU share: axes, masks, states, and BPTT in blocks of steps.

Inside the layer, time comes first and the batch last. All that a step reads stands in one array,
XH (T + 1, D + 1 + N, B): the input x_t, a 1 for the bias, the state h_{t-1}. So one product of
[W; b; U] with XH[t] gives the pre-activations; the blocks of the gates are contiguous, which NumPy
handles fastest; and step t writes its state where step t + 1 reads it. A subclass implements

    _sweep       all steps forward; writes the states into XH, keeps the gates
    _block_back  a few steps backward; returns the gradients of the pre-activations
    cell         the same weights as one readable step (rnncourse.nn.cells)

The backward pass takes blocks of about NUMBERS states (steps x units x batch). Only the recurrent
product needs one step after the other. Local derivatives and weight gradients are computed for a
whole block, which is small enough for the cache, so that BPTT needs little more memory than the
states and gates. Buffers are reused, because new memory costs more time than the arithmetic.

The file exceeds 250 lines because forward and backward depend on this one layout.
"""

import warnings

import numpy as np

from rnncourse.nn.functions import get_activation, glorot_uniform, orthogonal
from rnncourse.nn.layers.base import SEQUENCES, Layer
from rnncourse.nn.layers.buffers import Buffers
from rnncourse.nn.layers.checks import as_numbers, check_finite, flag, positive_int

__all__ = ["Recurrent"]

NUMBERS = 2**16


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
        *,
        use_bias=True,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        zero_output_for_mask=False,
        **options,
    ):
        super().__init__(**options)
        self.units = positive_int("units", units)
        self.activation = get_activation(activation)
        self.use_bias = flag("use_bias", use_bias)
        self.return_sequences = flag("return_sequences", return_sequences)
        self.return_state = flag("return_state", return_state)
        self.go_backwards = flag("go_backwards", go_backwards)
        self.stateful = flag("stateful", stateful)
        self.zero_output_for_mask = flag("zero_output_for_mask", zero_output_for_mask)
        self.weight_names = ("W", "U", "b") if use_bias else ("W", "U")
        self.grad_initial_state = None
        self._carried = None  # the final states, when stateful
        self._kept = None  # what backward needs from the last forward
        self._H = None  # the states of the last forward, (T + 1, N, B)
        self._buffers = Buffers(self.dtype)

    def _make_weights(self, rng):
        width = self.n_gates * self.units
        self.W = glorot_uniform(rng, (self.n_features, width)).astype(self.dtype)
        self.U = orthogonal(rng, (self.units, width)).astype(self.dtype)
        if self.use_bias:
            self.b = self._first_bias().astype(self.dtype)

    def _first_bias(self):
        return np.zeros(self.n_gates * self.units)

    # ---------------------------------------------------------------- forward

    def forward(self, X, initial_state=None, mask=None, training=False, *, check=True):
        """Read the sequences X (B, T, D).

        Returns the last state h_T (B, N), or with return_sequences all of them, (B, T, N); with
        return_state a tuple that goes on with the final states: (output, h_T), or for an LSTM
        (output, h_T, c_T). The result is read-only, since backward needs its numbers again:
        copy it if you want to change it.

        initial_state: h_0 (B, N), or a list [h_0] or, for an LSTM, [h_0, c_0]; zeros by default.
        mask: (B, T) of bool; where False the step is skipped and the state held. As in Keras,
        the output before the first True step is 0, also when h_0 is not; with
        zero_output_for_mask it is 0 at every False step.
        go_backwards: reads from the last step to the first, and return_sequences gives the
        states in the order of reading, the last step's first.
        Raises ValueError for a wrong shape, an empty batch, and with `check` for nan and inf.
        """
        X = self._input(X, SEQUENCES, check)
        mask_t = self._time_major_mask(mask, X.shape[:2])
        states = self._first_states(initial_state, len(X))
        XH = self._lay_out(X, states[0])
        with np.errstate(over="ignore"):  # see sigmoid_of_minus
            final = self._sweep(XH, states, mask_t)
        silent = self._silent_steps(mask_t)
        self._kept = XH, mask_t, silent
        if self.stateful:
            self._carried = [state.T.copy() for state in final]
        output = self._output(silent)
        return (output, *(state.T.copy() for state in final)) if self.return_state else output

    def _lay_out(self, X, h_0):
        """XH (T + 1, D + 1 + N, B) with all inputs, the ones and the first state in it."""
        B, T, D = X.shape
        self._h_row = D + self.use_bias  # the row of XH at which the state begins
        self._H = self._kept = None
        XH = self._buffers.visible("XH", (T + 1, self._h_row + self.units, B))
        X_t = X.transpose(1, 2, 0)
        self._buffers.batch_last(X_t[::-1] if self.go_backwards else X_t, out=XH[:-1, :D])
        XH[:, D : self._h_row] = 1
        XH[0, self._h_row :] = h_0
        return XH

    def _output(self, silent):
        H = self._H[1:] if self.return_sequences else self._H[-1].copy()
        if silent is not None:
            H = np.where(silent if self.return_sequences else silent[-1], 0, H)
        H = H.view()
        H.flags.writeable = False
        return H.transpose(2, 0, 1) if self.return_sequences else H.T

    def _time_major_mask(self, mask, shape):
        """(B, T) -> (T, 1, B), in the order the layer reads; None if nothing is masked."""
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
        return np.ascontiguousarray(mask)[:, None]

    def _silent_steps(self, mask):
        """Where the output is 0 though the state may not be, (T, 1, B); None for nowhere."""
        if mask is None:
            return None
        if self.zero_output_for_mask:
            return ~mask
        if mask[0].all():  # every sequence begins with a real step
            return None
        return ~np.logical_or.accumulate(mask, axis=0)

    def _first_states(self, initial_state, n_batch):
        """The states before the first step, a list of (N, B), one or two."""
        if initial_state is None and self._carried is not None:
            n_carried = len(self._carried[0])
            if n_carried != n_batch:
                raise ValueError(
                    f"{self} is stateful and goes on from a batch of {n_carried} sequences; this"
                    f" batch has {n_batch}. Call its reset_state() before another batch size."
                )
            initial_state = self._carried
        names = " and ".join(("h_0", "c_0")[: self.n_states])
        return self._as_states(initial_state, n_batch, f"initial_state must be {names}")

    def _as_states(self, given, n_batch, must_be):
        """A list of states or their gradients, each (B, N), as (N, B); None for zeros."""
        shape = (n_batch, self.units)
        if given is None:
            return [np.zeros(shape[::-1], self.dtype) for _ in range(self.n_states)]
        if np.ndim(given) == 0 or (isinstance(given, np.ndarray) and given.ndim == 2):
            given = [given]
        states = [as_numbers(s, f"{self}: a state").astype(self.dtype, copy=False) for s in given]
        if [s.shape for s in states] != [shape] * self.n_states:
            raise ValueError(
                f"{self}: {must_be}, each (batch, units) = {shape}; got shapes"
                f" {[s.shape for s in states]}."
            )
        if self._check:
            for n, state in enumerate(states):
                check_finite(state, f"{self}: {must_be}, and number {n}")
        return [state.T for state in states]

    def reset_state(self):
        """Forget the state that a stateful layer has carried over from the last batch."""
        self._carried = None

    def exchange_state(self, states):
        """Carry `states` from now on; returns those carried until now."""
        states, self._carried = self._carried, states
        return states

    # --------------------------------------------------------------- backward

    def backward(self, dH, dstates=None):
        """Backpropagation through time: dL/d(output) -> dX (B, T, D).

        dH: of the shape of forward's output. dstates: the gradients of the final states that
        return_state gave, (B, N) or a list of them; None for zeros.
        Fills grads, in the order of get_weights(), and grad_initial_state, a list [dh_0], for
        an LSTM [dh_0, dc_0].
        """
        if self._kept is None:
            raise RuntimeError(f"{self}: call forward(X) before backward, once for each backward.")
        XH, mask, silent = self._kept
        T, B, D = len(XH) - 1, XH.shape[-1], self.n_features
        dH = self._time_major_gradient(dH, (B, T, D), silent)
        must_be = f"dstates must be {self.n_states} array(s)"
        carry = [d.copy(order="C") for d in self._as_states(dstates, B, must_be)]
        if not self.return_sequences:
            carry[0] += dH
            dH = None
        back = self._weights_back()
        totals = None
        n = max(1, NUMBERS // (B * self.units))
        for stop in range(T, 0, -n):
            block = slice(max(0, stop - n), stop)
            dH_block = None if dH is None else self._buffers.batch_last(dH[block])
            mask_block = None if mask is None else mask[block]
            dA, dX = self._block_back(back, block, dH_block, carry, mask_block)
            products = self._weight_products(block, XH[block], dA)
            if totals is None:
                totals = products
            else:
                for total, product in zip(totals, products, strict=True):
                    total += product
            XH[block, :D] = dX  # overwrites the inputs, which are not needed any more
        self.grads = self._gradients(totals)
        self.grad_initial_state = [np.ascontiguousarray(d.T) for d in carry]
        self._kept = None
        dX = XH[:-1, :D]
        if self.go_backwards:
            dX = dX[::-1]
        return dX.transpose(2, 0, 1)

    def _time_major_gradient(self, dH, shape, silent):
        want = (*shape[:2], self.units) if self.return_sequences else (shape[0], self.units)
        dH = self._gradient(dH, want)
        dH = dH.transpose(1, 2, 0) if self.return_sequences else dH.T
        if silent is not None:  # these outputs were the constant 0
            dH = np.where(silent if self.return_sequences else silent[-1], 0, dH)
        return dH

    def _stacked(self, W, U, b=None):
        """[W; b; U] (D + 1 + N, K): the weights in the order of the rows of XH."""
        return np.concatenate([W, U] if b is None else [W, b[None], U])

    def _weight_products(self, block, XH, dA):
        """The block's contribution to the weight gradients; backward sums over the blocks."""
        return [self._buffers.columns("XH columns", XH) @ self._buffers.columns("dA columns", dA).T]

    def _gradients(self, totals):
        """The sums of _weight_products as gradients in the order of get_weights()."""
        dW, db, dU = np.split(totals[0], [self.n_features, self._h_row])
        return [dW, dU, *db]  # db has one row, or none without a bias

    # ------------------------------------------------------------------ shapes

    def compute_mask(self, X, mask=None):
        """Passed on with the sequences, used up with the last state.

        With go_backwards the outputs come in the order of reading, the mask does not: so it is in
        Keras, and so the layers after this one mask other steps than the padded ones. A warning
        says so, unless the mask is the same both ways.
        """
        if mask is None or not self.return_sequences:
            return None
        if self.go_backwards and not np.array_equal(mask, np.asarray(mask)[:, ::-1]):
            warnings.warn(
                f"{self} turns its outputs round (go_backwards), but not, as in Keras, the mask;"
                " what follows masks the wrong steps. Bidirectional, or X[:, ::-1] and"
                " mask[:, ::-1] as input, keep the two together.",
                stacklevel=3,
            )
        return mask

    def compute_output_shape(self, input_shape):
        """(B, T, D) -> (B, T, N) or (B, N): that of the output, without return_state's states."""
        self._need_sequences(input_shape)
        B, T, _ = input_shape
        return (B, T, self.units) if self.return_sequences else (B, self.units)
