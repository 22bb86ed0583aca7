"""Bidirectional: one layer reads forward, a twin reads backward, their outputs are joined."""

import numpy as np

from rnncourse.nn.keras_words import check_words
from rnncourse.nn.layers.base import SEQUENCES, Layer
from rnncourse.nn.layers.recurrent import Recurrent

__all__ = ["Bidirectional"]


class Bidirectional(Layer):
    """Two recurrent layers over the same input, in both directions (Schuster and Paliwal 1997).

    The outputs are joined along the last axis, 2N features: Keras's merge_mode="concat". Weights:
    those of the forward layer, then those of the backward layer. With return_sequences the output
    at masked steps is 0, as in Keras.
    """

    def __init__(self, layer, *, backward_layer=None, **unknown):
        check_words("Bidirectional", unknown, Bidirectional.__init__)
        if not isinstance(layer, Recurrent):
            raise TypeError(f"Bidirectional wraps SimpleRNN, LSTM or GRU; got {layer!r}.")
        super().__init__(dtype=layer.dtype, seed=layer.seed)
        self.forward_layer = layer
        self.backward_layer = backward_layer or _twin(layer)
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            one.zero_output_for_mask = one.return_sequences
        self.return_sequences = layer.return_sequences
        self.units = layer.units
        self._output_shape = None

    def _check_pair(self):
        one, other = self.forward_layer, self.backward_layer
        if type(one) is not type(other):
            raise TypeError(f"Bidirectional: the two layers, {one} and {other}, differ in kind.")
        for option in ("return_sequences", "units", "dtype"):
            if getattr(one, option) != getattr(other, option):
                raise ValueError(f"Bidirectional: the two layers differ in {option}.")
        if one.go_backwards == other.go_backwards:
            raise ValueError("Bidirectional: exactly one of the two layers must go_backwards.")
        for option in ("return_state", "stateful"):
            if getattr(one, option) or getattr(other, option):
                raise ValueError(f"Bidirectional: this engine has it only without {option}.")

    @property
    def params(self):
        """The weights of both layers, named forward_W, … backward_b."""
        pairs = (("forward", self.forward_layer), ("backward", self.backward_layer))
        return {f"{way}_{name}": w for way, one in pairs for name, w in one.params.items()}

    def _make_weights(self, rng):
        self.forward_layer.build(self.n_features)
        self.backward_layer.build(self.n_features)

    def unbuild(self):
        """Forget the weights of both layers."""
        super().unbuild()
        self.forward_layer.unbuild()
        self.backward_layer.unbuild()

    def forward(self, X, mask=None, training=False, *, check=True):
        """X (B, T, D) -> (B, T, 2N), or without return_sequences (B, 2N)."""
        X = self._input(X, SEQUENCES, check)
        self._output_shape = self.compute_output_shape(X.shape)
        H = self.forward_layer.forward(X, mask=mask, check=False)
        H_back = self.backward_layer.forward(X, mask=mask, check=False)
        if self.return_sequences:
            H_back = H_back[:, ::-1]  # it came in the order of reading
        return np.concatenate([H, H_back], axis=-1)

    def backward(self, dH):
        """The gradient of forward's output -> dX (B, T, D); fills grads, forward's first."""
        if self._output_shape is None:
            raise RuntimeError(f"{self}: call forward(X) before backward.")
        dH, dH_back = np.split(self._gradient(dH, self._output_shape), 2, axis=-1)
        if self.return_sequences:
            dH_back = dH_back[:, ::-1]
        dX = self.forward_layer.backward(dH) + self.backward_layer.backward(dH_back)
        self.grads = [*self.forward_layer.grads, *self.backward_layer.grads]
        return dX

    def compute_mask(self, X, mask=None):
        """Passed on with the sequences, used up with the last state."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        """(B, T, D) -> (B, T, 2N) or (B, 2N)."""
        *rest, n_units = self.forward_layer.compute_output_shape(input_shape)
        return (*rest, 2 * n_units)

    def __repr__(self):
        return f"Bidirectional({self.forward_layer})"


def _twin(layer):
    """The same layer the other way round, with other first weights."""
    config = layer.get_config()
    config["go_backwards"] = not layer.go_backwards
    if layer.seed is not None:  # a seed of its own, that follows from the first one
        config["seed"] = int(np.random.default_rng(layer.seed).integers(2**32))
    return type(layer)(**config)
