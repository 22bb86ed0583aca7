"""The adding problem: remember two marked numbers over a distance, and answer with their sum."""

import numpy as np

from rnncourse.data.card import Card

__all__ = ["CARD", "load"]

CARD = Card(
    title="The adding problem",
    source="synthetic: computed by this module from a random generator",
    licence="none needed",
    size="as many sequences as asked for",
    changes="the form of Le, Jaitly and Hinton (2015): one mark in each half of the sequence",
    citation="S. Hochreiter and J. Schmidhuber, Neural Computation 9(8), 1997, 1735-1780",
)


def load(rng, n_sequences, n_steps):
    """Fresh sequences: X (n_sequences, n_steps, 2) of value and mark, y (n_sequences, 1).

    Values are uniform in [0, 1); the mark is 1 at two steps, one in each half, and 0 elsewhere; y
    is the sum of the two marked values. Who answers with their mean, 1, has the squared error
    1/6. Raises ValueError for fewer than two steps.
    """
    if n_steps < 2:
        raise ValueError(f"n_steps={n_steps}: there are two marks, so give at least 2 steps.")
    X, rows = np.zeros((n_sequences, n_steps, 2)), np.arange(n_sequences)
    X[:, :, 0] = rng.uniform(size=(n_sequences, n_steps))
    first = rng.integers(0, n_steps // 2, n_sequences)
    second = rng.integers(n_steps // 2, n_steps, n_sequences)
    X[rows, first, 1] = X[rows, second, 1] = 1
    return X, (X[rows, first, 0] + X[rows, second, 0])[:, None]
