"""What goes wrong around a class: every fault is one true sentence, and nothing is lost."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rnncourse import language
from rnncourse.commands import main
from rnncourse.grading.classroom import dispatch, grade_one, output_folder, submissions
from rnncourse.grading.classroom.stop import Stop
from tests.grading.classes import IMPORT, STEP, many, rows, write
from tests.support import HANG, modes

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
from rnncourse.grading.classroom.gradebook import Gradebook

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)

TASK = {"chapter": "ch03", "task": "rnn_step", "out_of": 2, "points": 0, "shares": []}
TASK |= {"status": "fail", "code": "no-bias", "facts": {}}


def run(*words):
    return main.main(["class", *map(str, words)])


def book(out, *tasks, students=("ada",), problem=None):
    """A gradebook in `out` as `grade` would have made it."""
    out.mkdir(exist_ok=True)
    found = Gradebook(f"sqlite:///{out / 'grades.sqlite'}")
    for student in students:
        path = f"{student}/03.ipynb"
        when = "2026-10-12T12:00:00+00:00"
        one = submissions.Submission(student, "ch03", "0", path, when, b"")
        found.put(one, {"tasks": list(tasks or [TASK]), "errors": [], "problem": problem})
    found.close()
    return out


# --- what stands in the gradebook or the submissions, and is not what it was ---------------------


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


# --- the secret ----------------------------------------------------------------------------------


def test_a_secret_is_whole_or_not_there_whoever_starts_at_once(tmp_path):
    code = (
        "import pathlib, sys; from rnncourse.grading.classroom import output_folder\n"
        "for i in range(60):\n"
        "    out = pathlib.Path(sys.argv[1] + str(i))\n"
        "    output_folder.make(out)\n"
        "    print(output_folder.secret(out).hex())"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "out")]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=HANG)[0].split() for process in started]
    assert [len(lines) for lines in said] == [60] * 4
    assert all(len(set(row)) == 1 and len(row[0]) == 64 for row in zip(*said, strict=True))
    for made in tmp_path.iterdir():
        assert [path.name for path in made.iterdir()] == ["secret"]
        assert (made / "secret").stat().st_mode & 0o077 == 0


def test_a_kill_while_the_secret_is_made_leaves_none_that_is_half(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", killed)
    with pytest.raises(KeyboardInterrupt):
        output_folder.secret(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_gets_a_secret_too(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", none)
    assert (
        output_folder.secret(tmp_path)
        == output_folder.secret(tmp_path)
        == (tmp_path / "secret").read_bytes()
    )


def test_a_damaged_secret_is_not_replaced_in_silence(tmp_path, capsys):
    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret").write_bytes(b"0123456789")
    assert run("grade", tmp_path / "subs", "--out", tmp_path / "out") == 2
    assert "has 10 bytes, not 32" in capsys.readouterr().err
    assert (tmp_path / "out" / "secret").read_bytes() == b"0123456789"


# --- the folder goes in mid-run; the grader's own failures; a corrected time ---------------------


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
    kept = Gradebook(f"sqlite:///{out / 'grades.sqlite'}")
    assert [(r["student"], r["why"], r["tasks"][0]["code"]) for r in kept.replaced()] == [
        ("ada", "regraded", "no-bias")
    ]
    kept.close()
    capsys.readouterr()
    assert run("show", "ada", "--out", out) == 0
    assert "ch03: 0 points until 20" in capsys.readouterr().out
    assert run("regrade", subs, "--out", out, "--student", "adda") == 2
    assert "There is no student adda" in capsys.readouterr().err


# --- the disk and the file -----------------------------------------------------------------------


def test_a_gradebook_that_is_not_there_is_a_sentence_and_none_is_made(tmp_path, capsys):
    book(tmp_path / "grades")
    mistyped = tmp_path / "grdaes"
    for words in (["show", "ada"], ["report"], ["export"], ["set", "ada", "ch03", "1"]):
        assert run(*words, "--out", mistyped) == 2
        said = capsys.readouterr().err
        assert said.startswith("There is no gradebook")
        assert "nearby there is: grades" in said
        assert not mistyped.exists()


def test_out_that_is_a_file_is_a_sentence(tmp_path, capsys):
    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    (tmp_path / "out").write_text("x")
    for out in (tmp_path / "out", tmp_path / "out" / "deeper"):
        assert run("grade", tmp_path / "subs", "--out", out) == 2
        assert "is a file, or lies in one" in capsys.readouterr().err
        assert run("show", "ada", "--out", out) == 2
        assert "There is no gradebook" in capsys.readouterr().err


@pytest.mark.parametrize("keep", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("how", ["truncated", "noise"])
def test_a_damaged_gradebook_is_a_sentence_and_nothing_is_written_over(tmp_path, capsys, keep, how):
    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    task = TASK | {"facts": {"text": "x" * 3000}}
    out = book(tmp_path / "out", task, students=[f"s{n}" for n in range(40)])
    path = out / "grades.sqlite"
    content = path.read_bytes()
    at = int(len(content) * keep)
    tail = b"" if how == "truncated" else b"\xaa" * 9000 + content[at + 9000 :]
    damaged = (content[:at] + tail)[: len(content)]
    path.write_bytes(damaged)
    for words in (["grade", tmp_path / "subs"], ["report"], ["export"]):
        assert run(*words, "--out", out) == 2
        said = capsys.readouterr().err
        assert "is damaged" in said, said
        assert "Put back a copy" in said
    assert path.read_bytes() == damaged


def test_an_empty_file_is_a_new_gradebook(tmp_path, capsys):
    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grades.sqlite").write_bytes(b"")
    assert run("export", "--out", tmp_path / "out") == 0
    assert capsys.readouterr().out == "student,notebook,points,out_of\n"
    assert run("grade", tmp_path / "subs", "--out", tmp_path / "out") == 0
    assert len(rows(tmp_path / "out")) == 1


def test_a_gradebook_of_an_older_version_is_read_and_gets_the_new_tables(tmp_path, capsys):
    out = book(tmp_path / "out")
    with sqlite3.connect(out / "grades.sqlite") as old:
        old.execute("DROP TABLE history")
        old.execute("DROP TABLE by_hand")
    assert run("export", "--out", out) == 0
    assert "ada,ch03,0,2" in capsys.readouterr().out
    assert run("set", "ada", "ch03.rnn_step", "1", "--out", out) == 0
    assert run("export", "--out", out) == 0
    assert "ada,ch03,1,2" in capsys.readouterr().out


LITTLE = """
mount -t tmpfs -o size=$SIZE none "$OUT"; shift 0
"$@"; status=$?
du -s "$OUT" >/dev/null; cp -r "$OUT/." "$KEPT"; exit $status
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_a_sentence_and_what_was_graded_stays(tmp_path):
    subs, out, kept = tmp_path / "subs", tmp_path / "out", tmp_path / "kept"
    many(subs, 40)
    out.mkdir()
    kept.mkdir()
    words = [
        sys.executable,
        "-m",
        "rnncourse",
        "class",
        "grade",
        str(subs),
        "--out",
        str(out),
    ]
    env = os.environ | {"OUT": str(out), "KEPT": str(kept), "SIZE": "120k"}
    command = ["unshare", "-m", "sh", "-c", LITTLE, "sh", *words]
    found = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=HANG, cwd=modes.ROOT
    )
    assert found.returncode == 2, found.stderr
    assert "Traceback" not in found.stderr
    assert "no room left for the gradebook" in found.stderr
    assert run("grade", subs, "--out", kept) == 0
    assert len(rows(kept)) == 40


