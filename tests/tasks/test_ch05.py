"""Lesson 5: which Keras models are the document's, however they are written; symptoms of noise."""

import numpy as np
import pytest

from rnncourse.checking import observers
from rnncourse.checking.attempt import Ended, Outcome, Refused
from rnncourse.checking.compare import agree, describe
from rnncourse.tasks import ch05


def look(model):
    ((weights, X),) = ch05.build_model.probes()
    return Outcome(Ended.RETURNED, observers.named("keras-model").look(model, weights, X))


@pytest.fixture(scope="module")
def want():
    return look(ch05.build_model.reference())


def document(first=None, second=None, out=None, optimizer=None, loss="mse", **compiled):
    """The document's model, one part of which may be another."""
    import keras
    from keras import layers

    steps = [
        first or layers.SimpleRNN(50, return_sequences=True),
        second or layers.SimpleRNN(50),
        out or layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((None, 1)), *steps])
    model.compile(optimizer or keras.optimizers.Adam(0.001), loss, **compiled)
    return model


def cells():
    from keras.layers import RNN, SimpleRNNCell

    return document(RNN(SimpleRNNCell(50), return_sequences=True), RNN(SimpleRNNCell(50)))


def nested():
    import keras
    from keras import layers

    both = [layers.SimpleRNN(50, return_sequences=True), layers.SimpleRNN(50)]
    inner = keras.Sequential([keras.Sequential(both)])
    model = keras.Sequential([keras.Input((None, 1)), inner, layers.Dense(1)])
    model.compile(keras.optimizers.Adam(), "mean_squared_error")
    return model


def functional(last=lambda y: y, between=lambda h: h, **compiled):
    import keras
    from keras import layers

    inputs = keras.Input((None, 1))
    states = between(layers.SimpleRNN(50, return_sequences=True)(inputs))
    outputs = last(layers.Dense(1)(layers.SimpleRNN(50)(states)))
    model = keras.Model([inputs], [outputs])
    model.compile(keras.optimizers.Adam(), "mse", **compiled)
    return model


def seeded():
    from keras import initializers, layers

    start = initializers.GlorotUniform(seed=3)
    return document(layers.SimpleRNN(50, return_sequences=True, kernel_initializer=start))


RIGHT = {
    "cells": cells,
    "nested": nested,
    "functional": functional,
    "seeded": seeded,
    "loss in a list": lambda: document(loss=["mse"]),
    "metrics": lambda: document(metrics=["mae"], loss_weights=[1.0]),
}


@pytest.mark.parametrize("make", RIGHT.values(), ids=RIGHT)
def test_the_documents_model_passes_however_it_is_written(make, want):
    assert agree([look(make())], [want])


def frozen():
    model = document()
    model.layers[0].trainable = False
    return model


def frozen_inside():
    model = nested()
    model.layers[0].trainable = False
    return model


def layer(name, **options):
    from keras import layers

    return getattr(layers, name)(50, **options)


def adam(**options):
    import keras

    return keras.optimizers.Adam(**options)


def schedule():
    import keras

    return adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(0.001, 100, 0.9))


def summed():
    import keras

    return keras.losses.MeanSquaredError(reduction="sum")


def mean_squared_error(y, y_hat):
    return abs(y - y_hat)


def stopped():
    import keras

    return functional(between=keras.ops.stop_gradient)


WRONG = {
    "dropout": (
        lambda: document(layer("SimpleRNN", return_sequences=True, dropout=0.2)),
        ("layer 1", "dropout=0.2"),
    ),
    "no bias": (
        lambda: document(second=layer("SimpleRNN", use_bias=False)),
        ("layer 2", "use_bias=False"),
    ),
    "backwards": (
        lambda: document(second=layer("SimpleRNN", go_backwards=True)),
        ("layer 2", "go_backwards=True"),
    ),
    "zeros": (
        lambda: document(second=layer("SimpleRNN", recurrent_initializer="zeros")),
        ("layer 2", "Zeros"),
    ),
    "frozen": (frozen, ("layer 1", "trainable=False")),
    "frozen inside": (frozen_inside, ("layer 1", "trainable=False")),
    "clipnorm": (
        lambda: document(optimizer=adam(clipnorm=1.0)),
        ("model.optimizer", "clipnorm=1.0"),
    ),
    "schedule": (lambda: document(optimizer=schedule()), ("learning_rate", "ExponentialDecay")),
    "summed loss": (lambda: document(loss=summed()), ("model.loss", "reduction='sum'")),
    "weighted loss": (lambda: document(loss_weights=[2.0]), ("loss_weights", "2.0")),
    "own loss": (lambda: document(loss=lambda y, p: abs(y - p)), ("model.loss", "lambda")),
    "own loss of that name": (
        lambda: document(loss=mean_squared_error),
        ("model.loss(y, y_hat)", ""),
    ),
    "doubled": (lambda: functional(last=lambda y: 2 * y), ("model.layers", "Multiply multiply")),
    "no gradient": (stopped, ("model.layers", "stop_gradient")),
}


@pytest.mark.parametrize(("make", "told"), WRONG.values(), ids=WRONG)
def test_another_model_is_refused_by_a_fact_that_differs(make, told, want):
    code, facts = describe(look(make()), want, ch05.build_model.axes)
    assert code == "fact"
    assert facts["which"] == told[0]
    assert told[1] in str(facts["got"])


def test_a_subclass_gets_one_sentence_of_its_own():
    import keras

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.out = keras.layers.Dense(1)

        def call(self, X):
            return self.out(X)

    model = Own()
    model.compile("adam", "mse")
    with pytest.raises(Refused, match="subclassed"):
        look(model)


def test_a_model_whose_graph_differs_answers_something_else(want):
    """Found by the answers, should no fact tell it."""
    other = dict(want.values)
    other["model.predict"] = other["model.predict"] + 1
    code, facts = describe(Outcome(Ended.RETURNED, other), want, ch05.build_model.axes)
    assert code != "fact"
    assert facts["which"] == "model.predict: "


@pytest.mark.parametrize("kind", ["noise", "shuffled"])
def test_noise_has_no_symptom_of_a_sign(kind):
    """At 100 seeds; forecasts that know nothing are only not good enough."""
    data = ch05.weather_windows()
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y_hat = rng.permutation(data.y_test)
        if kind == "noise":
            y_hat = rng.normal(data.y_test.mean(), data.y_test.std(), data.y_test.shape)
        assert ch05.train._measured(y_hat, data)[:2] == ("fail", "below-bar"), seed
