"""The same numbers as Keras: outputs, states, every gradient, optimizers, whole models."""

import numpy as np
import pytest

from rnncourse import nn

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from rnncourse.nn.keras_bridge import from_keras, to_keras  # noqa: E402

B, D, N, K = 3, 4, 5, 2
KINDS = [("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}), ("GRU", {"reset_after": False})]
TOLERANCE = {"float32": 1e-5, "float64": 1e-9}


def assert_close(got, want, dtype):
    """Equal to the promised digits, relative to the largest number of the array."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=0, atol=TOLERANCE[dtype] * max(1, abs(want).max()))


def random_weights(layer, rng):
    layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])


def random_mask(rng, n_batch, n_steps):
    """Holes everywhere, one full row, one row of padding only."""
    mask = rng.random((n_batch, n_steps)) < 0.6
    mask[0], mask[1] = True, False
    return mask


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "extra"), KINDS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("T", [1, 2, 40])
@pytest.mark.parametrize(
    "options",
    [
        {"return_sequences": True},
        {"return_sequences": False, "go_backwards": True},
        {"return_sequences": True, "go_backwards": True, "use_bias": False},
    ],
    ids=str,
)
def test_recurrent_outputs_states_and_gradients(options, kind, extra, T, masked, dtype):
    rng = np.random.default_rng(T)
    theirs = getattr(keras.layers, kind)(N, return_state=True, dtype=dtype, **extra, **options)
    theirs.build((B, T, D))
    random_weights(theirs, rng)
    layer = from_keras(theirs)
    X = rng.normal(size=(B, T, D)).astype(dtype)
    states = [rng.normal(size=(B, N)).astype(dtype) for _ in range(layer.n_states)]
    mask = random_mask(rng, B, T) if masked else None

    x, s = tf.constant(X), [tf.constant(state) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([x, *s])
        want = theirs(x, initial_state=s, mask=None if mask is None else tf.constant(mask))
        seeds = [rng.normal(size=w.shape).astype(dtype) for w in want]
        loss = sum(tf.reduce_sum(w * d) for w, d in zip(want, seeds, strict=True))
    want_grads = tape.gradient(loss, [*theirs.trainable_variables, x, *s])

    got = layer.forward(X, states, mask)
    dX = layer.backward(seeds[0], seeds[1:])
    for g, w in zip(got, want, strict=True):
        assert_close(g, w, dtype)
        assert g.dtype == dtype
    for g, w in zip([*layer.grads, dX, *layer.grad_initial_state], want_grads, strict=True):
        assert_close(g, w, dtype)
        assert g.dtype == dtype


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m.SGD(0.1),
        lambda m: m.SGD(0.1, clipvalue=0.3),
        lambda m: m.Adam(0.01),
        lambda m: m.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-3),
        lambda m: m.Adam(0.01, clipnorm=0.5),
        lambda m: m.SGD(0.01, global_clipnorm=0.5),
    ],
)
def test_optimizers(make):
    rng = np.random.default_rng(6)
    shapes = (3, 4), (5,), (2, 3, 2)
    ours = [rng.normal(size=s).astype("float32") for s in shapes]
    theirs = [keras.Variable(w) for w in ours]
    optimizer, keras_optimizer = make(nn), make(keras.optimizers)
    for scale in (1, 0.01, 10, 0.1, 1):
        grads = [scale * rng.normal(size=s).astype("float32") for s in shapes]
        optimizer.apply(grads, ours)
        keras_optimizer.apply([tf.constant(g) for g in grads], theirs)
    for g, w in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(g, w.numpy(), rtol=2e-5, atol=1e-6)


def test_losses():
    rng = np.random.default_rng(7)
    y_hat = rng.normal(size=(B, K)).astype("float32")
    y = rng.normal(size=(B, K)).astype("float32")
    one_hot = np.eye(K, dtype="float32")[[0, 1, 1]]
    assert nn.mse(y_hat, y)[0] == pytest.approx(
        float(keras.losses.MeanSquaredError()(y, y_hat)), rel=1e-6
    )
    assert nn.cross_entropy(y_hat, one_hot)[0] == pytest.approx(
        float(keras.losses.CategoricalCrossentropy(from_logits=True)(one_hot, y_hat)), rel=1e-6
    )


def document_model():
    return keras.Sequential(
        [
            keras.Input((None, 1)),
            keras.layers.SimpleRNN(50, return_sequences=True),
            keras.layers.SimpleRNN(50),
            keras.layers.Dense(1),
        ]
    )


def test_whole_model_there_and_back():
    model = document_model()
    X = np.random.default_rng(8).normal(size=(5, 11, 1)).astype("float32")
    ours = from_keras(model)
    assert ours.count_params() == model.count_params() == 2600 + 5050 + 51
    want = model.predict(X, verbose=0)
    assert_close(ours.predict(X), want, "float32")
    assert_close(to_keras(ours).predict(X, verbose=0), want, "float32")


def test_training_follows_keras():
    rng = np.random.default_rng(9)
    X = rng.normal(size=(96, 8, 1)).astype("float32")
    y = X.sum(axis=1)
    model = document_model()
    ours = from_keras(model)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
    ours.compile(optimizer=nn.Adam(1e-3), loss="mse")
    fit = {"epochs": 3, "batch_size": 32, "shuffle": False, "verbose": 0}
    want = model.fit(X, y, validation_data=(X[:9], y[:9]), **fit).history
    got = ours.fit(X, y, validation_data=(X[:9], y[:9]), **fit).history
    np.testing.assert_allclose(got["loss"], want["loss"], rtol=1e-4)
    np.testing.assert_allclose(got["val_loss"], want["val_loss"], rtol=1e-4)


def test_what_cannot_be_converted_is_named():
    layer = keras.layers.SimpleRNN(N, dropout=0.5, name="reader")
    layer.build((None, None, D))
    with pytest.raises(ValueError, match=r"'reader' has dropout=0.5"):
        from_keras(layer)
    with pytest.raises(ValueError, match="Conv1D"):
        from_keras(keras.Sequential([keras.Input((5, 2)), keras.layers.Conv1D(3, 2)]))
