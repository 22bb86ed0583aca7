"""An instructor's morning, end to end: a zip from Moodle or Canvas to marks that go back there."""

import json
import zipfile

import pytest

from tests.grading.calls import LINUX, book, packed, run, sheet
from tests.grading.classes import IMPORT, STEP, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


ROSTER = (
    "student,name,id,username,language\nada,Ada Lovelace,1234,al42,en\n"
    "lei,李 雷,99,ll7,zh\nbo,Bo Idle,7,bi,\nkim,Kim Ill,8,ki,\n"
)
RULES = (
    'roster = "students.csv"\nlate_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n'
    '[extensions]\nlei = { ch03 = 2026-10-20T12:00:00Z }\n[excused]\nkim = ["ch03"]\n'
    '[by_hand]\n"ch03.essay" = 4\n'
)


def notebook(tmp_path, *cells):
    write(tmp_path / "made.ipynb", IMPORT, *cells)
    return (tmp_path / "made.ipynb").read_bytes()


def morning(tmp_path, files, rules):
    """(a zip of `files`, the folder of the gradebook, the options that name it and `rules`)."""
    (tmp_path / "students.csv").write_text(ROSTER, "utf-8")
    (tmp_path / "rules.toml").write_text(rules, "utf-8")
    out = tmp_path / "out"
    words = ["--out", out, "--policy", tmp_path / "rules.toml"]
    return packed(tmp_path / "class.zip", files), out, words


@LINUX
def test_a_class_from_moodles_zip_to_marks_and_feedback_that_moodle_takes_back(tmp_path, capsys):
    good, poor = notebook(tmp_path, STEP), notebook(tmp_path, STEP.replace(" + b", ""))
    files = {
        "Ada Lovelace_4711_assignsubmission_file_/03.ipynb": good,
        "李 雷_4712_assignsubmission_file_/03.ipynb": good,
        "Eve Out_4713_assignsubmission_file_/03.ipynb": poor,
        "Ada Lovelace_4711_assignsubmission_file_/notes.pdf": b"%PDF",
    }
    made, out, words = morning(tmp_path, files, RULES)
    assert run("grade", made, *words) == 0
    assert "3 graded" in capsys.readouterr().out
    assert run("grade", made, *words) == 0
    assert "0 graded, 3 graded before" in capsys.readouterr().out

    plain = sheet(capsys, *words)
    assert plain == [
        ["student", "notebook", "points", "out_of"],
        ["ada", "ch03", "1", "20"],  # a day late, half of two
        ["lei", "ch03", "2", "20"],  # an extension
        ["bo", "ch03", "missing", "20"],
        ["kim", "ch03", "excused", "20"],
    ]
    canvas = sheet(capsys, *words, "--format", "canvas")
    assert canvas[2] == ["Ada Lovelace", "1234", "", "al42", "", "1"]
    assert canvas[5] == ["Kim Ill", "8", "", "ki", "", "EX"]
    assert [row[0] for row in sheet(capsys, *words, "--format", "moodle")] == [
        "username", "al42", "ll7", "bi", "ki",
    ]  # fmt: skip

    assert (
        run("set", "ada", "ch03.essay", "3", *words, "--comment", "Good point.", "--by", "Bo") == 0
    )
    assert "ada, ch03.essay, by Bo: the lesson now has 2.5 of 20 points" in capsys.readouterr().out
    assert run("set", "Ada Lovelace", "ch03", *words, "--comment", "See me.", "--by", "Bo") == 0
    assert run("set", "lei", "ch03.rnn_step", "0.5", *words, "--by", "Bo") == 0

    back = tmp_path / "feedback.zip"
    assert run("report", *words, "--submissions", made, "--zip", back) == 0
    with zipfile.ZipFile(back) as archive:
        names = archive.namelist()
        assert "Ada Lovelace_4711_assignsubmission_file_/feedback.html" in names
        page = archive.read("Ada Lovelace_4711_assignsubmission_file_/feedback.html").decode()
    for says in ("3 points given by Bo", "instead of 0. Good point.", "See me.", "50 % taken off"):
        assert says in page
    assert "50 %" not in (out / "feedback" / "lei.html").read_text("utf-8")
    assert "由 Bo" in (out / "feedback" / "lei.html").read_text("utf-8") or "Bo 于" in (
        out / "feedback" / "lei.html"
    ).read_text("utf-8")
    page = (out / "report.html").read_text("utf-8")
    assert "<li>bo: ch03</li>" in page
    assert "Not on the roster" in page
    assert page.count("Eve Out") == 1  # named once, in no table
    assert "excused" in page

    # The same files after a regrade: what a person gave stays, and nobody's mark changed.
    assert run("regrade", made, *words) == 0
    assert "No mark changed" in capsys.readouterr().out
    assert run("set", "lei", "ch03.rnn_step", "--clear", *words) == 0
    assert run("export", *words, "--format", "json") == 0
    found = json.loads(capsys.readouterr().out.split("points.\n")[-1])
    own = {mark["student"]: mark for mark in found}
    assert own["ada"]["by_hand"]["essay"] | {"given": ""} == {
        "points": 3, "comment": "Good point.", "by": "Bo", "given": "",
    }  # fmt: skip
    assert (own["ada"]["points"], own["ada"]["computed"]) == (2.5, 1)
    assert own["lei"]["by_hand"] == {}
    assert own["bo"]["notebook"] is None
    assert own["kim"]["excused"] is True


@LINUX
def test_attempts_from_canvas_are_one_student_with_a_roster_and_named_without(tmp_path, capsys):
    good, poor = notebook(tmp_path, STEP), notebook(tmp_path, STEP.replace(" + b", ""))
    files = {
        "lovelaceada_1234_567890_03_algorithm.ipynb": poor,
        "lovelaceada_LATE_1234_567891_03_algorithm-1.ipynb": good,
    }
    made, out, words = morning(tmp_path, files, 'roster = "students.csv"\n')
    assert run("grade", made, "--out", out) == 0
    assert sheet(capsys, *words)[1] == ["ada", "ch03", "2", "16"]
    assert run("show", "al42", *words) == 0
    said = capsys.readouterr().out
    assert "You handed in 2 notebooks for this lesson" in said
    assert "lovelaceada_1234_567890_03_algorithm.ipynb" in said
    assert run("export", "--out", out) == 0
    assert "A roster in the policy matches them to people" in capsys.readouterr().err


def test_what_a_person_gives_is_held_to_lessons_tasks_points_and_people(tmp_path, capsys):
    out = book(tmp_path / "out")
    for words, says in (
        (["ada", "ch3", "1"], "Unknown lesson ch3. Did you mean: ch03"),
        (["ada", "ch03.rnn_stp", "1"], "Did you mean: ch03.rnn_step"),
        (["ada", "ch03.rnn_step", "3"], "3 is not a number of points from 0 to 2"),
        (["ada", "ch03.rnn_step", "nan"], "nan is not a number of points"),
        (["ada", "ch03.rnn_step", "inf"], "inf is not a number of points"),
        (["ada", "ch03.rnn_step", "x"], "x is not a number of points"),
        (["adda", "ch03.rnn_step", "1"], "There is no student adda"),
        (["ada", "ch03.rnn_step"], "Nothing was given"),
    ):
        assert run("set", *words, "--out", out) == 2
        assert says in capsys.readouterr().err
    assert run("export", "--out", out) == 0
    assert "ada,ch03,0,2" in capsys.readouterr().out
