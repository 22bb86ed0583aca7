"""What a compiled Keras model is, as plain text and numbers, for the observer `keras-model`.

Told are the layers, the optimizer and the loss with every option that is not Keras's own choice, so
that a dropout or a frozen layer shows; and what the model answers, so that its graph does. Two ways
to write one model are told alike: RNN(SimpleRNNCell(50)), a model inside a model, loss=["mse"].
"""

import warnings

import numpy as np

__all__ = ["facts", "readable"]

SHOWN = ("units", "activation", "return_sequences")
HARMLESS = {"name", "seed", "registered_name", "trainable", "unroll", "zero_output_for_mask"}
CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell")


def readable(model):
    """Whether the layers of a keras.Model and their order can be read off: not off a `call`."""
    import keras

    return isinstance(model, keras.Sequential) or hasattr(model, "operations")


def facts(model, weights, X):
    """{what: text or number} of a compiled model that is `readable`, and its answers to X.

    weights: what all its arrays are set to before; X: (B, T, features).
    """
    with warnings.catch_warnings():  # Keras's, of a loss that is a lambda or an input in a list
        warnings.simplefilter("ignore")
        return _facts(model, weights, X)


def _facts(model, weights, X):
    steps = _steps(model)
    found = {"model.layers": ", ".join(_kind(step) for step in steps)}
    found |= {f"layer {i + 1}": _layer(step) for i, step in enumerate(steps)}
    found["model.input_shape"] = str(_only(model.input_shape)) if model.built else "–"
    found |= _optimizer(model.optimizer)
    found |= _loss(model, X)
    return found | {"model.predict": _predicted(model, weights, X)}


def _steps(model):
    """All layers and operations of a model, those of models inside it among them."""
    import keras

    found = []
    for step in getattr(model, "operations", model.layers):
        if isinstance(step, keras.Model) and readable(step):
            found += _steps(step)
        elif not isinstance(step, keras.layers.InputLayer):
            found.append(step)
    return found


def _kind(step):
    """SimpleRNN, also for RNN(SimpleRNNCell(50)); a learner's own class is told as that."""
    import keras

    cell = getattr(step, "cell", None)
    if type(step) is keras.layers.RNN and type(cell).__name__ in CELLS:
        step, name = cell, type(cell).__name__.removesuffix("Cell")
    else:
        name = type(step).__name__
    if isinstance(step, keras.layers.Layer):
        ours = getattr(keras.layers, type(step).__name__, None) is type(step)
        return name if ours else f"{name} (a class of your own)"
    return f"{name} {step.name}"  # an operation between layers: `Multiply multiply`


def _layer(step):
    """`SimpleRNN(units=50, activation='tanh', return_sequences=True, dropout=0.2)`."""
    import keras

    kind = _kind(step)
    if not isinstance(step, keras.layers.Layer):
        return kind
    config = step.get_config()
    if isinstance(cell := config.pop("cell", None), dict):
        config = {**cell["config"], **config}
    make = getattr(keras.layers, kind, None)
    usual = make(config["units"]).get_config() if make and "units" in config else {}
    options = {name: config[name] for name in SHOWN if name in config}
    options |= _unusual(config, usual, SHOWN)
    if len(step.trainable_weights) < len(step.weights) or not step.trainable:
        options["trainable"] = False
    return _told(kind, options)


def _unusual(config, usual, leave=()):
    """The options in which a configuration is not the usual one, {name: value}."""
    return {
        name: config[name]
        for name in usual.keys() & config.keys() - HARMLESS - {*leave}
        if _plain(config[name]) != _plain(usual[name])
    }


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(more) for key, more in value.items() if key not in HARMLESS}
    return value


def _told(name, options):
    """`Adam(clipnorm=1.0)`, or `Adam` where there are no options."""
    brief = {k: v.get("class_name", v) if isinstance(v, dict) else v for k, v in options.items()}
    said = ", ".join(f"{key}={value!r}" for key, value in brief.items())
    return f"{name}({said})" if said else name


def _optimizer(optimizer):
    """Facts of an optimizer; its learning rate by itself."""
    config, usual = optimizer.get_config(), type(optimizer)().get_config()
    rate = config["learning_rate"]
    rate = rate["class_name"] if isinstance(rate, dict) else float(f"{float(rate):.4g}")
    options = _unusual(config, usual, ["learning_rate"])
    return {"model.optimizer": _told(type(optimizer).__name__, options), "learning_rate": rate}


def _loss(model, X):
    """Facts of a loss: its name in one spelling, and what it gives for two columns of X."""
    import keras

    loss = keras.losses.get(_only(model.loss))
    name = getattr(loss, "__name__", type(loss).__name__)
    name = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
    options = {}
    if isinstance(loss, keras.losses.Loss):
        options = _unusual(loss.get_config(), type(loss)().get_config())
    weight = _only(model.get_compile_config().get("loss_weights"))
    return {
        "model.loss": _told(name, options),
        "loss_weights": 1.0 if weight is None else float(weight),
        "model.loss(y, y_hat)": float(np.mean(loss(X[:, 0], X[:, -1]))),
    }


def _only(value):
    """The one thing in a list or dictionary; anything else as it is."""
    if isinstance(value, dict):
        value = list(value.values())
    return _only(value[0]) if isinstance(value, list) and len(value) == 1 else value


def _predicted(model, weights, X):
    """The outputs for X with these weights; nothing where the model has other shapes."""
    before = model.get_weights()
    if [w.shape for w in before] != [w.shape for w in weights]:
        return np.zeros(0)
    model.set_weights(weights)
    try:
        outputs = model(X)
    except (ValueError, TypeError):  # another length of the windows, say
        return np.zeros(0)
    finally:
        model.set_weights(before)
    return np.asarray(_only(outputs))
