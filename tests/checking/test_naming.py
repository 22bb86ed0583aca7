"""A mistake is named where further cases confirm it; each output by itself; two at once."""

import numpy as np

from rnncourse.checking.mistakes import edit, edited
from rnncourse.checking.task import function_task
from rnncourse.tasks import ch03

BACK = ch03.rnn_step_back


def test_each_output_is_looked_at_by_itself():
    """The slope is forgotten for dx_t alone: the others are right, and are said to be."""
    code = next(iter(BACK.wrong))
    wrong, right = BACK.wrong[code], BACK.reference
    verdict = BACK.grade(lambda *a: (wrong(*a)[0], *right(*a)[1:]))
    assert verdict.code == "outputs-of"
    assert verdict.facts["mistakes"] == code
    first, *others = BACK.axes
    assert verdict.facts["which"] == first
    assert verdict.facts["right"] == ", ".join(others)
    text = verdict.text("en")
    assert f"{first}: " in text
    assert "right.)" in text
    assert "正确" in verdict.text("zh")


def test_two_outputs_may_have_two_mistakes():
    codes = list(ch03.bptt.wrong)
    right = ch03.bptt.reference
    first, second = (ch03.bptt.wrong[code] for code in ("no-tanh", "overwritten"))
    mixed = lambda *a: (first(*a)[0], second(*a)[1], *right(*a)[2:])  # noqa: E731
    verdict = ch03.bptt.grade(mixed)
    assert {"no-tanh", "overwritten"} <= set(codes)
    assert verdict.facts["which"] == "dW dU"
    assert verdict.facts["mistakes"] == "no-tanh overwritten"


def test_two_edits_at_once_are_both_named():
    task = ch03.rnn_forward
    verdict = task.grade(edited(task.reference, " + b", "", "@ U", "@ U.T"))
    assert verdict.code == "two"
    assert set(verdict.facts["mistakes"].split()) == {"no-bias", "u-transposed"}
    assert verdict.text("en").startswith("✗ `rnn_forward`: two things at once. ")


@function_task(
    cases=lambda rng: [(int(n),) for n in rng.integers(0, 6, size=2)],
    axes="",
    wrong={"first": edit("n * 1.5", "n * 2.0"), "second": edit("n * 1.5", "n + n * n")},
)
def dull(n):
    return n * 1.5


def test_a_name_that_other_cases_do_not_confirm_is_not_given():
    """Where both cases are 0 or 1, `first` and `second` answer alike."""
    second = lambda n: n + n * n  # noqa: E731
    alone = [dull.judge(dull.run(second, seed), seed)[1] for seed in range(80)]
    assert "first" in alone  # what is said where nobody can be asked again
    assert "first" not in [dull.grade(second, seed).code for seed in range(80)]


def test_somebody_elses_mistake_has_no_name():
    assert BACK.grade(lambda *a: tuple(x + 1.0 for x in BACK.reference(*a))).code == "value"
    other = lambda *a: tuple(np.sin(7 * x) for x in BACK.reference(*a))  # noqa: E731
    assert BACK.grade(other).code == "value"
