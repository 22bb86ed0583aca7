"""The judge's side: put a notebook's tasks to a process that runs it, and compare the answers.

References, hidden cases and targets never leave this process, and no code of a submission runs in
it. What comes back is data from a stranger: every value is checked, and whatever it holds, the
result is a Verdict.
"""

import importlib
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from rnncourse.checking.attempt import Outcome
from rnncourse.checking.task import tasks_of
from rnncourse.checking.verdict import Verdict
from rnncourse.grading import lessons, untrusted
from rnncourse.grading.notebook import CELLS, KERAS
from rnncourse.grading.runner.callbacks import CALLS, Served
from rnncourse.grading.runner.protocol import Closed, Garbled
from rnncourse.grading.runner.pulse import Pulse

__all__ = ["Examined", "NotYet", "examine", "kind_of", "tasks_in"]

EVENTS, PLACES = 2 * CELLS + 10, 1 << 30
ERRORS = 200
ANSWERS = 64 << 20  # bytes of all answers to one task
EXCUSES = 5  # how often what a submission is not to blame for is tried again
# What a file that lies beside a notebook is missed by: only the notebook is here.
BESIDE = ("FileNotFoundError:", "ModuleNotFoundError:")
# What a call may end in (tasks/outcome.py, tasks/core.py); a task's own `observe` may add some.
KINDS = {"returned", "todo", "not-callable", "arguments", "no-return", "too-slow", "exit", "raised"}
KINDS |= {"changed-input", "not-array", "tensor", "not-numeric", "complex", "count"}
KINDS |= {"answer-kind", "not-a-model"}


class NotYet(Exception):
    """Nothing could be found out about a submission, through no fault of its own: try it later."""


@dataclass
class Examined:
    """What one notebook earned, and how."""

    verdicts: dict = field(default_factory=dict)  # (chapter, task's name) -> Verdict
    shares: dict = field(default_factory=dict)  # the same -> [case is right, ...]
    errors: list = field(default_factory=list)
    layers: dict = field(default_factory=dict)
    spent: float = 0  # seconds of the processes that ran it, as time_limit.Stopwatch counts them


def tasks_in(chapters):
    """{(chapter, name): Task} of these chapters' modules, in order."""
    modules = [importlib.import_module(f"rnncourse.tasks.{chapter}") for chapter in chapters]
    return {(task.chapter, task.name): task for module in modules for task in tasks_of(module)}


def kind_of(cells, chapters=(), keras=None):
    """Which warm process a notebook of these chapters needs.

    `keras`: whether its cells import it, where the border has said so already.
    """
    modules = [importlib.import_module(f"rnncourse.tasks.{chapter}") for chapter in chapters]
    given = [getattr(value, "given", "") for module in modules for value in vars(module).values()]
    if keras is None:
        keras = bool(lessons.imported([source for _, source in cells])[1] & KERAS)
    return "tensorflow" if keras or "tensorflow" in given else "numpy"


def examine(cells, tasks, start, seconds, seed=None, folder=None, warm=lambda: True):
    """Run `cells`, [number, source], and put `tasks`, as `tasks_in` gives them; an Examined.

    `start()` gives a new Child; another is started for what is left when one dies. Together they
    may spend `seconds`; `seed` makes the hidden cases; relative paths are relative to `folder`.

    A process that ends is the submission's doing only if the next one ends in the same place while
    `warm()`, which says whether the process that forks them lives, is true. What was spent until
    then is given back, once over. Raises NotYet if no process can be had.
    """
    result, ends, excused, back = Examined(), Counter(), Counter(), 0.0
    while len(result.verdicts) < len(tasks):
        left, before = seconds + min(back, seconds) - result.spent, result.spent
        visit = _Visit(result, tasks, seed, left, folder)
        visit.patient = {key for key in tasks if excused[key] < EXCUSES}
        try:
            why = visit.pay(start(), cells) if left > 0 else "out-of-time"
        except (OSError, ValueError) as error:  # no process to be had
            why, visit.what = "no-process", f"{type(error).__name__}: {error}"
        place = visit.asked if visit.asked not in result.verdicts else None
        if why == "died" and (not visit.began or not warm()):
            why = "no-process"
        if why == "no-process":
            excused[why] += 1
            if excused[why] > EXCUSES:
                raise NotYet(untrusted.text(visit.what))
            time.sleep(0.1 * excused[why])
        elif why == "stopped":
            excused[place] += 1
        elif why == "died":
            ends[place] += 1
        if why in ("no-process", "stopped") or (why == "died" and ends[place] == 1):
            back += result.spent - before
            continue
        if place:
            result.verdicts[place] = _lost(tasks[place], why)
        elif why:  # it ended outside a task: no use in going on
            where = {"cell": visit.cell} if visit.cell else {}
            code = f"{why}-before" if where else why
            for key, task in tasks.items():
                result.verdicts.setdefault(key, _lost(task, code, **where))
    result.verdicts = {key: result.verdicts[key] for key in tasks}
    return result


