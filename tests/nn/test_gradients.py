"""Every backward pass against centred differences, in float64."""

import numpy as np
import pytest

from rnncourse.nn import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    SimpleRNN,
    cross_entropy,
    gradcheck,
    mse,
    sparse_cross_entropy,
)
from rnncourse.nn.gradcheck import numeric_gradient, relative_error

B, T, D, N, K = 2, 7, 3, 5, 4
ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
MASK = np.array([[1, 0, 1, 1, 0, 1, 0], [0, 0, 1, 0, 1, 1, 1]], bool)


KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]


def randomise(layer, n_features, rng):
    """Weights that are nowhere zero, constant or symmetric."""
    layer.build(n_features)
    for w in layer.params.values():
        w[...] = rng.normal(scale=0.5, size=w.shape)
    return layer


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(B, D), (B, T, D)])
def test_dense(activation, shape):
    rng = np.random.default_rng(1)
    layer = randomise(Dense(K, activation, dtype="float64"), D, rng)
    X = rng.normal(size=shape)
    dy_hat = rng.normal(size=(*shape[:-1], K))
    layer.forward(X)
    dX = layer.backward(dy_hat)
    arrays = {**layer.params, "X": X}
    grads = dict(zip(arrays, [*layer.grads, dX], strict=True))
    report = gradcheck(lambda: (layer.forward(X) * dy_hat).sum(), arrays, grads)
    assert report.ok, report


