"""Inputs for lessons 8 and 9."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import marks, masked_states, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


@_for("ch08.combine")
def _combine(rng):
    shape = [size(rng) for _ in range(size(rng, 1, 2))]
    return tuple(real(rng, *shape) for _ in range(4))


@_for("ch08.rounds")
def _rounds(rng):
    shape = size(rng), size(rng, 2, 9), size(rng)
    return real(rng, *shape), real(rng, *shape)


@_for("ch08.min_gru_step")
def _min_gru_step(rng):
    B, D, N = size(rng), size(rng), size(rng)
    shapes = (B, D), (B, N), (D, N), (N,), (D, N), (N,)
    return tuple(real(rng, *shape) for shape in shapes)


@_for("ch08.attend")
def _attend(rng):
    B, T, N, M, A = (size(rng) for _ in range(5))
    shapes = (B, T, N), (B, M), (N, A), (M, A), (A,)
    return tuple(real(rng, *shape) for shape in shapes)


@_for("ch08.lru_parameters")
def _lru_parameters(rng):
    n = size(rng)
    return rng.uniform(-4, 2, n), real(rng, n)


@_for("ch08.stable_step")
def _stable_step(rng):
    shape = size(rng), size(rng)
    i_tilde, f_tilde, o_tilde, c_tilde, c_prev = (real(rng, *shape) for _ in range(5))
    large = rng.choice([1, 1, 300])
    n_prev, m_prev = rng.uniform(0.1, 2, shape), real(rng, *shape)
    return large * i_tilde, f_tilde, o_tilde, c_tilde, c_prev, n_prev, large * m_prev


@_for("ch09_1.horizon")
def _horizon(rng):
    return rng.choice([0.2, 0.5, 0.75, 0.9, 1.0], size(rng, 1, 7)), float(rng.choice([0.5, 0.75]))


@_for("ch09_1.frozen_readout")
def _frozen_readout(rng):
    n, N, K = size(rng, 1, 9), size(rng), size(rng)
    return rng.normal(size=(n, N)), rng.normal(size=(n, K)), float(rng.choice([0.1, 1, 3]))


@_for("ch09_1.same_network")
def _same_network(rng):
    D, N, K = size(rng), size(rng), size(rng)
    shapes = (D, N), (N, N), (N,), (N, K)
    return *(rng.normal(size=shape) for shape in shapes), rng.permutation(N)


@_for("ch09_1.shortest_path")
def _shortest_path(rng):
    return rng.integers(1, 40, size=size(rng)), size(rng, 1, 12)


@_for("ch09_1.residual_step_back")
def _residual_step_back(rng):
    B, D, N = size(rng), size(rng), size(rng)
    shapes = (B, N), (B, D), (B, N), (D, N), (N, N), (N,)
    return *(real(rng, *shape) for shape in shapes), float(rng.choice([0.1, 0.5, 1, 2]))


@_for("ch09_1.as_sequence")
def _as_sequence(rng):
    B, height, width = size(rng), size(rng), size(rng)
    n = height * width
    n_steps = int(rng.choice([k for k in range(1, n + 1) if n % k == 0]))
    return real(rng, B, height, width), n_steps, rng.permutation(n)


@_for("ch09_2.windows_of_many")
def _windows_of_many(rng):
    length, ahead = size(rng), size(rng, 1, 4)
    series = [real(rng, size(rng, 1, 9)) for _ in range(size(rng, 1, 4))]
    series[rng.integers(len(series))] = real(rng, length + ahead + rng.integers(5))
    return series, length, ahead


@_for("ch09_2.to_keras_lstm")
def _to_keras_lstm(rng):
    D, N = size(rng), size(rng)
    return tuple(real(rng, *shape) for shape in ((4 * N, D), (4 * N, N), (4 * N,), (4 * N,)))


_for("ch09_2.last_valid_state")(masked_states)


@_for("ch09_2.first_nan")
def _first_nan(rng):
    run = real(rng, size(rng, 1, 8), size(rng))
    run[marks(rng, *run.shape) & (rng.random(run.shape) < 0.4)] = rng.choice(
        [np.nan, np.inf, -np.inf]
    )
    return (run,)


@_for("ch09_2.lag_of_forecast")
def _lag_of_forecast(rng):
    most = size(rng, 1, 6)
    truth = rng.normal(size=most + size(rng, 12, 40))
    late = np.roll(truth, rng.integers(0, most + 1))
    return late * rng.choice([0.01, 1, 5]) + 0.1 * rng.normal(size=len(truth)), truth, most


@_for("ch09_2.skill")
def _skill(rng):
    ahead = size(rng, 1, 4)
    truth = rng.normal(size=ahead + size(rng, 2, 9)).cumsum()
    return truth + rng.normal(size=len(truth)) * rng.choice([0, 0.5, 2]), truth, ahead
