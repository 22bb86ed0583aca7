"""The folder of the gradebook: where it may lie, its secret, two graders in it at once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import language
from rnncourse.grading.classroom import output_folder
from rnncourse.grading.classroom.stop import Stop
from tests.grading.calls import LINUX, run
from tests.grading.classes import IMPORT, STEP, many, rows, write
from tests.support import HANG

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = LINUX


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
