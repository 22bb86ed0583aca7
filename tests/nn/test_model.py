"""Sequential: training, stopping, states over long sequences, files, and words for mistakes."""

import itertools

import numpy as np
import pytest

from rnncourse.nn import (
    GRU,
    LSTM,
    SGD,
    Adam,
    Bidirectional,
    Callback,
    Dense,
    Dropout,
    EarlyStopping,
    Embedding,
    Input,
    Masking,
    Sequential,
    SimpleRNN,
    accuracy,
    mae,
    mse,
)

B, T, D, K = 6, 8, 3, 2


def data(rng, *, sequences=False):
    X = rng.normal(size=(B, T, D))
    return X, rng.normal(size=(B, T, K) if sequences else (B, K))


def small_model(dtype="float64", **options):
    recurrent = SimpleRNN(5, dtype=dtype, seed=0, **options)
    model = Sequential([Input((None, D)), recurrent, Dense(K, dtype=dtype, seed=1)])
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
    model.compile(SGD(0.0), "mse", metrics=["mae"])
    logs = model.fit(X, y, batch_size=4, verbose=0).history  # batches of 4 and 2
    assert logs["loss"][0] == pytest.approx(mse(model.predict(X), y)[0], rel=1e-12)
    assert logs["mae"][0] == pytest.approx(mae(model.predict(X), y), rel=1e-12)
    assert model.evaluate(X, y, batch_size=5) == pytest.approx([logs["loss"][0], logs["mae"][0]])


def test_early_stopping_restores_the_best_weights():
    X, y = data(np.random.default_rng(3))
    values = iter([3.0, 2.0, 1.0, 1.5, 1.2, 0.5])
    kept = []

    class Script(Callback):
        def on_epoch_end(self, epoch, logs):
            logs["val_loss"] = next(values)
            kept.append(self.model.get_weights())

    model = small_model()
    model.compile(Adam(0.01), "mse")
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(X, y, epochs=6, verbose=0, callbacks=[Script(), stop])
    assert len(history.epoch) == 5
    assert stop.best_epoch == 2
    for now, best in zip(model.get_weights(), kept[2], strict=True):
        np.testing.assert_array_equal(now, best)
    with pytest.raises(ValueError, match="watches 'val_loss', but fit reports"):
        model.fit(X, y, verbose=0, callbacks=[EarlyStopping()])


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])
def test_truncated_bptt_carries_states_not_gradients(kind):
    rng = np.random.default_rng(4)
    X, y = data(rng, sequences=True)
    layers = [kind(5, return_sequences=True, dtype="float64", seed=0), Dense(K, dtype="float64")]
    model = Sequential([Input((None, D)), *layers])
    start = model.get_weights()
    model.compile(SGD(0.1), "mse")
    model.fit(X, y, batch_size=B, shuffle=False, bptt_steps=3, verbose=0)
    got = model.get_weights()

    model.set_weights(start)
    recurrent, dense = model.layers
    recurrent.return_state = True
    state, optimizer = None, SGD(0.1)
    for t in (0, 3, 6):  # pieces of 3, 3, 2 steps
        H, *state = recurrent.forward(X[:, t : t + 3], state)
        dH = dense.backward(mse(dense.forward(H), y[:, t : t + 3])[1])
        recurrent.backward(dH)
        optimizer.apply(model.grads, model.weights)
    for g, w in zip(got, model.get_weights(), strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-12)
    assert not recurrent.stateful


def test_one_piece_is_plain_bptt():
    X, y = data(np.random.default_rng(5), sequences=True)

    def weights(**fit):
        model = small_model(return_sequences=True)
        model.compile(SGD(0.1), "mse")
        model.fit(X, y, batch_size=4, seed=0, verbose=0, **fit)
        return model.get_weights()

    for plain, whole, cut in zip(
        weights(), weights(bptt_steps=T), weights(bptt_steps=2), strict=True
    ):
        np.testing.assert_array_equal(plain, whole)
        assert not np.array_equal(plain, cut)


def test_stateful_batches_continue_the_sequences():
    """A sequence cut into consecutive batches predicts as the whole one does."""
    rng = np.random.default_rng(6)
    model = small_model(stateful=True)
    X = rng.normal(size=(1, T, D))
    whole = model.predict(X)
    model.reset_state()
    for t in range(0, T, 2):
        last = model.predict(X[:, t : t + 2])
    np.testing.assert_allclose(last, whole, rtol=1e-12)
    model.compile("sgd", "mse")
    X, y = data(rng)
    with pytest.raises(ValueError, match="shuffle=False"):
        model.fit(X, y, verbose=0)
    with pytest.raises(ValueError, match="6 examples do not divide into batches of 4"):
        model.fit(X, y, batch_size=4, shuffle=False, verbose=0)
    model.fit(X, y, batch_size=3, shuffle=False, verbose=0)
    with pytest.raises(ValueError, match=r"reset_state\(\) before another batch size"):
        model.forward(X[:2]), model.forward(X)