def _lost(task, code, **facts):
    return Verdict("fail", task.chapter, task.name, code, facts, 0, task.points)


class _Visit:
    """One process, from its first cell to its end."""

    def __init__(self, result, tasks, seed, left, folder):
        self.result, self.tasks, self.seed, self.left = result, tasks, seed, left
        self.folder, self.asked, self.cell, self.served = folder, None, 0, Served()
        self.began, self.what = False, "its process ended before it began"
        self.patient = set()  # tasks that are asked again if we kept them waiting

    def pay(self, child, cells):
        """Ask all that is not yet answered; the reason why it ended early, or None."""
        try:
            with child.within(self.left) as late:
                try:
                    self._run(child.channel, cells)
                except Garbled:
                    return "unusable"
                except Closed:
                    return "out-of-time" if late.is_set() else "died"
            for key, task in self.tasks.items():
                if key in self.result.verdicts:
                    continue
                self.asked, left = key, self.left - child.spent
                with child.within(min(left, 5 + 3 * task.seconds)) as late, Pulse() as pulse:
                    try:
                        verdict = self._grade(child.channel, task, pulse)
                    except Garbled:
                        return "unusable"
                    except Closed:
                        return "out-of-time" if late.is_set() else "died"
                if verdict is None:
                    return "stopped"
                self.result.verdicts[key] = verdict
            return None
        finally:
            self.result.spent += child.spent
            child.end()

    def _run(self, channel, cells):
        layers = channel.receive()  # before any line of the submission ran: to be believed
        self.began = True
        self.result.layers = layers.get("layers", {}) if isinstance(layers, dict) else {}
        channel.send({"cells": cells, "folder": self.folder})
        errors = self.result.errors = []  # an earlier visit may have ended half way
        for _ in range(EVENTS):
            event = channel.receive()
            if not isinstance(event, dict):
                raise Garbled("not an event")
            if event.get("ran") is True:
                return
            cell, kind = event.get("cell"), event.get("kind")
            self.cell = cell if type(cell) is int and 0 <= cell < PLACES else self.cell
            if kind in ("raised", "too-slow", "exit") and len(errors) < ERRORS:
                error = untrusted.text(event.get("error", ""))
                beside = kind == "raised" and error.startswith(BESIDE) and not self.folder
                kind = "beside" if beside else kind
                errors.append({"cell": self.cell, "kind": kind, "error": error})
        raise Garbled("too many events")

    def _grade(self, channel, task, pulse):
        """The Verdict on one task, or None if we kept it waiting and it is to be asked again."""
        got, size = [], 0
        for probe in task.probes(self.seed):
            self.served.functions = []
            ask = {"chapter": task.chapter, "task": task.name, "probe": tuple(probe)}
            try:
                channel.send(ask, self.served.export)
            except TypeError:  # our own mistake costs this task, not the notebook
                return _lost(task, "unusable")
            answer = self._hear(channel)
            if answer.get("missing"):
                return Verdict("fail", task.chapter, task.name, "not-found", out_of=task.points)
            got.append(_outcome(answer, task))
            size += sum(np.asarray(value).nbytes for value in got[-1].values.values())
            if size > ANSWERS:  # the judge keeps them until all are there
                raise Garbled("answers that are too large together")
            if got[-1].kind in ("too-slow", "todo"):
                break
        waited = self.served.functions and got and got[-1].kind == "too-slow"
        if waited and pulse.missed and self.asked in self.patient:
            return None
        return self._judge(task, got)

    def _judge(self, task, got):
        try:
            with np.errstate(all="ignore"):
                status, code, facts = task.judge(got, self.seed)
                points = task.points if status == "pass" else 0
                facts = untrusted.facts(dict(facts))
                verdict = Verdict(status, task.chapter, task.name, code, facts, points, task.points)
                verdict.text("en"), verdict.text("zh")
                if status == "fail" and hasattr(task, "shares"):
                    shares = [bool(share) for share in task.shares(got, self.seed)]
                    self.result.shares[task.chapter, task.name] = shares
        except Exception:  # an answer made to break the comparison earns nothing
            return _lost(task, "unusable")
        return verdict

    def _hear(self, channel):
        """The answer to a probe; on the way, the calls of functions that stay here."""
        while True:
            answer = channel.receive()
            if not isinstance(answer, dict):
                raise Garbled("not an answer")
            if "call" not in answer:
                return answer
            self.served.calls += 1
            if self.served.calls > CALLS:
                raise Garbled("too many calls")
            channel.send(self.served.answer(answer["call"]))


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
    return Outcome(kind, values, untrusted.facts(facts))
