"""What the generators share: sizes, numbers, masks, and the registering of a generator."""

import numpy as np

__all__ = ["filled_rows", "forward", "marks", "masked_states", "real", "register", "size"]


def register(inputs, name):
    """Decorate a generator that belongs to the task `name` in the dictionary `inputs`."""

    def keep(generator):
        inputs[name] = generator
        return generator

    return keep


def size(rng, least=1, most=5):
    """A whole number; every third time the least that is allowed."""
    return least if rng.random() < 0.3 else int(rng.integers(least, most + 1))


def real(rng, *shape):
    """An array of one of many kinds: any sign, whole numbers with ties and zeros, one sign, …"""
    normal = rng.normal(size=shape)
    kinds = (
        normal,
        rng.integers(-2, 3, shape).astype(float),
        -np.abs(normal),
        np.abs(normal) + 0.1,
        5 * normal,
        0.05 * normal,
        normal,
    )
    return kinds[rng.integers(len(kinds))]


def marks(rng, *shape):
    """True and False: some, none, all, sparse."""
    return rng.random(shape) < rng.choice([0.0, 0.2, 0.5, 0.8, 1.0])


def masked_states(rng):
    """States (B, T, N) and a mask (B, T) with holes: each example has at least one real step."""
    B, T, N = size(rng), size(rng, 1, 6), size(rng)
    mask = marks(rng, B, T)
    mask[np.arange(B), rng.integers(T, size=B)] = True
    return real(rng, B, T, N), mask


def filled_rows(rng, n_batch, n_steps):
    """A mask of texts with padding behind, (B, T): each has at least one real step."""
    lengths = np.array([size(rng, 1, n_steps) for _ in range(n_batch)])
    lengths[rng.random(n_batch) < 0.3] = n_steps
    return np.arange(n_steps) < lengths[:, None]


def forward(X, h_0, W, U, b):
    """All states of a SimpleRNN, (B, T, N)."""
    states, h = [], h_0
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ W + h @ U + b)
        states.append(h)
    return np.stack(states, axis=1)
