"""Random Sequential models against Keras: values, loss, every gradient, dX, both bridges, training.

RNNCOURSE_SEEDS=200 tries more of them; each seed is one model, so a failure can be repeated.
"""

import os

import numpy as np
import pytest

from rnncourse import nn

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from rnncourse.nn.keras_bridge import from_keras, to_keras  # noqa: E402

layers = keras.layers
SEEDS = int(os.environ.get("RNNCOURSE_SEEDS", "10"))
B, T, D, V, K = 4, 6, 3, 9, 3
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


def flip(rng, p=0.5):
    return bool(rng.random() < p)


def recurrent_layer(rng, sequences, dtype):
    kind = rng.choice(["SimpleRNN", "LSTM", "GRU"])
    options = {
        "activation": str(rng.choice(["tanh", "tanh", "relu", "sigmoid", "linear"])),
        "use_bias": flip(rng, 0.8),
        "zero_output_for_mask": flip(rng, 0.2),
        "return_sequences": sequences,
        "dtype": dtype,
    }
    if kind == "GRU":
        options["reset_after"] = flip(rng)
    if kind == "LSTM":
        options["unit_forget_bias"] = options["use_bias"] and flip(rng)
    units = int(rng.integers(1, 5))
    if flip(rng, 0.3):
        one = getattr(layers, kind)(units, **options)
        return layers.Bidirectional(one, dtype=dtype)
    return getattr(layers, kind)(units, go_backwards=flip(rng, 0.3), **options)


def random_model(rng, dtype):
    """(model, X, whether tokens): one of four beginnings, one to three recurrent layers, a head."""
    start = rng.choice(["plain", "masking", "embedding", "mask_zero"])
    tokens = start in ("embedding", "mask_zero")
    if tokens:
        X = rng.integers(1, V, size=(B, T))
        stack = [keras.Input((None,), dtype="int32")]
        stack += [layers.Embedding(V, D, mask_zero=start == "mask_zero", dtype=dtype)]
    else:
        X = rng.normal(size=(B, T, D)).astype(dtype)
        stack = [keras.Input((None, D), dtype=dtype)]
    if start == "masking":
        stack.append(layers.Masking(dtype=dtype))
    if start != "plain":
        X[np.arange(T) >= rng.integers(1, T + 1, size=(B, 1))] = 0
    n, ends_in_sequences = int(rng.integers(1, 4)), flip(rng)
    for k in range(n):
        stack.append(recurrent_layer(rng, k + 1 < n or ends_in_sequences, dtype))
        if flip(rng, 0.3):
            stack.append(layers.Dropout(0.0, dtype=dtype))
        if flip(rng, 0.3):
            stack.append(layers.Dense(D, str(rng.choice(["tanh", "linear"])), dtype=dtype))
    head = layers.Dense(K, dtype=dtype)
    if ends_in_sequences and flip(rng):
        head = layers.TimeDistributed(head, dtype=dtype)
    model = keras.Sequential([*stack, head])
    model.set_weights([rng.normal(scale=0.4, size=w.shape) for w in model.get_weights()])
    return model, X, tokens


def random_loss(rng, shape, dtype):
    """(ours, Keras's, targets) for predictions of that shape."""
    classes, one_hot = rng.integers(0, K, size=shape[:-1]), np.eye(K, dtype=dtype)
    return [
        ("mse", keras.losses.MeanSquaredError(dtype=dtype), rng.normal(size=shape).astype(dtype)),
        (
            "cross_entropy",
            keras.losses.CategoricalCrossentropy(from_logits=True, dtype=dtype),
            one_hot[classes],
        ),
        (
            "sparse_cross_entropy",
            keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=dtype),
            classes,
        ),
    ][rng.integers(3)]


def random_optimizer(rng, tokens):
    """A function of nn or keras.optimizers; with an Embedding plain SGD, see nn/optimizers.py."""
    clip = {} if tokens else [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}][rng.integers(3)]
    if tokens or flip(rng):
        return lambda module: module.SGD(0.1, **clip)
    return lambda module: module.Adam(0.01, epsilon=1e-4, **clip)


def close(got, want, dtype):
    got, want = np.asarray(got), np.asarray(want)
    atol = TOLERANCE[dtype] * max(1, np.abs(want).max(initial=0))
    np.testing.assert_allclose(got, want, rtol=0, atol=atol)


@pytest.mark.filterwarnings("ignore:.*turns its outputs round")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_random_model_is_keras_s(seed):
    rng = np.random.default_rng(seed)
    dtype = str(rng.choice(["float32", "float64"]))
    model, X, tokens = random_model(rng, dtype)
    ours = from_keras(model)
    want = model(X).numpy()
    for batch_size in (1, B):
        close(ours.predict(X, batch_size), want, dtype)
    close(to_keras(ours)(X), want, dtype)
    close(from_keras(to_keras(ours)).predict(X), ours.predict(X), dtype)

    name, loss, y = random_loss(rng, want.shape, dtype)
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(y, model(x, training=True))
    wanted = tape.gradient(value, [*model.trainable_variables, x])
    ours.compile("sgd", name)
    got, dy_hat = ours._loss(ours.forward(X, training=True), y)
    dX = ours.backward(dy_hat)
    close(got, value, dtype)
    for g, w in zip([*ours.grads, dX], wanted, strict=True):
        if g is not None:  # tokens have no gradient
            close(g, tf.convert_to_tensor(w), dtype)

    make = random_optimizer(rng, tokens)
    model.compile(make(keras.optimizers), loss, run_eagerly=True)
    ours.compile(make(nn), name)
    fit = {"epochs": 2, "batch_size": 3, "shuffle": False, "verbose": 0}
    want_loss, got_loss = model.fit(X, y, **fit).history["loss"], ours.fit(X, y, **fit).history
    np.testing.assert_allclose(got_loss["loss"], want_loss, rtol=1e-3, atol=1e-4)
    for g, w in zip(ours.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(g, w, rtol=0, atol=2e-3 if dtype == "float32" else 1e-6)
