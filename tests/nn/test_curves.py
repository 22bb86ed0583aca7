"""Trained by the engine alone: the loss curve of Keras, within 1 % over 200 steps."""

import numpy as np
import pytest

from rnncourse import nn

keras = pytest.importorskip("keras")
from rnncourse.nn.keras_bridge import from_keras  # noqa: E402

STEPS, B = 200, 16


def adding_problem(rng):
    """Two of T numbers are marked; the answer is their sum (Hochreiter and Schmidhuber 1997)."""
    n, T = STEPS * B, 12
    marks = np.zeros((n, T))
    rows = np.arange(n)
    marks[rows, rng.integers(0, T // 2, n)] = marks[rows, rng.integers(T // 2, T, n)] = 1
    X = np.stack([rng.random((n, T)), marks], axis=-1).astype("float32")
    return X, (X[..., 0] * marks).sum(axis=1, keepdims=True).astype("float32")


def characters(rng):
    """Text with a rhythm: the next character of a repeated sentence, at random starts."""
    text = "the quick brown fox jumps over the lazy dog; " * 8
    letters = sorted(set(text))
    codes = np.array([letters.index(c) for c in text])
    start = rng.integers(0, len(codes) - 11, STEPS * B)
    windows = codes[start[:, None] + np.arange(11)]
    return windows[:, :-1], windows[:, 1:], len(letters)


class Losses(keras.callbacks.Callback):
    """The loss of every batch; Keras itself gives the running mean."""

    def on_train_begin(self, logs=None):
        self.means = []

    def on_train_batch_end(self, batch, logs=None):
        self.means.append(logs["loss"])


def compare(model, loss, ours_loss, X, y):
    ours = from_keras(model)
    model.compile(keras.optimizers.Adam(0.003, global_clipnorm=1.0), loss)
    ours.compile(nn.Adam(0.003, global_clipnorm=1.0), ours_loss)
    seen = Losses()
    model.fit(X, y, batch_size=B, shuffle=False, verbose=0, callbacks=[seen])
    batches = [slice(i, i + B) for i in range(0, STEPS * B, B)]
    got = [ours.train_on_batch(X[b], y[b])["loss"] for b in batches]
    running = np.cumsum(got) / np.arange(1, STEPS + 1)
    want = np.array(seen.means)
    each = np.diff(want * np.arange(1, STEPS + 1), prepend=0)  # from running means to steps
    np.testing.assert_allclose(running, want, rtol=1e-3)
    np.testing.assert_allclose(got, each, rtol=0.01, atol=1e-3 * each[0])
    assert np.mean(got[-20:]) < 0.6 * np.mean(got[:5])


def test_adding_problem():
    X, y = adding_problem(np.random.default_rng(0))
    keras.utils.set_random_seed(0)
    layers = [keras.Input((12, 2)), keras.layers.LSTM(16), keras.layers.Dense(1)]
    compare(keras.Sequential(layers), "mse", "mse", X, y)


def test_character_model():
    X, y, n = characters(np.random.default_rng(1))
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((10,), dtype="int32"),
            layers.Embedding(n, 8),
            layers.GRU(32, return_sequences=True),
            layers.Dense(n),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    compare(model, loss, "sparse_cross_entropy", X, y)
