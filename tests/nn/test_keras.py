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
        lambda m: m.SGD(0.1, clipnorm=0.5),
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


def train_table(module, optimizer, tokens, dH):
    """The table of an Embedding of ones after a step in which each occurrence has a row of dH."""
    if module is nn:
        layer = nn.Embedding(3, 2, dtype="float64").build()
        layer.set_weights([np.ones((3, 2))])
        layer.forward(tokens)
        layer.backward(dH)
        optimizer.apply(layer.grads, [layer.E])
        return layer.E
    layer = keras.layers.Embedding(3, 2, dtype="float64", embeddings_initializer="ones")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tokens) * dH)
    weights = layer.trainable_variables
    optimizer.apply(tape.gradient(loss, weights), weights)
    return layer.get_weights()[0]


@pytest.mark.parametrize(
    ("make", "repeated"),  # what Keras makes of the rows g_1, g_2 of one token
    [
        (lambda m: m.SGD(0.1), lambda g: -0.1 * g.sum(axis=0)),
        (
            lambda m: m.Adam(0.1, beta_1=0.0, beta_2=0.75, epsilon=1e-12),
            lambda g: -0.1 * g.sum(axis=0) / np.sqrt((g**2).sum(axis=0)),
        ),
        (
            lambda m: m.SGD(0.1, clipnorm=0.5),
            lambda g: -0.1 * g.sum(axis=0) * min(1, 0.5 / np.linalg.norm(g)),
        ),
    ],
    ids=["sgd", "adam", "clipnorm"],
)
def test_a_repeated_token_has_one_gradient_here_and_several_in_keras(make, repeated):
    """The difference that optimizers.py documents: none for plain SGD."""
    tokens, g = np.array([[1, 1]]), np.array([[3.0, 4.0], [1.0, 2.0]])
    theirs = train_table(keras, make(keras.optimizers), tokens, g[None])
    ours = train_table(nn, make(nn), tokens, g[None])
    np.testing.assert_allclose(theirs[1], 1 + repeated(g), rtol=1e-6)
    summed = g.sum(axis=0, keepdims=True)
    np.testing.assert_allclose(ours[1], 1 + repeated(summed), rtol=1e-6)
    single = np.array([[1, 2]])  # no token twice: the same for all three
    theirs = train_table(keras, make(keras.optimizers), single, g[None])
    np.testing.assert_allclose(train_table(nn, make(nn), single, g[None]), theirs, rtol=1e-6)


def test_losses():
    rng = np.random.default_rng(7)
    T, classes = 6, rng.integers(0, K, size=(B, 6))
    y_hat = rng.normal(size=(B, T, K)).astype("float32")
    y = rng.normal(size=(B, T, K)).astype("float32")
    one_hot, mask = np.eye(K, dtype="float32")[classes], random_mask(rng, B, T)
    pairs = [
        (nn.mse, y, keras.losses.MeanSquaredError()),
        (nn.cross_entropy, one_hot, keras.losses.CategoricalCrossentropy(from_logits=True)),
        (
            nn.sparse_cross_entropy,
            classes,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ),
    ]
    for ours, target, theirs in pairs:
        for m in (None, mask):
            x = tf.Variable(y_hat)
            with tf.GradientTape() as tape:
                z = x + 0.0
                if m is not None:
                    z._keras_mask = tf.constant(m)
                want = theirs(target, z)
            loss, gradient = ours(y_hat, target, m)
            assert loss == pytest.approx(float(want), rel=1e-6)
            assert_close(gradient, tape.gradient(want, x), "float32")


@pytest.mark.parametrize("sequences", [True, False])
def test_bidirectional(sequences):
    rng = np.random.default_rng(11)
    T = 9
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(N, return_sequences=sequences))
    theirs.build((B, T, D))
    random_weights(theirs, rng)
    layer = from_keras(theirs)
    X = tf.constant(rng.normal(size=(B, T, D)), "float32")
    for mask in (None, random_mask(rng, B, T)):
        with tf.GradientTape() as tape:
            tape.watch(X)
            want = theirs(X, mask=None if mask is None else tf.constant(mask))
            seed = rng.normal(size=want.shape).astype("float32")
            loss = tf.reduce_sum(want * seed)
        want_grads = tape.gradient(loss, [*theirs.trainable_variables, X])
        assert_close(layer.forward(X.numpy(), mask), want, "float32")
        dX = layer.backward(seed)
        for g, w in zip([*layer.grads, dX], want_grads, strict=True):
            assert_close(g, w, "float32")


