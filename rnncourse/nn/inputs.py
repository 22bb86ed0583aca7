"""The checks of what a model is given: its layers, X, y, and the batches of stateful layers."""

import inspect

import numpy as np

from rnncourse.nn.layers import Bidirectional, Layer, Masking, Recurrent
from rnncourse.nn.layers.checks import CLEAN, as_numbers, check_finite

__all__ = ["as_examples", "check_layers", "check_stateful", "extreme_examples", "unchecked"]


def check_layers(layers):
    """Raise TypeError or ValueError for what cannot be a stack of layers."""
    if not layers:
        raise ValueError("Sequential needs at least one layer, such as Dense(1).")
    if len({id(layer) for layer in layers}) < len(layers):
        raise ValueError("The same layer stands twice in this Sequential; make two layers.")
    last_only = None  # the layer after which there are no sequences any more
    for layer in layers:
        _check_layer(layer)
        if last_only and isinstance(layer, Recurrent | Bidirectional | Masking):
            raise ValueError(
                f"{layer} reads sequences, but {last_only} before it gives only its last state."
                f" Give {last_only} return_sequences=True."
            )
        if not getattr(layer, "return_sequences", True):
            last_only = layer


def _check_layer(layer):
    if not isinstance(layer, Layer):
        hint = "a layer is made by a call, such as Dense(1)"
        if hasattr(layer, "layers"):
            hint = "put that model's layers into the list, as in [*model.layers, Dense(1)]"
        elif type(layer).__module__.startswith("keras"):
            hint = (
                "from_keras(layer) of rnncourse.nn.keras_bridge converts Keras's; leave out Input"
            )
        raise TypeError(f"Sequential takes a list of layers; got {layer!r} in it: {hint}.")
    if getattr(layer, "return_state", False):
        raise ValueError(
            f"{layer} has return_state=True, which gives several outputs; a Sequential"
            " passes on one. Call layer.forward yourself if you need the states."
        )


def as_examples(X, *y):
    """X, or X and y, as arrays, after a check: an example, as many targets, finite numbers.

    Raises TypeError for what is not numeric, ValueError for everything else.
    """
    X = as_numbers(X, "X")
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"The model needs at least one example; got shape {X.shape}.")
    check_finite(X, "X: the input", CLEAN)
    if not y:
        return X
    y = as_numbers(y[0], "y")
    if y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"X has {len(X)} examples, y has shape {y.shape}: give one target per example."
        )
    check_finite(y, "y: the input", CLEAN)
    return X, y


def extreme_examples(*arrays):
    """The numbers of few examples, among them those with the largest and smallest entries.

    Shapes, token numbers and classes that do not fit a model show in these already.
    """
    found = {0}
    for array in arrays:
        for position in (array.argmin(), array.argmax()):
            found.add(int(np.unravel_index(position, array.shape)[0]))
    return sorted(found)


def check_stateful(layers, n_examples, batch_size, shuffle=False):
    """Raise ValueError where a stateful layer's batches would not continue one another."""
    if not any(layer.stateful for layer in layers):
        return
    if shuffle:
        raise ValueError(
            "Stateful layers carry their states from batch to batch, so the order matters:"
            " give fit shuffle=False."
        )
    if n_examples > batch_size and n_examples % batch_size:
        raise ValueError(
            f"Stateful layers need equal batches; {n_examples} examples do not divide into"
            f" batches of {batch_size}."
        )


def unchecked(layer):
    """The argument that spares a layer the search for nan, if its forward has one.

    A layer of the learner's own may have only Keras's arguments.
    """
    known = "check" in inspect.signature(layer.forward).parameters
    return {"check": False} if known else {}
