"""Answers and targets that were learned by heart, handed in to the real grader."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from rnncourse.checking.verdict import remark
from rnncourse.tasks import ch09_1
from tests.grading.classes import write
from tests.support import modes

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
IMPORT = "import numpy as np\nfrom rnncourse.tasks import ch09_1"
BY_HEART = "{name}_answers = iter({answers})\ndef {name}(*_):\n    return next({name}_answers)"
HONEST = """
def horizon(accuracy, bar):
    below = np.flatnonzero(accuracy <= bar)
    return below[0] if len(below) else len(accuracy)
"""
LOOKED_UP = """
from rnncourse.data import digits
everything = digits.load()
known = {image.tobytes(): label for image, label in zip(everything.image, everything.label)}
def train(X_train, y_train):
    return lambda X: np.eye(10)[[known[x.astype(everything.image.dtype).tobytes()] for x in X]]
"""
TYPED = """
import hashlib
known = {known}
def train(X_train, y_train):
    return lambda X: np.eye(10)[[known[hashlib.sha1(x.tobytes()).hexdigest()[:8]] for x in X]]
"""


def by_heart(task):
    """A cell that answers what the cases in the notebook want, in their order."""
    answers = [one.values["result"].tolist() for one in task.run(task.reference)]
    array = [f"np.array({answer})" for answer in answers]
    return BY_HEART.format(name=task.name, answers=f"[{', '.join(array)}]")


def typed():
    """A cell that holds the targets, found out elsewhere."""
    data = ch09_1.rows_of_digits()
    pairs = zip(data.X_test, data.y_test.argmax(axis=1).tolist(), strict=True)
    known = {hashlib.sha1(x.tobytes()).hexdigest()[:8]: label for x, label in pairs}
    return TYPED.format(known=known)


@pytest.mark.parametrize("mode", modes.MODES)
def test_what_was_learned_by_heart_earns_nothing_or_is_remarked_on(mode, tmp_path):
    place = Path(tempfile.mkdtemp(prefix="class-"))  # pytest's own is closed to other users
    place.chmod(0o777)
    try:
        cells = [by_heart(task) for task in (ch09_1.horizon, ch09_1.shortest_path)]
        write(place / "subs/heart/09.ipynb", IMPORT, *cells, typed())
        write(place / "subs/looker/09.ipynb", IMPORT, LOOKED_UP)
        write(place / "subs/honest/09.ipynb", IMPORT, HONEST)
        rnncourse = [sys.executable, "-m", "rnncourse", "class"]
        out = ["--out", str(place / "out")]
        done = modes.run(mode, [*rnncourse, "grade", str(place / "subs"), *out], tmp_path)
        assert "3 graded" in done.stdout, done.stdout + done.stderr
        shown = {}
        for student in ("heart", "honest", "looker"):
            command = [*rnncourse, "show", student, *out, "--lang", "en"]
            lines = modes.run(mode, command, tmp_path).stdout.splitlines()
            shown[student] = {line.split()[1]: line.split()[0] for line in lines if "/" in line}
        assert shown["honest"]["horizon"] == "✓"
        assert (shown["heart"]["horizon"], shown["heart"]["shortest_path"]) == ("✗", "✗")
        assert (shown["heart"]["train"], shown["looker"]["train"]) == ("✓", "✗")
        command = [*rnncourse, "report", *out, "--lang", "en"]
        done = modes.run(mode, command, tmp_path, RNNCOURSE_LANG="en")
        report = (place / "out/report.html").read_text("utf-8")
        assert remark({"remark": "too-good"}, "en") in report, done.stdout + done.stderr
    finally:
        shutil.rmtree(place)
