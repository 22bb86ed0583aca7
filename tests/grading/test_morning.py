"""An instructor's morning, end to end: a zip from Moodle or Canvas to marks that go back there."""

import csv
import errno
import io
import json
import os
import re
import sys
import zipfile

import pytest

from rnncourse.commands import main
from rnncourse.grading.classroom import export, feedback, intake, marks, policy, times
from rnncourse.grading.classroom.stop import Stop
from tests.grading.classes import IMPORT, STEP, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
ROSTER = (
    "student,name,id,username,language\nada,Ada Lovelace,1234,al42,en\n"
    "lei,李 雷,99,ll7,zh\nbo,Bo Idle,7,bi,\nkim,Kim Ill,8,ki,\n"
)
RULES = (
    'roster = "students.csv"\nlate_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n'
    '[extensions]\nlei = { ch03 = 2026-10-20T12:00:00Z }\n[excused]\nkim = ["ch03"]\n'
    '[by_hand]\n"ch03.essay" = 4\n'
)
LATE = (2026, 10, 13, 10, 0, 0)


def run(*words):
    return main.main(["class", *map(str, words)])


def notebook(tmp_path, *cells):
    write(tmp_path / "made.ipynb", IMPORT, *cells)
    return (tmp_path / "made.ipynb").read_bytes()


def packed(path, files, when=LATE):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), content)
    return path


def sheet(capsys, *words):
    capsys.readouterr()
    assert run("export", *words) == 0
    return list(csv.reader(io.StringIO(capsys.readouterr().out)))


@linux
def test_a_class_from_moodles_zip_to_marks_and_feedback_that_moodle_takes_back(tmp_path, capsys):
    good, poor = notebook(tmp_path, STEP), notebook(tmp_path, STEP.replace(" + b", ""))
    made = packed(
        tmp_path / "moodle.zip",
        {
            "Ada Lovelace_4711_assignsubmission_file_/03.ipynb": good,
            "李 雷_4712_assignsubmission_file_/03.ipynb": good,
            "Eve Out_4713_assignsubmission_file_/03.ipynb": poor,
            "Ada Lovelace_4711_assignsubmission_file_/notes.pdf": b"%PDF",
        },
    )
    (tmp_path / "students.csv").write_text(ROSTER, "utf-8")
    rules, out = tmp_path / "rules.toml", tmp_path / "out"
    rules.write_text(RULES, "utf-8")
    words = ["--out", out, "--policy", rules]
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


@linux
def test_attempts_from_canvas_are_one_student_with_a_roster_and_named_without(tmp_path, capsys):
    good, poor = notebook(tmp_path, STEP), notebook(tmp_path, STEP.replace(" + b", ""))
    made = packed(
        tmp_path / "canvas.zip",
        {
            "lovelaceada_1234_567890_03_algorithm.ipynb": poor,
            "lovelaceada_LATE_1234_567891_03_algorithm-1.ipynb": good,
        },
    )
    (tmp_path / "students.csv").write_text(ROSTER, "utf-8")
    rules, out = tmp_path / "rules.toml", tmp_path / "out"
    rules.write_text('roster = "students.csv"\n')
    assert run("grade", made, "--out", out) == 0
    assert sheet(capsys, "--out", out, "--policy", rules)[1] == ["ada", "ch03", "2", "16"]
    assert run("show", "al42", "--out", out, "--policy", rules) == 0
    said = capsys.readouterr().out
    assert "You handed in 2 notebooks for this lesson" in said
    assert "lovelaceada_1234_567890_03_algorithm.ipynb" in said
    assert run("export", "--out", out) == 0
    assert "A roster in the policy leads them back to people" in capsys.readouterr().err


def test_what_a_person_gives_is_held_to_lessons_tasks_points_and_people(tmp_path, capsys):
    from tests.grading.test_faults import book

    out = book(tmp_path / "out")
    for words, says in (
        (["ada", "ch3", "1"], "ch3 is no lesson with tasks. Did you mean: ch03"),
        (["ada", "ch03.rnn_stp", "1"], "Did you mean: ch03.rnn_step"),
        (["ada", "ch03.rnn_step", "3"], "3 is no number of points from 0 to 2"),
        (["ada", "ch03.rnn_step", "nan"], "nan is no number of points"),
        (["ada", "ch03.rnn_step", "inf"], "inf is no number of points"),
        (["ada", "ch03.rnn_step", "x"], "x is no number of points"),
        (["adda", "ch03.rnn_step", "1"], "There is no student adda"),
        (["ada", "ch03.rnn_step"], "Nothing was given"),
    ):
        assert run("set", *words, "--out", out) == 2
        assert says in capsys.readouterr().err
    assert run("export", "--out", out) == 0
    assert "ada,ch03,0,2" in capsys.readouterr().out


# --- zips ----------------------------------------------------------------------------------------


def opened(path):
    left = []
    with intake.opened(path, lambda code, **facts: left.append(facts)) as root:
        files = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if not p.is_dir()}
        return {k: p.is_symlink() or p.read_bytes() for k, p in files.items()}, left


