"""What an instructor tries first: the trial class, and an exercise of their own."""

import json
import sys
from pathlib import Path

import pytest

from tests.grading.classes import write
from tests.support import modes
from tests.tasks.test_own_tasks import SENTENCES, WEEK

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
CLASS = [str(Path(sys.executable).with_name("rnncourse")), "--lang", "en", "class"]
HEAD = "import numpy as np\nfrom rnncourse.tasks import week5\n\n\n"
MEAN = HEAD + "def mean_of_columns(X):\n    return "


@pytest.mark.parametrize("mode", modes.MODES)
def test_the_trial_class_is_graded_by_one_command(place, tmp_path, mode):
    done = modes.run(mode, [*CLASS, "trial"], tmp_path, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split(",") for line in done.stdout.splitlines() if ",ch03," in line]
    points = {student: had for student, _, had, _ in rows}
    assert points | {"finn": "missing"} == points
    assert [points[name] for name in ("ada", "ben", "chen", "dora", "eve")] == [
        *("16", "5.4047", "8", "12.8", "1")  # Ben's mistakes are right at some of the edges
    ]
    page = (place / "trial-class" / "grades" / "report.html").read_text("utf-8")
    assert "u-transposed" in page
    assert "show eve" in done.stdout
    again = modes.run(mode, [*CLASS, "trial"], tmp_path, cwd=place)
    assert again.returncode == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize(
    ("mode", "workers"), [("as it is", 2), ("as it is", 1), ("user", 1), ("container", 1)]
)
def test_an_exercise_of_ones_own_is_graded_by_the_same_machinery(place, tmp_path, mode, workers):
    (place / "mine").mkdir()
    (place / "mine" / "week5.py").write_text(WEEK)
    (place / "mine" / "week5.en.toml").write_text(SENTENCES)
    subs = place / "subs"
    add = "from rnncourse import tasks\ntasks.add('mine')"
    write(subs / "ada" / "5.ipynb", add, MEAN + "X.mean(axis=0)")
    write(subs / "ben" / "5.ipynb", add, MEAN + "X.sum(axis=0)")
    write(subs / "eve" / "5.ipynb", add, MEAN + "week5.mean_of_columns.reference(X)")
    out = ["--out", str(place / "out"), "--tasks", "mine"]
    command = [*CLASS, "grade", "subs", *out, "--workers", str(workers)]
    done = modes.run(mode, command, tmp_path, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    done = modes.run(mode, [*CLASS, "export", *out, "--format", "json"], tmp_path, cwd=place)
    marks = {mark["student"]: mark["points"] for mark in json.loads(done.stdout)}
    assert marks == {"ada": 2, "ben": 0, "eve": 0}
    done = modes.run(mode, [*CLASS, "show", "ben", *out], tmp_path, cwd=place)
    assert "This is the sum: divide by the number of rows." in done.stdout
    done = modes.run(mode, [*CLASS, "grade", "subs", "--tasks", "none"], tmp_path, cwd=place)
    assert (done.returncode, "no folder none" in done.stderr) == (2, True)
