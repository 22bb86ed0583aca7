"""The real nbgrader takes the course as it is, by the steps and the settings of the guide.

nbgrader is installed for this file alone, into a temporary environment.
"""

import csv
import json
import os
import re
import subprocess
import sys

import nbformat
import pytest

from rnncourse.checking.task import tasks_of
from rnncourse.environment import course_folder
from rnncourse.tasks import ch03
from tests.support import HANG, peers
from tools.sync import notebooks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no Windows")
SOLUTIONS = course_folder() / "solutions"
LESSON = SOLUTIONS / "03_algorithm.ipynb"
GUIDE = (course_folder() / "docs" / "instructors.md").read_text("utf-8")
SECTION = GUIDE.partition("## With nbgrader\n")[2].partition("\n## ")[0]
POINTS = {f"ch03-{task.name.replace('_', '-')}-check": task.points for task in tasks_of(ch03)}
NOISE = """
import logging, os, sys
print("a warning of mine", file=sys.stderr)
logging.warning("a library's, through a handler that knows the stream")
os.write(2, b"a library's that is not written in Python")
"""
READ = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps([
        [s.assignment.name, s.student.id, n.name, g.name, g.score, g.max_score]
        for a in book.assignments for s in a.submissions for n in s.notebooks for g in n.grades
    ]))
"""


def test_points_and_markers_of_all_lessons_are_accepted(course):
    """`generate_assignment` checks the metadata of each notebook, and takes its answers out."""
    released = sorted((course / "release" / "rnn").glob("*.ipynb"))
    assert [path.name for path in released] == [path.name for path in notebooks(SOLUTIONS)]
    assert not any("SOLUTION" in path.read_text("utf-8") for path in released)


@pytest.mark.parametrize("student", ["right", "handed out by us"])
def test_right_answers_give_the_course_s_own_points(grades, student):
    assert grades["rnn", student.replace(" ", "_")] == {name: (p, p) for name, p in POINTS.items()}


def test_an_untouched_notebook_gives_nothing(grades):
    assert grades["rnn", "untouched"] == {name: (0, p) for name, p in POINTS.items()}


def test_a_wrong_answer_costs_its_own_task_alone(grades):
    """Even where the learner has deleted the test cell of another task, and changed this one's."""
    want = {name: (p, p) for name, p in POINTS.items()} | {"ch03-rnn-step-check": (0, 2)}
    assert grades["rnn", "wrong"] == want


def test_what_a_library_says_costs_nothing(grades):
    assert grades["week5", "noisy"] == {"ch03-rnn-step-check": (2, 2), "ours": (5, 5)}


def test_one_task_in_a_notebook_of_another_course(grades):
    assert grades["week5", "right"] == {"ch03-rnn-step-check": (2, 2), "ours": (5, 5)}
    assert grades["week5", "wrong"] == {"ch03-rnn-step-check": (0, 2), "ours": (5, 5)}


def test_the_marks_are_exported(grades, course):
    rows = list(csv.DictReader((course / "grades.csv").open()))
    scores = {(row["assignment"], row["student_id"]): float(row["score"]) for row in rows}
    assert scores["rnn", "right"] == sum(POINTS.values())
    assert scores["week5", "wrong"] == 5
    assert grades.keys() <= scores.keys()  # and who did not hand in has a row too
    assert all(
        scores[who] == sum(got for got, _ in found.values()) for who, found in grades.items()
    )


def test_feedback_says_which_mistake_it_was(grades, course):
    page = (course / "feedback" / "wrong" / "rnn" / "03_algorithm.html").read_text("utf-8")
    assert "without b. Add it inside the tanh." in page


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    try:
        return peers.install(tmp_path_factory.mktemp("nbgrader"), "nbgrader>=0.9,<1")
    except peers.Missing as why:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nbgrader cannot be installed: {why}")


@pytest.fixture(scope="module")
def run(environment, tmp_path_factory):
    """Run a command in a new nbgrader course, with the guide's settings."""
    folder = tmp_path_factory.mktemp("course")
    (settings,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    settings = "\n".join(line.strip() for line in settings.splitlines())
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}\n")

    def call(*command):
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=HANG
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"[-4000:]
        return done.stdout

    call.folder = folder
    return call


@pytest.fixture(scope="module")
def course(run):
    """Two assignments: all our lessons, and a week of another course that adopts one task."""
    for path in notebooks(SOLUTIONS):
        save(nbformat.read(path, 4), run.folder / "source" / "rnn" / path.name)
    save(week5(), run.folder / "source" / "week5" / "numpy.ipynb")
    for assignment in ("rnn", "week5"):
        run("nbgrader", "generate_assignment", assignment)
    return run.folder


@pytest.fixture(scope="module")
def grades(run, course):
    """{(assignment, student): {grade id: (score, of)}} after the guide's commands."""
    solved = nbformat.read(LESSON, 4)
    wrong = changed(solved, "rnn-step", " + b)", ")")
    wrong.cells = [cell for cell in wrong.cells if cell.id != "bptt-check"]
    wrong = changed(wrong, "rnn-step-check", "ch03.rnn_step.check(rnn_step)", "pass")
    ours = nbformat.read(course_folder() / "exercises" / LESSON.name, 4)
    for cell, answer in zip(ours.cells, solved.cells, strict=True):
        cell.source = answer.source
    rnn = {"right": solved, "wrong": wrong, "handed_out_by_us": ours}
    rnn["untouched"] = nbformat.read(course / "release" / "rnn" / LESSON.name, 4)
    for student, notebook in rnn.items():
        save(notebook, course / "submitted" / student / "rnn" / LESSON.name)
    week = {"right": week5(), "wrong": changed(week5(), "rnn-step", " + b)", ")")}
    week["noisy"] = changed(week5(), "rnn-step", "    return", indented(NOISE) + "    return")
    for student, notebook in week.items():
        save(notebook, course / "submitted" / student / "week5" / "numpy.ipynb")
    for assignment in ("rnn", "week5"):
        run("nbgrader", "autograde", assignment)
    run("nbgrader", "generate_feedback", "rnn", "--student", "wrong")
    run("nbgrader", "export")
    found = {}
    for assignment, student, notebook, name, score, most in json.loads(run("python", "-c", READ)):
        if notebook in (LESSON.stem, "numpy"):
            found.setdefault((assignment, student), {})[name] = (score, most)
        else:
            assert score == 0, "for a lesson that nobody handed in"
    return found


def week5():
    """Another course's notebook: a task of its own, and one of ours in cells copied as they are."""
    ours = {cell.id: cell for cell in nbformat.read(LESSON, 4).cells}
    own = [nbformat.v4.new_code_cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")]
    own.append(nbformat.v4.new_code_cell("assert x == 1"))
    for cell, graded in zip(own, (False, True), strict=True):
        about = {"schema_version": 3, "grade": graded, "solution": not graded, "locked": graded}
        about |= {"points": 5} if graded else {}
        cell.metadata["nbgrader"] = about | {"grade_id": "ours" if graded else "x", "task": False}
    names = ("imports", "rnn-step-text", "rnn-step", "rnn-step-check")
    notebook = nbformat.v4.new_notebook(cells=[*own, *(ours[name] for name in names)])
    notebook.metadata["kernelspec"] = nbformat.read(LESSON, 4).metadata.kernelspec
    return notebook


def changed(notebook, id, old, new):
    """A copy in which one cell's source is changed."""
    made = nbformat.from_dict(json.loads(json.dumps(notebook)))
    (cell,) = (cell for cell in made.cells if cell.id == id)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    return made


def indented(code):
    return "".join(f"    {line}\n" for line in code.strip().splitlines())


def save(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
