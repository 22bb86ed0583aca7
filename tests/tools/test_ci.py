"""`make test`: every step is run and any failing one fails the whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import ci


def names(**options):
    return [name for name, _ in ci.steps(**options)]


@pytest.fixture
def commands(monkeypatch):
    """What main() calls; the exit status of each comes from `commands.status`."""
    called = []

    def call(command, env, cwd):
        called.append((command, env))
        return commands.status(command)

    commands = type("Commands", (), {"called": called, "status": staticmethod(lambda command: 0)})
    monkeypatch.setattr(ci.subprocess, "call", call)
    return commands


def test_a_failing_step_fails_the_run_but_stops_nothing(commands, capsys):
    commands.status = lambda command: "ruff" in command
    assert ci.main([]) == 1
    assert len(commands.called) == len(ci.steps())
    assert capsys.readouterr().err.splitlines()[-1] == "✗ ruff check, ruff format"


def test_all_green(commands):
    assert ci.main([]) == 0


def test_the_progress_of_the_author_is_not_touched(commands, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", "mine")
    monkeypatch.setenv("MPLBACKEND", "agg")
    ci.main(["--quick"])
    for _, environment in commands.called:
        assert environment["RNNCOURSE_HOME"] != "mine"
        assert environment["TF_ENABLE_ONEDNN_OPTS"] == "0"
        assert "MPLBACKEND" not in environment


def test_an_empty_course_has_no_notebook_steps(monkeypatch):
    monkeypatch.setattr(ci, "has_notebooks", lambda folder: False)
    assert names() == [*names(quick=True), "the site", "JupyterLab in a browser"]


def test_a_translation_that_is_only_missing_lets_the_quick_run_pass():
    command = dict(ci.steps(quick=True))["translations"]
    assert command[1:] == ["-m", "tools.translations"]  # not --strict, which a release adds


def test_lessons_are_compared_and_exercises_only_run(monkeypatch):
    monkeypatch.setattr(ci, "has_notebooks", lambda folder: True)
    steps = dict(ci.steps())
    assert "--nbval-lax" in steps["untouched exercises"]
    assert "--nbval" in steps["chapters and solutions"]
    assert steps["chapters and solutions"][-2:] == ["chapters", "solutions"]
    assert "ruff check" not in names(bare=True)
    assert names(bare=True)[-1] == "untouched exercises"


def test_what_the_bare_run_leaves_out_is_there():
    tests = Path(__file__).parents[1]
    for pattern in ci.SAME_EVERYWHERE:
        assert list(tests.glob(pattern)), pattern
        assert f"--ignore-glob=tests/{pattern}" in dict(ci.steps(bare=True))["unit tests"]


@pytest.mark.parametrize("option", ["--collect-only"])
def test_the_options_are_those_that_pytest_knows(option):
    """A renamed plugin option would otherwise show only in the whole run."""
    command = dict(ci.steps(bare=True))["unit tests"]
    head = command[: command.index("tests")]
    target = ["-p", "tests.notebooks.cost", "tests/tools/test_ci.py", option]
    done = subprocess.run([*head, *ci.COST, *ci.STRICT, *target], capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sys.executable == head[0]
