"""The mutator, what becomes of its mutants, and a few mutants of every task's right answers."""

import json

import numpy as np
import pytest

from rnncourse.checking.cases import normal
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task
from rnncourse.grading import lessons
from tools.mutation import answers, float32
from tools.mutation.__main__ import explanations, main, trials
from tools.mutation.inputs import INPUTS
from tools.mutation.mutants import mutants
from tools.mutation.report import unexplained
from tools.mutation.trial import Fate, quiet

TASKS = [task for chapter in lessons.known() for task in answers.tasks(chapter)]
STILL_OPEN = {"ch06_2.clipped_precision", "ch08.rounds"}
PER_ANSWER = 3  # of the sample; all of them take two minutes (fuzz.yml)


def changes(source, **constants):
    return {mutant.change for mutant in mutants(source, constants)}


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("return a + b", "return a - b"),
        ("return a + b", "return a"),
        ("return a @ b", "return b @ a"),
        ("return a @ b", "return a @ b.T"),
        ("return a.T", "return a"),
        ("return a.copy()", "return a"),
        ("return a < b", "return a <= b"),
        ("return a and b", "return a or b"),
        ("return a if b else c", "return c if b else a"),
        ("return a.sum(axis=1)", "return a.sum(axis=0)"),
        ("return a.sum(axis=1)", "return a.sum()"),
        ("return a.sum(axis=1)", "return a.sum(axis=1, keepdims=True)"),
        ("return a.mean()", "return a.sum()"),
        ("return a.argmax()", "return a.argmin()"),
        ("return max(a, b)", "return min(a, b)"),
        ("return f(a, b)", "return f(b, a)"),
        ("return a[:, -1]", "return a[:, 0]"),
        ("return a[:, t]", "return a[:, t - 1]"),
        ("return a[i:j]", "return a[i:j - 1]"),
        ("return a[1:]", "return a"),
        ("return range(n)", "return range(n - 1)"),
        ("return range(n)", "return range(1, n)"),
        ("return 2 * a", "return 1 * a"),
        ("return a, b", "return (b, a)"),
        ("return a", "return np.squeeze(a)"),
        ("a += b", "a = b"),
        ("a += b", "pass"),
    ],
)
def test_a_slip_is_among_the_mutants(line, changed):
    found = changes(f"def f():\n    {line}")
    assert changed in {change.partition(" → ")[2] for change in found}


def test_a_loop_is_turned_shortened_and_left_early():
    found = changes("def f(x):\n    s = 0\n    for v in x:\n        s += v\n    return s")
    assert "for v in x: → for v in list(x)[::-1]:" in found
    assert "for v in x: → for v in list(x)[:-1]:" in found
    assert "(no line) → break" in found


def test_an_argument_loses_its_sign_and_its_ends():
    found = changes("def f(x):\n    return g(x, y)")
    assert {f"return g(x, y) → return g({x}, y)" for x in ("np.abs(x)", "x[1:]", "x[:-1]")} <= found
    assert not any("np.abs(y)" in change for change in found)


def test_what_has_one_value_in_all_cases_is_written_as_that_number():
    source = "def last(H):\n    return H[:, -1] / len(H)"
    found = changes(source, **{"len(H)": 2, "H.shape[1]": 4})
    assert "return H[:, -1] / len(H) → return H[:, -1] / 2" in found
    assert "return H[:, -1] / len(H) → return H[:, 3] / len(H)" in found


def test_mutants_differ_have_names_of_their_own_and_compile():
    for task in TASKS[:12]:
        for answer in answers.answers(task):
            found = answer.mutants()
            assert len({mutant.source for mutant in found}) == len(found)
            assert len({mutant.change for mutant in found}) == len(found)
            assert all(compile(mutant.source, "m", "exec") for mutant in found)


N = 3  # of this module: no mutant may find it in place of its own N


@function_task(
    cases=lambda rng: [(x,) for x in normal(rng, (5, 4), (7, 4))],
    axes="batch",
    wrong={"summed": edit("/ N", "")},
)
def mean_of_rows(x):
    N = x.shape[1]
    return x.sum(axis=1) / N


