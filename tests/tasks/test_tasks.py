"""Every task of every chapter: the right answers pass, each misconception is called by its name."""

import importlib
import inspect
import pkgutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

import rnncourse.tasks
from rnncourse import language
from rnncourse.checking import observers
from rnncourse.checking.task import FunctionTask, ModelTask, ValueTask, tasks_of
from tests.tasks.other_answers import OTHER_ANSWERS

CHAPTERS = [
    importlib.import_module(f"rnncourse.tasks.{module.name}")
    for module in pkgutil.iter_modules(rnncourse.tasks.__path__)
    if module.name.startswith("ch") and not module.name.endswith("_data")
]
TASKS = [task for chapter in CHAPTERS for task in tasks_of(chapter)]
MISTAKES = [(task, code) for task in TASKS for code in task.wrong]
TRAINS = {"train_loop"}  # beside the model tasks
EXEMPT = {"hints"}
NAMED = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text("utf-8"))
SEEDS = (None, 99)  # the cases in the notebook, and others


def identify(value):
    """ch06_4.train: the names of tasks repeat from chapter to chapter."""
    return f"{value.chapter}.{value.name}" if hasattr(value, "chapter") else value


def answer(task):
    """The reference, as a learner would hand it in."""
    return task.reference() if isinstance(task, ValueTask) else task.reference


def marked(cases):
    """The cases, each a task or (task, code), with the mark `slow` where a model is trained."""
    found = []
    for case in cases:
        task, *more = case if isinstance(case, tuple) else (case,)
        slow = isinstance(task, ModelTask) or task.name in TRAINS
        found.append(pytest.param(task, *more, marks=[pytest.mark.slow] if slow else []))
    return found


# The training of a model task's reference is what solutions/ runs: `make sync` writes it there.
@pytest.mark.parametrize(
    "task", marked(t for t in TASKS if not isinstance(t, ModelTask)), ids=identify
)
def test_the_reference_earns_all_points(task):
    verdict = task.grade(answer(task))
    assert (verdict.status, verdict.points) == ("pass", task.points), verdict.text("en")


@pytest.mark.parametrize("task", marked(TASKS), ids=identify)
def test_another_right_answer_passes(task):
    if isinstance(task, ValueTask):
        value = task.reference()
        other = value.upper() + " " if isinstance(value, str) else np.float64(value)
    else:
        other = OTHER_ANSWERS[task.chapter][task.name]
    verdict = task.grade(other)
    assert verdict.status == "pass", verdict.text("en")


@pytest.mark.parametrize(("task", "code"), marked(MISTAKES), ids=identify)
def test_each_misconception_is_refused_under_its_own_code(task, code):
    for seed in SEEDS if isinstance(task, FunctionTask) else SEEDS[:1]:
        verdict = task.grade(task.wrong[code], seed=seed)
        assert (verdict.status, verdict.code, verdict.points) == ("fail", code, 0), seed


def test_no_misconception_is_lost():
    now = {identify(task): {*task.wrong, *getattr(task, "symptoms", {})} for task in TASKS}
    lost = {name: set(codes.split()) - now.get(name, set()) for name, codes in NAMED.items()}
    assert {name: codes for name, codes in lost.items() if codes} == {}


@pytest.mark.parametrize("task", TASKS, ids=identify)
def test_a_task_has_hints_and_a_sentence_for_each_misconception_and_no_other(task):
    table = language.table(f"tasks.{task.chapter}", "en")[task.name]  # zh: tools/translations.py
    symptoms = getattr(task, "symptoms", {})
    general = language.table("checking.general", "en")
    general = {*general["verdict"], *general["case"]}
    own = {code for code in {*task.wrong, *symptoms} if code not in general or code in table}
    extra = observers.codes(task.question.observer)
    assert table.keys() - EXEMPT == own | (extra & table.keys())
    assert table["hints"]


@pytest.mark.parametrize("task", TASKS, ids=identify)
def test_an_untouched_task_is_still_to_be_written(task):
    def untouched(*args):
        raise NotImplementedError

    attempt = ... if isinstance(task, ValueTask) else untouched
    assert task.grade(attempt).status == "todo"


@pytest.mark.parametrize("task", TASKS, ids=identify)
def test_our_solution_is_shown_as_a_learner_would_write_it(task, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path))
    task._tried = False
    task.solution()
    assert "def " not in capsys.readouterr().out  # not before a real attempt
    task._tried = True
    task.solution()
    assert capsys.readouterr().out.startswith(f"def {task.name}(")


def test_the_parameters_of_a_reference_are_the_names_of_the_cases():
    for task in TASKS:
        if hasattr(task, "cases"):
            wanted = len(task.arguments)
            if task.observer:  # it gets what was returned, and more of the case
                look = inspect.signature(observers.named(task.observer).look)
                wanted += len(look.parameters) - 1 - len(task.options)
            assert all(len(probe) == wanted for probe in task.probes())
