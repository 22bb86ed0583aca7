"""The views into a layer agree with the layer, with each other, and with the mathematics."""

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN, analysis

B, T, D, N = 2, 6, 3, 4
KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]


def layer_and_data(kind, extra, **options):
    rng = np.random.default_rng(0)
    layer = kind(N, dtype="float64", return_sequences=True, **extra, **options).build(D)
    layer.set_weights([rng.normal(scale=0.7, size=w.shape) for w in layer.get_weights()])
    return layer, rng.normal(size=(B, T, D)), rng.normal(size=(B, T, N))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_states_and_their_gradients_are_the_layers_own(kind, extra, backwards):
    layer, X, dH = layer_and_data(kind, extra, go_backwards=backwards)
    H, *_ = states = analysis.trajectories(layer, X)
    np.testing.assert_allclose(H[:, 1:], layer.forward(X), rtol=1e-9)
    np.testing.assert_array_equal(H[:, 0], 0)
    assert len(states) == layer.n_states
    layer.backward(dH)
    norms = analysis.gradient_norms(layer, X, dH)
    assert norms.shape == (B, T + 1)
    first = np.concatenate(layer.grad_initial_state, axis=-1)
    np.testing.assert_allclose(norms[:, 0], np.linalg.norm(first, axis=-1), rtol=1e-9)


def test_the_last_output_alone_may_have_a_gradient():
    layer, X, dH = layer_and_data(LSTM, {})
    zeros = np.zeros_like(dH)
    zeros[:, -1] = dH[:, -1]
    norms = analysis.gradient_norms(layer, X, dH[:, -1])
    np.testing.assert_array_equal(norms, analysis.gradient_norms(layer, X, zeros))
    np.testing.assert_allclose(norms[:, -1], np.linalg.norm(dH[:, -1], axis=-1))


def test_gates():
    layer, X, _ = layer_and_data(LSTM, {})
    gates = analysis.gate_values(layer, X)
    _, C = analysis.trajectories(layer, X)
    np.testing.assert_allclose(
        gates["f"] * C[:, :-1] + gates["i"] * gates["c_tilde"], C[:, 1:], rtol=1e-9
    )
    assert analysis.gate_values(*layer_and_data(GRU, {})[:2])["z"].shape == (B, T, N)
    with pytest.raises(TypeError, match="has no gates"):
        analysis.gate_values(*layer_and_data(SimpleRNN, {})[:2])


def test_wrong_gradients_are_named():
    layer, X, dH = layer_and_data(GRU, {})
    with pytest.raises(ValueError, match=r"dH must be .*\(2, 6, 4\).*got \(2, 5, 4\)"):
        analysis.gradient_norms(layer, X, dH[:, :5])
