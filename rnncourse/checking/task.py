"""A task: what is wanted, on which inputs, and which mistakes we recognise.

A task is written as its own reference solution under a decorator that adds the rest; the
function's name is the task's name, and its module the chapter's. Grading is split in two:
`run` puts the task's Question to the learner's code and yields plain data, `judge` compares that
with the reference. Longer than 250 lines because it holds the three kinds of tasks and their
decorators, which are read side by side.
"""

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np

from rnncourse import language, progress
from rnncourse.checking import naming, nbgrader, observers
from rnncourse.checking.attempt import Ended, Outcome
from rnncourse.checking.compare import agree, close, describe, near
from rnncourse.checking.mistakes import Edit, source_of
from rnncourse.checking.question import Question, TaskKind
from rnncourse.checking.showing import Showing, rows_shown
from rnncourse.checking.unfinished import broken_cell
from rnncourse.checking.verdict import Verdict

__all__ = [
    "Level",
    "Task",
    "function_task",
    "keep",
    "model_task",
    "tasks_of",
    "value_task",
]

TOO_GOOD = 0.1  # of the bar: on real data our own models reach between half the bar and the bar


def tasks_of(module):
    """The tasks of a chapter's module, in the order in which it defines them."""
    return [value for value in vars(module).values() if isinstance(value, Task)]


class Level(StrEnum):
    """How much a task asks for, as its notebook says it."""

    WARM_UP = "warm-up"
    CORE = "core"
    STRETCH = "stretch"


@dataclass(eq=False)
class Task:
    """What all kinds of task share. `reference` is the solution that we show and grade against."""

    reference: callable
    mistakes: Mapping  # code -> a wrong answer that this task must name, or an Edit that makes it
    points: float
    level: Level
    seconds: float  # how long a learner's call may take
    seed: int = 0

    def __post_init__(self):
        self.name = self.reference.__name__
        self.chapter = self.reference.__module__.rpartition(".")[2]
        self.__doc__ = self.reference.__doc__
        self._hints_given = 0
        self._tried = False

    @cached_property
    def wrong(self):
        """{code: wrong answer}; an Edit becomes the edited reference when it is first needed."""
        return {
            code: mistake.of(self.reference) if isinstance(mistake, Edit) else mistake
            for code, mistake in self.mistakes.items()
        }

    @property
    def question(self):
        """What is asked, without its answer: all that the process with the attempt gets."""
        return Question(self.chapter, self.name, self.kind, self.seconds)

    def probes(self, seed=None):
        """What the learner's code is asked, one tuple of plain values after the other."""
        return [()]

    def answer(self, attempt, probe):
        """The Outcome of one probe."""
        return self.question.answer(attempt, probe)

    def noted(self, probe, outcome):
        """The Outcome with what whoever judges noted itself while the probe was answered."""
        return outcome

    def run(self, attempt, seed=None, most=None):
        """Put all probes, or the first `most`, to `attempt`; a list of Outcomes."""
        got = []
        for probe in self.probes(seed)[:most]:
            got.append(self.noted(probe, self.answer(attempt, probe)))
            if got[-1].kind == Ended.TOO_SLOW:  # so would the others be
                break
        return got

    def judge(self, got, seed=None, ask=None):
        """(status, code, facts) for what `run` returned, without the learner's code.

        `ask(seed)` would put the probes of another seed to it, to confirm the name of a mistake.
        """
        raise NotImplementedError

    def grade(self, attempt, seed=None):
        """The Verdict on `attempt`. Prints and records nothing."""
        status, code, facts = self.judge(
            self.run(attempt, seed), seed, lambda s: self.run(attempt, s)
        )
        points = self.points if status == "pass" else 0
        return Verdict(status, self.chapter, self.name, code, facts, points, self.points)

    def check(self, attempt):
        """Print the verdict on `attempt`, and keep it in the learner's progress."""
        if nbgrader.running():
            nbgrader.check(self, attempt)
            return
        if cell := broken_cell(self.name):
            facts = {"cell": cell}
            print(Verdict("fail", self.chapter, self.name, "broken-cell", facts).text())
            return
        verdict = self.grade(attempt)
        print(verdict.text())
        self._tried = self._tried or verdict.status != "todo"
        # JupyterLab tells a kernel which notebook it runs; the answers in solutions/ are ours.
        if "solutions" not in Path(os.environ.get("JPY_SESSION_NAME", "")).parts:
            keep(verdict)

    def hint(self):
        """Print the next hint; after the last one, where to find our solution."""
        hints = self._sentences().get("hints", [])
        if self._hints_given < len(hints):
            self._hints_given += 1
            print(_say("hint", n=self._hints_given, of=len(hints)) + hints[self._hints_given - 1])
        else:
            print(_say("no-more-hints", chapter=self.chapter, task=self.name))

    def solution(self):
        """Print our solution, once there was one real attempt."""
        if not self._tried and (self.chapter, self.name) not in _kept():
            print(_say("try-first", chapter=self.chapter, task=self.name))
            return
        print(source_of(self.reference))

    def __repr__(self):
        return f"<task {self.chapter}.{self.name}, {self.points:g} points>"

    def _sentences(self):
        return language.table(f"tasks.{self.chapter}", language.current()).get(self.name, {})


