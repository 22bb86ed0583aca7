"""What goes wrong while a class is graded: one true sentence each, and nothing is lost."""

import contextlib
import os
import shutil
import sys
from types import SimpleNamespace

import pytest

from rnncourse import language
from rnncourse.grading.classroom import (
    dispatch,
    grade_one,
    output_folder,
    submissions,
)
from rnncourse.grading.classroom.gradebook import Gradebook
from tests.grading.calls import LINUX, TASK, book, run
from tests.grading.classes import IMPORT, STEP, many, rows, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = LINUX


def test_a_graded_file_that_is_something_else_now_is_left_out_and_named(tmp_path, capsys):
    subs, out = tmp_path / "subs", tmp_path / "out"
    for name in ("ada", "bo", "cy", "di"):
        write(subs / name / "03.ipynb", IMPORT, STEP)
    assert run("grade", subs, "--out", out) == 0
    (subs / "ada" / "03.ipynb").write_text("<html>")
    (subs / "bo" / "03.ipynb").unlink()
    write(subs / "cy" / "03.ipynb", IMPORT, STEP, "carried = 'b'")
    assert run("report", "--out", out, "--submissions", subs) == 0
    said = capsys.readouterr().err
    assert "3 files are no longer those that were graded" in said
    assert "ada/03.ipynb, bo/03.ipynb, cy/03.ipynb" in said
    assert run("grade", subs, "--out", out) == 1
    assert run("report", "--out", out, "--submissions", subs) == 0
    page = (out / "feedback" / "ada.html").read_text("utf-8")
    assert "ada/03.ipynb is not a notebook" in page
    assert "Does not count, because it cannot be read: ada/03.ipynb" in page
    write(subs / "ada" / "03.ipynb", IMPORT, STEP)  # the good file is back
    assert run("grade", subs, "--out", out) == 0
    capsys.readouterr()
    assert run("show", "ada", "--out", out) == 0
    assert "cannot be read" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"code": "no-such-code"},
        {"chapter": "ch99"},
        {"task": "no_such_task", "code": "no-such-code"},
        {"code": "value", "facts": {}},
        {"news": 3},
    ],
)
def test_a_result_of_another_version_of_the_course_is_shown(tmp_path, capsys, change):
    out = book(tmp_path / "out", TASK | change)
    for lang in language.LANGUAGES:
        assert run("show", "ada", "--out", out, "--lang", lang) == 0
    said = capsys.readouterr().out
    if change.get("code") != "no-such-code":  # of which the course says that it has no sentence
        assert "comes from another version of the course" in said
        assert "来自课程的另一个版本" in said
    assert run("report", "--out", out) == 0
    assert run("export", "--out", out) == 0


def test_a_problem_of_another_version_of_the_course_is_shown(tmp_path, capsys):
    out = book(tmp_path / "out", problem={"code": "no-such-code", "facts": {}})
    assert run("report", "--out", out) == 0
    assert run("show", "ada", "--out", out) == 0
    assert "comes from another version" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_gradebook_that_goes_in_mid_run_is_a_sentence(tmp_path, capsys, monkeypatch, how):
    subs, out, real = tmp_path / "subs", tmp_path / "out", dispatch.results
    many(subs, 6)

    def results(*arguments):
        for n, found in enumerate(real(*arguments)):
            if n == 3:
                shutil.move(out, tmp_path / "moved")
                if how == "replaced":
                    book(out, students=())
            yield found

    monkeypatch.setattr(dispatch, "results", results)
    assert run("grade", subs, "--out", out) == 2
    said = capsys.readouterr().err
    assert "was deleted or replaced while it was in use" in said
    assert "grade again" in said
    monkeypatch.undo()
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(out)
    shutil.move(tmp_path / "moved", out)
    assert run("grade", subs, "--out", out) == 0
    assert len(rows(out)) == 6


def test_a_file_that_is_replaced_in_mid_run_is_graded_and_kept_as_one_reading(
    tmp_path, monkeypatch
):
    """The hidden cases came from a first reading, and the row from a second."""
    subs, out, seeds = tmp_path / "subs", tmp_path / "out", []
    real_results, real_grade = dispatch.results, grade_one.grade
    write(subs / "ada.ipynb", IMPORT, STEP)

    def results(*arguments):
        write(subs / "ada.ipynb", IMPORT, STEP, "carried = 'b'")
        return real_results(*arguments)

    def grade(content, path, seed, *rest):
        seeds.append(seed)
        return real_grade(content, path, seed, *rest)

    monkeypatch.setattr(dispatch, "results", results)
    monkeypatch.setattr(grade_one, "grade", grade)
    assert run("grade", subs, "--out", out) == 0
    now = submissions.load("ada", subs / "ada.ipynb", subs)
    assert [row[2] for row in rows(out)] == [now.sha]
    assert seeds == [submissions.seed_of(output_folder.secret(out), now)]