def test_a_zip_gives_notebooks_and_times_and_nothing_outside_its_folder(tmp_path):
    made = tmp_path / "x.zip"
    link = zipfile.ZipInfo("eve/link.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("ada/x.ipynb", "ada/timestamp.txt", "ada/virus.exe", "__MACOSX/ada/x.ipynb"):
            archive.writestr(name, name)
        for name in (
            "../up.ipynb",
            "/abs.ipynb",
            "a/../../up.ipynb",
            "C:\\w.ipynb",
            "x" * 300 + ".ipynb",
        ):
            archive.writestr(name, "x")
        archive.writestr("win\\x.ipynb", "w")
        archive.writestr(link, "/etc/passwd")
    found, left = opened(made)
    assert found == {
        "ada/x.ipynb": b"ada/x.ipynb",
        "ada/timestamp.txt": b"ada/timestamp.txt",
        "win/x.ipynb": b"w",
        "eve/link.ipynb": True,
    }
    assert left[0]["n"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip"]


def test_a_bomb_in_a_zip_is_cut_and_too_much_of_it_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MOST", 1000)
    made = tmp_path / "x.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"a{n}/x.ipynb", b"0" * 10_000_000)
    assert {len(content) for content in opened(made)[0].values()} == {1001}
    monkeypatch.setattr(intake, "TOTAL", 2000)
    with pytest.raises(Stop, match="holds more than"):
        opened(made)
    monkeypatch.setattr(intake, "ENTRIES", 3)
    with pytest.raises(Stop, match="3 files"):
        opened(made)


def test_a_full_disk_while_a_zip_is_unpacked_is_a_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    made = packed(tmp_path / "x.zip", {"ada/x.ipynb": b"x"})
    monkeypatch.setattr(intake, "_take", full)
    with pytest.raises(Stop, match="no room left"):
        opened(made)


def test_names_in_a_zip_are_utf_8_whether_or_not_it_says_so(tmp_path):
    made = packed(tmp_path / "x.zip", {"\u674e/x.ipynb": b"", "\u96f7/x.ipynb": b""})
    content = made.read_bytes()
    made.write_bytes(
        re.sub(
            rb"(PK\x03\x04..|PK\x01\x02....)\x00\x08",
            lambda found: found[1] + bytes(2),
            content,
            flags=re.S,
        )
    )
    assert set(opened(made)[0]) == {"李/x.ipynb", "雷/x.ipynb"}


@pytest.mark.parametrize("how", ["cut", "no-zip", "broken-entry", "encrypted"])
def test_a_damaged_zip_is_a_sentence_or_one_students_problem(tmp_path, how):
    made = packed(tmp_path / "x.zip", {"ada/x.ipynb": b"a" * 500, "bo/x.ipynb": b"b" * 500})
    content = bytearray(made.read_bytes())
    if how in ("cut", "no-zip"):
        made.write_bytes(content[: len(content) // 2] if how == "cut" else b"hello")
        with pytest.raises(Stop, match=r"neither a folder nor a zip|damaged"):
            opened(made)
        return
    at = content.index(b"a" * 500) if how == "broken-entry" else 6
    content[at] ^= 1
    if how == "encrypted":
        content[content.index(b"PK\x01\x02") + 8] |= 1
    made.write_bytes(content)
    found, left = opened(made)
    assert found["bo/x.ipynb"] == b"b" * 500
    assert found.get("ada/x.ipynb", b"") == b""
    assert bool(left) == (how == "encrypted")


# --- times and names -----------------------------------------------------------------------------

NOON = "2026-10-12T10:00:00+00:00"
STAMPS = {
    "2026-10-12 12:00:00 CEST": NOON,
    "2026-10-12 06:00:00 EDT": NOON,
    "2026-10-12 12:00:00.123456 Europe/Berlin": NOON,
    "2026-10-12 12:00:00 +0200": NOON,
    "2026-10-12 12:00:00+02:00": NOON,
    "2026-10-12 10:00:00 utc": NOON,
    "Mon, 12 Oct 2026 12:00:00 +0200": NOON,
    "\ufeff2026-10-12T10:00": NOON,
    "2026-10-12 18:00:00 CST": "2026-10-12T18:00:00 CST",
    "2026-10-12 18:00:00 XYZT": "2026-10-12T18:00:00 XYZT",
    "0001-01-01 00:00:00+23:59": "0001-01-01T00:00:00+00:00",
    "9999-12-31 23:59:00-12:00": "9999-12-31T23:59:59+00:00",
    "yesterday": None,
    "": None,
    "2026-13-12 18:00:00": None,
    "2026-10-12 18:00:00 \x1b[31m": None,
}


@pytest.mark.parametrize("text", STAMPS, ids=range(len(STAMPS)))
def test_a_time_with_a_zones_name_is_understood_or_kept_never_dropped(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text, "utf-8")
    assert times.stamp(tmp_path / "03.ipynb") == STAMPS[text]


@linux
def test_a_zone_that_means_several_is_asked_about_and_answered_by_the_rules(tmp_path, capsys):
    subs, out, rules = tmp_path / "subs", tmp_path / "out", tmp_path / "rules.toml"
    rules.write_text("late_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n")
    write(subs / "ada" / "rnn" / "03.ipynb", IMPORT, STEP)
    (subs / "ada" / "rnn" / "timestamp.txt").write_text("2026-10-12 13:00:00 CST")
    words = ["--out", out, "--policy", rules]
    for _ in range(2):
        assert run("grade", subs, *words) == 1
        said = capsys.readouterr().err
        assert "CST" in said
        assert "ada/rnn/03.ipynb" in said
        assert "[zones]" in said
    for zone, points in (("Asia/Shanghai", "2"), ("America/Chicago", "1")):
        rules.write_text(rules.read_text().split("[zones]")[0] + f'[zones]\nCST = "{zone}"\n')
        assert run("grade", subs, *words) == 0
        assert sheet(capsys, *words)[1] == ["ada", "ch03", points, "16"]


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
@linux
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


def test_every_kind_of_export_of_no_marks_is_well_formed():
    for kind in export_kinds():
        assert export.text([], kind, policy.Policy()) != ""
    assert marks.marks([], policy.Policy()) == []
    assert feedback.write([], ".") == 0
