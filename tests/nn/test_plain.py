"""The plain loop over a cell equals the fast layer: states, outputs and every gradient."""

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN, plain

B, T, D, N = 3, 7, 4, 5
KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]
HOLES = np.array([[1, 1, 0, 1, 0, 1, 1], [0, 0, 1, 0, 1, 1, 0], [0] * T], bool)


@pytest.mark.parametrize("mask", [None, HOLES], ids=["full", "holes"])
@pytest.mark.parametrize("zero", [True, False], ids=["from zero", "from a state"])
@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_the_loop_equals_the_layer(kind, extra, zero, mask):
    rng = np.random.default_rng(0)
    layer = kind(N, return_sequences=True, return_state=True, dtype="float64", **extra).build(D)
    layer.set_weights([rng.normal(scale=0.6, size=w.shape) for w in layer.get_weights()])
    X, dH = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, N))
    first = [(1 - zero) * rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    # The layers put out 0 before the first real step, as Keras does; the state is there all along.
    heard = np.ones((B, T, 1), bool)
    if mask is not None:
        heard = np.logical_or.accumulate(mask, axis=1)[:, :, None]

    states = plain.forward(layer.cell, X, first, mask)
    dX, dstates, grads = plain.backward(layer.cell, heard * dH, X, states, mask)

    output, *final = layer.forward(X, first, mask)
    close = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(heard * states[0][:, 1:], output, **close)
    for mine, fast in zip(states, final, strict=True):
        np.testing.assert_allclose(mine[:, -1], fast, **close)
    np.testing.assert_allclose(dX, layer.backward(dH), **close)
    for mine, fast in zip(dstates, layer.grad_initial_state, strict=True):
        np.testing.assert_allclose(mine[:, 0], fast, **close)
    for mine, fast in zip(grads.values(), layer.grads, strict=True):
        np.testing.assert_allclose(mine, fast, **close)
