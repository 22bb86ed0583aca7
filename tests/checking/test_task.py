"""The checker itself: what it says of answers that are wrong in ways no task has thought of."""

import asyncio
import contextlib
import sqlite3
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rnncourse import progress
from rnncourse.checking import attempt, compare
from rnncourse.checking.held_out import HeldOut
from rnncourse.checking.observers import observer
from rnncourse.checking.task import function_task, model_task
from rnncourse.tasks import ch03, ch04_1


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


step = ch03.rnn_step
right = step.reference
BATCH, UNITS = right(*step.cases(np.random.default_rng(0))[0]).shape


def _zero_the_state(x_t, h_prev, W, U, b):
    h_prev *= 0
    return np.tanh(x_t @ W + b)


def _loop(x_t, h_prev, W, U, b):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


def _leave(*args):
    raise SystemExit(0)


class _Tensor:
    """What a Keras tensor looks like from outside; the real one is tried below."""

    def numpy(self):
        return np.zeros((2, 5))


class _Model:
    """Callable, as Keras models are."""

    def __call__(self, x):
        return x

    predict = __call__


class _Liar:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


GENERAL = [
    (lambda *a: None, "no-return", "return"),
    (lambda *a: "h_t", "not-numeric", "str"),
    (lambda *a: np.array(["a"]), "not-numeric", "ndarray"),
    (lambda *a: _Liar(), "not-numeric", "_Liar"),
    (lambda *a: right(*a).tolist(), "not-array", "np.array"),
    (lambda *a: (right(*a), 1), "not-array", "tuple"),
    (lambda *a: _Tensor(), "tensor", ".numpy()"),
    (lambda *a: np.zeros(UNITS), "shape", f"that is (batch={BATCH}, unit={UNITS})"),
    (
        lambda *a: right(*a)[None],
        "off-reshape",
        f"(1, {BATCH}, {UNITS})",
    ),  # it broadcasts
    (lambda *a: right(*a)[None] + 1, "shape", f"(1, {BATCH}, {UNITS})"),
    (lambda *a: right(*a).T, "off-axes", "(unit, batch); wanted (batch, unit)"),
    (lambda *a: np.zeros((len(a[0]), len(a[4]))), "value", "batch"),
    (lambda *a: np.full((len(a[0]), len(a[4])), np.nan), "not-finite", "nan"),
    (_zero_the_state, "changed-input", "h_prev"),
    (lambda x, h, W, U, b: x @ U, "raised", "x @ U"),
    (lambda x, h, W, U, b: undefined, "raised", "NameError"),  # noqa: F821
    (lambda x_t, h_prev: x_t, "arguments", "(x_t, h_prev, W, U, b)"),
    (_leave, "exit", "return"),
    (np.zeros((2, 5)), "not-callable", "ndarray"),
    (_Model(), "not-callable", "without calling it"),
    (right(*step.cases(np.random.default_rng(0))[0]), "not-callable", "without calling it"),
]


@pytest.mark.parametrize(("attempt", "code", "fact"), GENERAL)
def test_a_wrong_answer_nobody_listed_is_described_and_its_remedy_named(attempt, code, fact):
    verdict = step.grade(attempt)
    assert (verdict.status, verdict.code, verdict.points) == ("fail", code, 0)
    assert fact in verdict.text("en")
    assert verdict.text("zh").startswith("✗")


def _helper():
    raise NotImplementedError


def _ellipsis(*a):
    """Nothing yet."""
    ...


def _passes(*a):
    pass


def _left(*a):
    raise NotImplementedError  # your code here


def _finished(x_t, h_prev, W, U, b):
    if len(x_t) == 0:
        return h_prev
    raise NotImplementedError


@pytest.mark.parametrize("attempt", [..., _ellipsis, _passes, _left, lambda *a: ...])
def test_what_is_not_written_is_not_wrong(attempt):
    assert step.grade(attempt).status == "todo"


