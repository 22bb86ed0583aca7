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

RECURRENT_OPTIONS = ("units", "use_bias", "return_sequences", "return_state", "go_backwards")
RECURRENT_OPTIONS += ("stateful", "reset_after", "unit_forget_bias")
# What Keras has and this engine has not: option -> the only value that converts.
ONLY = {
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
    "zero_output_for_mask": False,
    "recurrent_activation": "sigmoid",
    "kernel_regularizer": None,
    "recurrent_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "recurrent_constraint": None,
    "bias_constraint": None,
}


def from_keras(keras_object):
    """A Keras layer or Sequential -> ours, with copies of its weights.

    The layer must be built. Raises ValueError that names the layer or option which this engine
    does not have.
    """
    if isinstance(keras_object, keras.Sequential):
        model = Sequential([_from_keras_layer(layer) for layer in keras_object.layers])
        if keras_object.built:
            model.build(keras_object.input_shape)
        return model
    return _from_keras_layer(keras_object)


def to_keras(model):
    """Our layer or Sequential, built -> a Keras one with copies of its weights."""
    if isinstance(model, Sequential):
        shape = model.input_shape[1:]
        return keras.Sequential([keras.Input(shape), *(_to_keras_layer(x) for x in model.layers)])
    return _to_keras_layer(model)


def _from_keras_layer(layer):
    kind = type(layer).__name__
    if kind not in ("SimpleRNN", "LSTM", "GRU", "Dense"):
        raise ValueError(f"The layer {layer.name!r} is a {kind}, which this engine does not have.")
    if not layer.built:
        raise ValueError(f"The Keras layer {layer.name!r} is not built: call it on data first.")
    config = layer.get_config()
    for option, only in ONLY.items():
        if config.get(option, only) != only:
            raise ValueError(
                f"The layer {layer.name!r} has {option}={config[option]!r}; this engine has only"
                f" {option}={only!r}."
            )
    options = {name: config[name] for name in RECURRENT_OPTIONS if name in config}
    new = getattr(ours, kind)(
        activation=config["activation"], dtype=layer.compute_dtype, name=layer.name, **options
    )
    new.build(layer.kernel.shape[0] if kind == "Dense" else layer.cell.kernel.shape[0])
    new.set_weights([np.asarray(w) for w in layer.get_weights()])
    return new


def _to_keras_layer(layer):
    names = [name for name in RECURRENT_OPTIONS if hasattr(layer, name)]
    options = {name: getattr(layer, name) for name in names}
    new = getattr(keras.layers, type(layer).__name__)(
        activation=layer.activation.name, dtype=layer.dtype.name, name=layer.name, **options
    )
    new.build((None, None, layer.n_features))
    new.set_weights(layer.get_weights())
    return new
