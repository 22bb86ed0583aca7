"""An instructor's own exercises: found in their folder, with as many sentences as there are."""

import os
import subprocess
import sys
import textwrap

import pytest

from rnncourse import tasks
from rnncourse.checking.verdict import Verdict

WEEK = """
import numpy as np

from rnncourse.checking.task import function_task


def _cases(rng):
    return [(rng.normal(size=(n, 3)),) for n in (1, 4)]


@function_task(
    cases=_cases,
    axes="unit",
    wrong={"rows": lambda X: X.mean(axis=1), "summed": lambda X: X.sum(axis=0)},
)
def mean_of_columns(X):
    return X.mean(axis=0)
"""
SENTENCES = """
[mean_of_columns]
hints = ["Which axis is to go?"]
summed = "This is the sum: divide by the number of rows."
"""


@pytest.fixture
def say(tmp_path):
    """What a Python prints that runs some lines beside the folder `mine`."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "week5.py").write_text(WEEK)
    (tmp_path / "mine" / "week5.en.toml").write_text(SENTENCES)

    def run(*lines, **environment):
        env = {**os.environ, "RNNCOURSE_LANG": "en", "RNNCOURSE_HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(textwrap.dedent(line) for line in lines)],
            cwd=tmp_path,
            env=env | environment,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    return run


ADD = "from rnncourse import tasks\ntasks.add('mine')\nfrom rnncourse.tasks import week5"


def test_it_is_checked_with_its_own_sentences(say):
    said = say(ADD, "week5.mean_of_columns.check(lambda X: X.sum(axis=0))")
    assert said == "✗ This is the sum: divide by the number of rows.\n"
    assert "2 of 2 cases" in say(ADD, "week5.mean_of_columns.check(lambda X: X.mean(axis=0))")
    assert "Which axis" in say(ADD, "week5.mean_of_columns.hint()")


def test_a_mistake_without_a_sentence_is_called_by_its_code(say):
    said = say(ADD, "week5.mean_of_columns.check(lambda X: X.mean(axis=1))")
    assert said == "✗ `mean_of_columns`: not right yet. The checker calls this mistake 'rows'.\n"


def test_a_language_that_is_missing_falls_back_to_english(say):
    said = say(ADD, "week5.mean_of_columns.check(lambda X: X.sum(axis=0))", RNNCOURSE_LANG="zh")
    assert "This is the sum" in said
    assert "2 个用例" in say(
        ADD, "week5.mean_of_columns.check(lambda X: X.mean(axis=0))", RNNCOURSE_LANG="zh"
    )


def test_where_the_grader_names_the_folder_the_notebooks_own_line_does_nothing(say, tmp_path):
    lines = ["from rnncourse import tasks", "tasks.add('elsewhere')", "from rnncourse.tasks import"]
    assert say(*lines[:2], f"{lines[2]} week5", RNNCOURSE_TASKS=str(tmp_path / "mine")) == ""


def test_a_folder_that_is_none_is_named():
    with pytest.raises(NotADirectoryError, match="'nowhere' is no folder below"):
        tasks.add("nowhere")


def test_a_code_that_the_course_no_longer_has_still_has_a_sentence():
    verdict = Verdict("fail", "ch03", "rnn_step", "of-long-ago", {"x": 1})
    assert verdict.text("en") == (
        "✗ `rnn_step`: not right yet. The checker calls this mistake 'of-long-ago'."
    )
