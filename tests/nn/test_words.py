"""Who writes Keras, or makes a beginner's mistake, gets one sentence and a usable model."""

import numpy as np
import pytest

from rnncourse import nn
from rnncourse.nn import analysis, keras_words
from rnncourse.nn.inputs import as_examples

B, T, D = 4, 6, 3


def model(*layers):
    made = nn.Sequential(list(layers) or [nn.SimpleRNN(3, seed=0), nn.Dense(1, seed=1)])
    made.compile("sgd", "mse")
    return made


X, Y = np.random.default_rng(0).normal(size=(B, T, D)), np.zeros((B, 1))

OPTIONS = {
    "LSTM takes units, activation, .*`dropout` is not here: put a Dropout layer": (
        lambda: nn.LSTM(4, dropout=0.2)
    ),
    "SimpleRNN takes units, .*seed; Keras's `input_shape` is not here: leave it out": (
        lambda: nn.SimpleRNN(50, input_shape=(None, 1))
    ),
    "GRU takes .*reset_after.*`kernel_initializer`.*set_weights": (
        lambda: nn.GRU(3, kernel_initializer="ones")
    ),
    "`recurrent_activation` is not here: it is always 'sigmoid'": (
        lambda: nn.LSTM(3, recurrent_activation="hard_sigmoid")
    ),
    "Dense takes units, activation, use_bias, dtype, seed.*`kernel_regularizer`.*to_keras": (
        lambda: nn.Dense(3, kernel_regularizer="l2")
    ),
    "Embedding takes .*`embeddings_initializer`": (
        lambda: nn.Embedding(3, 2, embeddings_initializer="zeros")
    ),
    "Dropout takes rate, .*`noise_shape`": lambda: nn.Dropout(0.5, noise_shape=(1, 2)),
    "Bidirectional takes layer, backward_layer; Keras's `merge_mode` .*concat": (
        lambda: nn.Bidirectional(nn.GRU(3), merge_mode="sum")
    ),
    "Sequential takes layers; Keras's `name` is not here": lambda: nn.Sequential([], name="m"),
    "SGD takes learning_rate, clipnorm, .*`momentum` is not here: Adam": (
        lambda: nn.SGD(0.1, momentum=0.9)
    ),
    "Adam takes learning_rate, beta_1, .*`weight_decay`": lambda: nn.Adam(weight_decay=0.1),
    "compile takes optimizer, loss; Keras's `metrics` .*predict": (
        lambda: model().compile("sgd", "mse", metrics=["accuracy"])
    ),
    "fit takes X, y, epochs, .*`validation_split` .*evaluate": (
        lambda: model().fit(X, Y, validation_split=0.2)
    ),
    "`validation_data` is not here": lambda: model().fit(X, Y, validation_data=(X, Y)),
    "`sample_weight` is not here: use Keras": lambda: model().fit(X, Y, sample_weight=Y),
    "`callbacks` is not here: .*train_on_batch": lambda: model().fit(X, Y, callbacks=[]),
    "predict takes X, batch_size; Keras's `verbose`": lambda: model().predict(X, verbose=0),
    "evaluate takes .*`return_dict`": lambda: model().evaluate(X, Y, return_dict=True),
    "train_on_batch takes X, y; .*`class_weight`": (
        lambda: model().train_on_batch(X, Y, class_weight={})
    ),
    "`unit` is not among them. Did you mean units": lambda: nn.Dense(3, unit=3),
    "`zzz` is not among them.$": lambda: nn.Dense(3, zzz=3),
}


@pytest.mark.parametrize("words", OPTIONS)
def test_an_option_of_keras_gets_a_sentence(words):
    with pytest.raises(TypeError, match=words):
        OPTIONS[words]()


