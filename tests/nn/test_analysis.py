"""The views into a layer agree with the layer, with each other, and with the mathematics."""

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN, analysis, numeric_gradient

B, T, D, N = 2, 6, 3, 4
KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]


def layer_and_data(kind, extra, **options):
    rng = np.random.default_rng(0)
    layer = kind(N, dtype="float64", return_sequences=True, **extra, **options).build(D)
    layer.set_weights([rng.normal(scale=0.7, size=w.shape) for w in layer.get_weights()])
    first = [rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    return layer, rng.normal(size=(B, T, D)), rng.normal(size=(B, T, N)), first


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_states_and_their_gradients_are_the_layers_own(kind, extra, backwards):
    layer, X, dH, first = layer_and_data(kind, extra, go_backwards=backwards)
    H, *_ = states = analysis.trajectories(layer, X, first)
    np.testing.assert_allclose(H[:, 1:], layer.forward(X, first), rtol=1e-9)
    np.testing.assert_array_equal(H[:, 0], first[0])
    assert len(states) == layer.n_states
    layer.backward(dH)
    gradients = analysis.state_gradients(layer, X, dH, first)
    for got, want in zip(gradients, layer.grad_initial_state, strict=True):
        np.testing.assert_allclose(got[:, 0], want, rtol=1e-9)
    norms = analysis.gradient_norms(layer, X, dH, first)
    assert norms.shape == (B, T + 1)
    total = sum(np.sum(d[:, 2] ** 2, axis=-1) for d in gradients)
    np.testing.assert_allclose(norms[:, 2], np.sqrt(total))


@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_jacobians(kind, extra):
    layer, X, dH, first = layer_and_data(kind, extra)
    J = analysis.step_jacobians(layer, X, first)
    S = N * layer.n_states
    assert J.shape == (B, T, S, S)

    def last_unit_2():  # of h_T
        return analysis.trajectories(layer, X, first)[0][0, -1, 2]

    products = analysis.jacobian_products(J)
    want = np.concatenate([numeric_gradient(last_unit_2, s)[0] for s in first])
    np.testing.assert_allclose(products[0, T, 2], want, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(products[:, 0], np.broadcast_to(np.eye(S), (B, S, S)))
    np.testing.assert_allclose(products[:, 2], J[:, -1] @ J[:, -2])

    # The gradient at each step is the gradient at the end times the product.
    gradients = analysis.state_gradients(layer, X, dH[:, -1], first)
    at_end, earlier = (np.concatenate([d[:, t] for d in gradients], axis=-1) for t in (T, T - 3))
    np.testing.assert_allclose(np.einsum("bi,bij->bj", at_end, products[:, 3]), earlier, rtol=1e-9)


def test_singular_values_of_an_orthogonal_linear_network_stay_one():
    layer = SimpleRNN(N, "linear", dtype="float64", seed=3).build(D)
    X = np.random.default_rng(1).normal(size=(B, 50, D))
    products = analysis.jacobian_products(analysis.step_jacobians(layer, X))
    np.testing.assert_allclose(analysis.singular_values(products), 1, rtol=1e-9)
    layer.U *= 0.9
    products = analysis.jacobian_products(analysis.step_jacobians(layer, X))
    np.testing.assert_allclose(analysis.singular_values(products)[:, 50], 0.9**50, rtol=1e-9)


def test_gates_and_saturation():
    layer, X, _, first = layer_and_data(LSTM, {})
    gates = analysis.gate_values(layer, X, first)
    _, C = analysis.trajectories(layer, X, first)
    np.testing.assert_allclose(
        gates["f"] * C[:, :-1] + gates["i"] * gates["c_tilde"], C[:, 1:], rtol=1e-9
    )
    layer.b[N : 2 * N] = [-50, 50, 0, 0]  # the forget gate: unit 0 shut, unit 1 open
    low, high = analysis.saturation(analysis.gate_values(layer, X)["f"])
    assert low[0] == high[1] == 1
    assert low[1] == high[0] == 0
    assert analysis.gate_values(*layer_and_data(GRU, {})[:2])["z"].shape == (B, T, N)
    with pytest.raises(TypeError, match="has no gates"):
        analysis.gate_values(*layer_and_data(SimpleRNN, {})[:2])


def test_principal_plane():
    rng = np.random.default_rng(2)
    plane = np.linalg.qr(rng.normal(size=(5, 2)))[0].T
    flat = rng.normal(size=(3, 7, 2)) * [5, 1]
    seen = analysis.principal_plane(flat @ plane + 3.0)
    assert seen.shape == (3, 7, 2)
    a, b = (x.reshape(-1, 2) - x.reshape(-1, 2).mean(axis=0) for x in (seen, flat))
    np.testing.assert_allclose(a @ a.T, b @ b.T, rtol=1e-9, atol=1e-9)  # all distances
    assert seen[..., 0].std() > seen[..., 1].std()
    with pytest.raises(ValueError, match="from 1 to 5"):
        analysis.principal_plane(rng.normal(size=(3, 7, 5)), 6)


def test_wrong_gradients_are_named():
    layer, X, dH, _ = layer_and_data(GRU, {})
    with pytest.raises(ValueError, match=r"dH must be .*\(2, 6, 4\).*got \(2, 5, 4\)"):
        analysis.gradient_norms(layer, X, dH[:, :5])
