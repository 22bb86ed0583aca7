"""One process that runs a notebook: let it run the cells, ask it the questions, note the verdicts.

What comes back is data from a stranger: every value is checked, and whatever it holds, the result
is a Verdict.
"""

import contextlib
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from rnncourse.checking import observers
from rnncourse.checking.attempt import Ended, Outcome
from rnncourse.checking.verdict import Verdict
from rnncourse.grading import untrusted
from rnncourse.grading.notebook import CELLS
from rnncourse.grading.runner.callbacks import CALLS, Served
from rnncourse.grading.runner.protocol import Closed, Garbled
from rnncourse.grading.runner.pulse import Pulse

__all__ = ["End", "Examined", "Session", "lost"]

EVENTS, PLACES = 2 * CELLS + 10, 1 << 30
ERRORS = 200
ANSWERS = 64 << 20  # bytes of all answers to one task
# What a file that lies beside a notebook is missed by: only the notebook is here.
BESIDE = ("FileNotFoundError:", "ModuleNotFoundError:")


class End(StrEnum):
    """How a session ended; the value is the code of the sentence that says so."""

    DONE = "done"  # nothing is left to ask
    DIED = "died"
    OUT_OF_TIME = "out-of-time"
    UNUSABLE = "unusable"  # it sent what is no answer
    NO_PROCESS = "no-process"  # none could be had
    STOPPED = "stopped"  # we ourselves stood still while it waited for us


class Late(Exception):
    """The process has spent all that it may, and was ended."""


class KeptWaiting(Exception):
    """A question is to be asked again: the answer took too long because we stood still."""


@dataclass
class Examined:
    """What one notebook earned, and how."""

    verdicts: dict = field(default_factory=dict)  # (chapter, task's name) -> Verdict
    shares: dict = field(default_factory=dict)  # the same -> [case is right, ...]
    errors: list = field(default_factory=list)
    layers: dict = field(default_factory=dict)  # layer -> "" if it is on, else the reason
    spent: float = 0  # seconds of the processes that ran it, as time_limit.Stopwatch counts them


def lost(task, code, **facts):
    """The Verdict on a task that could not be answered, and why."""
    return Verdict("fail", task.chapter, task.name, str(code), facts, 0, task.points)


class Session:
    """One process, from its first cell to its end.

    After `hold`: `asked` is the key of the last question, `cell` the number of the last cell, and
    `began` whether the process said a word. `patient` holds the tasks that are asked again if we
    kept them waiting.
    """

    def __init__(self, result, tasks, seed, left, folder, patient=()):
        self.result, self.tasks, self.seed, self.left = result, tasks, seed, left
        self.folder, self.patient = folder, patient
        self.asked, self.cell, self.served = None, 0, Served()
        self.began, self.what = False, "its process ended before it began"

    def hold(self, start, cells):
        """Start a process, let it run `cells`, ask all that is not answered yet; the End."""
        try:
            child = start()
        except (OSError, ValueError) as error:
            self.what = f"{type(error).__name__}: {error}"
            return End.NO_PROCESS
        try:
            with _within(child, self.left):
                self.run_cells(child.channel, cells)
            for key, task in self.tasks.items():
                if key not in self.result.verdicts:
                    self.asked = key
                    self.result.verdicts[key] = self.ask(child, task)
            return End.DONE
        except Garbled:
            return End.UNUSABLE
        except Late:
            return End.OUT_OF_TIME
        except Closed:
            return End.DIED
        except KeptWaiting:
            return End.STOPPED
        finally:
            self.result.spent += child.spent
            child.end()

    def run_cells(self, channel, cells):
        """Let the process run the cells, and note which of them failed."""
        layers = channel.receive()  # before any line of the submission ran: to be believed
        self.began = True
        self.result.layers = layers.get("layers", {}) if isinstance(layers, dict) else {}
        lessons = {}
        for chapter, name in self.tasks:
            lessons.setdefault(chapter, []).append(name)
        channel.send({"cells": cells, "folder": self.folder, "lessons": lessons})
        self.result.errors = []  # an earlier session may have ended half way
        for _ in range(EVENTS):
            event = channel.receive()
            if not isinstance(event, dict):
                raise Garbled("not an event")
            if event.get("ran") is True:
                return
            self._note(event)
        raise Garbled("too many events")

    def _note(self, event):
        cell, kind, errors = event.get("cell"), event.get("kind"), self.result.errors
        self.cell = cell if type(cell) is int and 0 <= cell < PLACES else self.cell
        if kind in (Ended.RAISED, Ended.TOO_SLOW, Ended.EXIT) and len(errors) < ERRORS:
            error = untrusted.text(event.get("error", ""))
            beside = kind == Ended.RAISED and error.startswith(BESIDE) and not self.folder
            errors.append({"cell": self.cell, "kind": "beside" if beside else kind, "error": error})

    def ask(self, child, task):
        """The Verdict on one task."""
        most = min(self.left - child.spent, 5 + 3 * task.seconds)
        with _within(child, most), Pulse() as pulse:
            got = self._answers(child.channel, task, self.seed)
            waited = self.served.functions and got and got[-1].kind == Ended.TOO_SLOW
            if waited and pulse.missed and self.asked in self.patient:
                raise KeptWaiting
            if got is None:
                return Verdict("fail", task.chapter, task.name, "not-found", out_of=task.points)
            again = lambda seed: self._answers(child.channel, task, seed) or []  # noqa: E731
            return self.judge(task, got, again) if got else lost(task, End.UNUSABLE)

    def _answers(self, channel, task, seed):
        """The Outcomes of a task's probes; None where there is no answer of its name.

        None at all, [], where we cannot send what is to be asked: our own mistake costs this task.
        """
        got, size, question = [], 0, task.question.plain()
        for probe in task.probes(seed):
            self.served.functions = []
            try:
                channel.send({"question": question, "probe": tuple(probe)}, self.served.export)
            except TypeError:
                return []
            answer = self._hear(channel)
            if answer.get("missing"):
                return None
            got.append(task.noted(probe, outcome_of(answer, task)))
            size += sum(np.asarray(value).nbytes for value in got[-1].values.values())
            if size > ANSWERS:  # the judge keeps them until all are there
                raise Garbled("answers that are too large together")
            if got[-1].kind in (Ended.TOO_SLOW, Ended.TODO):
                break
        return got

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

    def judge(self, task, got, again=None):
        """The Verdict on the Outcomes of a task's probes; what breaks the comparison is wrong."""
        try:
            with np.errstate(all="ignore"):
                status, code, facts = task.judge(got, self.seed, again)
                points = task.points if status == "pass" else 0
                facts = untrusted.facts(dict(facts))
                verdict = Verdict(status, task.chapter, task.name, code, facts, points, task.points)
                verdict.text("en"), verdict.text("zh")
                if status == "fail" and hasattr(task, "shares"):
                    shares = [bool(share) for share in task.shares(got, self.seed)]
                    self.result.shares[task.chapter, task.name] = shares
        except (Garbled, Closed):  # the other side, asked again
            raise
        except Exception:
            return lost(task, End.UNUSABLE)
        return verdict


@contextlib.contextmanager
def _within(child, seconds):
    """End the process if it spends more in the block, and then raise Late."""
    with child.within(seconds) as late:
        try:
            yield
        except Closed:
            if late.is_set():
                raise Late from None
            raise


def outcome_of(answer, task):
    """A dictionary from a stranger as an Outcome, or Garbled."""
    kind, values, facts = (answer.get(key) for key in ("kind", "values", "facts"))
    known = observers.codes(task.question.observer).union(Ended)
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
