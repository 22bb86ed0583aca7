"""What leaves the gradebook: well-formed, and harmless to a terminal and a spreadsheet."""

import os

import pytest

from rnncourse.grading.classroom import export, feedback, marks, policy
from tests.grading.calls import LINUX, TASK, book, exported, run, sheet
from tests.grading.classes import IMPORT, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
@LINUX
def test_a_name_never_steers_a_terminal_nor_a_spreadsheet(tmp_path, capsys):
    names = ["\x1b]0;owned\x07", "\x9b31m", "\u202etxt", "a\nb", "=1+1", "+1", "-1", "@x", "\tq"]
    names += ["＝1+1", "＋1", "－1", "＠x", " =1", "\u3000=1", "\r=2"]
    subs, out = tmp_path / "subs", tmp_path / "out"
    for name in names:
        write(subs / name / "03.ipynb", IMPORT)
    (subs / names[0] / "b\x1b[31m.ipynb").write_text("x")
    run("grade", subs, "--out", out)
    run("grade", subs / "none\x1b[0m", "--out", out)
    run("report", "--out", out, "--submissions", tmp_path / "none\x1b")
    for kind in export_kinds():
        run("export", "--out", out, "--format", kind)
    for name in names:
        run("show", name, "--out", out)
        run("set", name, "ch03.rnn_step", "1", "--out", out, "--comment", "\x1b[2J")
    run("show", "\x1b[31m", "--out", out)
    said = capsys.readouterr()
    odd = {c for c in said.out + said.err if not c.isprintable()} - {"\n", "\u3000"}
    assert odd == set()
    for kind in ("plain", "canvas", "moodle"):
        cells = [cell for row in sheet(capsys, "--out", out, "--format", kind) for cell in row[:4]]
        calculating = [c for c in cells if c.strip()[:1] in tuple("=+-@＝＋－＠") and c]
        assert calculating == []


def export_kinds():
    return ("plain", "canvas", "moodle", "json")


def test_tasks_of_one_name_in_two_lessons_are_two_everywhere(tmp_path, capsys):
    """ch04_1 and ch08 both have a task `kept_numbers`; here one notebook answers both."""
    wrong = TASK | {"task": "kept_numbers", "chapter": "ch04_1", "code": "wrong"}
    right = wrong | {"chapter": "ch08", "status": "pass", "code": "right", "points": 2}
    out = book(tmp_path / "out", wrong, right)
    assert run("set", "ada", "ch04_1.kept_numbers", "0.5", "--out", out, "--by", "Bo") == 0
    found = {mark["notebook"]: mark for mark in exported(capsys, "--out", out)}
    assert {name: mark["points"] for name, mark in found.items()} == {"ch04_1": 0.5, "ch08": 2}
    assert found["ch04_1"]["tasks"]["kept_numbers"]["code"] == "wrong"
    assert found["ch08"]["tasks"]["kept_numbers"]["code"] == "right"
    assert found["ch08"]["by_hand"] == {}
    assert run("show", "ada", "--out", out) == 0
    said = capsys.readouterr().out
    assert said.index("✗ kept_numbers") < said.index("ch08: 2 of 2") < said.index("✓ kept_numbers")
    assert run("report", "--out", out) == 0
    page = (out / "report.html").read_text("utf-8")
    assert page.count("<strong>kept_numbers: solved by 0 of 1<") == 1
    assert page.count("<strong>kept_numbers: solved by 1 of 1<") == 1


def test_every_kind_of_export_of_no_marks_is_well_formed():
    for kind in export_kinds():
        assert export.text([], kind, policy.Policy()) != ""
    assert marks.marks([], policy.Policy()) == []
    assert feedback.write([], ".") == 0
