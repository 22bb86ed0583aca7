"""The one module that knows Keras: layers and whole Sequential models, both ways.

    ours = from_keras(keras_model)           # the same predictions, to rounding
    theirs = to_keras(ours)

The weights are the same numbers in the same orientation (W is `kernel`, U `recurrent_kernel`,
b `bias`), so that converting is copying. An option that this engine does not have is refused by
its name, because a model that converts silently into another one is worse than none.
"""

import keras
import numpy as np

from rnncourse.nn import layers as ours
from rnncourse.nn.model import Sequential

__all__ = ["from_keras", "to_keras"]

# The layers that both have under one name, and the options that mean the same in both.
OPTIONS = {
    "Dense": ours.Dense.option_names,
    "SimpleRNN": ours.SimpleRNN.option_names,
    "LSTM": ours.LSTM.option_names,
    "GRU": ours.GRU.option_names,
    "Embedding": ours.Embedding.option_names,
    "Dropout": ours.Dropout.option_names,
    "Masking": ours.Masking.option_names,
}
# What Keras has and this engine has not: option -> the only value that converts.
ONLY = {
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
    "recurrent_activation": "sigmoid",
    "kernel_regularizer": None,
    "recurrent_regularizer": None,
    "bias_regularizer": None,
    "embeddings_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "recurrent_constraint": None,
    "bias_constraint": None,
    "embeddings_constraint": None,
    "noise_shape": None,
    "merge_mode": "concat",
    "lora_rank": None,
    "quantization_config": None,
    "trainable": True,
}


def from_keras(keras_object):
    """A built Keras layer or Sequential -> ours, with copies of its weights.

    TimeDistributed(Dense) becomes Dense, which does the same. Raises ValueError that names the
    layer or option which this engine does not have, or the layer that is not built.
    """
    if isinstance(keras_object, keras.Sequential):
        if not keras_object.built:
            raise ValueError("The Keras model is not built: give it an Input, or call it on data.")
        layers = [_from_layer(layer) for layer in keras_object.layers]
        return Sequential(layers).build(keras_object.input_shape)
    if isinstance(keras_object, ours.Layer | Sequential):
        raise TypeError(f"{keras_object} is this engine's already; to_keras converts it.")
    if isinstance(keras_object, keras.Model):
        raise ValueError(f"{keras_object.name!r} is not a Sequential; convert its layers singly.")
    return _from_layer(keras_object)


def to_keras(model):
    """Our layer or Sequential, built -> a Keras one with copies of its weights.

    A stateful layer converts only within a model that was built for one batch size, because
    Keras needs to know it: model.build((32, None, D)). Raises ValueError otherwise.
    """
    if not isinstance(model, Sequential):
        return _to_layer(model, None)
    if model.input_shape is None:
        raise ValueError("The model is not built: call build((None, None, D)), or fit or predict.")
    first = model.layers[0]
    dtype = "int32" if isinstance(first, ours.Embedding) else first.dtype.name
    shape, n_batch = keras.Input(batch_shape=model.input_shape, dtype=dtype), model.input_shape[0]
    return keras.Sequential([shape, *(_to_layer(layer, n_batch) for layer in model.layers)])


def _from_layer(layer):
    kind, config = type(layer).__name__, layer.get_config()
    if kind == "TimeDistributed" and isinstance(layer.layer, keras.layers.Dense):
        return _from_layer(layer.layer)
    if kind not in OPTIONS and kind != "Bidirectional":
        raise ValueError(
            f"The layer {layer.name!r} is a {kind}, which this engine does not have; it has"
            f" {', '.join(OPTIONS)}, Bidirectional, and TimeDistributed around Dense."
        )
    for option, only in ONLY.items():
        if config.get(option, only) != only:
            raise ValueError(
                f"The layer {layer.name!r} has {option}={config[option]!r}; this engine has only"
                f" {option}={only!r}."
            )
    if kind == "Bidirectional":
        return _from_bidirectional(layer)
    options = {name: config[name] for name in OPTIONS[kind]}
    try:
        new = getattr(ours, kind)(**options, dtype=layer.compute_dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The layer {layer.name!r} cannot be converted: {error}") from error
    weights = [np.asarray(w) for w in layer.get_weights()]
    if weights:
        new.build(len(weights[0]))
        new.set_weights(weights)
    elif new.weight_names:
        raise ValueError(f"The Keras layer {layer.name!r} is not built: call it on data first.")
    return new


def _from_bidirectional(layer):
    try:
        pair = [_from_layer(one) for one in (layer.forward_layer, layer.backward_layer)]
        new = ours.Bidirectional(pair[0], backward_layer=pair[1])
    except (TypeError, ValueError) as error:
        raise ValueError(f"The layer {layer.name!r} cannot be converted: {error}") from error
    return new.build(pair[0].n_features)


def _to_layer(layer, n_batch):
    if getattr(layer, "stateful", False) and n_batch is None:
        raise ValueError(
            f"{layer} is stateful, for which Keras needs a batch size: convert a Sequential that"
            " was built with one, as in build((32, None, D))."
        )
    if isinstance(layer, ours.Bidirectional):
        pair = [_unbuilt(one) for one in (layer.forward_layer, layer.backward_layer)]
        new = keras.layers.Bidirectional(pair[0], backward_layer=pair[1], dtype=layer.dtype.name)
    else:
        new = _unbuilt(layer)
    if layer.params:
        new.build((n_batch, None, layer.n_features))
        new.set_weights(layer.get_weights())
    return new


def _unbuilt(layer):
    """The Keras layer with the same options, without weights."""
    kind = type(layer).__name__
    if kind not in OPTIONS:
        raise ValueError(f"{layer} has no counterpart in Keras that this bridge knows.")
    config = layer.get_config()
    options = {name: config[name] for name in (*OPTIONS[kind], "dtype")}
    return getattr(keras.layers, kind)(**options)
