"""The base class of all layers: named weights, their gradients, clear errors for wrong input."""

import numpy as np

from rnncourse.nn.functions import Activation

__all__ = ["Layer", "as_input", "check_finite", "positive_int"]


class Layer:
    """A subclass lists weight_names and implements _make_weights, forward and backward.

    params  the weights by name, in the order of get_weights()
    grads   after backward(): dL/dw for each of them, a list in the same order
    """

    weight_names = ()
    option_names = ()  # of the constructor, beside dtype and seed

    def __init__(self, *, dtype="float32", seed=None):
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f'dtype={dtype!r}: choose "float32" or "float64".')
        self.seed = seed
        self.built = False
        self.n_features = None
        self.grads = []

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

    def get_weights(self):
        """Copies of the weights, in Keras's order."""
        return [w.copy() for w in self.params.values()]

    def set_weights(self, weights):
        """Take the numbers of `weights`, a list as get_weights() gives (ours or Keras's)."""
        weights = [np.asarray(w) for w in weights]
        want = {name: w.shape for name, w in self.params.items()}
        got = [w.shape for w in weights]
        if got != list(want.values()):
            raise ValueError(f"{self} holds weights {want}, in this order; got shapes {got}.")
        for w, new in zip(self.params.values(), weights, strict=True):
            w[...] = new

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
        """The shape of forward's result for an input_shape such as (None, None, D)."""
        return tuple(input_shape)

    def _need_built(self):
        if not self.built:
            raise ValueError(f"{self} has no weights yet: call build(n_features) first.")

    def _input(self, X, axes, check):
        """X with the right axes and in the layer's dtype, with `check` finite; builds the layer."""
        X = as_input(X, axes, owner=self, dtype=self.dtype, finite=check)
        self.build(X.shape[-1] if not self.built else self.n_features)
        if X.shape[-1] != self.n_features:
            raise ValueError(
                f"{self} expects {self.n_features} features on the last axis"
                f" ({', '.join(axes)}); got an input of shape {X.shape}."
            )
        return X

    def __repr__(self):
        return f"{type(self).__name__}({getattr(self, 'units', '')})"


def as_input(X, axes, *, owner, dtype, finite=True):
    """X as an array of `dtype` with one axis for each name in `axes`, not empty, all finite.

    A leading "..." among the axes allows any number of further ones. Raises TypeError for what
    is not numeric and ValueError that names the expected axes, the empty axis, or the position
    of the first nan or inf.
    """
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"{owner} expects an array of numbers; got {X.dtype} values.")
    free = axes[0] == "..."
    if X.ndim != len(axes) and not (free and X.ndim >= len(axes)):
        raise ValueError(
            f"{owner} expects an input with axes ({', '.join(axes)}); got shape {X.shape}."
            + (" For one sequence write X[None]." if X.ndim == len(axes) - 1 else "")
        )
    if 0 in X.shape:
        raise ValueError(
            f"{owner} got an empty input of shape {X.shape}; every axis needs at least 1."
        )
    X = X.astype(dtype, copy=False)
    if finite:
        check_finite(X, owner)
    return X


def check_finite(X, owner):
    """Raise ValueError with the position of the first nan or inf in X, if there is one."""
    # One sum is a cheap first test: it is finite only if every number is. Since a sum of finite
    # numbers may overflow, a suspicious one is followed by a test of each number.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(X.sum())
    if suspicious and not np.isfinite(X).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(X))[0])
        raise ValueError(
            f"{owner}: the input is {X[at]:g} at {list(at)}, the first of"
            f" {np.count_nonzero(~np.isfinite(X))} such numbers. Clean or impute the data; if a"
            " layer before made it, lower the learning rate or set clipnorm."
        )


def positive_int(name, value):
    """`value` as an int of at least 1; TypeError or ValueError that names the argument."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}.")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}.")
    return int(value)
