"""What a submission can read: what Python needs by name, and nothing that lies beside it.

A class may lie in the same folder as the environment, its exchange below /usr, and a second copy of
the course among the packages.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import rnncourse
from rnncourse.grading.isolation import readable_paths
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere nothing is hidden"
)
PACKAGES, CLONE = Path(np.__file__).parents[1], Path(rnncourse.__file__).parents[1]
GRADE = """
import json, sys
from rnncourse.grading.classroom import grade_one
cells = [{"cell_type": "code", "source": source} for source in json.loads(sys.argv[1])]
result = grade_one.grade(json.dumps({"nbformat": 4, "cells": cells}).encode(), "x.ipynb", 3, 60)
print(json.dumps(result))
"""
CELLS = [
    "from rnncourse.tasks import ch03\ncarried = 'b'",
    """
import os
for path in FILES:
    try:
        got = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
    except OSError:
        continue
    raise ValueError(f"LEAK {path}")
""",
    """
import sys
for path in list(sys.path):
    for name in [name for name in sys.modules if name.startswith("rnncourse")]:
        del sys.modules[name]
    sys.path[:] = [path] + [other for other in sys.path if other != path]
    try:
        from rnncourse.tasks import ch03 as other
        rnn_step = other.rnn_step.reference
    except (ImportError, OSError, AttributeError):
        continue
""",
]


@pytest.fixture
def place():
    """A folder with an environment, a class and a second course that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="place-"))
    folder.chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "rnn"], check=True)
    (site,) = (folder / "rnn" / "lib").glob("python*/site-packages")
    lines = [str(PACKAGES), f"import sys; sys.path.insert(0, {str(CLONE)!r})"]
    (site / "ours.pth").write_text("\n".join(lines))
    shutil.copytree(CLONE / "rnncourse", site / "rnncourse")
    for name in ("submitted/alice/03.ipynb", "grades/secret"):
        path = folder / "rnn" / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
    yield folder / "rnn"
    shutil.rmtree(folder)


@pytest.mark.parametrize("mode", modes.MODES)
def test_what_lies_in_the_environments_folder_and_a_second_course_are_closed(place, tmp_path, mode):
    (copy,) = place.glob("lib/python*/site-packages/rnncourse/tasks")
    files = [str(place), *(str(path) for path in place.glob("*/*/*.ipynb"))]
    files += [str(place / "grades" / "secret"), str(copy / "ch03.py"), str(copy / "ch05_data.py")]
    files += [str(copy.parent / "data" / "files" / "seattle_weather.csv")]
    files += [str(place / "bin"), str(place / "pyvenv.cfg")]
    cells = json.dumps([CELLS[0], f"FILES = {files}\n{CELLS[1]}", CELLS[2]])
    done = modes.run(mode, [str(place / "bin" / "python"), "-c", GRADE, cells], tmp_path, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout)
    assert result["tasks"]
    assert [error["error"] for error in result["errors"] if "LEAK" in error["error"]] == []
    assert sum(task["points"] for task in result["tasks"]) <= 1, result["tasks"]  # `carried`
    assert result["layers"]["no solutions"] == ""


