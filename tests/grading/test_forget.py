"""What a submission may know of our solutions: nothing that it could call."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.grading import sandbox, work

FIND = """
import gc, json, types
from rnncourse.grading import forget
forget.solutions()
from rnncourse import tasks
from rnncourse.tasks import core
left = [f"{f.__module__}.{f.__qualname__}" for f in gc.get_objects()
        if isinstance(f, types.FunctionType) and str(f.__module__).startswith("rnncourse.tasks.")]
own = [task for module in vars(tasks).values() if isinstance(module, types.ModuleType)
       for task in core.tasks_of(module)]
asked = [task for task in own if hasattr(task, "reference") or hasattr(task, "wrong")]
print(json.dumps([len(own), len(asked), left]))
"""
# What judges and asks, and the two tasks that turn a model or an answer into plain data themselves.
ASKING = (
    "core.",
    "judge.",
    "nbgrader.",
    "outcome.",
    "patterns.",
    "ch05._",
    "ch06_4._true_or_false",
)


def test_no_reference_and_no_mistake_is_left_in_a_process_that_forgot():
    done = subprocess.run([sys.executable, "-c", FIND], capture_output=True, check=True)
    n, asked, left = json.loads(done.stdout)
    assert n > 50
    assert asked == 0
    assert [
        name for name in left if not name.removeprefix("rnncourse.tasks.").startswith(ASKING)
    ] == []


def test_all_but_one_folder_is_what_lies_beside_it(tmp_path):
    for name in ("a/b/hidden/x", "a/b/c/x", "a/d/x", "e/x"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    hidden = tmp_path.resolve() / "a" / "b" / "hidden"
    read, seen = sandbox.beside([tmp_path / "a", tmp_path / "e"], hidden)
    assert read == [tmp_path / "a/b/c", tmp_path / "a/d", tmp_path / "e"]
    assert seen == [tmp_path / "a", tmp_path / "a/b"]
    assert sandbox.beside([hidden], hidden) == ([], [])


SOLUTIONS = sorted((Path(__file__).parents[2] / "solutions").glob("*.ipynb"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is hidden")
def test_our_own_solutions_have_all_points_under_all_layers():
    quick = [path for path in SOLUTIONS if "keras" not in path.read_text("utf-8")]
    assert len(quick) >= 5
    for path in quick:
        result = work.grade(path.read_bytes(), path.name, 3, 60)
        assert [t["task"] for t in result["tasks"] if t["status"] != "pass"] == [], path.name
