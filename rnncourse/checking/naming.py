"""Which of a task's mistakes explain a wrong answer: the whole of it, or each output by itself.

A name is given only if the answers to further cases confirm it: with few or dull numbers, two
programs may agree by chance. What is compared are the cases of a seed, not its edges.
"""

from functools import cache
from itertools import combinations

import numpy as np

from rnncourse.checking.attempt import Ended
from rnncourse.checking.compare import agree, close
from rnncourse.checking.mistakes import Edit

__all__ = ["Trials", "name"]

FURTHER = (1001, 1002)  # added to the seed
PAIRS = 150  # two mistakes at once are looked for among so many pairs
TELLING = 12  # numbers of which the wanted answers have to hold as many, or a pair says nothing


class Trials:
    """What a learner's function and a task's own functions answer to the cases of some seeds.

    `ask(seed)` puts the cases of another seed to the learner's function; without it there are only
    the answers `got` to the first seed.
    """

    def __init__(self, task, got, seed, ask=None):
        self.task, self.seed = task, seed
        self._seeds = [seed, *(((seed or 0) + more) for more in FURTHER if ask)]
        self._ask, self._ours = ask, {}
        self._n_cases = cache(task.n_cases)  # which draws all cases anew
        self._got = {seed: got[: self._n_cases(seed)]}

    def got(self, seed):
        """The learner's Outcomes for the cases of a seed."""
        if seed not in self._got:
            self._got[seed] = self._ask(seed)[: self._n_cases(seed)]
        return self._got[seed]

    def ours(self, function, seed):
        """The Outcomes of a function of ours for the cases of a seed."""
        key = function, seed
        if key not in self._ours:
            self._ours[key] = self.task.run(function, seed, self._n_cases(seed))
        return self._ours[key]

    def wanted(self):
        """The right Outcomes for the first seed."""
        return self.ours(self.task.reference, self.seed)

    def agree(self, function, output=None):
        """Whether the learner's answers are this function's, at every seed; one output, or all."""
        return all(_same(self.got(seed), self.ours(function, seed), output) for seed in self._seeds)

    def right(self):
        """The names of the outputs that are right in all cases of the first seed."""
        want = self.wanted()
        return [name for name in want[0].values if _same(self.got(self.seed), want, name)]

    def comparable(self):
        """Whether every answer to the first seed has the outputs that are wanted."""
        want, got = self.wanted(), self.got(self.seed)
        returned = all(outcome.kind == Ended.RETURNED for outcome in (*want, *got))
        return returned and all(
            a.values.keys() == b.values.keys() for a, b in zip(got, want, strict=True)
        )

    def telling(self):
        """Whether what is wanted holds numbers enough to tell two programs apart."""
        values = [np.ravel(value) for outcome in self.wanted() for value in outcome.values.values()]
        return len(np.unique(np.concatenate(values))) >= TELLING if values else False


def _same(got, ours, output):
    if output is None:
        return agree(got, ours)
    if len(got) != len(ours):
        return False
    pairs = zip(got, ours, strict=True)
    return all(
        output in a.values and output in b.values and close(a.values[output], b.values[output])
        for a, b in pairs
    )


def name(trials):
    """(code, facts) of the mistakes that explain a wrong answer, or None."""
    wrong = trials.task.wrong
    for code, function in wrong.items():
        if trials.agree(function):
            return code, {}
    if not trials.comparable():
        return None
    return _by_output(trials) or _pair(trials)


def _by_output(trials):
    """Each wrong output by itself, where some are right or were made wrong by another mistake."""
    outputs = list(trials.wanted()[0].values)
    if len(outputs) < 2:
        return None
    right = trials.right()
    found = {}
    for output in outputs:
        if output in right:
            continue
        wrong = trials.task.wrong.items()
        code = next((code for code, function in wrong if trials.agree(function, output)), None)
        if code is None:
            return None
        found.setdefault(code, []).append(output)
    facts = {"which": " ".join(map(",".join, found.values())), "mistakes": " ".join(found)}
    return ("outputs-of", facts | {"right": ", ".join(right)}) if right else ("outputs", facts)


def _pair(trials):
    """Two edits of the reference at once."""
    if trials.task.observer or not trials.telling():
        return None
    edits = {c: m for c, m in trials.task.mistakes.items() if isinstance(m, Edit)}
    for first, second in list(combinations(edits, 2))[:PAIRS]:
        both = _both(trials.task.reference, edits[first], edits[second])
        if both is None:
            continue
        if any(outcome.kind == Ended.TOO_SLOW for outcome in trials.ours(both, trials.seed)):
            return None  # a pair may never end, and others like it would cost as much
        if trials.agree(both):
            return "two", {"which": "", "mistakes": f"{first} {second}"}
    return None


@cache
def _both(reference, first, second):
    """The reference with two Edits, or None where the first takes away what the second needs."""
    try:
        return (first + second).of(reference)
    except (ValueError, SyntaxError):
        return None
