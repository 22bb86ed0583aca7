"""The judge's side: put a notebook's tasks to a process that runs it, and compare the answers.

References, hidden cases and targets never leave this process, and no code of a submission runs in
it. What comes back is data from a stranger: every value is checked, and whatever it holds, the
result is a Verdict.
"""

import importlib
import re
from dataclasses import dataclass, field

import numpy as np

from rnncourse.grading.wire import Closed, Garbled, encode
from rnncourse.tasks.core import Verdict, tasks_of
from rnncourse.tasks.outcome import Outcome

__all__ = ["Examined", "examine", "kind_of", "tasks_in"]

CALLS, CALL_SIZE = 20_000, 10_000  # of a function that stays here
EVENTS, TEXT = 5_000, 2_000
# A line that imports Keras, not one that installs or mentions it.
IMPORTS = re.compile(r"^[^#\n]*\b(?:import|from)\b[^#\n]*\b(?:keras|tensorflow)\b", re.MULTILINE)
# What a call may end in (tasks/outcome.py, tasks/core.py); a task's own `observe` may add some.
KINDS = {"returned", "todo", "not-callable", "arguments", "no-return", "too-slow", "exit", "raised"}
KINDS |= {"changed-input", "not-array", "tensor", "not-numeric", "complex", "count"}
KINDS |= {"answer-kind", "not-a-model"}


@dataclass
class Examined:
    """What one notebook earned, and how."""

    verdicts: dict = field(default_factory=dict)  # task's name -> Verdict
    shares: dict = field(default_factory=dict)  # task's name -> [case is right, ...]
    errors: list = field(default_factory=list)
    layers: dict = field(default_factory=dict)
    spent: float = 0  # seconds of the processes that ran it, as time_limit.Stopwatch counts them


def tasks_in(chapters):
    """{name: Task} of these chapters' modules, in order."""
    modules = [importlib.import_module(f"rnncourse.tasks.{chapter}") for chapter in chapters]
    return {task.name: task for module in modules for task in tasks_of(module)}


def kind_of(cells, chapters=()):
    """Which warm process a notebook of these chapters needs."""
    modules = [importlib.import_module(f"rnncourse.tasks.{chapter}") for chapter in chapters]
    given = [getattr(value, "given", "") for module in modules for value in vars(module).values()]
    text = "\n".join(source for _, source in cells)
    wanted = "tensorflow" in given or IMPORTS.search(text)
    return "tensorflow" if wanted else "numpy"


def examine(cells, tasks, start, seconds, seed=None, folder=None):
    """Run `cells`, [number, source], and put `tasks`, {name: Task}, to them; an Examined.

    `start()` gives a new Child; another is started for what is left when one dies. Together they
    may spend `seconds`; `seed` makes the hidden cases; relative paths are relative to `folder`.
    """
    result = Examined()
    while len(result.verdicts) < len(tasks):
        visit = _Visit(result, tasks, seed, seconds - result.spent)
        why = visit.pay(start(), cells, folder) if visit.left > 0 else "out-of-time"
        if visit.asked and visit.asked not in result.verdicts:
            result.verdicts[visit.asked] = _lost(tasks[visit.asked], why)
        elif len(result.verdicts) < len(tasks):  # it ended outside a task: no use in going on
            for task in tasks.values():
                lost = _lost(task, f"{why}-before", cell=visit.cell)
                result.verdicts.setdefault(task.name, lost)
    result.verdicts = {name: result.verdicts[name] for name in tasks}
    return result


def _lost(task, code, **facts):
    return Verdict("fail", task.chapter, task.name, code, facts, 0, task.points)


