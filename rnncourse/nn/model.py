"""Sequential: layers in a row, trained as in Keras.

model = Sequential([SimpleRNN(50, seed=0), Dense(1, seed=1)])
model.compile(optimizer=Adam(1e-3), loss="mse")
history = model.fit(X, y, epochs=10, validation_data=(X_val, y_val))
y_hat = model.predict(X_new)
"""

import sys
import time
from dataclasses import dataclass, field

import numpy as np

from rnncourse.nn.layers.base import positive_int
from rnncourse.nn.losses import get_loss
from rnncourse.nn.optimizers import get_optimizer

__all__ = ["History", "Input", "Sequential"]


@dataclass(frozen=True)
class Input:
    """The shape of one example, as the first entry of a Sequential: Input((None, 1))."""

    shape: tuple


@dataclass
class History:
    """What fit saw: `history` is {"loss": [one an epoch], "val_loss": [...]}; `epoch` counts."""

    history: dict = field(default_factory=dict)
    epoch: list = field(default_factory=list)

    def add(self, epoch, logs):
        """Append one epoch's numbers."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class Sequential:
    """A stack of layers: the output of each is the input of the next."""

    def __init__(self, layers):
        layers = list(layers)
        first = layers.pop(0) if layers and isinstance(layers[0], Input) else None
        if not layers:
            raise ValueError("Sequential needs at least one layer, such as Dense(1).")
        self.layers = layers
        self.input_shape = None
        self.optimizer = self.loss = None
        if first is not None:
            self.build((None, *first.shape))

    def build(self, input_shape):
        """Make all weights for inputs of shape (None, T or None, D); returns the model."""
        shape = self.input_shape = tuple(input_shape)
        for layer in self.layers:
            layer.build(shape[-1])
            shape = layer.compute_output_shape(shape)
        return self

    @property
    def weights(self):
        """All weights of all layers, the arrays themselves."""
        return [w for layer in self.layers for w in layer.params.values()]

    @property
    def grads(self):
        """The gradients of the last backward, in the order of `weights`."""
        return [g for layer in self.layers for g in layer.grads]

    def get_weights(self):
        """Copies of all weights, in Keras's order."""
        return [w for layer in self.layers for w in layer.get_weights()]

    def set_weights(self, weights):
        """Take all weights from a list as get_weights() gives (ours or Keras's)."""
        weights = list(weights)
        want = [len(layer.params) for layer in self.layers]
        if len(weights) != sum(want):
            raise ValueError(f"The model holds {sum(want)} weight arrays; got {len(weights)}.")
        for layer, n in zip(self.layers, want, strict=True):
            layer.set_weights(weights[:n])
            del weights[:n]

    def count_params(self):
        """How many numbers the weights are."""
        return sum(layer.count_params() for layer in self.layers)

    def forward(self, X, mask=None, training=False):
        """X through all layers."""
        if self.input_shape is None:
            self.build((None, *np.shape(X)[1:]))
        for layer in self.layers:
            X = layer.forward(X, mask=mask, training=training)
            mask = layer.compute_mask(mask)
        return X

    def backward(self, dy_hat):
        """The gradient of the loss back through all layers; fills their grads, returns dX."""
        for layer in reversed(self.layers):
            dy_hat = layer.backward(dy_hat)
        return dy_hat

    def compile(self, optimizer="adam", loss="mse"):
        """Choose how to train: an optimizer and a loss, by name or as objects."""
        self.optimizer = get_optimizer(optimizer)
        self.loss = get_loss(loss)

    def train_on_batch(self, X, y):
        """One step of training on one batch; returns the loss before the step."""
        self._need_compiled()
        loss, dy_hat = self.loss(self.forward(X, training=True), y)
        self.backward(dy_hat)
        self.optimizer.apply(self.grads, self.weights)
        return loss

    def fit(
        self,
        X,
        y,
        epochs=1,
        batch_size=32,
        validation_data=None,
        verbose=1,
        shuffle=True,
        seed=None,
    ):
        """Train; returns a History.

        X: (examples, T, D); y: targets, examples first. validation_data: (X_val, y_val), only
        measured. verbose: 0 silent, 1 a progress bar, 2 one line an epoch. shuffle: a new order
        each epoch, drawn from `seed`.
        """
        self._need_compiled()
        X, y = np.asarray(X), np.asarray(y)
        if len(X) != len(y) or len(X) == 0:
            raise ValueError(f"fit needs one target an example; got {len(X)} and {len(y)}.")
        positive_int("epochs", epochs)
        batch_size = positive_int("batch_size", batch_size)
        rng = np.random.default_rng(seed)
        history = History()
        for epoch in range(epochs):
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            batches = [order[i : i + batch_size] for i in range(0, len(X), batch_size)]
            progress = _Progress(epoch, epochs, len(batches), verbose)
            total = 0.0
            for n, batch in enumerate(batches, start=1):
                total += self.train_on_batch(X[batch], y[batch]) * len(batch)
                progress.step(n)
            logs = {"loss": total / len(X)}
            if validation_data is not None:
                logs["val_loss"] = self.evaluate(*validation_data, batch_size=batch_size)
            progress.end(logs)
            history.add(epoch, logs)
        return history

    def predict(self, X, batch_size=32):
        """The outputs for X, computed `batch_size` examples at a time."""
        X = np.asarray(X)
        if len(X) == 0:
            raise ValueError("predict got no examples.")
        batches = range(0, len(X), positive_int("batch_size", batch_size))
        return np.concatenate([self.forward(X[i : i + batch_size]) for i in batches])

    def evaluate(self, X, y, batch_size=32):
        """The mean loss on X, y: a float."""
        self._need_compiled()
        return self.loss(self.predict(X, batch_size), y)[0]

    def _need_compiled(self):
        if self.optimizer is None:
            raise RuntimeError('Call compile(optimizer="adam", loss="mse") before training.')


class _Progress:
    """The line that fit prints: a bar that fills, then the epoch's numbers."""

    WIDTH = 20

    def __init__(self, epoch, epochs, n_batches, verbose):
        self.head = f"Epoch {epoch + 1}/{epochs}"
        self.n_batches, self.verbose = n_batches, verbose
        self.start, self.drawn = time.perf_counter(), 0.0

    def step(self, n):
        """Draw the bar after batch n, at most ten times a second."""
        now = time.perf_counter()
        if self.verbose != 1 or now - self.drawn < 0.1:
            return
        self.drawn = now
        bar = "━" * (self.WIDTH * n // self.n_batches)
        sys.stdout.write(f"\r{self.head} {bar:<{self.WIDTH}} {n}/{self.n_batches}")
        sys.stdout.flush()

    def end(self, logs):
        """Print the finished line."""
        if not self.verbose:
            return
        numbers = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
        seconds = time.perf_counter() - self.start
        bar = f"\r{self.head} {'━' * self.WIDTH} " if self.verbose == 1 else f"{self.head} - "
        print(f"{bar}{self.n_batches}/{self.n_batches} - {seconds:.1f}s - {numbers}", flush=True)
