"""What training reports: the mean loss of an epoch, its line of text, and the History."""

from dataclasses import dataclass, field

__all__ = ["History", "Mean", "print_epoch"]


@dataclass
class History:
    """What fit returns: `history` is {"loss": [one number per epoch]}."""

    history: dict = field(default_factory=lambda: {"loss": []})


class Mean:
    """A running mean, in which each batch counts by its size."""

    def __init__(self):
        self.n, self.value = 0, 0.0

    def add(self, value, n):
        """Include the mean `value` of `n` more examples."""
        self.n += n
        self.value += (value - self.value) * n / self.n


def print_epoch(epoch, epochs, seconds, loss):
    """One line for epoch number `epoch`, counted from 0, of `epochs`."""
    print(f"Epoch {epoch + 1}/{epochs} - {seconds:.1f}s - loss: {loss:.4f}", flush=True)
