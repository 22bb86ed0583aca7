"""Observers: what turns a returned object into plain data that a task can compare.

A task names its observer, and the process that runs a submission finds it here by that name: a
model or a list of a learner's own cannot be sent to whoever judges. An instructor's own observers
stand in the module of data beside the tasks, `week5_data.py`.

    @observer("names", codes=("not-names",))
    def names(returned): ...
"""

import unicodedata
from dataclasses import dataclass

import numpy as np

from rnncourse.checking import keras_facts
from rnncourse.checking.attempt import Refused, arrays

__all__ = ["Observer", "codes", "named", "observer"]

_known = {}


@dataclass(frozen=True)
class Observer:
    """`look(returned, *more, **options)` gives {name: plain value}, or raises Refused.

    `more` is what a probe holds beyond the arguments; `codes` are the refusals of its own.
    """

    look: callable
    codes: frozenset


def observer(name, *, codes=()):
    """Decorate a function that is the observer `name`; `codes` are all that it refuses with."""

    def register(look):
        _known[name] = Observer(look, frozenset(codes))
        return look

    return register


def named(name):
    """The Observer of that name; ValueError tells which there are."""
    if name not in _known:
        raise ValueError(f"there is no observer {name!r}; known are {', '.join(sorted(_known))}")
    return _known[name]


def codes(name):
    """The codes with which the observer `name` refuses; none where a task has no observer."""
    return named(name).codes if name else frozenset()


@observer("number", codes=("answer-kind", "comma"))
def number(answer):
    """A value task's number or array."""
    if isinstance(answer, tuple) and len(answer) > 1 and all(type(n) is int for n in answer):
        raise Refused("comma", got=str(answer)[:60])
    try:
        return arrays("")(answer)
    except Refused as refusal:
        raise Refused("answer-kind", **refusal.facts) from None


@observer("choice")
def choice(answer):
    """A value task's letter in any spelling: "B)" is b. A number is none of the choices."""
    text = unicodedata.normalize("NFKC", str(answer)).lower()
    return {"result": "".join(char for char in text if char.isalnum() or char in "-_")}


@observer("true-or-false", codes=("not-true-or-false",))
def true_or_false(returned):
    """The returned array, unless it holds something else than True and False (or 1 and 0)."""
    values = arrays("feature")(returned)
    if not np.isin(values["result"], (0, 1)).all():
        raise Refused("not-true-or-false")
    return values


@observer("names", codes=("not-names",))
def names(returned):
    """The named options as one text, in the order of the alphabet."""
    if isinstance(returned, str) or not hasattr(returned, "__iter__"):
        raise Refused("not-names", what=type(returned).__name__)
    found = sorted(returned, key=str)
    if not all(isinstance(name, str) for name in found):
        raise Refused("not-names", what=f"{type(returned).__name__} of other things than text")
    return {"the list": ", ".join(found) or "(empty)"}


@observer("three-faults", codes=("not-three", "no-such-fault"))
def three_faults(returned, faults):
    """Three of the names in `faults`."""
    if not isinstance(returned, list | tuple) or len(returned) != 3:
        n = len(returned) if isinstance(returned, list | tuple) else type(returned).__name__
        raise Refused("not-three", got=str(n))
    for name in returned:
        if not isinstance(name, str) or name not in faults:
            raise Refused("no-such-fault", got=str(name)[:30], names=", ".join(faults))
    return {f"program {i}": name for i, name in enumerate(returned)}


@observer("keras-model", codes=("not-keras", "not-compiled", "subclassed"))
def keras_model(model, weights, X):
    """What a compiled Keras model is, as plain text and numbers, and what it answers to X.

    The answers, with these weights, cannot be written down without such a model: the facts could.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise Refused("not-keras", what=type(model).__name__)
    if not model.compiled:
        raise Refused("not-compiled")
    if not keras_facts.readable(model):
        raise Refused("subclassed", what=type(model).__name__)
    return keras_facts.facts(model, weights, X)
