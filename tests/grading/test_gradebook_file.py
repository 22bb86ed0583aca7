"""A gradebook that is missing, damaged, full or read-only: one sentence each, nothing lost."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.grading.calls import LINUX, TASK, book, run
from tests.grading.classes import IMPORT, STEP, many, rows, write
from tests.support import HANG, modes

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = LINUX


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
        assert "is a file, or inside one" in capsys.readouterr().err
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
