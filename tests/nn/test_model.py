"""Sequential: training, stopping, states over long sequences, and words for mistakes."""

import re

import numpy as np
import pytest

from rnncourse.nn import (
    GRU,
    LSTM,
    SGD,
    Adam,
    Dense,
    Embedding,
    Masking,
    Sequential,
    SimpleRNN,
    mse,
)

B, T, D, K = 6, 8, 3, 2


def data(rng, *, sequences=False):
    X = rng.normal(size=(B, T, D))
    return X, rng.normal(size=(B, T, K) if sequences else (B, K))


def small_model(dtype="float64", **options):
    recurrent = SimpleRNN(5, dtype=dtype, seed=0, **options)
    model = Sequential([recurrent, Dense(K, dtype=dtype, seed=1)]).build((None, None, D))
    recurrent.b[:] = np.linspace(-0.5, 0.6, 5)
    return model


def test_one_step_is_gradient_descent():
    X, y = data(np.random.default_rng(0))
    model = small_model()
    model.compile(SGD(0.1), "mse")
    before, (loss, dy_hat) = model.get_weights(), mse(model.forward(X), y)
    model.backward(dy_hat)
    grads = [g.copy() for g in model.grads]
    assert model.train_on_batch(X, y) == {"loss": loss}
    for now, then, g in zip(model.get_weights(), before, grads, strict=True):
        np.testing.assert_allclose(now, then - 0.1 * g, rtol=1e-12)


def test_shuffling_follows_the_seed():
    X, y = data(np.random.default_rng(1))

    def losses(**fit):
        model = small_model()
        model.compile(SGD(0.2), "mse")
        return model.fit(X, y, epochs=3, batch_size=2, verbose=0, **fit).history["loss"]

    assert losses(seed=1) == losses(seed=1)
    assert losses(seed=1) != losses(seed=2)
    assert losses(shuffle=False) == losses(shuffle=False, seed=3)


def test_epoch_loss_counts_examples_not_batches():
    X, y = data(np.random.default_rng(2))
    model = small_model()
    model.compile(SGD(0.0), "mse")
    logs = model.fit(X, y, batch_size=4, verbose=0).history  # batches of 4 and 2
    assert logs["loss"][0] == pytest.approx(mse(model.predict(X), y)[0], rel=1e-12)
    assert model.evaluate(X, y, batch_size=5) == pytest.approx(logs["loss"][0])


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])
def test_truncated_bptt_carries_states_not_gradients(kind):
    """A stateful layer given piece after piece: what lesson 4.1 does, and by hand."""
    X, y = data(np.random.default_rng(4), sequences=True)

    def layers(**options):
        options |= {"return_sequences": True, "dtype": "float64", "seed": 0}
        return [kind(5, **options).build(D), Dense(K, dtype="float64", seed=1).build(5)]

    model = Sequential(layers(stateful=True))
    model.compile(SGD(0.1), "mse")
    recurrent, dense = layers(return_state=True)
    state, optimizer = None, SGD(0.1)
    for piece in (slice(0, 3), slice(3, 6), slice(6, 8)):
        model.train_on_batch(X[:, piece], y[:, piece])
        H, *state = recurrent.forward(X[:, piece], state)
        recurrent.backward(dense.backward(mse(dense.forward(H), y[:, piece])[1]))
        grads = [*recurrent.grads, *dense.grads]
        optimizer.apply(grads, [*recurrent.params.values(), *dense.params.values()])
    want = [*recurrent.get_weights(), *dense.get_weights()]
    for g, w in zip(model.get_weights(), want, strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-12)


def test_stateful_batches_continue_the_sequences():
    """A sequence cut into consecutive batches predicts as the whole one does."""
    rng = np.random.default_rng(6)
    model = small_model(stateful=True)
    X = rng.normal(size=(1, T, D))
    whole = model.predict(X)
    model.layers[0].reset_state()
    for t in range(0, T, 2):
        last = model.predict(X[:, t : t + 2])
    np.testing.assert_allclose(last, whole, rtol=1e-12)
    model.compile("sgd", "mse")
    X, y = data(rng)
    with pytest.raises(ValueError, match="shuffle=False"):
        model.fit(X, y, verbose=0)
    with pytest.raises(ValueError, match="6 examples do not divide into batches of 4"):
        model.fit(X, y, batch_size=4, shuffle=False, verbose=0)
    model.layers[0].reset_state()
    model.fit(X, y, batch_size=3, shuffle=False, verbose=0)
    with pytest.raises(ValueError, match=r"reset_state\(\) before another batch size"):
        model.forward(X[:2]), model.forward(X)