class _Visit:
    """One process, from its first cell to its end."""

    def __init__(self, result, tasks, seed, left):
        self.result, self.tasks, self.seed, self.left = result, tasks, seed, left
        self.asked, self.cell, self.errors, self.calls, self.functions = None, 0, [], 0, []

    def pay(self, child, cells, folder):
        """Ask all that is not yet answered; the reason why it ended early, or None."""
        why = "died"
        try:
            with child.within(self.left) as late:
                try:
                    self._run(child.channel, cells, folder)
                except Garbled:
                    why = "unusable"
                except Closed:
                    why = "out-of-time" if late.is_set() else "died"
                else:
                    why = None
            if why:
                return why
            for task in self.tasks.values():
                if task.name in self.result.verdicts:
                    continue
                self.asked = task.name
                left = self.left - child.spent
                with child.within(min(left, 5 + 3 * task.seconds)) as late:
                    try:
                        verdict = self._grade(child.channel, task)
                    except Garbled:
                        return "unusable"
                    except Closed:
                        return "out-of-time" if late.is_set() else "died"
                self.result.verdicts[task.name] = verdict
            return None
        finally:
            self.result.errors = self.result.errors or self.errors
            self.result.spent += child.spent
            child.end()

    def _run(self, channel, cells, folder):
        layers = channel.receive()  # before any line of the submission ran: to be believed
        self.result.layers = layers.get("layers", {}) if isinstance(layers, dict) else {}
        channel.send({"cells": cells, "folder": folder})
        for _ in range(EVENTS):
            event = channel.receive()
            if not isinstance(event, dict):
                raise Garbled("not an event")
            if event.get("ran") is True:
                return
            cell = event.get("cell")
            self.cell = cell if type(cell) is int and 0 <= cell < EVENTS else self.cell
            if event.get("kind") in ("raised", "too-slow", "exit") and len(self.errors) < 200:
                error = _text(event.get("error", ""))
                self.errors.append({"cell": self.cell, "kind": event["kind"], "error": error})
        raise Garbled("too many events")

    def _grade(self, channel, task):
        """The Verdict on one task."""
        got = []
        for probe in task.probes(self.seed):
            self.functions = []
            ask = {"chapter": task.chapter, "task": task.name, "probe": tuple(probe)}
            try:
                channel.send(ask, self._export)
            except TypeError:  # our own mistake costs this task, not the notebook
                return _lost(task, "unusable")
            answer = self._hear(channel)
            if answer.get("missing"):
                return Verdict("fail", task.chapter, task.name, "not-found", out_of=task.points)
            got.append(_outcome(answer, task))
            if got[-1].kind in ("too-slow", "todo"):
                break
        return self._judge(task, got)

    def _judge(self, task, got):
        try:
            with np.errstate(all="ignore"):
                status, code, facts = task.judge(got, self.seed)
                points = task.points if status == "pass" else 0
                verdict = Verdict(
                    status, task.chapter, task.name, code, dict(facts), points, task.points
                )
                verdict.text("en"), verdict.text("zh")
                if status == "fail" and hasattr(task, "shares"):
                    self.result.shares[task.name] = task.shares(got, self.seed)
        except Exception:  # an answer made to break the comparison earns nothing
            return _lost(task, "unusable")
        return verdict

    def _export(self, function):
        """What stands for a function: a number, or the name of one that the other side has too."""
        if hasattr(function, "given"):
            return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.functions.append(function)
        return len(self.functions) - 1

    def _hear(self, channel):
        """The answer to a probe; on the way, the calls of functions that stay here."""
        while True:
            answer = channel.receive()
            if not isinstance(answer, dict):
                raise Garbled("not an answer")
            if "call" not in answer:
                return answer
            self.calls += 1
            if self.calls > CALLS:
                raise Garbled("too many calls")
            channel.send(self._called(answer["call"]))

    def _called(self, asked):
        try:
            number, arguments = asked
            if sum(np.size(a) for a in arguments) > CALL_SIZE:
                return {"raised": "the arguments are too large"}
            answer = {"value": self.functions[number](*arguments)}
            encode(answer)
            return answer
        except Exception as error:  # arguments of a stranger
            return {"raised": f"{type(error).__name__}: {error}"[:TEXT]}


def _outcome(answer, task):
    """A dictionary from the wire as an Outcome, or Garbled."""
    kind, values, facts = (answer.get(key) for key in ("kind", "values", "facts"))
    known = KINDS | set(getattr(getattr(task, "observe", None), "codes", ()))
    if (
        type(kind) is not str
        or kind not in known
        or type(values) is not dict
        or type(facts) is not dict
    ):
        raise Garbled("not an outcome")
    for value in values.values():
        if not isinstance(value, np.ndarray | np.generic | str | int | float):
            raise Garbled("not a plain value")
    return Outcome(kind, values, {str(key): _fact(item) for key, item in facts.items()})


def _fact(value):
    return value if type(value) in (int, float, bool) else _text(value)


def _text(value):
    """Text of a stranger, short and without control characters."""
    shown = str(value)[:TEXT] if isinstance(value, str | int | float) else type(value).__name__
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in shown)