def _say(code, **facts):
    return language.say("checking.general", code, **facts)


def keep(verdict):
    """Record a verdict in the learner's progress, or print one sentence saying why not."""
    if verdict.status == "todo":
        return
    facts = {"points": verdict.points, "out_of": verdict.out_of, "code": verdict.code}
    try:
        progress.record(verdict.chapter, verdict.task, solved=verdict.status == "pass", **facts)
    except (OSError, progress.Error) as error:
        print(_say("not-kept", path=progress.path(), error=error))
    if warning := progress.will_be_lost():
        print(warning)


def _kept():
    try:
        return progress.read()
    except (OSError, progress.Error):
        return {}


class FunctionTask(Task):
    """A function, compared with the reference on seeded cases.

    `cases(rng)` makes a fresh list of argument tuples, and what a tuple holds beyond the arguments
    goes to the observer; `axes` names the axes of each array, for the sentences. `edges(rng)` makes
    further ones, {what is special: arguments}: "one step", "a mark at step 0". A mistake is named
    by the cases alone, because people who make the same mistake differ at the edges.
    """

    kind = TaskKind.FUNCTION

    def __init__(self, reference, *, cases, edges, axes, observer, options, **shared):
        super().__init__(reference, **shared)
        self.cases, self.edges = cases, edges
        self.observer, self.options = observer, options
        self.asked_axes = axes
        self.axes = {"result": axes} if isinstance(axes, str) else axes or {}
        self.arguments = list(inspect.signature(reference).parameters)

    @property
    def question(self):
        return replace(
            super().question,
            arguments=self.arguments,
            axes=self.asked_axes,
            observer=self.observer,
            options=self.options,
        )

    def probes(self, seed=None):
        rng = np.random.default_rng(self.seed if seed is None else seed)
        return [*self.cases(rng), *self.edges(rng).values()]

    def n_cases(self, seed=None):
        """How many of the probes are cases; the others are edges."""
        return self._parts(seed)[0]

    def _parts(self, seed):
        """(the number of cases, [what is special about each edge])."""
        rng = np.random.default_rng(self.seed if seed is None else seed)
        return len(self.cases(rng)), list(self.edges(rng))

    def shares(self, got, seed=None):
        """Which cases are right, one bool per case, for partial credit."""
        want = self.run(self.reference, seed)
        return [agree(got[i : i + 1], want[i : i + 1]) for i in range(len(want))]

    def judge(self, got, seed=None, ask=None):
        for outcome in got:
            if outcome.kind in (Ended.TODO, Ended.HELPER):  # nothing is wrong yet
                return "todo", outcome.kind, outcome.facts
        want = self.run(self.reference, seed)
        if agree(got, want):
            return "pass", "pass", {"n": len(want)}
        n_cases, edges = self._parts(seed)
        regular = agree(got[:n_cases], want[:n_cases])
        if not regular and (named := naming.name(naming.Trials(self, got, seed, ask))):
            return "fail", *named
        n = next(i for i in range(len(want)) if not agree(got[i : i + 1], want[i : i + 1]))
        code, facts = describe(got[n], want[n], self.axes)
        number = f"{n + 1} ({edges[n - n_cases]})" if n >= n_cases else n + 1
        return "fail", code, {"n": number, **facts}


def function_task(
    *,
    cases,
    wrong,
    edges=lambda rng: {},
    axes=None,
    observe=None,
    points=2,
    level=Level.CORE,
    seconds=5,
):
    """Decorate a reference that a learner's function must equal on all `cases` and `edges`.

    axes: "batch unit" for one array, {"dW": "feature unit", ...} for a tuple of several. A
    function that returns something else, a Keras model say, has `observe` instead: the name of an
    observer (checking/observers.py), or (its name, {keyword: plain value}). `wrong`: {code:
    edit(old, new) of the reference, or a function}. `level`: "warm-up", "core" or "stretch".
    """
    observer, options = observe if isinstance(observe, tuple) else (observe, {})
    observers.codes(observer)  # raises where there is none of that name

    def decorate(reference):
        own = {"cases": cases, "edges": edges, "axes": axes, "observer": observer}
        shared = {"mistakes": wrong, "points": points, "level": Level(level), "seconds": seconds}
        return FunctionTask(reference, options=options, **own, **shared)

    return decorate


