"""`rnncourse check` on notebooks as they come: right, wrong, hostile, broken, or no notebooks."""

import argparse
import json
import re

import nbformat
import pytest

from rnncourse import progress
from rnncourse.commands import check
from rnncourse.tasks import ch03

IMPORT = "import numpy as np\nfrom rnncourse.tasks import ch03"
STEP = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U + b)"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


@pytest.fixture
def graded(tmp_path, capsys):
    """Write a notebook of these code cells, run `rnncourse check` on it: (exit status, report)."""

    def grade(*cells, timeout=60, name="03 算法.ipynb", text=False):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        status = check.run(argparse.Namespace(notebook=path, json=not text, timeout=timeout))
        said = capsys.readouterr().out
        return status, said if text else json.loads(said)

    return grade


def codes(report):
    return {task["task"]: task["code"] for task in report["tasks"]}


def test_right_wrong_missing_and_unwritten_tasks_get_their_verdicts(graded):
    status, report = graded(
        "%matplotlib inline",
        IMPORT,
        STEP + "\nch03.rnn_step.check(rnn_step)",
        "n_parameters = 40",
        "carried = ...",
        "x = undefined",
        "def last_output(H, W_y, b_y):\n    return H @ W_y + b_y",
    )
    assert status == 1
    verdicts = codes(report)
    assert verdicts["rnn_step"] == "pass"
    assert verdicts["n_parameters"] == "no-bias"
    assert verdicts["carried"] == "todo"
    assert verdicts["last_output"] == "every-step"  # the cell before it stopped, this one ran
    assert verdicts["bptt"] == "not-found"
    assert (report["points"], report["out_of"]) == (2, 16)
    assert "undefined" in report["errors"][0]["error"]
    assert report["errors"][0]["cell"] == 6
    assert progress.read()["ch03", "rnn_step"]["solved"] == 1
    assert ("ch03", "carried") not in progress.read()


def test_code_that_ends_its_process_costs_that_task_alone(graded):
    _, report = graded(
        IMPORT,
        STEP,
        "import os\ndef rnn_forward(X, h_0, W, U, b):\n    os._exit(0)",
        "def last_output(H, W_y, b_y):\n    os.kill(os.getpid(), 9)",
        "carried = 'b'",
    )
    verdicts = codes(report)
    assert (verdicts["rnn_forward"], verdicts["last_output"]) == ("died", "died")
    assert (verdicts["rnn_step"], verdicts["carried"]) == ("pass", "right")


def test_a_cell_that_ends_the_process_is_named(graded):
    _, report = graded(IMPORT, STEP, "import os; os._exit(0)")
    assert codes(report)["rnn_step"] == "died-before"
    assert "cell 3" in report["tasks"][0]["sentence"]


def test_a_loop_that_ignores_signals_is_ended_by_the_time_limit(graded):
    loop = (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "while True: pass"
    )
    status, report = graded(IMPORT, "n_parameters = 45", loop, timeout=4)
    assert status == 1
    assert codes(report)["n_parameters"] == "out-of-time-before"
    assert report["seconds"] < 10


def test_exit_and_input_in_a_cell_do_not_stop_the_others(graded):
    _, report = graded(IMPORT, "exit()", "input('name? ')", STEP)
    assert codes(report)["rnn_step"] == "pass"
    assert [error["kind"] for error in report["errors"]] == ["exit", "raised"]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "E: (its text"),
        ("class E(Exception):\n    def __str__(s): raise KeyboardInterrupt\nraise E", "Key"),
        ("class M(type):\n    __name__ = property(lambda c: 1 / 0)\n"
         "class E(BaseException, metaclass=M): pass\nraise E", "an error"),
    ],
)  # fmt: skip
def test_no_exception_loses_the_other_cells(graded, cell, says):
    _, report = graded(
        IMPORT, cell, STEP, f"def bptt(*a):\n    {cell.replace(chr(10), chr(10) + '    ')}"
    )
    assert codes(report)["rnn_step"] == "pass"
    assert says in report["errors"][0]["error"]
    assert codes(report)["bptt"] in ("raised", "died")


def test_a_file_beside_the_notebook_is_there_and_one_that_is_missing_is_no_accident(graded):
    _, report = graded("open('data.csv')", IMPORT, STEP)
    assert [error["kind"] for error in report["errors"]] == ["raised"]  # of a class: "beside"


def test_two_lessons_of_one_notebook_are_both_checked(graded):
    _, report = graded("from rnncourse.tasks import ch04_1, ch08  # two", "kept_numbers = 3")
    both = [t["chapter"] for t in report["tasks"] if t["task"] == "kept_numbers"]
    assert both == ["ch04_1", "ch08"]
    _, said = graded("from rnncourse.tasks import ch04_1, ch08", text=True)
    assert re.search(r"✗ ch08.kept_numbers +0/", said)


def test_the_report_for_people_shows_marks_points_and_sentences(graded):
    n = len(ch03.rnn_step.probes())
    status, said = graded(IMPORT, STEP, "n_parameters = 40", "1 / 0", text=True)
    assert status == 1
    assert re.search(rf"✓ rnn_step +2/2 +{n} of {n} cases", said)
    assert re.search(r"✗ n_parameters +0/1 +W and U are there", said)
    assert re.search(r"total +2/16", said)
    assert "cell 4: ZeroDivisionError" in said


def test_a_solved_notebook_ends_with_status_0(graded):
    from rnncourse.checking.mistakes import source_of
    from rnncourse.checking.task import ValueTask, tasks_of
    from rnncourse.tasks import ch03

    cells = [
        f"{task.name} = {task.reference()!r}"
        if isinstance(task, ValueTask)
        else source_of(task.reference)
        for task in tasks_of(ch03)
    ]
    status, report = graded(IMPORT, *cells)
    assert (status, report["points"]) == (0, report["out_of"])


def test_nothing_of_our_solutions_enters_the_learners_progress(graded):
    graded(IMPORT, STEP, name="solutions/03.ipynb")
    assert progress.read() == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{}", "not a notebook"),
        (b"[1, 2]", "not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 7}', "not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', "no exercises"),
    ],
)
def test_what_is_not_an_exercise_notebook_is_refused_with_the_next_step(
    content, says, tmp_path, capsys
):
    path = tmp_path / "work.ipynb"
    if content is not None:
        path.write_bytes(content)
    assert check.run(argparse.Namespace(notebook=path, json=False, timeout=5)) == 2
    assert says in capsys.readouterr().out


def test_a_folder_is_refused(tmp_path, capsys):
    assert check.run(argparse.Namespace(notebook=tmp_path, json=True, timeout=5)) == 2
    assert "is a folder" in json.loads(capsys.readouterr().out)["error"]