def text_model(kind=keras.layers.GRU, around=keras.layers.TimeDistributed):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(12, 5, mask_zero=True),
            keras.layers.Bidirectional(kind(4, return_sequences=True)),
            keras.layers.Bidirectional(keras.layers.SimpleRNN(3, return_sequences=True)),
            keras.layers.Dropout(0.0),
            kind(4, return_sequences=True, activation="relu"),
            around(keras.layers.Dense(7)),
        ]
    )


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_masked_text_model_trains_like_keras(kind):
    """Embedding's mask goes through every layer into the loss; predictions there and back."""
    rng = np.random.default_rng(12)
    X, y = rng.integers(1, 12, size=(24, 10)), rng.integers(0, 7, size=(24, 10))
    X[np.arange(10) >= rng.integers(1, 11, size=(24, 1))] = 0  # rows of 1 to 10 real tokens
    model = text_model(getattr(keras.layers, kind))
    ours = from_keras(model)
    back = to_keras(ours)
    assert_close(ours.predict(X), model.predict(X, verbose=0), "float32")
    assert_close(back.predict(X, verbose=0), model.predict(X, verbose=0), "float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # SGD, because repeated tokens have other gradients in Keras's Adam (see optimizers.py).
    back.compile(keras.optimizers.SGD(0.2), loss, run_eagerly=True)  # tracing takes far longer
    ours.compile(nn.SGD(0.2), "sparse_cross_entropy")
    fit = {"epochs": 4, "batch_size": 24, "shuffle": False, "verbose": 0}
    want, got = back.fit(X, y, **fit).history, ours.fit(X, y, **fit).history
    np.testing.assert_allclose(got["loss"], want["loss"], rtol=1e-4)


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
    want, got = model.fit(X, y, **fit).history, ours.fit(X, y, **fit).history
    np.testing.assert_allclose(got["loss"], want["loss"], rtol=1e-4)
    want = model.evaluate(X[:9], y[:9], verbose=0)
    assert ours.evaluate(X[:9], y[:9]) == pytest.approx(want, rel=1e-4)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (lambda k: k.SimpleRNN(N, dropout=0.5, name="reader"), "'reader' has dropout=0.5"),
        (lambda k: k.LSTM(N, recurrent_activation="hard_sigmoid"), "recurrent_activation="),
        (lambda k: k.GRU(N, activation="selu", name="x"), "'x' cannot be converted.*'selu'"),
        (lambda k: k.GRU(N, kernel_regularizer="l2", name="x"), "'x' has kernel_regularizer"),
        (lambda k: k.Bidirectional(k.GRU(N), merge_mode="mul", name="x"), "'x'.*merge_mode='mul'"),
        (lambda k: k.Bidirectional(k.GRU(N, dropout=0.1), name="x"), "'x'.*has dropout=0.1"),
        (lambda k: k.Dense(N, activation="softmax", name="x"), "'x'.*train it with cross_entropy"),
        (lambda k: k.Conv1D(3, 2, name="x"), "'x' is a Conv1D"),
        (lambda k: k.LSTM(N, trainable=False, name="x"), "'x' has trainable=False"),
    ],
)
def test_what_cannot_be_converted_is_named(layer, words):
    with pytest.raises(ValueError, match=words):
        from_keras(keras.Sequential([keras.Input((6, D)), layer(keras.layers)]))


def test_unbuilt_and_branching_models_are_refused():
    with pytest.raises(ValueError, match="not built"):
        from_keras(keras.layers.LSTM(3))
    with pytest.raises(ValueError, match="not built"):
        from_keras(keras.Sequential([keras.layers.Dense(3)]))
    with pytest.raises(ValueError, match="not built"):
        to_keras(nn.Sequential([nn.Dense(3)]))
    x = keras.Input((3,))
    with pytest.raises(ValueError, match="not a Sequential"):
        from_keras(keras.Model(x, keras.layers.Dense(2)(x)))


def test_stateful_models_convert_with_a_batch_size_and_fit_on_like_keras():
    """Neither forgets the states between epochs, nor evaluate, nor predict."""
    rng = np.random.default_rng(13)
    layers = [nn.GRU(4, stateful=True, seed=0), nn.Dense(1, seed=1)]
    ours = nn.Sequential(layers).build((None, None, D))
    with pytest.raises(ValueError, match=r"GRU\(4\) is stateful, .*build\(\(32, None, D\)\)"):
        to_keras(ours)
    with pytest.raises(ValueError, match="is stateful"):
        to_keras(layers[0])
    ours.build((B, None, D))
    theirs = to_keras(ours)
    again = from_keras(theirs)
    X, y = rng.normal(size=(B, 6, D)).astype("float32"), rng.normal(size=(B, 1)).astype("float32")
    theirs.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    again.compile(nn.SGD(0.1), "mse")
    fit = {"epochs": 3, "batch_size": B, "shuffle": False, "verbose": 0}
    want, got = theirs.fit(X, y, **fit).history, again.fit(X, y, **fit).history
    np.testing.assert_allclose(got["loss"], want["loss"], rtol=1e-4)
    want = theirs.evaluate(X, y, batch_size=B, verbose=0)
    assert again.evaluate(X, y, batch_size=B) == pytest.approx(want, rel=1e-4)
    assert_close(again.predict(X), theirs.predict(X, batch_size=B, verbose=0), "float32")


def test_what_is_ours_already_is_not_converted():
    for one in (nn.LSTM(3), nn.Sequential([nn.Dense(1)])):
        with pytest.raises(TypeError, match="is this engine's already"):
            from_keras(one)


def test_an_epoch_of_masked_batches_has_the_mean_loss_of_keras():
    """Each batch counts by its examples, whatever its real steps: rows of 2, then rows of 10."""
    rng = np.random.default_rng(14)
    X, y = rng.integers(1, 12, size=(8, 10)), rng.integers(0, 7, size=(8, 10))
    X[:4, 2:] = 0
    model = text_model(around=lambda dense: dense)
    ours = from_keras(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss, run_eagerly=True)
    ours.compile(nn.SGD(0.0), "sparse_cross_entropy")
    for n in (4, 8):
        want = model.evaluate(X, y, batch_size=n, verbose=0)
        assert ours.evaluate(X, y, batch_size=n) == pytest.approx(want, rel=1e-5)


def test_go_backwards_leaves_the_mask_as_keras_does():
    rng = np.random.default_rng(15)
    X = rng.integers(1, 12, size=(3, 6))
    X[0, 4:], X[1, 1:] = 0, 0
    inner = {"return_sequences": True, "go_backwards": True}
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(12, 5, mask_zero=True),
            keras.layers.GRU(4, **inner),
            keras.layers.LSTM(3),
        ]
    )
    with pytest.warns(UserWarning, match="but not, as in Keras, the mask"):
        got = from_keras(model).predict(X)
    assert_close(got, model.predict(X, verbose=0), "float32")
