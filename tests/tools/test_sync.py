"""Exercises are made from solutions: answers out, the rest as it was, and a fault is named."""

import ast
import importlib
import re

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from rnncourse import language
from rnncourse.checking.task import tasks_of
from rnncourse.environment import course_folder
from rnncourse.tasks import ch03
from tests.support.solutions import IMPORT, of_lesson_3, solution
from tools import sync

FUNCTION = """\
def rnn_step(x_t, h_prev):
    \"\"\"One time step.\"\"\"
    n = len(x_t)
    ### BEGIN SOLUTION
    a_t = x_t + h_prev

    return a_t
    ### END SOLUTION"""

VALUE = """\
### BEGIN SOLUTION
# 50 * 51
n_kernel, n_bias = 2550, 50
total: int = n_kernel + n_bias
### END SOLUTION
print(total)"""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


@pytest.fixture
def course(tmp_path):
    """A folder with solutions/; save(notebook) puts one there."""
    (tmp_path / "solutions").mkdir()

    def save(notebook, name="03_algorithm.ipynb"):
        path = tmp_path / "solutions" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sync.written(notebook))

    save.folder = tmp_path
    save.call = lambda *options: sync.main(["--folder", str(tmp_path), *options])
    return save


def test_an_indented_answer_becomes_one_line_to_write():
    made = sync.exercise_source(FUNCTION)
    assert made.splitlines()[2:] == ["    n = len(x_t)", "    " + sync.TO_WRITE]
    ast.parse(made)


def test_an_answer_at_the_margin_leaves_its_names():
    made = sync.exercise_source(VALUE).splitlines()
    names = ("n_kernel", "n_bias", "total")
    assert made == [*(f"{name} = ...  # your answer here" for name in names), "print(total)"]


def test_several_answers_in_one_cell():
    made = sync.exercise_source(FUNCTION + "\n\n\n" + FUNCTION.replace("rnn_step", "rnn_loop"))
    assert made.count(sync.TO_WRITE) == 2
    assert "SOLUTION" not in made


def test_outputs_go_and_everything_else_stays():
    notebook = solution(FUNCTION)
    notebook.cells[0].metadata["tags"] = ["keep"]
    notebook.cells.append(new_markdown_cell("why", metadata={"tags": ["solution-only"]}))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    made = sync.exercise(notebook)
    (cell,) = made.cells
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert (cell.id, cell.metadata) == (notebook.cells[0].id, notebook.cells[0].metadata)
    assert made.metadata == notebook.metadata
    assert notebook.cells[0].outputs  # the solution itself is left as it was


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("### BEGIN SOLUTION\nx = 1", "without its `### END SOLUTION`"),
        ("x = 1\n### END SOLUTION", "unexpected line"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "unexpected line"),
        ("### BEGIN SOLUTIONS\nx = 1\n### END SOLUTION", "unexpected line"),
        ("### BEGIN SOLUTION\n# only a remark\n### END SOLUTION", "no code between"),
        ("### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", "must assign a name"),
        ("### BEGIN SOLUTION\ndef f():\n    x = 1\n### END SOLUTION", "must assign a name"),
        ("### BEGIN SOLUTION\nx = = 1\n### END SOLUTION", "does not parse"),
    ],
)
def test_a_fault_names_the_file_and_the_cell(course, capsys, source, words):
    notebook = solution("x = 0", source)
    course(notebook)
    assert course.call() == 1
    said = capsys.readouterr().err
    assert "03_algorithm.ipynb, cell 2" in said
    assert notebook.cells[1].id in said
    assert words in said
    assert not (course.folder / "exercises").exists()