@pytest.mark.parametrize(
    ("get", "words"),
    [
        (lambda: model().summary(), "Sequential has no summary: print"),
        (lambda: model().save("m.keras"), r"has no save: np.savez"),
        (lambda: model().add(nn.Dense(1)), "has no add: give all layers at once"),
        (lambda: model().reset_states(), r"has no reset_states: call reset_state\(\) on each"),
        (lambda: nn.LSTM(3).kernel, "LSTM has no kernel: it is called W here"),
        (lambda: nn.LSTM(3).trainable_weights, "has no trainable_weights: .*params"),
        (lambda: nn.LSTM(3).nothing, "LSTM has no nothing.$"),
    ],
)
def test_a_method_of_keras_gets_a_sentence(get, words):
    with pytest.raises(AttributeError, match=words):
        get()


def test_calling_a_layer_gets_a_sentence():
    for callee in (nn.LSTM(3), model()):
        with pytest.raises(TypeError, match=r"write forward\(X\)"):
            callee(X)


def test_every_option_of_keras_has_a_sentence():
    keras = pytest.importorskip("keras")
    import inspect

    pairs = [(getattr(keras.layers, k), getattr(nn, k)) for k in
             ("SimpleRNN", "LSTM", "GRU", "Dense", "Embedding", "Dropout", "Masking",
              "Bidirectional")]  # fmt: skip
    pairs += [(keras.optimizers.SGD, nn.SGD), (keras.optimizers.Adam, nn.Adam)]
    pairs = [(a.__init__, keras_words.constructors(b)) for a, b in pairs]
    for name in ("__init__", "compile", "fit", "evaluate", "predict", "train_on_batch"):
        pairs.append((getattr(keras.Sequential, name), [getattr(nn.Sequential, name)]))
    for theirs, ours in pairs:
        known = {name for f in ours for name in inspect.signature(f).parameters}
        for name, parameter in inspect.signature(theirs).parameters.items():
            if parameter.kind != parameter.VAR_KEYWORD and name not in known:
                assert name in keras_words.OPTIONS, (theirs, name)


def test_positions_that_mean_something_else_in_keras_are_refused():
    for call in (
        lambda: model().fit(X, Y, 5),  # Keras: the batch size
        lambda: nn.LSTM(3, "tanh", "sigmoid"),  # Keras: recurrent_activation
        lambda: nn.Embedding(3, 2, True),  # Keras: the initialiser
        lambda: nn.Bidirectional(nn.LSTM(3), nn.LSTM(3, go_backwards=True)),  # merge_mode
        lambda: nn.Sequential([nn.Dense(1)]).compile(),  # Keras: rmsprop, no loss
    ):
        with pytest.raises(TypeError, match="positional argument"):
            call()


# ------------------------------------------------------------- beginners' mistakes


def test_a_recurrent_layer_after_a_last_state():
    for between in ([], [nn.Dense(3)]):
        words = r"LSTM\(4\) reads sequences, but LSTM\(3\) .*Give LSTM\(3\) return_sequences=True"
        with pytest.raises(ValueError, match=words):
            nn.Sequential([nn.LSTM(3), *between, nn.LSTM(4), nn.Dense(1)])


@pytest.mark.parametrize("use", ["fit", "train_on_batch", "evaluate", "predict", "forward"])
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (X[:, :, 0], r"LSTM\(3\) expects .*, 6\).*X\[:, :, None\]"),
        (X[None], r"LSTM\(3\) expects an input with axes"),
        (np.full((B, T, D), np.nan), "X: the input is nan"),
        (np.full((B, T, D), 1e300), "input as float32 is inf"),
    ],
    ids=["two axes", "four axes", "nan", "too large"],
)
def test_a_model_is_usable_after_wrong_data(use, bad, words):
    net = model(nn.LSTM(3, seed=0), nn.Dense(1, seed=1))
    y = [] if use in ("predict", "forward") else [np.zeros((len(bad), 1))]
    with pytest.raises(ValueError, match=words):
        getattr(net, use)(bad, *y)
    other = model(nn.LSTM(3, seed=0), nn.Dense(1, seed=1))
    for one in (net, other):
        one.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_array_equal(net.predict(X), other.predict(X))


