"""Put mutants to a task: is it refused, and as what? Where it is accepted, is it equivalent?"""

import contextlib
import linecache
import resource
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

import numpy as np

from rnncourse.checking.attempt import Ended
from rnncourse.checking.compare import agree
from tools.mutation.answers import SOURCE, compiled, is_compiled, name_of
from tools.mutation.inputs import INPUTS

__all__ = ["Fate", "Found", "Trial", "limited", "quiet"]

SECONDS = 1  # of the processor's time per call; every right answer needs far less
OWN_SEEDS = range(1, 31)  # of the task's own cases, where the edges of the contract are not drawn
INPUT_SEEDS = range(80)  # of the generator in inputs/
NAMES = {"outputs", "outputs-of", "two"}  # codes of naming.py: several names in one sentence
GENERIC = {"value", "number", "fact"}  # codes of compare.py that say only where and how much
OWN = "its cases"
WITNESSES = 40  # so many wrong inputs are enough to take the shortest from
MEMORY = 6 * 2**30  # bytes of address space: an endless loop that appends ends in a MemoryError


class Fate(StrEnum):
    NAMED = "named"
    PATTERN = "pattern"
    TECHNICAL = "technical"
    GENERIC = "generic"
    REFUSED = "refused"  # not asked as what
    EQUIVALENT = "equivalent"
    SURVIVOR = "survivor"


@dataclass(frozen=True)
class Found:
    """What became of one mutant.

    right_shape: its answers have the shapes of the right ones. inputs: on how many it equals the
    right answer. witness: one on which it is wrong, as text.
    """

    answer: str
    operator: str
    change: str
    fate: Fate
    code: str = ""
    right_shape: bool = False
    inputs: int = 0
    witness: str = ""

    @property
    def key(self):
        return f"{self.answer}: {self.change}"


class Trial:
    """Grades the mutants of one task's answers; remembers what each right answer returns."""

    def __init__(self, task, seeds=(None,), named=True):
        self.task, self.seeds, self.named = task, seeds, named
        self._known = {}

    @contextlib.contextmanager
    def remembering(self):
        """`judge` runs the reference and each mistake for each mutant: here once per seed."""
        seconds, self.task.seconds = self.task.seconds, min(self.task.seconds, SECONDS)
        self.task.run = self._run  # in front of the class's method
        try:
            yield self
        finally:
            del self.task.run
            self.task.seconds = seconds

    def _run(self, attempt, *more, **named):
        run = type(self.task).run
        if is_compiled(attempt):  # a mutant, or an answer before its mutation
            return run(self.task, attempt, *more, **named)
        key = attempt, more, tuple(named.items())
        if key not in self._known:
            self._known[key] = run(self.task, attempt, *more, **named)
        return self._known[key]

    def find(self, answer, mutant):
        """The Found of one Mutant of an Answer."""
        linecache.cache[SOURCE] = (0, None, mutant.source.splitlines(True), SOURCE)
        about = answer.name, mutant.operator, mutant.change
        try:
            attempt = compiled(mutant.source, answer.globals)
        except Exception as error:  # a default argument, say
            return Found(*about, Fate.TECHNICAL, type(error).__name__)
        for seed in self.seeds:
            got = self.task.run(attempt, seed)
            if not self.named:  # naming a mistake takes most of the time
                if not agree(got, self.task.run(self.task.reference, seed)):
                    return Found(*about, Fate.REFUSED)
                continue
            ask = partial(self.task.run, attempt)
            status, code, _ = self.task.judge(got, seed, ask)
            if status != "pass":
                return Found(*about, self._fate(code), code, self._right_shape(got, seed))
        return self._compared(answer, attempt, about)

    def _fate(self, code):
        if code in self.task.wrong or code in NAMES:
            return Fate.NAMED
        if code.startswith("off-"):
            return Fate.PATTERN
        return Fate.GENERIC if code in GENERIC else Fate.TECHNICAL

    def _right_shape(self, got, seed):
        want = self.task.run(self.task.reference, seed)
        return len(got) == len(want) and all(map(_same_shapes, got, want))

    def _compared(self, answer, attempt, about):
        """Equivalent or a survivor: the inputs that the contract allows decide."""
        n, wrong, seeds = 0, [], set()
        for source, probes in self._inputs:
            right = self._right(answer, source, probes)
            for probe, want in zip(probes(), right, strict=True):
                if want is None or len(wrong) > WITNESSES:
                    continue
                n += 1
                text = _shown(probe)
                got = self.task.answer(attempt, probe)
                if not agree([got], [want]):
                    wrong.append(f"{text} gives {_said(got)}, right is {_said(want)} ({source})")
                    seeds |= {source} if source.startswith(OWN) else set()
        if not wrong:
            return Found(*about, Fate.EQUIVALENT, "pass", True, n)
        witness = min(wrong, key=len)
        if seeds:
            witness += f"; {OWN} at other seeds show it, too: {', '.join(sorted(seeds)[:3])}"
        return Found(*about, Fate.SURVIVOR, "pass", True, n, witness)

    @cached_property
    def _inputs(self):
        """[(where it comes from, function that makes the probes anew)]."""
        generator = INPUTS.get(name_of(self.task))
        made = [
            (f"input {seed}", lambda seed=seed: [generator(np.random.default_rng(seed))])
            for seed in (INPUT_SEEDS if generator else ())
        ]
        own = [
            (f"{OWN} of seed {seed}", lambda seed=seed: self.task.probes(seed))
            for seed in OWN_SEEDS
        ]
        return own + made

    def _right(self, answer, source, probes):
        """The right Outcomes; None where the answer before its mutation was not right itself."""
        key = answer.name, source
        if key not in self._known:
            reference = [self.task.answer(self.task.reference, probe) for probe in probes()]
            before = [self.task.answer(answer.function, probe) for probe in probes()]
            self._known[key] = [
                want if want.kind == Ended.RETURNED and agree([one], [want]) else None
                for one, want in zip(before, reference, strict=True)
            ]
        return self._known[key]


def _same_shapes(got, want):
    return got.values.keys() == want.values.keys() and all(
        np.shape(got.values[name]) == np.shape(want.values[name]) for name in want.values
    )


def _shown(probe):
    return "(" + ", ".join(map(_brief, probe))[:500] + ")"


def _brief(value):
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=3, threshold=40, separator=", ")
        return " ".join(text.split())
    return getattr(value, "__name__", "f") if callable(value) else repr(value)


def _said(outcome):
    if outcome.kind == Ended.RETURNED:
        return _shown(outcome.values.values())[:300]
    return f"{outcome.kind} {outcome.facts.get('what', '')}".strip()


@contextlib.contextmanager
def quiet():
    """No warnings of mutants that divide by zero, and no luck with memory that was used before.

    np.empty often returns the array of the answer before, with the right numbers still in it.
    """
    empty, empty_like = np.empty, np.empty_like
    np.empty = lambda *args, **kwargs: _spoilt(empty(*args, **kwargs))
    np.empty_like = lambda *args, **kwargs: _spoilt(empty_like(*args, **kwargs))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.empty, np.empty_like = empty, empty_like


def _spoilt(array):
    if array.dtype.kind in "iuf":
        array[...] = np.nan if array.dtype.kind == "f" else np.iinfo(array.dtype).max
    return array


def limited():
    """Limit the memory of this process."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
