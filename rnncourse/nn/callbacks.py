"""What happens around the epochs of fit: the progress bar, early stopping, your own callback."""

import sys
import time
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Callback", "EarlyStopping", "History", "ProgressBar"]


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


class Callback:
    """Derive from this and give it to fit(callbacks=[...]); fit sets `model`."""

    model = None

    def on_train_begin(self):
        """Before the first epoch."""

    def on_epoch_end(self, epoch, logs):
        """After each epoch, with its numbers; set model.stop_training to end."""

    def on_train_end(self):
        """After the last epoch."""


class EarlyStopping(Callback):
    """Stop when `monitor` has not fallen by more than min_delta for `patience` epochs.

    restore_best_weights: put back the weights of the best epoch, also when training ran to its
    end (as Keras does since version 3). A monitored accuracy rises instead: mode="max".
    """

    def __init__(
        self,
        monitor="val_loss",
        min_delta=0.0,
        patience=0,
        restore_best_weights=False,
        mode="min",
    ):
        if mode not in ("min", "max"):
            raise ValueError(f'mode={mode!r}: choose "min" or "max".')
        self.monitor, self.patience, self.mode = monitor, patience, mode
        self.min_delta = abs(min_delta)
        self.restore_best_weights = restore_best_weights

    def on_train_begin(self):
        """Start anew."""
        self.best, self.best_epoch, self.best_weights, self.wait = np.inf, None, None, 0

    def on_epoch_end(self, epoch, logs):
        """Compare with the best epoch so far."""
        if self.monitor not in logs:
            raise ValueError(
                f"EarlyStopping watches {self.monitor!r}, but fit reports {[*logs]};"
                " give fit validation_data, or monitor='loss'."
            )
        value = logs[self.monitor] if self.mode == "min" else -logs[self.monitor]
        if value < self.best - self.min_delta or self.best_epoch is None:
            self.best, self.best_epoch, self.wait = value, epoch, 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.model.stop_training = True

    def on_train_end(self):
        """Put the best weights back, if asked to."""
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ProgressBar:
    """What fit prints: verbose 1 a bar that fills, 2 one line an epoch, 0 nothing."""

    WIDTH = 20

    def __init__(self, epochs, n_batches, verbose):
        if verbose not in (0, 1, 2, "auto"):
            raise ValueError(f"verbose must be 0, 1 or 2, got {verbose!r}.")
        self.epochs, self.n_batches = epochs, n_batches
        self.verbose = 1 if verbose == "auto" else int(verbose)

    def begin(self, epoch):
        """Start an epoch."""
        self.head = f"Epoch {epoch + 1}/{self.epochs}"
        self.start, self.drawn = time.perf_counter(), 0.0

    def step(self, n, loss):
        """Draw the bar after batch n, at most ten times a second."""
        if self.verbose != 1:
            return
        now = time.perf_counter()
        if now - self.drawn < 0.1:
            return
        self.drawn = now
        bar = "━" * (self.WIDTH * n // self.n_batches)
        sys.stdout.write(f"\r{self.head} {bar:<{self.WIDTH}} {n}/{self.n_batches} loss {loss:.4f} ")
        sys.stdout.flush()

    def end(self, logs):
        """Print the finished line."""
        if not self.verbose:
            return
        numbers = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
        seconds = time.perf_counter() - self.start
        bar = f"\r{self.head} {'━' * self.WIDTH} " if self.verbose == 1 else f"{self.head} - "
        print(f"{bar}{self.n_batches}/{self.n_batches} - {seconds:.1f}s - {numbers}", flush=True)
