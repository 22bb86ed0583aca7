"""The learner's progress: kept between sessions, shown on request, refused with a remedy."""

import argparse
import json

import pytest

from rnncourse import progress


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
    assert progress.run(argparse.Namespace(json=False)) == 0
    said = capsys.readouterr().out
    assert "Lesson 03: 1 of 7 solved, 2 of 16 points" in said
    assert "✓ rnn_step" in said
    assert "✗ bptt" in said
    assert "… rnn_forward" in said


def test_progress_as_json(capsys):
    _record("rnn_step", solved=True, points=2)
    progress.run(argparse.Namespace(json=True))
    rows = json.loads(capsys.readouterr().out)["ch03"]
    assert rows["rnn_step"] == {"solved": True, "attempts": 1, "points": 2.0, "out_of": 2}
    assert rows["bptt"]["attempts"] == 0


def test_a_broken_file_is_refused_with_the_remedy(capsys):
    progress.path().write_bytes(b"not a database" * 100)
    assert progress.run(argparse.Namespace(json=False)) == 1
    assert "Move that file away" in capsys.readouterr().out