@pytest.mark.parametrize("missing", ["package", "scheduler"])
def test_without_dask_or_its_scheduler_a_sentence_says_so(tmp_path, capsys, monkeypatch, missing):
    def client(address):
        raise OSError(f"Timed out trying to connect to {address}")

    fake = None if missing == "package" else SimpleNamespace(Client=client)
    monkeypatch.setitem(sys.modules, "distributed", fake)
    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    words = ["--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1"]
    assert run("grade", tmp_path / "subs", *words) == 2
    said = capsys.readouterr().err
    assert ("rnncourse[class,dask]" in said) == (missing == "package")
    assert ("no Dask scheduler at tcp://127.0.0.1:1" in said) == (missing == "scheduler")


@pytest.mark.parametrize("code", sorted(grade_one.RETRIED))
def test_the_graders_own_failures_are_tried_again_by_the_next_grade(
    tmp_path, capsys, monkeypatch, code
):
    subs, out, real = tmp_path / "subs", tmp_path / "out", grade_one.grade
    write(subs / "ada.ipynb", IMPORT, STEP)
    write(subs / "bo.ipynb", IMPORT, STEP)
    facts = {"path": "ada.ipynb", "what": "x", "error": "x", "missing": "x"}

    def failing(content, path, *rest):
        if path != "ada.ipynb":
            return real(content, path, *rest)
        return {"tasks": [], "errors": [], "problem": {"code": code, "facts": facts}}

    monkeypatch.setattr(grade_one, "grade", failing)
    for new in (2, 1):
        assert run("grade", subs, "--out", out) == 1
        said = capsys.readouterr()
        assert f"{new} graded" in said.out
        assert "1 could not be graded through no fault" in said.err
    monkeypatch.undo()
    assert run("grade", subs, "--out", out) == 0
    assert "1 graded, 1 graded before, 0 could not" in capsys.readouterr().out
    assert run("grade", subs, "--out", out) == 0
    assert "0 graded, 2 graded before" in capsys.readouterr().out


def test_a_corrected_timestamp_is_seen_by_grade_and_said(tmp_path, capsys):
    subs, out, rules = tmp_path / "subs", tmp_path / "out", tmp_path / "rules.toml"
    rules.write_text("late_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n")
    write(subs / "ada" / "rnn" / "03.ipynb", IMPORT, STEP)
    stamp = subs / "ada" / "rnn" / "timestamp.txt"
    stamp.write_text("2026-10-13 08:00:00 UTC")
    assert run("grade", subs, "--out", out, "--policy", rules) == 0
    stamp.write_text("2026-10-12 11:00:00 UTC")
    capsys.readouterr()
    assert run("grade", subs, "--out", out, "--policy", rules) == 0
    said = capsys.readouterr().out
    assert "is now 2026-10-12 11:00:00 UTC, before 2026-10-13 08:00:00 UTC" in said
    assert "ada, ch03: 1 points before, 2 now" in said
    assert "0 graded, 1 graded before" in said
    assert run("grade", subs, "--out", out, "--policy", rules) == 0
    assert "is now" not in capsys.readouterr().out
    os.utime(subs / "ada" / "rnn" / "03.ipynb", (0, 0))  # the file's own time says nothing here
    stamp.unlink()
    assert run("grade", subs, "--out", out, "--policy", rules) == 0
    assert "is now" not in capsys.readouterr().out


def test_a_regrade_says_whose_marks_changed_and_keeps_what_was(tmp_path, capsys, monkeypatch):
    subs, out, real = tmp_path / "subs", tmp_path / "out", grade_one.grade
    write(subs / "ada.ipynb", IMPORT, STEP)
    write(subs / "bo.ipynb", IMPORT, STEP)

    def wrong(content, path, *rest):
        found = real(content, path, *rest)
        for task in found["tasks"] if path == "ada.ipynb" else ():
            task |= {"status": "fail", "points": 0, "code": "no-bias", "shares": []}
        return found

    monkeypatch.setattr(grade_one, "grade", wrong)
    assert run("grade", subs, "--out", out) == 0
    monkeypatch.undo()
    capsys.readouterr()
    assert run("regrade", subs, "--out", out) == 0
    said = capsys.readouterr().out
    assert "ada, ch03: 0 points before, 2 now." in said
    assert "bo," not in said
    assert run("regrade", subs, "--out", out) == 0
    assert "No mark changed" in capsys.readouterr().out
    kept = Gradebook(out / "grades.sqlite")
    assert [(r["student"], r["why"], r["tasks"][0]["code"]) for r in kept.replaced()] == [
        ("ada", "regraded", "no-bias")
    ]
    kept.close()
    capsys.readouterr()
    assert run("show", "ada", "--out", out) == 0
    assert "ch03: 0 points until 20" in capsys.readouterr().out
    assert run("regrade", subs, "--out", out, "--student", "adda") == 2
    assert "There is no student adda" in capsys.readouterr().err
