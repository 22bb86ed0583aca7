"""Call a learner's code and say what happened, whatever happened. Compares nothing."""

import contextlib
import copy
import importlib
import inspect
import numbers
import sys
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from rnncourse.checking.raised import facts_of
from rnncourse.checking.unfinished import is_stub, stumbled_over
from rnncourse.time_limit import TimeIsUp, time_limit

__all__ = ["Ended", "Outcome", "Refused", "arrays", "call"]


class Ended(StrEnum):
    """How the call of a learner's answer can end, whatever the task. An observer may add codes."""

    RETURNED = "returned"
    TODO = "todo"
    NOT_CALLABLE = "not-callable"
    A_CLASS = "a-class"
    ARGUMENTS = "arguments"
    ORDER = "order"
    LEFT_RAISE = "left-raise"
    HELPER = "helper"
    NO_RETURN = "no-return"
    TOO_SLOW = "too-slow"
    EXIT = "exit"
    RAISED = "raised"
    CHANGED_INPUT = "changed-input"
    # what was returned is not what a task can compare
    NOT_ARRAY = "not-array"
    TENSOR = "tensor"
    NOT_NUMERIC = "not-numeric"
    COMPLEX = "complex"
    COUNT = "count"
    UNREADABLE = "unreadable"
    NOT_A_MODEL = "not-a-model"


@dataclass(frozen=True)
class Outcome:
    """What one call did. `kind` is one of Ended, or a code of the task's observer.

    `values` holds what was returned as plain data, {name: array, number or string};
    `facts` holds what a sentence about the failure needs.
    """

    kind: str
    values: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)


class Refused(Exception):
    """A returned object that is not what a task wants: the code and the facts to tell."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


def call(function, args, names, observe, seconds):
    """Call `function(*args)` and return the Outcome; nothing but Ctrl-C escapes.

    `names` are what the task calls its arguments, `observe` turns the returned object into
    {name: plain value} or raises Refused, and `seconds` bounds what the call may spend.
    """
    if function is ...:
        return Outcome(Ended.TODO)
    if inspect.isclass(function):
        return Outcome(Ended.A_CLASS, facts={"what": function.__name__})
    if not callable(function) or hasattr(function, "predict"):  # a Keras model can be called too
        what = type(function).__name__
        return Outcome(Ended.NOT_CALLABLE, facts={"what": what})
    if not _accepts(function, args):
        facts = {"got": str(inspect.signature(function)), "want": f"({', '.join(names)})"}
        return Outcome(Ended.ARGUMENTS, facts=facts)
    if turned := _turned_round(function, names):
        return Outcome(Ended.ORDER, facts={"got": turned, "want": f"({', '.join(names)})"})
    _import_ahead(function)
    before = copy.deepcopy(args)
    try:
        with time_limit(seconds), _exit_raises():
            returned = function(*args)
            if returned is ... or (returned is None and is_stub(function)):
                return Outcome(Ended.TODO)
            if returned is None:
                return Outcome(Ended.NO_RETURN)
            values = observe(returned)
    except Refused as refusal:
        return Outcome(refusal.code, facts=refusal.facts)
    except TimeIsUp:
        return Outcome(Ended.TOO_SLOW, facts={"seconds": seconds})
    except SystemExit:
        return Outcome(Ended.EXIT)
    except Exception as error:  # a learner's code may raise anything
        stub = stumbled_over(error, function)
        if stub == "stub":
            return Outcome(Ended.TODO)
        if stub == "left":
            return Outcome(Ended.LEFT_RAISE)
        if stub:
            return Outcome(Ended.HELPER, facts={"what": stub[:100]})
        return Outcome(Ended.RAISED, facts=facts_of(error, function, before, names))
    for name, now, then in zip(names, args, before, strict=True):
        if not _same(now, then):
            return Outcome(Ended.CHANGED_INPUT, facts={"what": name})
    return Outcome(Ended.RETURNED, values)


def _turned_round(function, names):
    """The function's arguments as a text, where they are the wanted ones in another order."""
    try:
        own = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
    return f"({', '.join(own)})" if own != [*names] and sorted(own) == sorted(names) else None


def _import_ahead(function):
    """Import TensorFlow, if the function is going to, so that its time is not counted."""
    names = set(getattr(getattr(function, "__code__", None), "co_names", ()))
    for module in {"tensorflow", "keras"} & names - sys.modules.keys():
        with contextlib.suppress(ImportError):  # the function itself will say so
            importlib.import_module(module)


def arrays(axes):
    """An `observe` for functions that return arrays.

    `axes` is "batch unit" for one array, or {name: axes} for a tuple of several.
    """

    def observe(returned):
        if isinstance(axes, str):
            return {"result": _array(returned)}
        if not isinstance(returned, tuple | list) or len(returned) != len(axes):
            count = len(returned) if isinstance(returned, tuple | list) else 1
            raise Refused(Ended.COUNT, got=count, want=len(axes), names=", ".join(axes))
        return {name: _array(value) for name, value in zip(axes, returned, strict=True)}

    return observe


def _array(value):
    """`value` as a float array, or Refused with what it is instead."""
    kind = type(value).__name__
    if isinstance(value, list | tuple):
        raise Refused(Ended.NOT_ARRAY, what=kind)
    if hasattr(value, "numpy") and not isinstance(value, np.ndarray):
        raise Refused(Ended.TENSOR, what=kind)
    if isinstance(value, numbers.Number) and not isinstance(value, complex | np.generic):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            value = float(value)  # a Fraction, a Decimal
    try:
        array = np.asarray(value)
    except Exception:  # an object whose __array__ fails
        raise Refused(Ended.NOT_NUMERIC, what=kind) from None
    if array.dtype.kind not in "biuf":
        raise Refused(Ended.COMPLEX if array.dtype.kind == "c" else Ended.NOT_NUMERIC, what=kind)
    return array.astype(float)


@contextlib.contextmanager
def _exit_raises():
    """In a notebook `exit()` ends the kernel and loses the learner's variables: raise instead."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return

    def ask_exit():
        raise SystemExit

    shell.ask_exit = ask_exit
    try:
        yield
    finally:
        del shell.ask_exit


def _accepts(function, args):
    """False only if we know that `function` cannot take that many arguments."""
    try:
        inspect.signature(function).bind(*args)
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature: let the call tell
        return True
    return True


def _same(now, then):
    """True if an argument is what it was before the call."""
    if isinstance(now, np.ndarray):
        if now.shape != np.shape(then):
            return False
        return bool((now == then).all()) or np.array_equal(now, then, equal_nan=True)
    if isinstance(now, list | tuple):
        return len(now) == len(then) and all(map(_same, now, then))
    if isinstance(now, dict):
        return now.keys() == then.keys() and all(_same(now[key], then[key]) for key in now)
    if isinstance(now, int | float | str):
        return now == then
    return True
