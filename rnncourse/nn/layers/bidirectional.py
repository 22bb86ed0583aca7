"""Bidirectional: one layer reads forward, a twin reads backward, their outputs are merged."""

import numpy as np

from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.recurrent import Recurrent

__all__ = ["Bidirectional"]

MERGE_MODES = ("concat", "sum", "ave")


class Bidirectional(Layer):
    """Two recurrent layers over the same input, in both directions (Schuster and Paliwal 1997).

    merge_mode "concat" gives 2N features, "sum" and "ave" give N. Weights: those of the forward
    layer, then those of the backward layer. With return_sequences the output at masked steps is
    0, as in Keras.
    """

    option_names = ("merge_mode",)

    def __init__(self, layer, merge_mode="concat", backward_layer=None, *, name=None):
        if not isinstance(layer, Recurrent):
            raise TypeError(f"Bidirectional wraps SimpleRNN, LSTM or GRU; got {layer!r}.")
        if merge_mode not in MERGE_MODES:
            raise ValueError(f"merge_mode={merge_mode!r}: choose one of {MERGE_MODES}.")
        super().__init__(dtype=layer.dtype, seed=layer.seed, name=name)
        self.merge_mode = merge_mode
        self.forward_layer = layer
        self.backward_layer = backward_layer or _twin(layer)
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            one.zero_output_for_mask = one.return_sequences
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful
        self.units = layer.units
        self.grad_initial_state = None

    def _check_pair(self):
        one, other = self.forward_layer, self.backward_layer
        for option in ("return_sequences", "return_state", "stateful", "units", "dtype"):
            if getattr(one, option) != getattr(other, option):
                raise ValueError(f"Bidirectional: the two layers differ in {option}.")
        if one.go_backwards == other.go_backwards:
            raise ValueError("Bidirectional: exactly one of the two layers must go_backwards.")

    @property
    def params(self):
        """The weights of both layers, named forward_W, … backward_b."""
        pairs = (("forward", self.forward_layer), ("backward", self.backward_layer))
        return {f"{way}_{name}": w for way, one in pairs for name, w in one.params.items()}

    def _make_weights(self, rng):
        self.forward_layer.build(self.n_features)
        self.backward_layer.build(self.n_features)

    def forward(self, X, initial_state=None, mask=None, training=False, *, check=True):
        """X (B, T, D) -> (B, T, 2N or N), or without return_sequences (B, 2N or N).

        initial_state: the forward layer's states, then the backward layer's, in one list. With
        return_state the final states follow the output in the same order.
        """
        X = self._input(X, ("batch", "time", "feature"), check)
        n = self.forward_layer.n_states
        if initial_state is not None and len(initial_state) != 2 * n:
            raise ValueError(
                f"{self}: initial_state must list {2 * n} arrays, forward's then backward's;"
                f" got {len(initial_state)}."
            )
        first = (None, None) if initial_state is None else (initial_state[:n], initial_state[n:])
        results = [
            one.forward(X, state, mask, check=False)
            for one, state in zip((self.forward_layer, self.backward_layer), first, strict=True)
        ]
        if not self.return_state:
            return self._merge(*results)
        (H, *states), (H_back, *states_back) = results
        return self._merge(H, H_back), *states, *states_back

    def _merge(self, H, H_back):
        if self.return_sequences:
            H_back = H_back[:, ::-1]  # it came in the order of reading
        if self.merge_mode == "concat":
            return np.concatenate([H, H_back], axis=-1)
        return H + H_back if self.merge_mode == "sum" else (H + H_back) / 2

    def backward(self, dH, dstates=None):
        """The gradient of forward's output -> dX (B, T, D); fills grads, forward's first."""
        dH = np.asarray(dH, self.dtype)
        if self.merge_mode == "concat":
            dH, dH_back = dH[..., : self.units], dH[..., self.units :]
        else:
            dH_back = dH = dH if self.merge_mode == "sum" else dH / 2
        if self.return_sequences:
            dH_back = dH_back[:, ::-1]
        n = self.forward_layer.n_states
        last = (None, None) if dstates is None else (dstates[:n], dstates[n:])
        dX = self.forward_layer.backward(dH, last[0])
        dX += self.backward_layer.backward(dH_back, last[1])
        pair = self.forward_layer, self.backward_layer
        self.grads = [g for one in pair for g in one.grads]
        self.grad_initial_state = [d for one in pair for d in one.grad_initial_state]
        return dX

    def reset_state(self):
        """Forget the states that stateful layers have carried over."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def get_config(self):
        """The constructor's arguments; the two layers as {"class": …, "config": …}."""
        return {
            "merge_mode": self.merge_mode,
            "layer": self.forward_layer.describe(),
            "backward_layer": self.backward_layer.describe(),
            "name": self.name,
        }

    def compute_mask(self, X, mask=None):
        """Passed on with the sequences, used up with the last state."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        """(B, T, D) -> (B, T, K) or (B, K), K = 2N for "concat" and N else."""
        *rest, n_units = self.forward_layer.compute_output_shape(input_shape)
        return (*rest, 2 * n_units if self.merge_mode == "concat" else n_units)

    def __repr__(self):
        return f"Bidirectional({self.forward_layer})"


def _twin(layer):
    """The same layer the other way round, with other first weights."""
    config = layer.get_config()
    config["go_backwards"] = not layer.go_backwards
    if layer.seed is not None:  # a seed of its own, that follows from the first one
        config["seed"] = int(np.random.default_rng(layer.seed).integers(2**32))
    return type(layer)(**config)