def test_a_stub_that_the_answer_calls_is_named():
    verdict = step.grade(lambda *a: _helper())
    assert (verdict.status, verdict.facts["what"]) == ("todo", "_helper")
    assert verdict.text("en").startswith("… `rnn_step` is waiting for `_helper`")


def test_a_line_that_was_left_in_is_named():
    assert step.grade(_finished).code == "left-raise"


def test_arguments_in_another_order_are_seen_before_they_are_multiplied():
    verdict = step.grade(lambda h_prev, x_t, W, U, b: np.tanh(x_t @ W + h_prev @ U + b))
    assert verdict.code == "order"
    assert "(h_prev, x_t, W, U, b)" in verdict.text("en")


def test_a_class_is_no_function():
    class Step:
        def __call__(self, *a):
            return right(*a)

    assert step.grade(Step).code == "a-class"
    assert step.grade(Step()).status == "pass"


def test_a_number_with_a_comma_is_two_numbers():
    verdict = ch04_1.kept_numbers.grade((204, 800))
    assert verdict.code == "comma"
    assert "(204, 800)" in verdict.text("en")


@pytest.mark.parametrize("answer", ["ｂ", "b）", "b,", "b\n", " B. ", "（b）", '"b"'])
def test_a_letter_is_read_in_any_spelling(answer):
    assert ch03.carried.grade(answer).status == "pass"


@pytest.mark.parametrize("number", [Fraction(45), Decimal(45), np.float32(45), 45.0, True])
def test_a_number_of_any_type_is_a_number(number):
    assert ch03.n_parameters.grade(number).status == ("fail" if number is True else "pass")


def test_a_librarys_own_not_implemented_is_an_error():
    verdict = step.grade(lambda *a: asyncio.AbstractEventLoop().stop())
    assert verdict.code == "raised"


def test_an_error_is_told_with_the_learners_line_and_the_shapes_given():
    sentence = step.grade(lambda x_t, h_prev, W, U, b: x_t @ U).text("en")
    assert "ValueError" in sentence
    assert "x_t @ U" in sentence
    shapes = [array.shape for array in step.cases(np.random.default_rng(0))[0]]
    assert ", ".join(map("{} {}".format, step.arguments, shapes)) in sentence


def _call(function, *args):
    names = [f"argument_{i}" for i in range(len(args))]
    return attempt.call(function, args, names, attempt.arrays("unit"), 5)


def test_a_long_message_is_told_in_one_line_without_the_layers_state():
    def fails(x):
        raise ValueError(
            "Exception in call().\n\n\x1b[1mWrong shape\x1b[0m\n\nArguments received by x"
        )

    assert _call(fails, 1).facts["what"] == "ValueError: Exception in call(). Wrong shape"


@pytest.mark.parametrize(
    "argument", [[np.ones(2), np.zeros(3)], (np.ones(2), [np.zeros(1)]), {"W": np.ones(2)}]
)
def test_a_changed_array_is_found_in_lists_and_dictionaries_too(argument):
    def spoils(x):
        (x["W"] if isinstance(x, dict) else x[0])[0] = 7
        return np.ones(2)

    assert _call(lambda x: np.ones(2), argument).kind == "returned"
    assert _call(spoils, argument).kind == "changed-input"


def test_a_loop_without_end_is_stopped_even_where_it_catches_exceptions(monkeypatch):
    monkeypatch.setattr(step, "seconds", 0.2)
    verdict = step.grade(_loop)
    assert verdict.code == "too-slow"
    assert "0.2 s" in verdict.text("en")


def test_float32_answers_pass_and_answers_off_in_the_fourth_digit_do_not():
    assert step.grade(lambda *a: right(*(v.astype("float32") for v in a))).status == "pass"
    assert step.grade(lambda *a: right(*a) * 1.0003).code == "coarse"
    assert step.grade(lambda *a: right(*a) + 0.01).code == "value"


