"""A solutions notebook says what its tasks say: answers, numbers, kinds and points."""

import importlib
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from rnncourse.checking.task import ValueTask, function_task, tasks_of
from rnncourse.environment import course_folder
from rnncourse.tasks import ch03
from tests.support.solutions import of_lesson_3
from tools import answers, sync
from tools.fault import Fault

TASKS = {("ch03", task.name): task for task in tasks_of(ch03)}


@pytest.fixture
def notebook():
    return of_lesson_3()


def cell(notebook, name):
    (found,) = (cell for cell in notebook.cells if cell.id == name)
    return found


def test_the_title_counts_tasks_levels_and_points(notebook):
    assert answers.write(notebook, TASKS)
    said = (
        "Seven tasks on [lesson 3](x): two warm-ups, four at the core, one to stretch. 16 points,"
    )
    assert cell(notebook, "title").source.endswith(f"{said} an hour.")


def test_a_heading_has_its_number_by_place_and_the_points_of_its_task(notebook):
    last = next(k for k, c in enumerate(notebook.cells) if c.id == "bptt-text")
    notebook.cells.insert(2, notebook.cells.pop(last))
    answers.write(notebook, TASKS)
    first, second = (
        "## 3.1 Its title\n\n*Stretch, 4 points.*",
        "## 3.2 Its title\n\n*Warm-up, 1 point.*",
    )
    assert cell(notebook, "bptt-text").source == f"{first} What to write."
    assert cell(notebook, "n-parameters-text").source == f"{second} What to write."


def test_a_heading_may_come_without_its_number(notebook):
    cell(notebook, "bptt-text").source = "## Its title\n\n*Core, 1 point.*"
    answers.write(notebook, TASKS)
    assert cell(notebook, "bptt-text").source == "## 3.7 Its title\n\n*Stretch, 4 points.*"


def test_the_answer_is_the_reference(notebook):
    answers.write(notebook, TASKS)
    assert cell(notebook, "rnn-step").source.splitlines()[1:] == [
        "    ### BEGIN SOLUTION",
        "    return np.tanh(x_t @ W + h_prev @ U + b)",
        "    ### END SOLUTION",
    ]
    assert not answers.write(notebook, TASKS)  # a second time nothing changes


def helper(x):
    return x


helper.__module__ = "rnncourse.tasks.ch03"


@function_task(cases=lambda rng: [(1,)], axes="", wrong={})
def one(x):
    """A docstring is the notebook's affair."""
    import json

    import numpy as np

    helper2 = helper(x)
    if x:
        return np.array(helper2)

    return json.loads("1") + helper(x)


one.reference.__module__ = "rnncourse.tasks.ch03"


def test_what_the_notebook_imports_goes_and_what_is_the_chapters_is_called_so():
    notebook = of_lesson_3()
    notebook.cells += [
        new_code_cell("import numpy as np"),
        new_markdown_cell("## 1.1 One\n\n*Core, 1 point.*", id="one-text"),
        new_code_cell(
            "import os\ndef one(x):\n    ### BEGIN SOLUTION\n    ### END SOLUTION", id="one"
        ),
    ]
    answers.write(notebook, TASKS | {("ch03", "one"): one})
    assert cell(notebook, "one").source == (
        "import os\ndef one(x):\n    ### BEGIN SOLUTION\n    import json\n\n\n"
        "    helper2 = ch03.helper(x)\n    if x:\n        return np.array(helper2)\n\n"
        '    return json.loads("1") + ch03.helper(x)\n    ### END SOLUTION'
    )


@pytest.mark.parametrize(
    ("name", "source", "code"),
    [
        ("title", "# Exercises", "begin with a line like"),
        ("bptt-text", "*Core, 2 points.*", "id bptt-text does not begin"),
        ("bptt", "def bptt():\n    pass", "id bptt must define `bptt`"),
        ("bptt", "def other():\n    ### BEGIN SOLUTION\n    ### END SOLUTION", "define `bptt`"),
    ],
)
def test_a_cell_written_in_another_way_is_named(notebook, name, source, code):
    cell(notebook, name).source = source
    with pytest.raises(Fault, match=re.escape(code)):
        answers.write(notebook, TASKS)


def test_a_task_without_its_text_is_named(notebook):
    notebook.cells = [c for c in notebook.cells if c.id != "carried-text"]
    with pytest.raises(Fault, match="carried-text"):
        answers.write(notebook, TASKS)


@pytest.mark.parametrize(
    "path", sync.notebooks(course_folder() / "solutions"), ids=lambda path: path.stem[:4]
)
def test_each_function_of_a_committed_notebook_is_the_reference(path):
    """What `.solution()` prints is what solutions/ has, and what is graded against."""
    chapter = "ch" + "_".join(re.findall(r"\d+", path.stem))
    tasks = tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}"))
    notebook = nbformat.read(path, 4)
    assert not answers.write(notebook, {(chapter, t.name): t for t in tasks}), "run `make sync`"
    assert sum(not isinstance(task, ValueTask) for task in tasks) > 3