def test_padding_changes_nothing():
    """Longer padding: the same loss, the same gradients. (And the first row is padding only.)"""
    rng = np.random.default_rng(8)
    model = Sequential(
        [
            Embedding(9, 4, mask_zero=True, dtype="float64", seed=0),
            GRU(5, return_sequences=True, dtype="float64", seed=1),
            Dense(7, dtype="float64", seed=2),
        ]
    )
    model.compile(SGD(0.1), "sparse_cross_entropy")
    X, y = rng.integers(1, 9, size=(4, 6)), rng.integers(0, 7, size=(4, 6))
    X[1, 4:], X[2, 2:] = 0, 0
    padded = [np.pad(a, ((0, 0), (0, 3)), constant_values=v) for a, v in ((X, 0), (y, -1))]
    results = []
    for tokens, classes in ((X, y), padded):
        loss, dy_hat = model._loss(model.forward(tokens), classes)
        model.backward(dy_hat)
        results.append([loss, *(g.copy() for g in model.grads)])
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(model.grads[0][0], 0)  # the row of the padding token


def test_masking_layer_skips_padded_steps():
    rng = np.random.default_rng(9)
    X = rng.normal(size=(B, T, D))
    X[:, 5:] = -1.0
    model = Sequential([Masking(-1.0), SimpleRNN(4, seed=0), Dense(K, seed=1)])
    want = model.predict(X[:, :5])
    np.testing.assert_allclose(model.predict(X), want, rtol=1e-6)


def test_an_exploding_run_stops_with_advice():
    X, y = data(np.random.default_rng(12))
    model = Sequential([Dense(4, seed=0), Dense(K, seed=1)])
    model.compile(SGD(1e9), "mse")
    with pytest.warns(UserWarning, match="Lower the learning rate"):
        history = model.fit(X[:, 0], y, epochs=50, verbose=0)
    assert not np.isfinite(history.history["loss"][-1])
    assert len(history.history["loss"]) < 50


def test_progress(capsys):
    X, y = data(np.random.default_rng(13))
    model = small_model()
    model.compile("adam", "mse")
    model.fit(X, y, epochs=2, batch_size=2)
    out = capsys.readouterr().out
    assert re.search(r"^Epoch 2/2 - \d+\.\ds - loss: \d+\.\d{4}$", out, re.MULTILINE)
    model.fit(X, y, verbose=0)
    assert capsys.readouterr().out == ""


def test_mistakes_are_answered_in_words():
    X, y = data(np.random.default_rng(14))
    model = small_model()
    with pytest.raises(RuntimeError, match="Call compile"):
        model.fit(X, y)
    model.compile("adam", "mse")
    nan = X.copy()
    nan[1, 2, 0] = np.nan
    for bad, words in [
        ((X, y[:3]), r"X has 6 examples, y has shape \(3, 2\)"),
        ((X[:0], y[:0]), "at least one example"),
        ((nan, y), r"X: the input is nan at \[1, 2, 0\]"),
        ((X, y[:, :1]), r"y has shape \(\d, 1\), the prediction has shape \(\d, 2\)"),
        ((X[:, :, :2], y), "expects 3 features"),
    ]:
        with pytest.raises(ValueError, match=words):
            model.fit(*bad, verbose=0)
    with pytest.raises(ValueError, match="loss='mean' is not known"):
        model.compile("adam", "mean")
    with pytest.raises(ValueError, match="optimizer='rmsprop' is not known"):
        model.compile("rmsprop", "mse")
    with pytest.raises(ValueError, match="not both"):
        Adam(clipnorm=1, global_clipnorm=1)
    with pytest.raises(ValueError, match="return_state=True"):
        Sequential([LSTM(3, return_state=True)])
    layer = Dense(3)
    with pytest.raises(ValueError, match="twice"):
        Sequential([layer, layer])
    with pytest.raises(ValueError, match="5 weight arrays; got 1"):
        small_model().set_weights([np.ones(3)])
    optimizer = Adam()
    optimizer.apply([np.ones(2)], [np.ones(2)])
    with pytest.raises(ValueError, match="other weights"):
        optimizer.apply([np.ones(3)], [np.ones(3)])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("array", ["X", "y"])
def test_a_batch_with_nan_or_inf_changes_no_weight(bad, array):
    X, y = data(np.random.default_rng(15))
    model = small_model()
    model.compile("adam", "mse")
    before = model.get_weights()
    {"X": X, "y": y}[array][1, 1] = bad
    with pytest.raises(ValueError, match=rf"{array}: the input is {bad} at \[1, 1"):
        model.train_on_batch(X, y)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_nan_is_refused_by_the_model_and_later_by_its_layers():
    X, _ = data(np.random.default_rng(16))
    X[0, 3, 1] = np.nan
    model = small_model()
    with pytest.raises(ValueError, match=r"X: the input is nan at \[0, 3, 1\]"):
        model.forward(X)
    for layer in model.layers:
        with pytest.raises(ValueError, match="the input is nan at"):
            layer.forward(np.full((2, 3, layer.n_features), np.nan))


def test_a_learners_own_layer_needs_no_other_arguments_than_keras_has():
    class Doubling(Dense):
        def forward(self, X, mask=None, training=False):
            return super().forward(2 * X)

    X, _ = data(np.random.default_rng(17))
    model = Sequential([Doubling(K, seed=0)])
    np.testing.assert_allclose(
        model.predict(X), Dense(K, seed=0).forward(2 * X), rtol=1e-5, atol=1e-6
    )
