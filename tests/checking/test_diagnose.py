"""What is said of wrong arrays that no task has named: turned, reversed, scaled, off in part."""

import numpy as np
import pytest

from rnncourse import language
from rnncourse.checking import attempt, compare
from rnncourse.checking.diagnose import pattern
from rnncourse.tasks import ch03, ch04_2

RNG = np.random.default_rng(0)
Y = RNG.normal(size=(2, 4, 3))


def dented(where, change=1.0):
    x = Y.copy()
    x[where] += change
    return x


CASES = [
    (Y.swapaxes(0, 1), "off-axes", {"got": "time, batch, unit", "want": "batch, time, unit"}),
    (Y.transpose(2, 0, 1), "off-axes", {"got": "unit, batch, time"}),
    (Y.reshape(2, 12), "off-reshape", {"got": "(2, 12)", "want": "(2, 4, 3)"}),
    (Y[..., None], "off-reshape", {"meaning": "batch=2, time=4, unit=3"}),
    (Y[:, ::-1], "off-reversed", {"axis": "time"}),
    (Y[:, :, ::-1], "off-reversed", {"axis": "unit"}),
    (2 * Y, "off-by-factor", {"factor": "2"}),
    (-Y / 3, "off-by-factor", {"factor": "-0.3333"}),
    (dented(np.s_[:, 0]), "off-part", {"wrong": "time 0"}),
    (dented(np.s_[:, 2:]), "off-from", {"axis": "time", "first": 2, "before": 1}),
    (dented(np.s_[:, 1:3]), "off-part", {"wrong": "time 1, 2"}),
    (dented(np.s_[1]), "off-part", {"wrong": "batch 1"}),
    (np.round(Y, 3), "rounded", {"digits": 3}),
    (np.round(Y), "rounded", {"digits": 0}),
    (Y.astype("float16").astype(float), "coarse", {}),
    (1.0005 * Y, "coarse", {"digits": 3}),
    (dented(np.s_[:, :, 1]), "off-part", {"wrong": "unit 1"}),
]


@pytest.mark.parametrize(("x", "code", "facts"), CASES)
def test_what_is_common_is_found(x, code, facts):
    found, said = pattern(x, Y, "batch time unit", compare.close)
    assert found == code
    assert said.items() >= facts.items()


@pytest.mark.parametrize(
    "x",
    [
        RNG.normal(size=Y.shape),
        RNG.normal(size=(4, 2, 3)),
        1.001 * Y + 0.01,  # near, but no factor
        1.003 * Y,  # imprecise rather than scaled
        0 * Y,
        np.full(Y.shape, np.nan),
    ],
)
def test_where_nothing_is_common_nothing_is_said(x):
    assert pattern(x, Y, "batch time unit", compare.close) is None


def test_a_square_array_may_be_transposed():
    square = RNG.normal(size=(3, 3))
    code, facts = pattern(square.T, square, "after before", compare.close)
    assert (code, facts["got"]) == ("off-axes", "before, after")


def test_axes_of_one_name_are_told_apart():
    code, facts = pattern(Y[0, :3].T, Y[0, :3], "unit unit", compare.close)
    assert (code, facts) == ("off-axes", {"got": "unit 2, unit 1", "want": "unit 1, unit 2"})


def test_of_a_single_number_only_a_telling_factor_is_named():
    assert pattern(np.array(0.5), np.array(1.0), "", compare.close)[0] == "off-by-factor"
    assert pattern(np.array(0.7), np.array(1.0), "", compare.close) is None
    assert pattern(np.array(0.7), np.array(0.0), "", compare.close) is None


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_a_learner_reads_what_to_do(lang):
    task, back = ch03.rnn_forward, ch03.rnn_step_back
    right = task.reference
    sentences = [
        task.grade(lambda *a: right(*a).transpose(2, 0, 1)).text(lang),
        task.grade(lambda *a: right(*a).reshape(len(a[0]), -1)).text(lang),
        task.grade(lambda *a: -3 * right(*a)).text(lang),
        back.grade(lambda *a: (*back.reference(*a)[:3], *back.reference(*a)[:2])).text(lang),
        ch04_2.largest_stretch.grade(lambda J: np.linalg.eigvals(J).max() + 1j).text(lang),
    ]
    for sentence, said in zip(
        sentences, ("unit, batch, time", "(batch=", "-3", "dx_t", "largest_stretch"), strict=True
    ):
        assert said in sentence
        assert "{" not in sentence


def test_arrays_in_the_wrong_order_are_told_by_name():
    task = ch03.rnn_step_back
    dx_t, dh_prev, *rest = range(5)
    verdict = task.grade(lambda *a: [task.reference(*a)[k] for k in (dh_prev, dx_t, *rest)])
    assert verdict.code == "off-swapped"
    assert "dx_t: this is what belongs to dh_prev" in verdict.text("en")


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_where_large_numbers_cancel_may_be_rounded_as_they_are(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 6, 9))
    small = (a[:, None].astype("f4") @ b[:, :, None].astype("f4"))[:, 0].astype(float)
    assert compare.close(small, (a[:, None] @ b[:, :, None])[:, 0])


def test_numbers_are_shown_with_the_digits_that_tell_them_apart():
    want = np.array([[0.123456789, 1.0], [2.0, 3.0]])
    got = want + np.array([[0, 0], [0, 5e-5]])
    facts = compare._furthest(got, want, "batch unit")
    assert facts == {"where": "batch 1, unit 1", "got": "3.000050", "want": "3.000000"}


def test_in_a_recurrence_the_first_wrong_step_is_shown_and_not_the_worst():
    want = np.ones((2, 5, 1))
    got = want.copy()
    got[1, 2:, 0] = [1.5, 3, 9]
    got[0, 2:, 0] = [1.1, 3, 8]
    outcome = lambda values: attempt.Outcome("returned", {"result": values})  # noqa: E731
    axes = {"result": "batch time unit"}
    code, facts = compare.describe(outcome(got), outcome(want), axes)
    assert (code, facts["where"], facts["got"]) == ("off-from", "batch 1, time 2, unit 0", "1.5000")