def everything(dtype="float32"):
    options = {"dtype": dtype}
    return Sequential(
        [
            Input((None,)),
            Embedding(11, 4, mask_zero=True, seed=0, **options),
            Bidirectional(LSTM(3, return_sequences=True, seed=1, **options)),
            Dropout(0.5, seed=2, **options),
            Bidirectional(SimpleRNN(4, return_sequences=True, seed=3, **options), "sum"),
            GRU(6, reset_after=False, seed=4, **options),
            Dense(3, "relu", seed=5, **options),
        ]
    )


def test_saved_and_loaded_models_predict_the_same(tmp_path):
    model = everything("float64")
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    X = rng.integers(0, 11, size=(5, 9))
    model.save(tmp_path / "model.npz")
    again = Sequential.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert [x.name for x in again.layers] == [x.name for x in model.layers]
    assert [*tmp_path.iterdir()] == [tmp_path / "model.npz"]
    with pytest.raises(ValueError, match=r"saved as \.npz"):
        model.save(tmp_path / "model.keras")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"text", None])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content) if content is not None else np.savez(path, a=np.ones(3))
    with pytest.raises(ValueError, match=r"not a model that Sequential\.save wrote"):
        Sequential.load(path)


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
    model.compile(SGD(0.1), "sparse_cross_entropy", metrics=["accuracy"])
    X, y = rng.integers(1, 9, size=(4, 6)), rng.integers(0, 7, size=(4, 6))
    X[1, 4:], X[2, 2:] = 0, 0
    padded = [np.pad(a, ((0, 0), (0, 3)), constant_values=v) for a, v in ((X, 0), (y, -1))]
    results = []
    for tokens, classes in ((X, y), padded):
        logs, dy_hat = model._measure(model.forward(tokens), classes)
        model.backward(dy_hat)
        results.append([*logs.values(), *(g.copy() for g in model.grads)])
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


def test_accuracy():
    logits = np.array([[0.1, 0.9, 0.3], [2.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    assert accuracy(logits, [1, 0, 0]) == pytest.approx(2 / 3)
    assert accuracy(logits, np.eye(3)[[1, 0, 0]]) == pytest.approx(2 / 3)
    assert accuracy(logits, [1, 0, 0], mask=np.array([True, True, False])) == 1
    assert accuracy(np.array([[0.3], [-0.2]]), [1, 1]) == 0.5
    assert accuracy(np.array([[0.3], [-0.2]]), [[1], [1]]) == 0.5


def test_an_exploding_run_stops_with_advice():
    X, y = data(np.random.default_rng(12))
    model = Sequential([Dense(4, seed=0), Dense(K, seed=1)])
    model.compile(SGD(1e9), "mse")
    with pytest.warns(UserWarning, match="Lower the learning rate"):
        history = model.fit(X[:, 0], y, epochs=50, verbose=0)
    assert not np.isfinite(history.history["loss"][-1])
    assert len(history.epoch) < 50


def test_progress(capsys):
    X, y = data(np.random.default_rng(13))
    model = small_model()
    model.compile("adam", "mse")
    model.fit(X, y, epochs=2, batch_size=2, verbose=1)
    out = capsys.readouterr().out
    assert "Epoch 2/2 ━━━━━━━━━━━━━━━━━━━━ 3/3" in out
    assert "loss: " in out
    model.fit(X, y, verbose=0)
    assert capsys.readouterr().out == ""


def test_learning_rate_schedules_see_the_step():
    seen = []
    optimizer = SGD(lambda step: seen.append(step) or 0.5**step, momentum=0.5)
    w = [np.array([1.0, -2.0])]
    for _ in range(3):
        optimizer.apply([np.array([1.0, 1.0])], w)
    assert sorted(set(seen)) == [0, 1, 2]
    # v: -1, then -0.5 - 0.5 = -1, then -0.5 - 0.25 = -0.75
    np.testing.assert_allclose(w[0], [1 - 2.75, -2 - 2.75])


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
        ((X, y[:, :1]), r"y has shape \(6, 1\), the prediction has shape \(6, 2\)"),
        ((X[:, :, :2], y), "expects 3 features"),
    ]:
        with pytest.raises(ValueError, match=words):
            model.fit(*bad, verbose=0)
    with pytest.raises(ValueError, match="no time axis"):
        model.fit(X, y, bptt_steps=2)
    with pytest.raises(ValueError, match="verbose must be"):
        model.fit(X, y, verbose=3)
    with pytest.raises(ValueError, match="loss='mean' is not known"):
        model.compile("adam", "mean")
    with pytest.raises(ValueError, match="optimizer='rmsprop' is not known"):
        model.compile("rmsprop")
    with pytest.raises(ValueError, match="only one of clipnorm"):
        Adam(clipnorm=1, clipvalue=1)
    with pytest.raises(ValueError, match="return_state=True"):
        Sequential([LSTM(3, return_state=True)])
    layer = Dense(3)
    with pytest.raises(ValueError, match="twice"):
        Sequential([layer, layer])
    with pytest.raises(ValueError, match="18 weight arrays; got 1"):
        everything().set_weights([np.ones(3)])
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


def test_default_names_are_unique():
    names = [x.name for x in Sequential([SimpleRNN(2), Dense(3), Dense(1, name="dense")]).layers]
    assert names == ["simple_rnn", "dense_1", "dense"]
    assert all(a != b for a, b in itertools.combinations(names, 2))