@pytest.fixture
def open_folder():
    """A folder that every user may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="rnncourse-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("mode", ["user", "container"])
def test_a_gradebook_that_may_not_be_written_is_read_and_not_written(open_folder, mode):
    out, spare, subs = book(open_folder / "out"), open_folder / "spare", open_folder / "subs"
    spare.mkdir()
    write(subs / "ada.ipynb", IMPORT, STEP)
    for path in (out, *out.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)

    def said(*words):
        command = [sys.executable, "-m", "rnncourse", "class", *map(str, words)]
        return modes.run(mode, [*command, "--out", str(out)], spare)

    found = said("export")
    assert (found.returncode, found.stderr) == (0, "")
    assert "ada,ch03,0,2" in found.stdout
    assert said("show", "ada").returncode == 0
    for words in (["set", "ada", "ch03", "1"], ["grade", subs]):
        found = said(*words)
        assert (found.returncode, "Traceback" in found.stderr) == (2, False), found.stderr
        assert "may not be written" in found.stderr, found.stderr
    found = said("report")
    assert (found.returncode, "Traceback" in found.stderr) == (2, False), found.stderr
    assert "cannot be read or written: Permission denied" in found.stderr
    assert sorted(path.name for path in out.iterdir()) == ["grades.sqlite"]


# --- two at once ---------------------------------------------------------------------------------


def test_two_first_graders_at_once_make_one_gradebook(tmp_path):
    many(tmp_path / "subs", 12)
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "rnncourse",
        "class",
        "grade",
        str(tmp_path / "subs"),
    ]
    started = [
        subprocess.Popen(
            [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in started:
        _, said = process.communicate(timeout=HANG)
        assert process.returncode == 0, said
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(out / "secret", alone / "secret")
    assert run("grade", tmp_path / "subs", "--out", alone) == 0
    assert [row[:4] for row in rows(out)] == [row[:4] for row in rows(alone)]
    assert [json.loads(row[5]) for row in rows(out)] == [json.loads(row[5]) for row in rows(alone)]


# --- where folders may lie -----------------------------------------------------------------------


def test_folders_that_lie_in_one_another_or_in_what_is_readable_are_refused(tmp_path, capsys):
    subs = tmp_path / "subs"
    write(subs / "ada" / "03.ipynb", IMPORT, STEP)
    package = Path(output_folder.__file__).parents[1]
    for out, given in (
        (subs, subs),
        (subs / "grades", subs),
        (tmp_path, subs),
        (package / "grades", subs),
        (tmp_path / "out", package),
        (Path(sys.prefix, "lib", "grades"), package.parent),
        (tmp_path / "out", package.parent),
        (subs / "ada" / ".." / "grades", subs),
    ):
        before = sorted(tmp_path.rglob("*"))
        assert run("grade", given, "--out", out) == 2
        said = capsys.readouterr().err
        assert " in " in said, said
        assert "own" in said or "apart" in said
        assert sorted(tmp_path.rglob("*")) == before


def test_what_is_refused_is_a_stop_with_a_sentence_in_both_languages(tmp_path):
    (tmp_path / "subs").mkdir()
    with pytest.raises(Stop) as stop:
        output_folder.keep_apart(tmp_path / "subs" / "grades", tmp_path / "subs")
    language.use("zh")
    assert "位于" in str(stop.value)
