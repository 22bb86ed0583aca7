"""Layers equal the cells step by step, keep Keras's manners, and refuse bad input in words."""

import subprocess
import sys

import numpy as np
import pytest

from rnncourse.nn import (
    GRU,
    LSTM,
    Adam,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Sequential,
    SimpleRNN,
    glorot_uniform,
    orthogonal,
)

B, T, D, N = 2, 7, 3, 5


KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]


def random_layer(rng, kind=SimpleRNN, **options):
    layer = kind(N, dtype="float64", **options).build(D)
    layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize(("kind", "extra"), KINDS)
def test_layer_equals_cell(kind, extra):
    rng = np.random.default_rng(0)
    layer = random_layer(rng, kind, return_sequences=True, **extra)
    X, dH = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, N))
    first = [rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    H, cell = layer.forward(X, first), layer.cell
    states = [first]
    for t in range(T):
        new = cell.step(X[:, t], *states[-1])
        states.append(new if isinstance(new, tuple) else [new])
        np.testing.assert_allclose(H[:, t], states[-1][0], rtol=1e-9)
    dX = layer.backward(dH)
    grads = {name: np.zeros_like(w) for name, w in layer.params.items()}
    d_next = [np.zeros((B, N)) for _ in first]
    for t in reversed(range(T)):
        d_next[0] = d_next[0] + dH[:, t]
        dx_t, *d_next, share = cell.step_back(*d_next, X[:, t], *states[t])
        np.testing.assert_allclose(dX[:, t], dx_t, rtol=1e-9, atol=1e-12)
        for name in grads:
            grads[name] += share[name]
    got, want = [*layer.grads, *layer.grad_initial_state], [*grads.values(), *d_next]
    for g, w in zip(got, want, strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-12)


def test_masked_steps_hold_the_state():
    rng = np.random.default_rng(1)
    layer = random_layer(rng, return_sequences=True, return_state=True)
    X, mask = rng.normal(size=(B, T, D)), np.ones((B, T), bool)
    mask[0, 2:] = False
    mask[1, :3] = False
    H, h_T = layer.forward(X, mask=mask)
    short = layer.forward(X[:1, :2])[1]
    np.testing.assert_allclose(h_T[:1], short, rtol=1e-12)
    np.testing.assert_allclose(H[:1, 2:], np.repeat(short[:, None], T - 2, axis=1), rtol=1e-12)
    np.testing.assert_allclose(H[1:, 3:], layer.forward(X[1:, 3:])[0], rtol=1e-12)
    np.testing.assert_array_equal(H[1, :3], 0)


def test_memory_order_does_not_matter():
    rng = np.random.default_rng(2)
    layer = random_layer(rng)
    X = rng.normal(size=(B, T, D))
    want = layer.forward(X)
    np.testing.assert_array_equal(layer.forward(np.asfortranarray(X)), want)
    np.testing.assert_array_equal(layer.forward(np.repeat(X, 2, axis=1)[:, ::2]), want)


@pytest.mark.parametrize(("n_batch", "n_steps", "units"), [(1, 1, 1), (1, 2000, 3), (4, 1, 2)])
def test_smallest_and_longest(n_batch, n_steps, units):
    layer = SimpleRNN(units, return_sequences=True, seed=0)
    X = np.random.default_rng(3).normal(size=(n_batch, n_steps, 1))
    H = layer.forward(X)
    assert H.shape == (n_batch, n_steps, units)
    assert layer.backward(H).shape == X.shape


def test_stateful_layers_carry_their_state():
    rng = np.random.default_rng(4)
    layer = random_layer(rng, stateful=True)
    X = rng.normal(size=(B, T, D))
    whole = layer.forward(X)
    layer.reset_state()
    layer.forward(X[:, :4])
    np.testing.assert_allclose(layer.forward(X[:, 4:]), whole, rtol=1e-12)


def test_the_result_of_forward_is_the_learners():
    """A second forward does not change the first result, and changing it cannot spoil backward."""
    layer = random_layer(np.random.default_rng(5), return_sequences=True)
    X = np.random.default_rng(6).normal(size=(2, B, T, D))
    first = layer.forward(X[0])
    kept = first.copy()
    layer.forward(X[1])
    np.testing.assert_array_equal(first, kept)
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


def test_seeds():
    def weights(seed):
        return SimpleRNN(N, seed=seed).build(D).get_weights()

    for a, b in zip(weights(1), weights(1), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(weights(1)[0], weights(2)[0])


def test_initialisers():
    rng = np.random.default_rng(7)
    for shape in ((6, 6), (4, 16), (16, 4)):
        Q = orthogonal(rng, shape)
        small = Q @ Q.T if shape[0] <= shape[1] else Q.T @ Q
        np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-12)
    W = glorot_uniform(rng, (200, 400))
    limit = np.sqrt(6 / 600)
    assert abs(W).max() == pytest.approx(limit, rel=1e-3)
    assert W.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.ones((T, D)), r"axes \(batch, time, feature\); got shape \(7, 3\).*X\[None\]"),
        (np.ones((B, T, D + 1)), r"expects 3 features.*\(2, 7, 4\)"),
        (np.ones((0, T, D)), r"empty input of shape \(0, 7, 3\)"),
        (np.full((B, T, D), np.nan), r"nan at \[0, 0, 0\], the first of 42"),
        (np.where(np.arange(42).reshape(B, T, D) == 40, np.inf, 1), r"inf at \[1, 6, 1\]"),
    ],
)
def test_bad_input_is_named(X, words):
    with pytest.raises(ValueError, match=words):
        random_layer(np.random.default_rng(8)).forward(X)


