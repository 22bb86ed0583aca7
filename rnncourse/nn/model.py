"""Sequential: layers in a row, trained as in Keras.

model = Sequential([SimpleRNN(50, seed=0), Dense(1, seed=1)])
model.compile(optimizer=Adam(1e-3), loss="mse")
model.fit(X, y, epochs=10)
y_hat = model.predict(X_new)
"""

import inspect
import time
import warnings
from dataclasses import dataclass, field

import numpy as np

from rnncourse.nn.inputs import as_examples, check_stateful
from rnncourse.nn.layers.base import positive_int
from rnncourse.nn.losses import get_loss
from rnncourse.nn.optimizers import get_optimizer

__all__ = ["History", "Sequential"]


@dataclass
class History:
    """What fit returns: `history` is {"loss": [one number per epoch]}."""

    history: dict = field(default_factory=lambda: {"loss": []})


class Sequential:
    """A stack of layers: the output of each is the input of the next, and so is its mask.

    Raises ValueError for no layer, one layer twice, or a layer with return_state, since a stack
    has one output.
    """

    def __init__(self, layers):
        self.layers = list(layers)
        if not self.layers:
            raise ValueError("Sequential needs at least one layer, such as Dense(1).")
        if len({id(layer) for layer in self.layers}) < len(self.layers):
            raise ValueError("The same layer stands twice in this Sequential; make two layers.")
        for layer in self.layers:
            if getattr(layer, "return_state", False):
                raise ValueError(
                    f"{layer} has return_state=True, which gives several outputs; a Sequential"
                    " passes on one. Call layer.forward yourself if you need the states."
                )
        self._options = [_unchecked(layer) for layer in self.layers]
        self.input_shape = None
        self.optimizer = self.loss = self.mask = None

    # ----------------------------------------------------------------- weights

    def build(self, input_shape):
        """Make all weights for inputs of shape (None, T or None, D); returns the model.

        For a model that begins with Embedding, the shape is (None, T or None).
        """
        shape = tuple(input_shape)
        for layer in self.layers:
            layer.build(shape[-1])
            shape = layer.compute_output_shape(shape)
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
        """Take all weights from a list as get_weights() gives (ours or Keras's)."""
        weights = list(weights)
        counts = [len(layer.params) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(f"The model holds {sum(counts)} weight arrays; got {len(weights)}.")
        for layer, n in zip(self.layers, counts, strict=True):
            layer.set_weights(weights[:n])
            del weights[:n]

    def count_params(self):
        """How many numbers the weights are."""
        return sum(layer.count_params() for layer in self.layers)

    # ------------------------------------------------------ forward, backward

    def forward(self, X, mask=None, training=False):
        """X through all layers. Embedding and Masking make masks; `mask` is one of your own.

        The mask that belongs to the output is kept as `model.mask`, (B, T) or None.
        Raises ValueError for nan or inf in X.
        """
        return self._forward(as_examples(X)[0], mask, training)

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

    def compile(self, optimizer="adam", loss="mse"):
        """Choose how to train: optimizer and loss, by name or as objects."""
        self.optimizer = get_optimizer(optimizer)
        self.loss = get_loss(loss)

    def train_on_batch(self, X, y):
        """One training step on one batch; returns {"loss": the loss before the step}.

        Raises ValueError for nan or inf in X or y, before any weight changes.
        """
        self._need_compiled()
        return {"loss": self._train(*as_examples(X, y))}

    def _train(self, X, y):
        loss, dy_hat = self._loss(self._forward(X, training=True), y)
        self.backward(dy_hat)
        self.optimizer.apply(self.grads, self.weights)
        return loss

    def _loss(self, y_hat, y):
        """(loss, dy_hat), over the real steps if the output has a mask."""
        return self.loss(y_hat, y) if self.mask is None else self.loss(y_hat, y, mask=self.mask)

    def fit(self, X, y, epochs=1, batch_size=32, verbose=1, shuffle=True, seed=None):
        """Train; returns a History with the mean loss of each epoch.

        X: (examples, T, D), or tokens (examples, T); y: targets, examples first.
        verbose: 1 prints one line per epoch, 0 nothing. shuffle: a new order each epoch, drawn
        from `seed`; with stateful layers give shuffle=False: batch after batch continues the same
        sequences, and each epoch starts from zero states.
        Stops with a warning when the loss is no longer finite.
        Raises ValueError for targets that do not match, nan or inf in the data, and stateful
        layers whose batches do not line up.
        """
        self._need_compiled()
        X, y = as_examples(X, y)
        epochs, batch_size = positive_int("epochs", epochs), positive_int("batch_size", batch_size)
        check_stateful(self._recurrent(), len(X), batch_size, shuffle)
        rng, history = np.random.default_rng(seed), History()
        for epoch in range(epochs):
            start = time.perf_counter()
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            loss = self._train_epoch(X, y, order, batch_size)
            history.history["loss"].append(loss)
            if verbose:
                seconds = time.perf_counter() - start
                print(f"Epoch {epoch + 1}/{epochs} - {seconds:.1f}s - loss: {loss:.4f}", flush=True)
            if not np.isfinite(loss):
                break
        return history

    def _train_epoch(self, X, y, order, batch_size):
        """One pass over the data in the given order; returns the mean loss."""
        self._reset_states()
        mean = _Mean()
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

    def predict(self, X, batch_size=32):
        """The outputs for X, `batch_size` examples at a time. Stateful layers go on."""
        X, _ = as_examples(X)
        batch_size = positive_int("batch_size", batch_size)
        batches = range(0, len(X), batch_size)
        return np.concatenate([self._forward(X[i : i + batch_size]) for i in batches])

    def evaluate(self, X, y, batch_size=32):
        """The mean loss on X, y: a float. Stateful layers start from zero states."""
        self._need_compiled()
        X, y = as_examples(X, y)
        self._reset_states()
        mean = _Mean()
        for i in range(0, len(X), positive_int("batch_size", batch_size)):
            batch = slice(i, i + batch_size)
            with np.errstate(over="ignore", invalid="ignore"):
                mean.add(self._loss(self._forward(X[batch]), y[batch])[0], len(X[batch]))
        self._reset_states()
        return mean.value

    def _recurrent(self):
        return [layer for layer in self.layers if hasattr(layer, "reset_state")]

    def _reset_states(self):
        for layer in self._recurrent():
            layer.reset_state()

    def _need_compiled(self):
        if self.optimizer is None:
            raise RuntimeError('Call compile(optimizer="adam", loss="mse") before training.')

    def __repr__(self):
        return f"Sequential({self.layers})"


def _unchecked(layer):
    """The argument that spares a layer the search for nan, if its forward has one.

    A layer of the learner's own may have only Keras's arguments.
    """
    known = "check" in inspect.signature(layer.forward).parameters
    return {"check": False} if known else {}


class _Mean:
    """A running mean, in which each batch counts by its size."""

    def __init__(self):
        self.n, self.value = 0, 0.0

    def add(self, value, n):
        """Include the mean `value` of `n` more examples."""
        self.n += n
        self.value += (value - self.value) * n / self.n