def test_several_arrays_are_counted_and_the_wrong_one_is_named():
    task = ch03.rnn_step_back
    assert task.grade(lambda *a: task.reference(*a)[:3]).code == "count"
    assert task.grade(lambda *a: task.reference(*a)[0]).code == "count"

    def off(*arguments):
        *others, db = task.reference(*arguments)
        return *others, db + 1

    assert "db: right shape; furthest off at unit" in task.grade(off).text("en")


@pytest.mark.parametrize(
    ("attempt", "code"),
    [(46, "wrong"), ("45", "answer-kind"), ([45], "answer-kind"), (np.array([45]), "value-shape")],
)
def test_values_that_are_not_the_answer_are_refused(attempt, code):
    assert ch03.n_parameters.grade(attempt).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (204_800, "right"),
        (2048e2, "right"),
        (np.float32(204_800), "right"),
        (204_801, "nearly"),
        (204_800.5, "nearly"),
        (206_848, "with-h0"),  # a mistake that is known comes before one that is only near
        (206_849, "nearly"),
        (2_048_000, "wrong"),
    ],
)
def test_whole_numbers_are_compared_exactly(answer, code):
    assert ch04_1.kept_numbers.grade(answer).code == code


def test_numbers_that_are_not_counts_keep_their_tolerance():
    assert compare.close(0.1 + 0.2, 0.3)
    assert compare.close(np.float32([0.1, 1]), np.array([0.1, 1.0]))
    assert compare.close(2.0000001, 2.0)  # a whole float is no count
    assert not compare.close(2.0000001, 2)
    assert not compare.close(np.array([1.0, 2.00001]), np.array([1, 2]))


def test_a_choice_names_the_choices_when_it_is_none_of_them():
    for other in ("e", 3, ["c", "d"], None):
        verdict = ch03.carried.grade(other)
        assert (verdict.status, verdict.code) == ("fail", "choice")
        assert "choose one of a, b, c, d" in verdict.text("en")


@pytest.mark.parametrize("answer", ["b", " B ", "b)", "(b)", "b."])
def test_a_letter_is_known_in_any_dress(answer):
    assert ch03.carried.grade(answer).status == "pass"


def test_check_prints_the_verdict_and_keeps_it(capsys):
    step.check(...)
    step.check(lambda *a: None)
    step.check(right)
    step.check(lambda *a: None)
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == ["…", "✗", "✓", "✗"]
    row = progress.read()["ch03", "rnn_step"]
    assert (row["attempts"], row["solved"], row["points"]) == (3, 1, 2)  # solved stays solved
    assert row["last_code"] == "no-return"


def test_nothing_is_kept_of_our_own_solutions(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(Path("course", "solutions", "03.ipynb")))
    step.check(right)
    assert progress.read() == {}


def test_a_progress_that_cannot_be_written_costs_one_sentence_not_the_verdict(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "file"))
    step.check(right)
    said = capsys.readouterr().out
    assert said.startswith("✓")
    assert "could not be written" in said


def test_a_broken_progress_file_costs_one_sentence_too(tmp_path, capsys):
    progress.path().parent.mkdir(parents=True)
    progress.path().write_bytes(b"this is not a database" * 100)
    step.check(right)
    assert "could not be written" in capsys.readouterr().out
    with pytest.raises(sqlite3.Error):
        progress.read()


def test_hints_come_one_by_one_and_end(capsys, monkeypatch):
    monkeypatch.setattr(step, "_hints_given", 0)
    for _ in range(4):
        step.hint()
    said = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in said[:3]] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"]
    assert "ch03.rnn_step.solution()" in said[3]


