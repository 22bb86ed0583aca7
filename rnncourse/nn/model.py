"""Sequential: layers in a row, trained as in Keras.

model = Sequential([SimpleRNN(50, seed=0), Dense(1, seed=1)])
model.compile(optimizer=Adam(1e-3), loss="mse")
model.fit(X, y, epochs=10)
y_hat = model.predict(X_new)
"""

import time
import warnings

import numpy as np

from rnncourse.nn.inputs import (
    as_examples,
    check_layers,
    check_stateful,
    extreme_examples,
    unchecked,
)
from rnncourse.nn.keras_words import KerasWords, check_words
from rnncourse.nn.layers import Recurrent
from rnncourse.nn.layers.checks import positive_int
from rnncourse.nn.losses import check_head, get_loss
from rnncourse.nn.optimizers import get_optimizer
from rnncourse.nn.progress import History, Mean, print_epoch
from rnncourse.nn.undo import states_kept, unbuilt_after_errors

__all__ = ["Sequential"]


class Sequential(KerasWords):
    """A stack of layers: the output of each is the input of the next, and so is its mask.

    Raises TypeError for what is no layer, ValueError for no layer, one layer twice, a layer with
    return_state, since a stack has one output, or one that reads sequences where there are none.
    """

    def __init__(self, layers, **unknown):
        check_words("Sequential", unknown, Sequential.__init__)
        if not isinstance(layers, list | tuple):
            raise TypeError(f"Sequential takes a list of layers, [{layers!r}, …]; got no list.")
        self.layers = list(layers)
        check_layers(self.layers)
        self._options = [unchecked(layer) for layer in self.layers]
        self.input_shape = None
        self.optimizer = self.loss = self.mask = None

    # ----------------------------------------------------------------- weights

    def build(self, input_shape):
        """Make all weights for inputs of shape (None, T or None, D); returns the model.

        For a model that begins with Embedding, the shape is (None, T or None).
        """
        shapes = [tuple(input_shape)]
        for layer in self.layers:  # all of them, before the first layer is built
            shapes.append(layer.compute_output_shape(shapes[-1]))
        with unbuilt_after_errors(self):
            for layer, shape in zip(self.layers, shapes, strict=False):
                layer.build(shape[-1])
        self.input_shape = tuple(input_shape)
        return self

    @property
    def weights(self):
        """All weights of all layers, the arrays themselves, in Keras's order."""
        return [w for layer in self.layers for w in layer.params.values()]

    @property
    def grads(self):
        """The gradients of the last backward, in the order of `weights`."""
        return [g for layer in self.layers for g in layer.grads]

    def get_weights(self):
        """Copies of all weights, in Keras's order."""
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        """Take all weights from a list as get_weights() gives (ours or Keras's).

        All or none: if one of them does not fit, ValueError is raised and nothing changes.
        """
        weights = list(weights)
        counts = [len(layer.params) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(f"The model holds {sum(counts)} weight arrays; got {len(weights)}.")
        ends = np.cumsum(counts)
        shares = [weights[end - n : end] for end, n in zip(ends, counts, strict=True)]
        pairs = list(zip(self.layers, shares, strict=True))
        for layer, share in pairs:
            layer.check_weights(share)
        for layer, share in pairs:
            layer.set_weights(share)

    def count_params(self):
        """How many numbers the weights are."""
        return sum(layer.count_params() for layer in self.layers)

    # ------------------------------------------------------ forward, backward

    def forward(self, X, mask=None, training=False):
        """X through all layers. Embedding and Masking make masks; `mask` is one of your own.

        The mask that belongs to the output is kept as `model.mask`, (B, T) or None.
        Raises ValueError for nan or inf in X.
        """
        with unbuilt_after_errors(self):
            return self._forward(as_examples(X), mask, training)

    def _forward(self, X, mask=None, training=False):
        """forward for an X that as_examples has checked."""
        if self.input_shape is None:
            self.build((None, *np.shape(X)[1:]))
        for layer, options in zip(self.layers, self._options, strict=True):
            passed_on = layer.compute_mask(X, mask)
            X = layer.forward(X, mask=mask, training=training, **options)
            mask = passed_on
        self.mask = mask
        return X

    def backward(self, dy_hat):
        """The gradient of the loss back through all layers; fills their grads, returns dX."""
        for layer in reversed(self.layers):
            dy_hat = layer.backward(dy_hat)
        return dy_hat

    # ---------------------------------------------------------------- training

    def compile(self, optimizer, loss, **unknown):
        """Choose how to train: optimizer and loss, by name or as objects."""
        check_words("compile", unknown, self.compile)
        optimizer, loss = get_optimizer(optimizer), get_loss(loss)
        check_head(loss, self.layers[-1])
        self.optimizer, self.loss = optimizer, loss

    def train_on_batch(self, X, y, **unknown):
        """One training step on one batch; returns {"loss": the loss before the step}.

        Keras gives the bare number, and the dictionary with return_dict=True.
        Raises ValueError for nan or inf in X or y, before any weight changes.
        """
        check_words("train_on_batch", unknown, self.train_on_batch)
        self._need_compiled()
        with unbuilt_after_errors(self):
            return {"loss": self._train(*as_examples(X, y))}

    def _train(self, X, y):
        loss, dy_hat = self._loss(self._forward(X, training=True), y)
        self.backward(dy_hat)
        self.optimizer.apply(self.grads, self.weights)
        return loss

    def _loss(self, y_hat, y):
        """(loss, dy_hat), over the real steps if the output has a mask."""
        return self.loss(y_hat, y) if self.mask is None else self.loss(y_hat, y, mask=self.mask)

    def fit(self, X, y, *, epochs=1, batch_size=32, verbose=1, shuffle=True, seed=None, **unknown):
        """Train; returns a History with the mean loss of each epoch.

        X: (examples, T, D), or tokens (examples, T); y: targets, examples first.
        verbose: 1 prints one line per epoch, 0 nothing. shuffle: a new order each epoch, drawn
        from `seed`; with stateful layers give shuffle=False: batch after batch continues the same
        sequences, and so does the next epoch, as in Keras 3, unless you call reset_state() on the
        layers between two fits. Each batch counts in the mean by its examples, as in Keras; with
        a mask the losses of the batches are means over real steps.
        Stops with a warning when the loss is no longer finite.
        Raises, before any weight changes, ValueError for targets, tokens or classes that do not
        match, nan or inf in the data, and stateful layers whose batches do not line up.
        """
        check_words("fit", unknown, self.fit)
        self._need_compiled()
        X, y = as_examples(X, y)
        epochs, batch_size = positive_int("epochs", epochs), positive_int("batch_size", batch_size)
        check_stateful(self._recurrent(), len(X), batch_size, shuffle)
        self._try_out(X, y)
        rng, history = np.random.default_rng(seed), History()
        for epoch in range(epochs):
            start = time.perf_counter()
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            loss = self._train_epoch(X, y, order, batch_size)
            history.history["loss"].append(loss)
            if verbose:
                print_epoch(epoch, epochs, time.perf_counter() - start, loss)
            if not np.isfinite(loss):
                break
        return history

    def _train_epoch(self, X, y, order, batch_size):
        """One pass over the data in the given order; returns the mean loss."""
        mean = Mean()
        for n, start in enumerate(range(0, len(X), batch_size), start=1):
            batch = order[start : start + batch_size]
            # An exploding run ends in overflow; the warning below says so better than NumPy.
            with np.errstate(over="ignore", invalid="ignore"):
                mean.add(self._train(X[batch], y[batch]), len(batch))
            if not np.isfinite(mean.value):
                warnings.warn(
                    f"The loss is {mean.value} after batch {n}: training stopped. Lower the"
                    " learning rate, set clipnorm, or scale the data.",
                    stacklevel=3,
                )
                break
        return mean.value

    # -------------------------------------------------------------- using it

    def predict(self, X, batch_size=32, **unknown):
        """The outputs for X, `batch_size` examples at a time. Stateful layers go on."""
        check_words("predict", unknown, self.predict)
        X, batch_size = as_examples(X), positive_int("batch_size", batch_size)
        check_stateful(self._recurrent(), len(X), batch_size)
        batches = range(0, len(X), batch_size)
        with unbuilt_after_errors(self):
            return np.concatenate([self._forward(X[i : i + batch_size]) for i in batches])

    def evaluate(self, X, y, batch_size=32, **unknown):
        """The mean loss on X, y: a float. Stateful layers go on, as in Keras."""
        check_words("evaluate", unknown, self.evaluate)
        self._need_compiled()
        (X, y), batch_size = as_examples(X, y), positive_int("batch_size", batch_size)
        check_stateful(self._recurrent(), len(X), batch_size)
        mean = Mean()
        with unbuilt_after_errors(self), np.errstate(over="ignore", invalid="ignore"):
            for i in range(0, len(X), batch_size):
                batch = slice(i, i + batch_size)
                mean.add(self._loss(self._forward(X[batch]), y[batch])[0], len(X[batch]))
        return mean.value

    def _recurrent(self):
        return [layer for layer in self.layers if isinstance(layer, Recurrent)]

    def _try_out(self, X, y):
        """Raise what a few examples raise, before any weight or state changes."""
        some = extreme_examples(X, y)
        quietly = np.errstate(over="ignore", invalid="ignore")
        with unbuilt_after_errors(self), states_kept(self._recurrent()), quietly:
            self._loss(self._forward(X[some]), y[some])

    def _need_compiled(self):
        if self.optimizer is None:
            raise RuntimeError('Call compile(optimizer="adam", loss="mse") before training.')

    def __repr__(self):
        return f"Sequential({self.layers})"