def test_bad_types_masks_states_and_gradients_are_named():
    layer = random_layer(np.random.default_rng(9))
    X = np.ones((B, T, D))
    with pytest.raises(TypeError, match="array of numbers"):
        layer.forward([[["a"]]])
    with pytest.raises(ValueError, match=r"mask must be .*\(2, 7\) of bool; got \(2, 6\)"):
        layer.forward(X, mask=np.ones((B, T - 1), bool))
    with pytest.raises(ValueError, match=r"initial_state must be h_0.*\(2, 5\)"):
        layer.forward(X, initial_state=np.ones((B, N + 1)))
    with pytest.raises(RuntimeError, match="call forward"):
        layer.backward(np.ones((B, N)))
    layer.forward(X)
    with pytest.raises(ValueError, match=r"gradient of shape \(2, 7, 5\).*\(2, 5\)"):
        layer.backward(np.ones((B, T, N)))
    with pytest.raises(ValueError, match=r"holds weights .*'U': \(5, 5\)"):
        layer.set_weights([np.ones((D, N))])
    with pytest.raises(ValueError, match="choose one of 'tanh'"):
        SimpleRNN(3, activation="softmax")
    with pytest.raises(ValueError, match="build"):
        Dense(3).get_weights()
    with pytest.raises(ValueError, match="units must be at least 1"):
        Dense(0)
    with pytest.raises(ValueError, match="this engine has it only without stateful"):
        Bidirectional(GRU(3, stateful=True))


def test_model_learns_and_says_so(capsys):
    rng = np.random.default_rng(10)
    X = rng.normal(size=(64, T, 1))
    y = X[:, -1] - X[:, -2]
    model = Sequential([SimpleRNN(8, seed=0), Dense(1, seed=1)])
    model.compile(Adam(1e-2), "mse")
    before = model.evaluate(X, y)
    history = model.fit(X, y, epochs=30, batch_size=8, seed=2)
    assert model.evaluate(X, y) < before / 5
    assert len(history.history["loss"]) == 30
    assert "Epoch 30/30" in capsys.readouterr().out


def test_dropout():
    X = np.random.default_rng(10).normal(size=(40, 50, 3))
    layer = Dropout(0.25, seed=0, dtype="float64")
    np.testing.assert_array_equal(layer.forward(X), X)
    Y = layer.forward(X, training=True)
    dropped = Y == 0
    assert dropped.mean() == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(Y[~dropped], X[~dropped] / 0.75)
    np.testing.assert_array_equal(layer.backward(np.ones_like(X)) == 0, dropped)
    assert not np.array_equal(layer.forward(X, training=True), Y)
    with pytest.raises(ValueError, match="below 1, got 1"):
        Dropout(1)


def test_embedding_adds_up_repeated_tokens():
    rng = np.random.default_rng(11)
    layer = Embedding(7, 3, dtype="float64", seed=0)
    tokens = np.array([[1, 5, 1, 1], [5, 2, 2, 6]])
    dH = rng.normal(size=(2, 4, 3))
    layer.forward(tokens)
    assert layer.backward(dH) is None
    want = np.zeros((7, 3))
    for token, row in zip(tokens.ravel(), dH.reshape(-1, 3), strict=True):
        want[token] += row
    np.testing.assert_allclose(layer.grads[0], want, rtol=1e-12, atol=1e-15)
    with pytest.raises(ValueError, match=r"token 7 at \[0, 1\] is outside 0 … 6"):
        layer.forward([[0, 7]])
    with pytest.raises(TypeError, match="whole numbers"):
        layer.forward([[0.5]])


def test_import_is_light():
    code = "import sys, rnncourse.nn; print([m for m in ('keras', 'tensorflow', 'matplotlib')"
    code += " if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_one_backward_for_each_forward():
    """The gradient has taken the place of the inputs, so a second way back would read it as X."""
    layer = LSTM(3, seed=0)
    layer.forward(np.ones((2, 4, 1)))
    layer.backward(np.ones((2, 3)))
    with pytest.raises(RuntimeError, match=r"call forward\(X\) before backward"):
        layer.backward(np.ones((2, 3)))


def test_a_masked_beginning_silences_zero_states_too():
    """Before the first real step the output is the constant 0: nothing reaches h_0 from it."""
    layer = random_layer(np.random.default_rng(11), return_sequences=True)
    mask = np.arange(T) >= np.array([[0], [T]])  # all real, all padding
    layer.forward(np.ones((B, T, D)), np.zeros((B, N)), mask)
    layer.backward(np.ones((B, T, N)))
    np.testing.assert_array_equal(layer.grad_initial_state[0][1], 0)
