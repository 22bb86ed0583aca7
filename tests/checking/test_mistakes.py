"""A mistake is one edit of the reference, and an edit that does not fit is an error."""

import inspect
import warnings

import numpy as np
import pytest

from rnncourse.checking.mistakes import edit, edited, source_of
from rnncourse.checking.task import function_task

TEN = 10


def add(x, y):
    return x + y * TEN


@function_task(
    cases=lambda rng: [(2, 3), (5, 7)],
    axes="",
    wrong={
        "minus": edit("x + y", "x - y"),
        "both": edit("x +", "x -", "* TEN", "* 2"),
        "own": lambda x, y: 0,
    },
)
def ten_times(x, y):
    return x + y * TEN


def test_an_edit_is_the_function_with_another_text():
    wrong = edited(add, "+", "-")
    assert wrong(1, 2) == -19
    assert wrong.__module__ == __name__
    assert "x - y * TEN" in inspect.getsource(wrong)
    assert add(1, 2) == 21


def test_several_edits_follow_one_another():
    assert edited(add, "x +", "x -", "* TEN", "* 2")(1, 2) == -3


def test_the_decorator_is_no_part_of_the_source():
    assert source_of(ten_times.reference).startswith("def ten_times(x, y):\n")


@pytest.mark.parametrize(("old", "n"), [("x - y", 0), ("y", 2), ("TEN  ", 0)])
def test_an_edit_that_does_not_occur_exactly_once_is_an_error(old, n):
    with pytest.raises(ValueError, match=rf"test_mistakes.add: .* occurs {n} times"):
        edited(add, old, "")


@pytest.mark.parametrize("texts", [(), ("a",), ("a", "b", "c"), (("a", "b"),), (1, 2)])
def test_an_edit_is_written_in_pairs_of_texts(texts):
    with pytest.raises(ValueError, match=r"edit\(old, new\)"):
        edit(*texts)


@pytest.mark.parametrize("code", ["minus", "both", "own"])
def test_a_task_names_the_mistakes_that_are_edits(code):
    assert ten_times.judge(ten_times.run(ten_times.wrong[code]))[1] == code


def test_a_mistake_that_no_longer_fits_its_reference_is_an_error_with_its_place():
    @function_task(cases=lambda rng: [(2, 3)], axes="", wrong={"late": edit("x * y", "x")})
    def rewritten(x, y):
        return y * x

    with pytest.raises(ValueError, match=r"rewritten: the text 'x \* y' occurs 0 times"):
        rewritten.grade(lambda x, y: 0)


def test_a_mistake_that_overflows_says_nothing():
    def grow(x):
        return np.exp(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert edited(grow, "np.exp(x)", "np.exp(-x)")(np.array([-1e4])) == np.inf