def test_a_model_is_usable_after_wrong_features_or_targets():
    net = model(nn.Bidirectional(nn.LSTM(3, seed=0)), nn.Dense(1, seed=1))
    with pytest.raises(ValueError, match="y has shape"):
        net.fit(X[:, :, :2], np.zeros((B, 2)), verbose=0)
    net.fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match="expects 3 features"):  # trained: it stays what it is
        net.fit(X[:, :, :2], Y, verbose=0)
    net.fit(X, Y, verbose=0)


@pytest.mark.parametrize("kind", ["token", "class"])
def test_data_is_looked_at_before_the_first_epoch(kind):
    """The wrong number is in the last batch; no weight changes before it is found."""
    tokens, classes = np.ones((64, 5), int), np.ones((64, 5), int)
    {"token": tokens, "class": classes}[kind][-1, 2] = 9
    net = nn.Sequential([nn.Embedding(5, 2), nn.GRU(3, return_sequences=True), nn.Dense(5)])
    net.compile("sgd", "sparse_cross_entropy")
    before = net.build((None, None)).get_weights()
    with pytest.raises(ValueError, match=r"token 9|classes run from 1 to 9"):
        net.fit(tokens, classes, batch_size=8, shuffle=False, verbose=0)
    for now, then in zip(net.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_set_weights_is_all_or_nothing():
    net = model().build((None, None, D))
    before = net.get_weights()
    good = [w + 1 for w in before]
    for wrong, words in ((np.ones((3, 2)), "holds weights"), (np.full((3, 1), np.nan), "W is nan")):
        with pytest.raises(ValueError, match=words):
            net.set_weights([*good[:3], wrong, good[4]])
        for now, then in zip(net.get_weights(), before, strict=True):
            np.testing.assert_array_equal(now, then)
    with pytest.raises(TypeError, match="array of numbers; got complex"):
        net.set_weights([*good[:4], good[4] * 1j])


@pytest.mark.parametrize("kind", [nn.SimpleRNN, nn.LSTM, nn.GRU])
def test_states_and_gradients_are_looked_at(kind):
    layer = kind(2, return_sequences=True, return_state=True).build(D)
    zeros, nan = np.zeros((B, 2)), np.full((B, 2), np.nan)
    n = layer.n_states - 1
    with pytest.raises(ValueError, match=r"initial_state must be .* is nan"):
        layer.forward(X, [*[zeros] * n, nan])
    for bad in (0, zeros[:1], [zeros] * 3):
        with pytest.raises(
            ValueError, match=r"initial_state must be .*\(batch, units\) = \(4, 2\)"
        ):
            layer.forward(X, bad)
    layer.forward(X)
    with pytest.raises(ValueError, match=r"the gradient is nan at \[0, 0, 0\]"):
        layer.backward(np.full((B, T, 2), np.nan))
    with pytest.raises(ValueError, match=r"dstates must be .* is nan"):
        layer.backward(np.zeros((B, T, 2)), [*[zeros] * n, nan])
    layer.backward(np.zeros((B, T, 2)))  # still possible after the mistakes


@pytest.mark.parametrize(
    "layer",
    [nn.Dense(2), nn.Dropout(0.5), nn.Masking(), nn.Bidirectional(nn.GRU(2)), nn.Embedding(9, 2)],
    ids=str,
)
def test_every_backward_looks_at_its_gradient(layer):
    data = np.ones((B, T), int) if isinstance(layer, nn.Embedding) else X
    if isinstance(layer, nn.Dropout):
        with pytest.raises(RuntimeError, match="call forward"):
            layer.backward(X)
    good = np.ones_like(layer.forward(data))
    with pytest.raises(ValueError, match="the gradient is inf"):
        layer.backward(good * np.inf)
    with pytest.raises(ValueError, match="backward got a gradient of shape"):
        layer.backward(good[:1])
    layer.backward(good)


def test_stateful_layers_and_batches_that_do_not_divide():
    net = model(nn.GRU(2, stateful=True), nn.Dense(1))
    more = np.ones((7, T, D))
    for call in (
        lambda: net.predict(more, batch_size=5),
        lambda: net.evaluate(more, np.zeros((7, 1)), batch_size=5),
        lambda: net.fit(more, np.zeros((7, 1)), batch_size=5, shuffle=False),
    ):
        with pytest.raises(ValueError, match="7 examples do not divide into batches of 5"):
            call()
    net.predict(X)
    with pytest.raises(ValueError, match=r"goes on from a batch of 4 .* has 7.*reset_state\(\)"):
        net.predict(more)
    net.layers[0].reset_state()
    net.predict(more)


def test_fit_tries_out_the_data_without_touching_the_states():
    nets = [model(nn.GRU(2, stateful=True, seed=0), nn.Dense(1, seed=1)) for _ in range(2)]
    for net in nets:
        net.predict(X)
    nets[0].fit(X, Y, shuffle=False, verbose=0)
    nets[1].train_on_batch(X, Y)
    for a, b in zip(nets[0].get_weights(), nets[1].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Sequential(nn.LSTM(3)), "takes a list of layers"),
        (lambda: nn.Sequential([3]), "got 3 in it"),
        (lambda: nn.Sequential([nn.LSTM]), r"a layer is made by a call, such as Dense\(1\)"),
        (lambda: nn.Sequential([model(), nn.Dense(1)]), r"put that model's layers"),
        (lambda: nn.Bidirectional(nn.LSTM(3), backward_layer=nn.GRU(3, go_backwards=True)),
         "differ in kind"),
        (lambda: nn.LSTM(3, return_sequences="no"), "return_sequences must be True or False"),
        (lambda: nn.GRU(3, reset_after=None), "reset_after must be True or False"),
        (lambda: as_examples(X, None), "y must be an array of numbers"),
    ],
)  # fmt: skip
def test_what_is_no_such_thing(make, words):
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.LSTM(3, dtype=None), "choose"),
        (lambda: nn.LSTM(3, dtype="mixed_float16"), "choose"),
        (lambda: nn.Masking(np.nan), "pad with a number that does not occur"),
        (lambda: model().fit([[[1.0]], [[1.0], [2.0]]], Y), "rows have several lengths"),
        (lambda: nn.LSTM(3).cell, r"has no weights yet: call build"),
        (lambda: analysis.trajectories(nn.LSTM(3), X), "has no weights yet"),
        (lambda: model().compile("sgd", "mean_squared_error"), "it is called 'mse' here"),
        (lambda: model().compile("sgd", "binary_crossentropy"), r"Dense\(2\), linear"),
        (lambda: model().compile("sgd", ["mse"]), "is not known"),
        (lambda: model(nn.Dense(1, "sigmoid")).compile("sgd", "cross_entropy"), "leave it linear"),
    ],
)
def test_values_that_are_refused_in_words(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_mask_of_ones_own_is_not_lost():
    tokens, mine = np.array([[1, 2, 0], [3, 0, 0]]), np.array([[0, 1, 1], [1, 1, 1]], bool)
    for mask_zero, want in ((False, mine), (True, mine & (tokens != 0))):
        net = nn.Sequential([nn.Embedding(4, 2, mask_zero=mask_zero)])
        net.forward(tokens, mask=mine)
        np.testing.assert_array_equal(net.mask, want)
    net = nn.Sequential([nn.Masking()])
    net.forward(np.stack([tokens, tokens], axis=-1), mask=mine)
    np.testing.assert_array_equal(net.mask, mine & (tokens != 0))


def test_go_backwards_warns_that_the_mask_is_not_turned_round():
    X_tokens = np.array([[1, 2, 0], [3, 0, 0]])
    embedding = nn.Embedding(4, 2, mask_zero=True)
    net = nn.Sequential([embedding, nn.GRU(2, return_sequences=True, go_backwards=True)])
    with pytest.warns(UserWarning, match=r"GRU\(2\) turns its outputs round .*not.* the mask"):
        net.predict(X_tokens)