def test_exit_in_a_notebook_does_not_end_the_kernel(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        shell.run_cell("from IPython.core.autocall import ExitAutocall\n")
        shell.run_cell("def leave(*a):\n    exit()\n    return a[0]\n")
        assert step.grade(shell.user_ns["leave"]).code == "exit"
        assert "ask_exit" not in vars(shell)  # put back as it was
    finally:
        InteractiveShell.clear_instance()


def line(order=None, n=2):
    """Data of a model task: y = 2 x, seen at a few points, asked at 10, 20, ... and so on."""
    X_test = 10.0 * np.arange(1, n + 1)[:, None]
    return HeldOut(
        train=(np.arange(5.0)[:, None], 2 * np.arange(5.0)[:, None]),
        X_test=X_test,
        y_test=2 * X_test,
        measure=lambda y_hat, y: float(np.abs(y_hat - y).mean()),
        baseline=0 * X_test,
        order=order,
    )


@model_task(
    data=line,
    bar=0.1,
    axes="example output",
    symptoms={"value": lambda y_hat, data: np.ptp(y_hat) == 0},
    wrong={},
)
def fit_line(X, y):
    slope = (X * y).sum() / (X * X).sum()
    return lambda X_new: slope * X_new


@pytest.mark.parametrize(
    ("attempt", "status", "code"),
    [
        (fit_line.reference, "pass", "above-bar"),
        (lambda X, y: lambda X_new: 1.5 * X_new, "fail", "below-bar"),
        (lambda X, y: 7, "fail", "not-a-model"),
        (lambda X, y: lambda X_new: X_new[:1], "fail", "shape"),
        (lambda X, y: lambda X_new: X_new[:, 0], "fail", "shape"),
        (lambda X, y: lambda X_new: X_new * np.inf, "fail", "not-finite"),
        (lambda X, y: lambda X_new: 1 / 0, "fail", "raised"),
        (..., "todo", "todo"),
    ],
)
def test_a_model_is_measured_on_data_it_has_not_seen(attempt, status, code):
    verdict = fit_line.judge(fit_line.run(attempt))
    assert verdict[:2] == (status, code)


def test_a_symptom_is_named_before_the_bar():
    status, code, facts = fit_line.judge(fit_line.run(lambda X, y: lambda X_new: 0 * X_new))
    assert (status, code) == ("fail", "value")
    assert facts["baseline"] == "30.000"


def test_something_other_than_arrays_is_observed_as_facts():
    @observer("loss-and-rate")
    def look(thing):
        return {"loss": thing["loss"], "rate": thing["rate"]}

    @function_task(cases=lambda rng: [()], observe="loss-and-rate", wrong={})
    def build():
        return {"loss": "mse", "rate": 0.001}

    got = build.run(lambda: {"loss": "mae", "rate": 0.001})
    status, code, facts = build.judge(got)
    assert (status, code) == ("fail", "fact")
    assert (facts["which"], facts["got"], facts["want"]) == ("loss", "mae", "mse")
    assert build.judge(build.run(lambda: {"rate": 0.001, "loss": "mse"}))[0] == "pass"


def test_a_keras_tensor_is_told_from_an_array():
    tf = pytest.importorskip("tensorflow")
    verdict = step.grade(lambda *a: tf.constant(right(*a)))
    assert verdict.code == "tensor"
    assert ".numpy()" in verdict.text("en")


@function_task(
    cases=lambda rng: [(rng.normal(size=n),) for n in (3, 4)],
    edges=lambda rng: {"one step": (rng.normal(size=1),), "no step": (np.zeros(0),)},
    axes="",
    wrong={"without-the-first": lambda x: x[1:].sum() if len(x) > 1 else 0.5},
)
def total(x):
    return x.sum()


def test_an_edge_says_what_is_special_about_it():
    one = total.grade(lambda x: x.sum() if len(x) != 1 else 7.0)
    assert one.facts["n"] == "3 (one step)"
    none = total.grade(lambda x: x.sum() if len(x) else 7.0)
    assert none.facts["n"] == "4 (no step)"
    assert total.grade(lambda x: sum(x)).facts == {"n": 4}


def test_a_mistake_has_its_name_whatever_it_does_at_the_edges():
    assert total.grade(lambda x: x[1:].sum()).code == "without-the-first"