OWN = """
from rnncourse.checking.task import function_task, model_task
from rnncourse.tasks.week5_data import line, pair
@function_task(cases=lambda rng: [(rng.normal(size=3),)], axes="unit", wrong={}, points=2)
def double(x):
    return x * 2
@function_task(cases=lambda rng: [(3,)], observe="pair", wrong={}, points=1)
def both(x):
    return x, x + 1
@model_task(data=line, bar=0.1, axes="example output", symptoms={}, wrong={}, points=4)
def fit(X, y):
    return lambda X_new: X_new * (y[1] / X[1])
"""
OWN_DATA = """
import numpy as np
from rnncourse.checking.attempt import Refused
from rnncourse.checking.held_out import HeldOut
from rnncourse.checking.observers import observer
@observer("pair", codes=("no-pair",))
def pair(returned):
    if type(returned) is not tuple:
        raise Refused("no-pair")
    return {"first": returned[0], "second": returned[1]}
def line():
    X = np.arange(9.0)[:, None]
    parts = {"X_test": X[4:], "y_test": 2 * X[4:], "baseline": 0 * X[4:]}
    measure = lambda y_hat, y: float(abs(y_hat - y).mean())
    return HeldOut(train=(X[:4], 2 * X[:4]), measure=measure, X_train=X[:4], **parts)
"""


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize("within", [False, True])
def test_an_instructors_own_tasks_can_be_asked_and_not_read(place, tmp_path, mode, within):
    (site,) = place.glob("lib/python*/site-packages")
    folder = (site if within else place) / "own"
    folder.mkdir()
    (folder / "week5.py").write_text(OWN)
    (folder / "week5_data.py").write_text(OWN_DATA)
    files = [str(folder / name) for name in ("week5.py", "week5_data.py")]
    cells = [
        "from rnncourse.tasks import week5\ndef double(x): return x + x",
        "def both(x): return [x, x]",
        "def fit(X, y):\n    assert len(week5.line().X_train) == 4\n    return lambda X: 2.1 * X",
        f"FILES = {files}\n{CELLS[1]}",
        "week5.double.reference",
        "week5.line().y_test",
    ]
    command = [str(place / "bin" / "python"), "-c", GRADE, json.dumps(cells)]
    done = modes.run(mode, command, tmp_path, cwd="/", RNNCOURSE_TASKS=str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout)
    assert result["layers"]["no solutions"] == ""
    earned = {task["task"]: (task["code"], task["points"]) for task in result["tasks"]}
    assert earned == {"double": ("pass", 2), "both": ("no-pair", 0), "fit": ("above-bar", 4)}
    said = [error["error"] for error in result["errors"]]
    assert len(said) == 2
    assert "no attribute 'reference'" in said[0]
    assert "`y_test` is not here" in said[1]


@pytest.mark.parametrize("mode", modes.MODES)
def test_where_a_copy_stays_open_after_all_the_layer_is_reported_off(place, tmp_path, mode):
    (pth,) = place.glob("lib/python*/site-packages/ours.pth")
    with pth.open("a") as file:  # each Python of this environment hides nothing from here on
        file.write(
            "\nimport rnncourse.grading.isolation.readable_paths as r; r.hidden = lambda: []\n"
        )
    command = [str(place / "bin" / "python"), "-c", GRADE, json.dumps(CELLS[:1])]
    done = modes.run(mode, command, tmp_path, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    layers = json.loads(done.stdout)["layers"]
    assert "can be read here" in layers["no solutions"]
    assert layers["landlock"] == layers["seccomp"] == ""


ASK = """
import json, sys
from rnncourse.grading.isolation import readable_paths
print(json.dumps([str(readable_paths.overlaps(path) or "") for path in sys.argv[1:]]))
"""


def test_a_class_beside_its_environment_is_out_of_reach_and_within_it_is_refused(place):
    (site,) = place.glob("lib/python*/site-packages")
    folders = [place / "submitted", place / "new", site / "submitted", place, place.parent]
    command = [place / "bin" / "python", "-c", ASK, *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    beside, new, inside, itself, above = json.loads(done.stdout)
    assert beside == ""
    assert new == ""
    assert inside
    assert itself
    assert above


def test_of_usr_only_libraries_fonts_and_clocks_are_within_reach():
    found = readable_paths.readable()
    for closed in ("/usr", "/usr/local", "/usr/share", "/usr/local/share", "/usr/bin", "/etc"):
        assert not any(Path(closed, "nbgrader").is_relative_to(path) for path in found)
    assert not {Path(sys.prefix), Path(sys.base_prefix)} & set(found)
    assert readable_paths.overlaps("/usr/local/share/nbgrader/exchange") is None
    assert readable_paths.overlaps("/usr/lib/class") is not None


@pytest.mark.parametrize("folder", ["grades", "submitted/."])
def test_ordinary_folders_are_not_refused(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert readable_paths.overlaps(folder) is None


def test_what_is_readable_after_all_is_found():
    assert (
        readable_paths.uncovered()
        == readable_paths.COURSE / "tasks" / readable_paths.uncovered().name
    )