class ValueTask(Task):
    """A number, an array or a choice; the reference function computes it."""

    kind = TaskKind.VALUE

    @property
    def question(self):
        choice = any(isinstance(other, str) for other in self.wrong.values())
        return replace(super().question, observer="choice" if choice else "number")

    def judge(self, got, seed=None, ask=None):
        (outcome,) = got
        if outcome.kind == Ended.TODO:
            return "todo", "todo", {}
        if outcome.kind != Ended.RETURNED:
            return "fail", outcome.kind, outcome.facts
        value, want = outcome.values["result"], self.reference()
        if close(value, want):
            return "pass", "right", {}
        for code, other in self.wrong.items():
            if close(value, other):
                return "fail", code, {}
        if isinstance(want, str):
            choices = ", ".join(sorted([want, *self.wrong.values()]))
            return "fail", "choice", {"got": value, "choices": choices}
        if np.shape(value) != np.shape(want):
            facts = {"got": str(np.shape(value)), "want": str(np.shape(want))}
            return "fail", "value-shape", facts
        if near(value, want):
            return "fail", "nearly", {}
        return "fail", "wrong", {}


def value_task(*, wrong, points=1, level=Level.WARM_UP):
    """Decorate a function without arguments that computes the right answer.

    `wrong` is {code: a wrong answer whose reason we know}; a text answer is a choice, and the
    choices are the right one and all wrong ones.
    """

    def decorate(reference):
        return ValueTask(reference, mistakes=wrong, points=points, level=Level(level), seconds=5)

    return decorate


class ModelTask(Task):
    """A training function, measured by its model's error on data that it has not seen.

    `data()` returns a HeldOut. The bar is `bar` times its baseline's error. `symptoms` is {code:
    predicate(y_hat, data)}. Without a seed, as for a learner, one call predicts all of X_test.
    With one, the rows come in an order that it decides, and where the data have an `order`, one
    moment's rows at a time, so that no window tells a target that is still asked for.

    An error far below the bar is remarked on, in `facts`, and changes nothing: targets of public
    data can be learned by heart. `exact` says that a model may honestly make no error at all.
    """

    kind = TaskKind.MODEL

    def __init__(self, reference, *, data, bar, axes, symptoms, exact, **shared):
        super().__init__(reference, **shared)
        self.data, self.bar, self.axes, self.symptoms = data, bar, axes, symptoms
        self.exact = exact
        self.arguments = list(inspect.signature(reference).parameters)

    @property
    def question(self):
        return replace(super().question, arguments=self.arguments, axes=self.axes)

    def probes(self, seed=None):
        data = self.data()
        if seed is None or data.order is None:
            return [(data.train, data.X_test[self._rows(data, seed)])]
        shown = self._shown(data, seed)
        return [(data.train, Showing([(data.X_test[k], data.y_test[k].size) for k in shown]))]

    def noted(self, probe, outcome):
        showing = probe[1]
        if outcome.kind != Ended.RETURNED or not isinstance(showing, Showing):
            return outcome
        return Outcome(Ended.RETURNED, {"result": showing.noted()})

    def judge(self, got, seed=None, ask=None):
        (outcome,), data = got, self.data()
        if outcome.kind == Ended.TODO:
            return "todo", "todo", {}
        rows = self._rows(data, seed)
        want = Outcome(Ended.RETURNED, {"result": data.y_test[rows]})
        y_hat = outcome.values.get("result")
        right = y_hat is not None and y_hat.shape == data.y_test[rows].shape
        if not right or not np.isfinite(y_hat).all():
            code, facts = describe(outcome, want, {"result": self.axes})
            return "fail", code, {"n": 1, **facts}
        order = np.argsort(rows)
        return self._measured(y_hat[order], data.only(rows[order]))

    def _measured(self, y_hat, data):
        """(status, code, facts) of predictions for all test examples of a HeldOut."""
        error, bar = data.error(y_hat), self.bar * data.baseline
        facts = {"error": f"{error:.3f}", "bar": f"{bar:.3f}", "baseline": f"{data.baseline:.3f}"}
        for code, shows in self.symptoms.items():
            if shows(y_hat, data):
                return "fail", code, facts
        if error > bar:
            return "fail", "below-bar", facts
        if error < TOO_GOOD * bar and not self.exact:
            facts["remark"] = "too-good"
        return "pass", "above-bar", facts

    def _shown(self, data, seed):
        return rows_shown(data.order, np.random.default_rng(seed))

    def _rows(self, data, seed):
        """Which test examples are asked for, (m,), in the order in which they are asked.

        Only whoever holds `seed` knows it: targets learned by heart, row by row, are no answer.
        """
        if seed is None:
            return np.arange(len(data.y_test))
        if data.order is not None:
            return np.concatenate(self._shown(data, seed))
        return np.random.default_rng(seed).permutation(len(data.y_test))


def model_task(
    *,
    data,
    bar,
    axes,
    symptoms,
    wrong,
    points=3,
    level=Level.STRETCH,
    seconds=90,
    exact=False,
):
    """Decorate a training function that returns a model: see ModelTask."""

    def decorate(reference):
        own = {"data": data, "bar": bar, "axes": axes, "symptoms": symptoms, "exact": exact}
        shared = {"mistakes": wrong, "points": points, "level": Level(level), "seconds": seconds}
        return ModelTask(reference, **own, **shared)

    return decorate
