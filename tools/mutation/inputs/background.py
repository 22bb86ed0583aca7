"""Inputs for lessons 1 and 2."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import forward, marks, masked_states, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


@_for("ch01.bag")
def _bag(rng):
    n_kinds = size(rng)
    return rng.integers(n_kinds, size=(size(rng), size(rng, 1, 8))), n_kinds


@_for("ch01.neighbours")
def _neighbours(rng):
    n_kinds = size(rng)
    return rng.integers(n_kinds, size=size(rng, 2, 12)), n_kinds


@_for("ch01.lag_correlation")
def _lag(rng):
    k = size(rng)
    return rng.normal(rng.integers(-3, 4), 2, size=k + size(rng, 3, 12)), k


@_for("ch01.windows")
def _windows(rng):
    R = size(rng)
    return real(rng, R + size(rng), size(rng, 1, 3)), R


@_for("ch01.last_marked")
def _last_marked(rng):
    shape = size(rng), size(rng, 1, 7)
    return real(rng, *shape), marks(rng, *shape)


@_for("ch02.generate")
def _generate(rng):
    B, D, N, n_steps = size(rng), size(rng), size(rng), size(rng, 1, 6)
    shapes = (B, D), (B, N), (D, N), (N, N), (N,), (N, D), (D,)
    return *(real(rng, *shape) for shape in shapes), n_steps


@_for("ch02.one_hot")
def _one_hot(rng):
    n_kinds = size(rng)
    return rng.integers(-1, n_kinds, size=(size(rng), size(rng, 1, 6))), n_kinds


@_for("ch02.pad")
def _pad(rng):
    lengths = np.array([size(rng) for _ in range(size(rng))])
    return real(rng, lengths.sum(), size(rng, 1, 3)), lengths


_for("ch02.masked_mean")(masked_states)


@_for("ch02.read_in_pieces")
def _read_in_pieces(rng):
    B, T, D, N = size(rng), size(rng, 1, 7), size(rng), size(rng)
    W, U, b = rng.normal(size=(D, N)), rng.normal(size=(N, N)), rng.normal(size=N)
    k = size(rng, 1, T + 1)

    def read(X_piece, h):
        if X_piece.shape[0] != B or X_piece.shape[2] != D or h.shape != (B, N):
            raise ValueError("read was given other shapes")
        if not 0 < X_piece.shape[1] <= k:
            raise ValueError("read was given a longer piece, or none")
        return forward(X_piece, h, W, U, b)

    return read, rng.normal(size=(B, T, D)), rng.normal(size=(B, N)), k


@_for("ch02.streams")
def _streams(rng):
    n_rows, n_steps, n = size(rng, 1, 4), size(rng, 1, 4), size(rng, 1, 3)
    T = n_rows * n_steps * n + int(rng.integers(n_rows * n_steps))
    return real(rng, T, size(rng, 1, 3)), n_rows, n_steps
