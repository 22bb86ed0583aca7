"""A question: what a task asks for, as plain data, without its answer.

The process that runs a submission gets nothing else of a task. The judge keeps the rest: the
reference, the mistakes, the hidden cases and the targets.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from rnncourse.checking import observers
from rnncourse.checking.attempt import Ended, Outcome, Refused, arrays, call
from rnncourse.checking.quick_predict import quick_predict
from rnncourse.checking.raised import short
from rnncourse.time_limit import TimeIsUp

__all__ = ["Question", "TaskKind"]


class TaskKind(StrEnum):
    """What a learner's answer is: a function, a value, or a function that trains a model."""

    FUNCTION = "function"
    VALUE = "value"
    MODEL = "model"


@dataclass(frozen=True)
class Question:
    """One task as it is asked.

    arguments: the names of the function's arguments. axes: {array's name: its axes}, or the axes of
    the only array. observer: the name of what turns the returned object into plain data, None for
    arrays; options: its keyword arguments. seconds: how long one call may take.
    """

    chapter: str
    name: str
    kind: TaskKind
    seconds: float
    arguments: Sequence = ()
    axes: Mapping | str | None = None
    observer: str | None = None
    options: Mapping = field(default_factory=dict)

    def plain(self):
        """The question as plain data, from which `Question(**plain)` makes it again."""
        return asdict(self) | {"kind": str(self.kind), "arguments": [*self.arguments]}

    def answer(self, attempt, probe):
        """The Outcome of one probe. The only place that meets the learner's code."""
        return getattr(self, f"_{self.kind}")(attempt, probe)

    def _look(self, returned, *more):
        if self.observer is None:
            return arrays(self.axes)(returned)
        try:
            return observers.named(self.observer).look(returned, *more, **self.options)
        except (Refused, TimeIsUp):
            raise
        except Exception as error:  # an observer's errors are ours, and no mistake of the learner's
            what = f"{type(returned).__name__} ({type(error).__name__}: {short(error)})"
            raise Refused(Ended.UNREADABLE, what=what) from None

    def _function(self, attempt, probe):
        n = len(self.arguments)
        arguments, more = probe[:n], probe[n:]
        look = lambda returned: self._look(returned, *more)  # noqa: E731 - call() wants a function
        return call(attempt, arguments, self.arguments, look, self.seconds)

    def _value(self, attempt, probe):
        if attempt is ...:
            return Outcome(Ended.TODO)
        try:
            return Outcome(Ended.RETURNED, self._look(attempt))
        except Refused as refusal:
            return Outcome(refusal.code, facts=refusal.facts)

    def _model(self, attempt, probe):
        """`probe` is (what to train with, the test examples or the Showing that shows them)."""
        train, test = probe

        def observe(model):
            predict = _predictor(model)
            if not callable(test):
                return self._look(predict(test))
            with quick_predict():
                X = test()
                while X is not None:
                    X = test(self._look(predict(X))["result"])
            return {}  # what was predicted is noted where it was shown

        return call(attempt, train, self.arguments, observe, self.seconds)


def _predictor(model):
    """What predicts: the method of that name, else the model itself; Keras's without its bar."""
    if not callable(getattr(model, "predict", model)):
        raise Refused(Ended.NOT_A_MODEL, what=type(model).__name__)
    quiet = {"verbose": 0} if "verbose" in _parameters(getattr(model, "predict", model)) else {}
    return lambda X: getattr(model, "predict", model)(X, **quiet)


def _parameters(function):
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