OLD = '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}'
NO_ID = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {},
            "cells": [{"cell_type": "markdown", "metadata": {}, "source": "x"}]}"""


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"cells": []}', '{"nbformat": 4}', OLD, NO_ID]
)
def test_a_file_that_is_no_notebook(course, capsys, text):
    (course.folder / "solutions" / "01_x.ipynb").write_text(text)
    assert course.call() == 1
    said = capsys.readouterr().err
    assert "01_x.ipynb is not a valid notebook" in said
    assert "Traceback" not in said


def test_writing_then_checking(course, capsys):
    course(solution(FUNCTION))
    course(solution(VALUE), "zh/03_algorithm.ipynb")
    assert course.call("--check") == 1
    assert "zh/03_algorithm.ipynb differs" in capsys.readouterr().out
    assert course.call() == 0
    assert course.call("--check") == 0
    (path,) = (course.folder / "exercises").glob("*.ipynb")
    before = path.read_bytes()
    assert before.endswith(b"}\n")
    nbformat.validate(nbformat.read(path, 4))
    path.write_bytes(before + b"\n")
    assert course.call("--check") == 1
    assert course.call() == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("run", [True, False])
def test_what_a_learner_has_done_is_never_overwritten(course, capsys, run):
    course(solution(FUNCTION))
    course.call()
    (path,) = (course.folder / "exercises").glob("*.ipynb")
    mine = nbformat.read(path, 4)
    mine.cells[0].source += "  # years of work"
    mine.cells[0].execution_count = 7 if run else None
    path.write_bytes(sync.written(mine))
    before = path.read_bytes()
    assert course.call() == (1 if run else 0)
    assert (path.read_bytes() == before) is run
    assert ("left alone" in capsys.readouterr().out) is run


def test_an_exercise_without_a_solution_is_named_and_kept(course, capsys):
    orphan = course.folder / "exercises" / "09_faq.ipynb"
    orphan.parent.mkdir()
    orphan.write_text("{}")
    assert course.call() == 1
    assert "has no solution of that name" in capsys.readouterr().out
    assert orphan.exists()


def test_an_empty_course_is_in_sync(course):
    assert course.call("--check") == 0


def marked(name):
    """{cell id: its nbgrader metadata} of a committed notebook."""
    notebook = nbformat.read(course_folder() / name, as_version=4)
    return {c.id: dict(c.metadata.nbgrader) for c in notebook.cells if "nbgrader" in c.metadata}


@pytest.mark.parametrize(
    "path", [p.name for p in sync.notebooks(course_folder() / "solutions")], ids=lambda p: p[:4]
)
def test_points_for_nbgrader_are_those_of_the_course(path):
    chapter = "ch" + "_".join(re.findall(r"\d+", path))
    tasks = tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}"))
    cells = marked(f"solutions/{path}")
    tests = [cell for cell in cells.values() if cell["grade"]]
    assert [test["points"] for test in tests] == [task.points for task in tasks]
    assert [cell["solution"] for cell in cells.values()].count(True) >= len(tasks)
    ids = [cell["grade_id"] for cell in cells.values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(rf"{chapter}-[\w-]+", name) for name in ids)
    assert marked(f"exercises/{path}") == cells


TASKS = [task.name for task in tasks_of(ch03)]
CHECKS = [f"ch03.{name}.check({name})" for name in TASKS]


def test_metadata_come_from_the_tasks_and_go_with_them(course, capsys):
    course(of_lesson_3(*CHECKS, VALUE))
    assert course.call("--check") == 1
    assert "solutions/03_algorithm.ipynb does not say what its tasks say" in capsys.readouterr().out
    assert course.call() == 0
    assert course.call("--check") == 0
    path = course.folder / "solutions" / "03_algorithm.ipynb"
    right, made = path.read_bytes(), nbformat.read(path, 4)
    assert made.cells[1].outputs  # the stored run of a solution stays
    assert made.cells[-1].metadata.nbgrader.solution
    made.cells[2].metadata.nbgrader.points = 100
    made.cells[1].metadata.nbgrader = made.cells[3].metadata.nbgrader  # as if it had been one once
    path.write_bytes(sync.written(made))
    assert course.call("--check") == 1
    assert course.call() == 0
    assert path.read_bytes() == right


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([IMPORT, *CHECKS[1:]], f"no cell calls `check` for: {TASKS[0]}."),
        ([IMPORT, *CHECKS, CHECKS[0]], "a second time"),
        ([IMPORT, *CHECKS, "ch03.rnn_stepp.check(1)"], "`ch03.rnn_stepp`, which is no task"),
        ([IMPORT, "\n".join(CHECKS)], "a cell of its own"),
        ([IMPORT, *CHECKS[1:], f"{VALUE}\n{CHECKS[0]}"], "a cell of its own"),
        (["from rnncourse.tasks import ch99"], "`ch99` do not exist"),
    ],
)
def test_tasks_and_cells_that_do_not_fit_together(course, capsys, cells, words):
    course(solution(*cells))
    assert course.call() == 1
    assert words in capsys.readouterr().err