INPUT = {"test_mutation.mean_of_rows": lambda rng: (rng.normal(size=(2, rng.integers(1, 6))),)}


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr("tools.mutation.trial.INPUTS", INPUT)
    with quiet():
        return {one.change: one for one in trials(mean_of_rows)}


@pytest.mark.parametrize(
    ("change", "fate"),
    [
        ("return x.sum(axis=1) / N → return x.sum(axis=1)", Fate.NAMED),
        ("return x.sum(axis=1) / N → return x.sum(axis=1) * N", Fate.PATTERN),
        ("N = x.shape[1] → pass", Fate.TECHNICAL),
        ("return x.sum(axis=1) / N → return x.sum(axis=1) // N", Fate.GENERIC),
        ("N = x.shape[1] → N = x.shape[-1]", Fate.EQUIVALENT),
        ("N = x.shape[1] → N = 4", Fate.SURVIVOR),
    ],
)
def test_the_fate_of_a_mutant(found, change, fate):
    assert found[change].fate == fate


def test_a_survivor_comes_with_an_input_and_an_equivalent_one_with_their_number(found):
    assert "gives" in found["N = x.shape[1] → N = 4"].witness
    assert found["N = x.shape[1] → N = x.shape[-1]"].inputs > 100


def test_a_survivor_may_be_explained(found):
    (one,) = unexplained(found.values(), {})
    assert not unexplained(found.values(), {one.key: "why"})


def test_afterwards_the_task_is_as_before(found):
    assert "run" not in vars(mean_of_rows)
    assert mean_of_rows.seconds == 5


def test_memory_that_was_never_written_is_never_right():
    with quiet():
        assert np.isnan(np.empty(3)).all()
    assert np.empty.__module__ == "numpy"


def test_the_float32_mode_counts_the_seeds():
    assert float32.refused(mean_of_rows) == {}
    assert "0 of 1 tasks, 0.0%" in float32.table([[("a.task", {})]])
    assert "1 of 1 tasks" in float32.table([[("a.task", {3: "off-part"})]])


@pytest.mark.parametrize("task", TASKS, ids=answers.name_of)
def test_a_generator_keeps_the_contract(task):
    if generator := INPUTS.get(answers.name_of(task)):
        for seed in range(20):
            probe = generator(np.random.default_rng(seed))
            assert task.answer(task.reference, probe).kind == "returned"


def test_no_generator_and_no_exception_is_left_over():
    assert INPUTS.keys() <= {answers.name_of(task) for task in TASKS}


def test_each_explained_survivor_is_still_a_mutant():
    keys = {
        f"{answer.name}: {mutant.change}"
        for task in TASKS
        for answer in answers.answers(task)
        if any(key.startswith(f"{answer.name}:") for key in explanations())
        for mutant in answer.mutants()
    }
    assert explanations().keys() <= keys


def sampled(task):
    """The task; where its cases are known to let a mutant pass, that is what has to happen."""
    known = pytest.mark.xfail(strict=True, reason="its cases let a mutant of the sample pass")
    return pytest.param(task, marks=[known] if answers.name_of(task) in STILL_OPEN else [])


@pytest.mark.parametrize("task", map(sampled, TASKS), ids=answers.name_of)
def test_no_mutant_of_the_sample_survives_unexplained(task):
    with quiet():
        found = trials(task, first=PER_ANSWER, named=False)
    assert [one.key for one in unexplained(found, explanations())] == []


def test_the_command_prints_a_table_and_its_exit_code_tells(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tools.mutation.__main__.limited", lambda: None)
    monkeypatch.setattr("tools.mutation.__main__.os.nice", lambda more: 10)
    file = tmp_path / "found.json"
    code = main(["ch01.bag", "--first", "2", "--json", str(file)])
    assert "ch01.bag/reference" in capsys.readouterr().out
    rows = json.loads(file.read_text("utf-8"))
    assert len(rows) == 4
    assert code == any(row["fate"] == "survivor" for row in rows)
