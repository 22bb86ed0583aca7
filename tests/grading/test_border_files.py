"""Files, folders, names and times as they come: each is graded, or told and tried again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.grading.classroom import grade_one, submissions
from tests.grading.classes import IMPORT, STEP, many, write
from tests.grading.fuzz_class import graded

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)


@pytest.mark.parametrize("stamp", ["0001-01-01 00:00:00+23:59", "9999-12-31 23:59:59-23:59", "\0"])
def test_a_time_that_no_calendar_holds_stops_nobody(tmp_path, stamp):
    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "ada" / "timestamp.txt").write_text(stamp)
    ((one, result),) = graded(tmp_path).values()
    assert one.submitted[:4].isdigit()
    assert result["tasks"]


@pytest.mark.parametrize("seconds", [900_000_000_000, -(1 << 50), 1 << 60])
def test_a_file_of_the_year_30489_is_graded(tmp_path, monkeypatch, seconds):
    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP)
    real = Path.lstat

    def lstat(path):  # not every file system stores such a time
        found = real(path)
        return type(found)([*found[:8], seconds, *found[9:]])

    monkeypatch.setattr(Path, "lstat", lstat)
    one = submissions.load("ada", tmp_path / "ada" / "03.ipynb", tmp_path)
    assert one.problem is None
    assert one.submitted[:4].isdigit()


def test_a_folder_that_cannot_be_listed_is_told_and_tried_again(tmp_path, monkeypatch):
    for name in ("ada", "bob", "zoe"):
        write(tmp_path / name / "rnn" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "empty").mkdir()
    real, closed = os.scandir, {tmp_path / "ada" / "rnn", tmp_path / "bob", tmp_path / "empty"}

    def scandir(path):
        if not isinstance(path, int) and Path(path) in closed:  # root may list everything
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = graded(tmp_path)
    problems = {path: r["problem"]["code"] for path, (_, r) in found.items() if r.get("problem")}
    assert problems == {"ada/rnn": "unlisted", "bob": "unlisted", "empty": "unlisted"}
    assert "unlisted" in grade_one.RETRIED
    assert all(r["problem"]["facts"]["path"] == p for p, (_, r) in found.items() if p in problems)
    assert found["zoe/rnn/03.ipynb"][1]["tasks"]


def test_the_instructor_is_told_whose_work_waits_and_the_next_run_takes_it(
    tmp_path, monkeypatch, capsys
):
    from rnncourse.commands import main

    for name in ("ada", "zoe"):
        write(tmp_path / "subs" / name / "rnn" / "03.ipynb", IMPORT, STEP)
    words = ["class", "grade", str(tmp_path / "subs"), "--out", str(tmp_path / "out")]
    real = os.scandir

    def scandir(path):
        if not isinstance(path, int) and str(path).endswith("ada/rnn"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        for _ in range(2):  # it does not count as graded
            assert main.main(words) == 1
            assert "ada/rnn" in capsys.readouterr().err
    assert main.main(words) == 0
    assert "1 graded, 1 graded before" in capsys.readouterr().out
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        assert main.main(words) == 1
    assert main.main(words) == 0
    assert main.main(["class", "export", "--format", "json", "--out", words[-1]]) == 0
    assert "unlisted" not in capsys.readouterr().out


def test_folders_nested_deep_stop_nobody(tmp_path):
    write(tmp_path / "zoe" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "deep").mkdir()
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "deep")
        for _ in range(2200):  # beyond recursion, and beyond what a path may have
            os.mkdir("d")
            os.chdir("d")
        found = graded(tmp_path)
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", tmp_path / "deep"], check=True)
    assert found["zoe/03.ipynb"][1]["tasks"]
    assert {one.student for one, _ in found.values()} == {"zoe", "deep"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_vanishes_while_others_are_graded_is_told_and_tried_again(tmp_path, workers):
    from rnncourse.grading.classroom import dispatch

    for name in ("ada", "bob", "zoe"):
        write(tmp_path / name / "03.ipynb", IMPORT, STEP)

    def jobs():
        for student, path in submissions.find(tmp_path):
            if student == "bob":
                path.unlink()
            yield submissions.load(student, path, tmp_path), 3

    options = dispatch.Options(20, workers=workers)
    found = {one.student: result for one, result in dispatch.results(jobs(), options)}
    assert found["bob"]["problem"]["code"] == "vanished"
    assert found["bob"]["problem"]["facts"]["path"] == "bob/03.ipynb"
    assert "vanished" in grade_one.RETRIED
    assert found["ada"]["tasks"]
    assert found["ada"] | {"seconds": 0} == found["zoe"] | {"seconds": 0}


def test_a_mistake_of_the_graders_own_costs_one_file_and_is_tried_again(tmp_path, monkeypatch):
    many(tmp_path, 3)
    real = grade_one.tasks_in

    def fails(chapters, once=[True]):  # noqa: B006 - it remembers
        if once.pop() if once else False:
            raise KeyError("ours")
        return real(chapters)

    monkeypatch.setattr(grade_one, "tasks_in", fails)
    found = [result for _, result in graded(tmp_path).values()]
    assert [bool(r.get("problem")) for r in found] == [True, False, False]
    assert found[0]["problem"]["code"] == "grader-failed"
    assert found[0]["problem"]["facts"] == {
        "path": "s0000/rnn/03.ipynb",
        "what": "KeyError: 'ours'",
    }
    assert "grader-failed" in grade_one.RETRIED


def test_whose_a_notebook_is(tmp_path):
    for name in ("ada__x.ipynb", ".ipynb", "b__c/03.ipynb", "d.ipynb/03.ipynb", "e/.git/x.ipynb"):
        write(tmp_path / name, IMPORT)
    (tmp_path / "f__g").mkdir()
    students = [(student, path.name) for student, path in submissions.find(tmp_path)]
    assert students == [
        *((".ipynb", ".ipynb"), ("ada", "ada__x.ipynb"), ("b__c", "03.ipynb")),
        *(("d", "d.ipynb"), ("d.ipynb", "03.ipynb")),
    ]  # flat: a folder without a notebook is nobody's
    for name in ("ada__x.ipynb", ".ipynb"):
        (tmp_path / name).unlink()
    (tmp_path / "d.ipynb" / "03.ipynb").unlink()
    (tmp_path / "d.ipynb").rmdir()
    assert [student for student, _ in submissions.find(tmp_path)] == ["b__c", "e", "f__g"]
