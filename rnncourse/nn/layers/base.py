"""The base class of all layers: named weights, their gradients, clear errors for wrong input."""

import numpy as np

from rnncourse.nn.functions import Activation
from rnncourse.nn.keras_words import KerasWords, check_words, constructors
from rnncourse.nn.layers.checks import as_input, as_numbers, check_finite, positive_int, wrong_axes

__all__ = ["SEQUENCES", "Layer"]

SEQUENCES = ("batch", "time", "feature")


class Layer(KerasWords):
    """A subclass lists weight_names and implements _make_weights, forward and backward.

    params  the weights by name, in the order of get_weights()
    grads   after backward(): dL/dw for each of them, a list in the same order
    """

    weight_names = ()
    option_names = ()  # of the constructor, beside dtype and seed

    def __init__(self, *, dtype="float32", seed=None, **unknown):
        check_words(type(self).__name__, unknown, *constructors(type(self)))
        if dtype not in ("float32", "float64", np.float32, np.float64):
            raise ValueError(f'dtype={dtype!r}: choose "float32" or "float64".')
        self.dtype = np.dtype(dtype)
        self.seed = seed
        self.built = False
        self.n_features = None
        self.grads = []
        self._check = True  # whether backward looks for nan, as the last forward did

    @property
    def params(self):
        """The weights by name, e.g. W (D, N), U (N, N), b (N,): the arrays themselves."""
        self._need_built()
        return {name: getattr(self, name) for name in self.weight_names}

    def build(self, n_features):
        """Make the weights for inputs of `n_features` numbers; returns the layer.

        A layer that is already built for that width keeps its weights.
        """
        n_features = positive_int("n_features", n_features)
        if not self.built:
            self.n_features = n_features
            self._make_weights(np.random.default_rng(self.seed))
            self.built = True
        elif n_features != self.n_features:
            raise ValueError(
                f"{self} was built for {self.n_features} features, not for {n_features};"
                " make a new layer."
            )
        return self

    def _make_weights(self, rng):
        """Set one attribute for each of weight_names; layers without weights set none."""

    def unbuild(self):
        """Forget the weights and the width, so that other data may build the layer."""
        self.built, self.n_features = False, None

    def get_weights(self):
        """Copies of the weights, in Keras's order."""
        return [w.copy() for w in self.params.values()]

    def set_weights(self, weights):
        """Take the numbers of `weights`, a list as get_weights() gives (ours or Keras's)."""
        for w, new in zip(self.params.values(), self.check_weights(weights), strict=True):
            w[...] = new

    def check_weights(self, weights):
        """`weights` as arrays that set_weights can take.

        Raises ValueError for other shapes and for nan or inf, TypeError for what is not numeric.
        """
        weights = [as_numbers(w, f"a weight of {self}") for w in weights]
        want = {name: w.shape for name, w in self.params.items()}
        got = [w.shape for w in weights]
        if got != list(want.values()):
            raise ValueError(f"{self} holds weights {want}, in this order; got shapes {got}.")
        for name, w in zip(want, weights, strict=True):
            check_finite(w, f"{self}: {name}")
        return weights

    def get_config(self):
        """The constructor's arguments, by name; an activation as its name."""
        options = {name: getattr(self, name) for name in self.option_names}
        for name, value in options.items():
            if isinstance(value, Activation):
                options[name] = value.name
        return {**options, "dtype": self.dtype.name, "seed": self.seed}

    def count_params(self):
        """How many numbers the weights are."""
        return sum(w.size for w in self.params.values())

    def compute_mask(self, X, mask=None):
        """The mask that the next layer sees: the same, unless a subclass says otherwise."""
        return mask

    def compute_output_shape(self, input_shape):
        """The shape of forward's result for an input_shape such as (None, None, D).

        Raises ValueError for a shape that forward would refuse.
        """
        return tuple(input_shape)

    def _need_sequences(self, input_shape):
        if len(input_shape) != len(SEQUENCES):
            raise ValueError(wrong_axes(self, SEQUENCES, input_shape))

    def _need_built(self):
        if not self.built:
            raise ValueError(f"{self} has no weights yet: call build(n_features) first.")

    def _input(self, X, axes, check):
        """X with the right axes and in the layer's dtype, with `check` finite; builds the layer."""
        X = as_input(X, axes, owner=self, dtype=self.dtype, finite=check)
        self._check = check
        self.build(X.shape[-1] if not self.built else self.n_features)
        if X.shape[-1] != self.n_features:
            raise ValueError(
                f"{self} expects {self.n_features} features on the last axis"
                f" ({', '.join(axes)}); got an input of shape {X.shape}."
            )
        return X

    def _gradient(self, dY, shape, what="the gradient"):
        """A gradient for backward, in the layer's dtype; ValueError for a wrong shape or nan."""
        dY = as_numbers(dY, f"{self}: {what}").astype(self.dtype, copy=False)
        if dY.shape != tuple(shape):
            raise ValueError(
                f"{self}: backward got a gradient of shape {dY.shape}; forward's output had"
                f" {tuple(shape)}, and the gradient must have the same."
            )
        if self._check:
            check_finite(dY, f"{self}: {what}")
        return dY

    def __repr__(self):
        return f"{type(self).__name__}({getattr(self, 'units', '')})"
