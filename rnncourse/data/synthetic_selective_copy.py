"""Selective copying: among many symbols some are marked; name these, in their order, at the end."""

from collections import Counter
from itertools import product

import numpy as np

from rnncourse.data.card import Card

__all__ = ["CARD", "best_without_order", "load"]

CARD = Card(
    title="Selective copying",
    source="synthetic: computed by this module from a random generator",
    licence="none needed",
    size="as many sequences as asked for",
    changes="a small form of the task of Gu and Dao (2023): marks instead of a noise symbol",
    citation="A. Gu and T. Dao, Mamba, arXiv:2312.00752, 2023",
)


def load(rng, n_sequences, n_steps, n_marks=3, n_symbols=6):
    """Fresh sequences: X (n_sequences, n_steps, n_symbols + 1), y (n_sequences, n_marks).

    Each step holds one symbol, one-hot, and behind it the mark, 1 at `n_marks` steps anywhere and
    0 elsewhere; y is the marked symbols, whole numbers below `n_symbols`, the earliest first.
    Raises ValueError if there are fewer steps than marks.
    """
    if n_steps < n_marks:
        raise ValueError(f"n_steps={n_steps}: give at least {n_marks} steps, one for each mark.")
    rows, steps = np.arange(n_sequences)[:, None], np.arange(n_steps)
    symbols = rng.integers(n_symbols, size=(n_sequences, n_steps))
    X = np.zeros((n_sequences, n_steps, n_symbols + 1), "float32")
    X[rows, steps, symbols] = 1
    shuffled = rng.permuted(np.tile(steps, (n_sequences, 1)), axis=1)
    marked = np.sort(shuffled[:, :n_marks], axis=1)
    X[rows, marked, n_symbols] = 1
    return X, symbols[rows, marked]


def best_without_order(n_marks=3, n_symbols=6):
    """The best accuracy of an answer that knows which symbols were marked, not in what order.

    For every place it can name the symbol that was marked most often, and nothing better.
    """
    draws = product(range(n_symbols), repeat=n_marks)
    return float(np.mean([max(Counter(draw).values()) / n_marks for draw in draws]))
