"""Inputs for lessons 3 and 4: steps, and gradients on their way back."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import forward, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


def _arrays(rng, shapes):
    return tuple(real(rng, *shape) for shape in shapes)


@_for("ch03.rnn_step")
def _rnn_step(rng):
    B, D, N = size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, D), (B, N), (D, N), (N, N), (N,)))


@_for("ch03.rnn_forward")
def _rnn_forward(rng):
    B, T, D, N = size(rng), size(rng, 1, 6), size(rng), size(rng)
    return _arrays(rng, ((B, T, D), (B, N), (D, N), (N, N), (N,)))


@_for("ch03.last_output")
def _last_output(rng):
    B, T, N, K = size(rng), size(rng, 1, 6), size(rng), size(rng)
    return _arrays(rng, ((B, T, N), (N, K), (K,)))


@_for("ch03.rnn_step_back")
def _rnn_step_back(rng):
    B, D, N = size(rng), size(rng), size(rng)
    dh_t, x_t, h_prev, a_t, W, U = _arrays(rng, ((B, N), (B, D), (B, N), (B, N), (D, N), (N, N)))
    return dh_t, x_t, h_prev, np.tanh(a_t), W, U


def _unrolled(rng):
    """dH, X, h_0, H, W, U."""
    B, T, D, N = size(rng), size(rng, 1, 6), size(rng), size(rng)
    dH, X, h_0, W, U, b = _arrays(rng, ((B, T, N), (B, T, D), (B, N), (D, N), (N, N), (N,)))
    return dH, X, h_0, forward(X, h_0, W, U, b), W, U


INPUTS["ch03.bptt"] = _unrolled


@_for("ch04_1.truncated_bptt")
def _truncated(rng):
    dH, X, *rest = _unrolled(rng)
    return dH, X, *rest, size(rng, 1, X.shape[1] + 1)


@_for("ch04_1.numeric_gradient")
def _numeric_gradient(rng):
    shape = size(rng, 1, 4), size(rng, 1, 4)
    cubes, mix = rng.normal(size=shape), rng.normal(size=shape)

    def loss(v):
        return float((cubes * v**3).sum() + (mix * v).sum() ** 2)

    return loss, rng.integers(-16, 17, size=shape) / 8, 2.0 ** -rng.integers(3, 8)


@_for("ch04_1.output_back")
def _output_back(rng):
    B, T, N, K = size(rng), size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, T, K), (B, T, N), (N, K)))


@_for("ch04_1.loss_and_gradients")
def _loss_and_gradients(rng):
    B, T, D, N, K = (size(rng) for _ in range(5))
    return _arrays(rng, ((B, T, D), (B, T, K), (B, N), (D, N), (N, N), (N,), (N, K), (K,)))


@_for("ch04_2.jacobian")
def _jacobian(rng):
    N = size(rng)
    return np.tanh(real(rng, N)), real(rng, N, N)


@_for("ch04_2.jacobian_product")
def _jacobian_product(rng):
    T, N = size(rng), size(rng)
    return np.tanh(real(rng, T, N)), real(rng, N, N)


@_for("ch04_2.largest_stretch")
def _largest_stretch(rng):
    N = size(rng)
    return (real(rng, N, N),)


@_for("ch04_2.gradient_norms")
def _gradient_norms(rng):
    B, T, N = size(rng), size(rng), size(rng)
    return real(rng, B, N), np.tanh(real(rng, B, T, N)), real(rng, N, N)


@_for("ch04_2.clip_by_global_norm")
def _clip(rng):
    D, N = size(rng), size(rng)
    gradients = _arrays(rng, ((D, N), (N, N), (N,)))
    return *gradients, float(rng.choice([0.25, 0.5, 1, 2, 5, 20]))


@_for("ch04_3.lstm_step")
def _lstm_step(rng):
    B, D, N = size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, D), (B, N), (B, N), (D, 4 * N), (N, 4 * N), (4 * N,)))


@_for("ch04_3.lstm_step_back")
def _lstm_step_back(rng):
    B, N = size(rng), size(rng)
    D = size(rng)
    shapes = (B, N), (B, N), (B, D), (B, N), (B, N), (D, 4 * N), (N, 4 * N), (4 * N,)
    return _arrays(rng, shapes)


@_for("ch04_3.gru_step")
def _gru_step(rng):
    B, D, N = size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, D), (B, N), (D, 3 * N), (N, 3 * N), (2, 3 * N)))


@_for("ch04_3.gru_step_before")
def _gru_step_before(rng):
    B, D, N = size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, D), (B, N), (D, 3 * N), (N, 3 * N), (3 * N,)))


@_for("ch04_3.gru_step_back")
def _gru_step_back(rng):
    B, D, N = size(rng), size(rng), size(rng)
    return _arrays(rng, ((B, N), (B, D), (B, N), (D, 3 * N), (N, 3 * N), (2, 3 * N)))
