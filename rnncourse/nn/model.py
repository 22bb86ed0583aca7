"""Sequential: layers in a row, trained as in Keras.

model = Sequential([SimpleRNN(50, seed=0), Dense(1, seed=1)])
model.compile(optimizer=Adam(1e-3), loss="mse")
history = model.fit(X, y, epochs=10, validation_data=(X_val, y_val))
y_hat = model.predict(X_new)
"""

import inspect
import re
import warnings
from dataclasses import dataclass

import numpy as np

from rnncourse.nn import storage
from rnncourse.nn.callbacks import History, ProgressBar
from rnncourse.nn.inputs import as_examples, check_stateful, check_truncation
from rnncourse.nn.layers.base import positive_int
from rnncourse.nn.losses import get_loss
from rnncourse.nn.metrics import get_metric
from rnncourse.nn.optimizers import get_optimizer
from rnncourse.nn.summary import summary_lines

__all__ = ["Input", "Sequential"]


@dataclass(frozen=True)
class Input:
    """The shape of one example, as the first entry of a Sequential: Input((None, 1))."""

    shape: tuple


class Sequential:
    """A stack of layers: the output of each is the input of the next, and so is its mask.

    Raises ValueError for no layer, one layer twice, or a layer with return_state, since a stack
    has one output.
    """

    def __init__(self, layers, name="sequential"):
        layers = list(layers)
        first = layers.pop(0) if layers and isinstance(layers[0], Input) else None
        if not layers:
            raise ValueError("Sequential needs at least one layer, such as Dense(1).")
        if len({id(layer) for layer in layers}) < len(layers):
            raise ValueError("The same layer stands twice in this Sequential; make two layers.")
        for layer in layers:
            if getattr(layer, "return_state", False):
                raise ValueError(
                    f"{layer} has return_state=True, which gives several outputs; a Sequential"
                    " passes on one. Call layer.forward yourself if you need the states."
                )
        self.layers, self.name = layers, name
        self._options = [_unchecked(layer) for layer in layers]
        self.input_shape = None
        self.optimizer = self.loss = self.mask = None
        self.metrics = []
        self.stop_training = False
        _name_layers(layers)
        if first is not None:
            self.build((None, *first.shape))

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

    def reset_state(self):
        """Forget what stateful layers have carried over."""
        for layer in self._recurrent():
            layer.reset_state()

    def _recurrent(self):
        return [layer for layer in self.layers if hasattr(layer, "reset_state")]

    # ---------------------------------------------------------------- training

    def compile(self, optimizer="adam", loss="mse", metrics=()):
        """Choose how to train: optimizer, loss and metrics, by name or as objects."""
        self.optimizer = get_optimizer(optimizer)
        self.loss = get_loss(loss)
        self.metrics = [get_metric(metric) for metric in metrics]

    def train_on_batch(self, X, y):
        """One training step on one batch; returns {"loss": …} and metrics, before the step.

        Raises ValueError for nan or inf in X or y, before any weight changes.
        """
        self._need_compiled()
        return self._train(*as_examples(X, y))

    def _train(self, X, y):
        y_hat = self._forward(X, training=True)
        logs, dy_hat = self._measure(y_hat, y)
        self.backward(dy_hat)
        self.optimizer.apply(self.grads, self.weights)
        return logs

    def _measure(self, y_hat, y):
        """({"loss": …, metrics}, dy_hat), over the real steps if the output has a mask."""
        masked = {} if self.mask is None else {"mask": self.mask}
        loss, dy_hat = self.loss(y_hat, y, **masked)
        logs = {name: metric(y_hat, y, **masked) for name, metric in self.metrics}
        return {"loss": loss, **logs}, dy_hat

    def fit(
        self,
        X,
        y,
        epochs=1,
        batch_size=32,
        validation_data=None,
        verbose=1,
        callbacks=(),
        shuffle=True,
        seed=None,
        bptt_steps=None,
    ):
        """Train; returns a History.

        X: (examples, T, D), or tokens (examples, T); y: targets, examples first.
        validation_data: (X_val, y_val), measured after each epoch and never trained on.
        verbose: 0 silent, 1 a progress bar, 2 one line an epoch. shuffle: a new order each
        epoch, drawn from `seed`; with stateful layers give shuffle=False: batch after batch
        continues the same sequences, and each epoch starts from zero states.
        bptt_steps: truncated BPTT. Each batch is cut along time into pieces of so many steps;
        every piece is one training step, the states go on from piece to piece, gradients do not
        (Williams and Peng 1990). y then needs a time axis.
        Stops with a warning when the loss is not finite any more.
        Raises ValueError for targets that do not match, nan or inf in the data, and stateful
        layers whose batches cannot line up.
        """
        self._need_compiled()
        X, y = as_examples(X, y)
        epochs, batch_size = positive_int("epochs", epochs), positive_int("batch_size", batch_size)
        check_stateful(self._recurrent(), len(X), batch_size, shuffle)
        if bptt_steps is not None:
            check_truncation(self._recurrent(), X, y, positive_int("bptt_steps", bptt_steps))
        rng, history, self.stop_training = np.random.default_rng(seed), History(), False
        bar = ProgressBar(epochs, -(-len(X) // batch_size), verbose)
        for callback in callbacks:
            callback.model = self
            callback.on_train_begin()
        for epoch in range(epochs):
            bar.begin(epoch)
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            logs = self._train_epoch(X, y, order, batch_size, bptt_steps, bar)
            if validation_data is not None:
                measured = self._evaluate(*as_examples(*validation_data), batch_size)
                logs.update({f"val_{name}": value for name, value in measured.items()})
            bar.end(logs)
            history.add(epoch, logs)
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        for callback in callbacks:
            callback.on_train_end()
        return history

    def _train_epoch(self, X, y, order, batch_size, bptt_steps, bar):
        """One pass over the data in the given order; returns the mean logs."""
        train = self._train
        if bptt_steps is not None:

            def train(X, y):
                return self._train_in_pieces(X, y, bptt_steps)

        self.reset_state()
        mean = _Mean()
        for n, start in enumerate(range(0, len(X), batch_size), start=1):
            batch = order[start : start + batch_size]
            # An exploding run ends in overflow; the warning below says so better than NumPy.
            with np.errstate(over="ignore", invalid="ignore"):
                mean.add(train(X[batch], y[batch]), len(batch))
            bar.step(n, mean.logs["loss"])
            if not np.isfinite(mean.logs["loss"]):
                self.stop_training = True
                warnings.warn(
                    f"The loss is {mean.logs['loss']} after batch {n}: training stopped. Lower the"
                    " learning rate, set clipnorm, or scale the data.",
                    stacklevel=3,
                )
                break
        return mean.logs

    def _train_in_pieces(self, X, y, steps):
        """Truncated BPTT over one batch; returns the mean logs over its pieces."""
        recurrent = self._recurrent()
        stateful = [layer.stateful for layer in recurrent]
        mean = _Mean()
        try:
            for layer in recurrent:
                layer.stateful = True
            if not any(stateful):
                self.reset_state()
            for t in range(0, X.shape[1], steps):
                piece = X[:, t : t + steps]
                mean.add(self._train(piece, y[:, t : t + steps]), piece.shape[1])
        finally:
            for layer, was in zip(recurrent, stateful, strict=True):
                layer.stateful = was
            if not any(stateful):
                self.reset_state()
        return mean.logs

    # -------------------------------------------------------------- using it

    def predict(self, X, batch_size=32):
        """The outputs for X, `batch_size` examples at a time. Stateful layers go on."""
        X, _ = as_examples(X)
        batch_size = positive_int("batch_size", batch_size)
        batches = range(0, len(X), batch_size)
        return np.concatenate([self._forward(X[i : i + batch_size]) for i in batches])

    def evaluate(self, X, y, batch_size=32):
        """The mean loss on X, y; with metrics a list [loss, …], as Keras gives it."""
        self._need_compiled()
        logs = self._evaluate(*as_examples(X, y), positive_int("batch_size", batch_size))
        return [*logs.values()] if self.metrics else logs["loss"]

    def _evaluate(self, X, y, batch_size):
        self.reset_state()
        mean = _Mean()
        for i in range(0, len(X), batch_size):
            batch = slice(i, i + batch_size)
            with np.errstate(over="ignore", invalid="ignore"):
                mean.add(self._measure(self._forward(X[batch]), y[batch])[0], len(X[batch]))
        self.reset_state()
        return mean.logs

    def save(self, path):
        """Write layers, options and weights to `path`, an .npz file (not the optimizer)."""
        storage.save(self, path)

    @classmethod
    def load(cls, path):
        """A model that save() wrote. Raises ValueError for any other file."""
        return storage.load(cls, path)

    def summary(self, line_length=76, print_fn=print):
        """Print each layer's output shape and number of parameters, as Keras does."""
        print_fn("\n".join(summary_lines(self, line_length)))

    # ------------------------------------------------------------------ checks

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


def _name_layers(layers):
    """Give the nameless layers names as Keras does: simple_rnn, simple_rnn_1, …"""
    taken = {layer.name for layer in layers}
    for layer in layers:
        if layer.name is None:
            base = _snake_case(type(layer).__name__)
            numbered = (f"{base}_{n}" if n else base for n in range(len(layers) + len(taken)))
            layer.name = next(name for name in numbered if name not in taken)
            taken.add(layer.name)


def _snake_case(name):
    """SimpleRNN -> simple_rnn, LSTM -> lstm."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class _Mean:
    """The running mean of logs, weighted by the size of each batch."""

    def __init__(self):
        self.n, self.logs = 0, {}

    def add(self, logs, n):
        """Take in the logs, {name: value}, of `n` more examples."""
        self.n += n
        for name, value in logs.items():
            old = self.logs.get(name, 0.0)
            self.logs[name] = old + (value - old) * n / self.n