@pytest.mark.parametrize(("kind", "extra"), KINDS)
@pytest.mark.parametrize("mask", [None, MASK], ids=["full", "holes"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_sequences": True, "go_backwards": True},
        {"use_bias": False},
        *({"activation": name, "return_sequences": True} for name in ACTIVATIONS),
    ],
    ids=str,
)
def test_recurrent(kind, extra, options, mask):
    rng = np.random.default_rng(2)
    layer = kind(N, return_state=True, dtype="float64", **extra, **options)
    randomise(layer, D, rng)
    X = rng.normal(size=(B, T, D))
    states = [rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    output, *final = layer.forward(X, states, mask)
    d_output = rng.normal(size=output.shape)
    d_final = [rng.normal(size=s.shape) for s in final]

    def loss():
        results = layer.forward(X, states, mask)
        return sum((r * d).sum() for r, d in zip(results, [d_output, *d_final], strict=True))

    dX = layer.backward(d_output, d_final)
    arrays = {**layer.params, "X": X, **{f"state{i}": s for i, s in enumerate(states)}}
    grads = dict(zip(arrays, [*layer.grads, dX, *layer.grad_initial_state], strict=True))
    report = gradcheck(loss, arrays, grads)
    assert report.ok, report


@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("kind", [SimpleRNN, LSTM])
def test_bidirectional(kind, sequences):
    rng = np.random.default_rng(7)
    one = kind(N, return_sequences=sequences, dtype="float64")
    layer = randomise(Bidirectional(one), D, rng)
    X = rng.normal(size=(B, T, D))
    dH = rng.normal(size=layer.forward(X, MASK).shape)
    dX = layer.backward(dH)
    arrays = {**layer.params, "X": X}
    grads = dict(zip(arrays, [*layer.grads, dX], strict=True))
    report = gradcheck(lambda: (layer.forward(X, MASK) * dH).sum(), arrays, grads)
    assert report.ok, report


@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_cell(kind, extra):
    """step_back of each cell is the gradient of its step."""
    rng = np.random.default_rng(6)
    layer = randomise(kind(N, dtype="float64", **extra), D, rng)
    cell = layer.cell
    inputs = [rng.normal(size=(B, D)), *(rng.normal(size=(B, N)) for _ in range(layer.n_states))]
    seeds = [rng.normal(size=(B, N)) for _ in range(layer.n_states)]

    def loss():
        states = cell.step(*inputs)
        states = states if isinstance(states, tuple) else [states]
        return sum((s * d).sum() for s, d in zip(states, seeds, strict=True))

    *d_inputs, grads = cell.step_back(*seeds, *inputs)
    names = ["x_t", "h_prev", "c_prev"][: len(inputs)]
    arrays = {**dict(zip(names, inputs, strict=True)), **layer.params}
    report = gradcheck(loss, arrays, {**dict(zip(names, d_inputs, strict=True)), **grads})
    assert report.ok, report


@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_long_sequences_are_taken_in_blocks(kind, extra, monkeypatch):
    """A way back in many blocks gives what one block gives."""
    rng = np.random.default_rng(3)
    layer = randomise(kind(N, return_sequences=True, dtype="float64", **extra), D, rng)
    X, dH = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, N))
    results = []
    for numbers in (1000, 2 * B * N, 1):
        monkeypatch.setattr("rnncourse.nn.layers.recurrent.NUMBERS", numbers)
        layer.forward(X)
        results.append([layer.backward(dH), *layer.grads, *layer.grad_initial_state])
    for other in results[1:]:
        for got, want in zip(other, results[0], strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mask", [None, MASK], ids=["full", "holes"])
def test_losses(mask):
    rng = np.random.default_rng(4)
    y_hat, y = rng.normal(size=(B, T, K)), rng.normal(size=(B, T, K))
    for loss, target in [
        (mse, y),
        (cross_entropy, rng.dirichlet(np.ones(K), size=(B, T))),
        (cross_entropy, y),
        (sparse_cross_entropy, rng.integers(0, K, size=(B, T))),
    ]:
        _, gradient = loss(y_hat, target, mask)
        want = numeric_gradient(lambda f=loss, t=target: f(y_hat, t, mask)[0], y_hat)
        assert relative_error(gradient, want) < 1e-6


def test_losses_of_huge_logits_are_finite():
    logits = np.array([[1e4, -1e4, 0.0]], "float32")
    for loss, y in ((cross_entropy, np.eye(3)[[1]]), (sparse_cross_entropy, [1])):
        value, gradient = loss(logits, y)
        assert value == pytest.approx(2e4)
        np.testing.assert_allclose(gradient, [[1, -1, 0]])


def test_wrong_targets_are_named():
    logits = np.zeros((3, 4))
    with pytest.raises(ValueError, match="for class numbers use sparse_cross_entropy"):
        cross_entropy(logits, [0, 1, 2])
    with pytest.raises(TypeError, match="for one-hot rows use cross_entropy"):
        sparse_cross_entropy(logits, np.eye(4)[:3])
    with pytest.raises(ValueError, match=r"classes run from 0 to 4.* 4 outputs"):
        sparse_cross_entropy(logits, [0, 1, 4])
    with pytest.raises(ValueError, match=r"y has shape \(3, 3\)"):
        mse(logits, np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"mask must be bool of shape \(3,\)"):
        mse(logits, logits, mask=np.ones(4, bool))


def test_gradcheck_reports_what_is_wrong():
    rng = np.random.default_rng(5)
    w, v = rng.normal(size=(2, 3)), rng.normal(size=4)
    report = gradcheck(
        lambda: (w**2).sum() + (v**3).sum(),
        {"w": w, "v": v},
        {"w": 2 * w, "v": 3.01 * v**2},
    )
    assert not report.ok
    assert report.errors["w"] < 1e-8
    assert report.errors["v"] == pytest.approx(0.01 / 3.01, rel=1e-3)
    assert "✓ w" in str(report)
    assert "✗ v" in str(report)


def test_gradcheck_wants_float64():
    with pytest.raises(TypeError, match="float64"):
        numeric_gradient(lambda: 0.0, np.zeros(3, "float32"))


@pytest.mark.parametrize("loss", [mse, cross_entropy])
def test_whole_numbers_are_not_cut_off(loss):
    """A prediction of ints once took the target's fractions away."""
    y_hat, y = np.array([[3, 1]]), np.array([[0.25, 0.75]])
    got, want = loss(y_hat, y), loss(y_hat.astype(float), y)
    assert got[0] == want[0]
    np.testing.assert_array_equal(got[1], want[1])
    with pytest.raises(TypeError, match=r"prediction must be .* numbers; got complex"):
        loss(y_hat * 1j, y)


@pytest.mark.parametrize(("kind", "extra"), KINDS)
@pytest.mark.parametrize("size", [0, 1e-3])
def test_a_learned_initial_state_begins_at_zero(kind, extra, size):
    """Padding first, h_0 = 0: the silent outputs hand nothing to h_0, there and close by."""
    rng = np.random.default_rng(8)
    layer = randomise(kind(N, return_sequences=True, dtype="float64", **extra), D, rng)
    X, mask = rng.normal(size=(B, T, D)), np.arange(T) >= np.array([[2], [0]])
    states = [size * rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    dH = rng.normal(size=(B, T, N))
    layer.forward(X, states, mask)
    layer.backward(dH)
    arrays = {f"state{i}": s for i, s in enumerate(states)}
    grads = dict(zip(arrays, layer.grad_initial_state, strict=True))
    report = gradcheck(lambda: (layer.forward(X, states, mask) * dH).sum(), arrays, grads)
    assert report.ok, report
