"""The learner's progress: kept between sessions, shown on request, refused with a remedy."""

import argparse
import json
import os
import sys
import types

import pytest

from rnncourse import progress
from rnncourse.commands import progress as command


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path))
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


def _record(name, **facts):
    progress.record("ch03", name, out_of=2, code="x", **facts)


def test_the_best_result_and_the_number_of_attempts_are_kept():
    _record("rnn_step", solved=False, points=0)
    _record("rnn_step", solved=True, points=2)
    _record("rnn_step", solved=False, points=0)
    row = progress.read()["ch03", "rnn_step"]
    assert (row["solved"], row["points"], row["attempts"]) == (1, 2, 3)


def test_progress_lists_every_lesson_with_its_tasks(capsys):
    _record("rnn_step", solved=True, points=2)
    _record("bptt", solved=False, points=0)
    assert command.run(argparse.Namespace(json=False)) == 0
    said = capsys.readouterr().out
    assert "Lesson 03: 1 of 7 solved, 2 of 16 points" in said
    assert "✓ rnn_step" in said
    assert "✗ bptt" in said
    assert "… rnn_forward" in said


def test_progress_as_json(capsys):
    _record("rnn_step", solved=True, points=2)
    command.run(argparse.Namespace(json=True))
    rows = json.loads(capsys.readouterr().out)["ch03"]
    assert rows["rnn_step"] == {"solved": True, "attempts": 1, "points": 2.0, "out_of": 2}
    assert rows["bptt"]["attempts"] == 0


def test_a_broken_file_is_refused_with_the_remedy(capsys):
    progress.path().write_bytes(b"not a database" * 100)
    assert command.run(argparse.Namespace(json=False)) == 1
    assert "Move that file away" in capsys.readouterr().out


def test_progress_travels_in_a_file(tmp_path, monkeypatch, capsys):
    _record("rnn_step", solved=True, points=2)
    _record("bptt", solved=False, points=0)
    file = tmp_path / "mine.json"
    assert command.run(argparse.Namespace(json=False, save=str(file))) == 0
    assert "2 task(s) written" in capsys.readouterr().out
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "another machine"))
    _record("bptt", solved=True, points=2)
    assert command.run(argparse.Namespace(json=False, restore=str(file))) == 0
    rows = progress.read()
    assert (rows["ch03", "rnn_step"]["solved"], rows["ch03", "bptt"]["solved"]) == (1, 1)
    assert rows["ch03", "bptt"]["points"] == 2


@pytest.mark.parametrize("content", ["", "[]", '{"rnncourse progress": [1]}', '{"a": 1}'])
def test_what_save_did_not_write_is_refused(tmp_path, capsys, content):
    file = tmp_path / "other.json"
    file.write_text(content)
    assert command.run(argparse.Namespace(json=False, restore=str(file))) == 1
    assert "is not a file that" in capsys.readouterr().out
    assert progress.read() == {}


def test_a_file_that_is_not_there_is_named(capsys):
    assert command.run(argparse.Namespace(json=False, restore="nowhere.json")) == 1
    assert "nowhere.json" in capsys.readouterr().out


def test_in_colab_progress_lies_in_the_mounted_drive(tmp_path, monkeypatch):
    monkeypatch.delenv("RNNCOURSE_HOME")
    monkeypatch.setattr(progress, "DRIVE", tmp_path)
    assert progress.path() == tmp_path / "rnncourse" / "progress.sqlite"
    monkeypatch.setattr(progress, "DRIVE", tmp_path / "absent")
    assert progress.path().parent.name == ".rnncourse"


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    """A kernel that has warned nobody yet, at home in a folder of its own."""
    monkeypatch.setattr(progress, "_warned", False)
    monkeypatch.setattr(progress, "DRIVE", tmp_path / "drive" / "MyDrive")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # Windows' name for it
    monkeypatch.delenv("RNNCOURSE_HOME")
    for name in [name for name in os.environ if name.startswith("BINDER_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_binder_is_named_once_with_both_commands(kernel, monkeypatch, lang):
    assert progress.will_be_lost() is None
    monkeypatch.setenv("RNNCOURSE_LANG", lang)
    monkeypatch.setenv("BINDER_REPO_URL", "https://github.com/someone/else")
    said = progress.will_be_lost()
    assert "!rnncourse progress --save progress.json" in said
    assert "!rnncourse progress --restore progress.json" in said
    assert progress.will_be_lost() is None


def test_the_first_check_on_binder_says_it_after_the_verdict(kernel, monkeypatch, capsys):
    from rnncourse.tasks import ch03

    monkeypatch.setenv("BINDER_REPO_URL", "https://github.com/someone/else")
    ch03.n_parameters.check(...)
    assert "Binder" not in capsys.readouterr().out  # there is nothing to lose yet
    ch03.n_parameters.check(45)
    said = capsys.readouterr().out
    assert 0 < said.index("right") < said.index("Binder")
    ch03.n_parameters.check(45)
    assert "Binder" not in capsys.readouterr().out


def test_what_was_solved_before_drive_was_mounted_moves_there(kernel, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    _record("rnn_step", solved=True, points=2)
    assert "drive.mount" in progress.will_be_lost()
    progress.DRIVE.mkdir(parents=True)
    monkeypatch.setattr(progress, "_warned", False)
    assert progress.will_be_lost() is None
    assert progress.read()["ch03", "rnn_step"]["solved"] == 1
    _record("bptt", solved=False, points=0)
    assert len(progress.read()) == 2
    assert [p.name for p in progress.DRIVE.rglob("*.sqlite")] == ["progress.sqlite"]
    assert not (tmp_path / ".rnncourse" / "progress.sqlite").exists()
