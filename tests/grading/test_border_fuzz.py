"""Nasty classes without end: grading never stops, and all that it says can be stored.

RNNCOURSE_FUZZ_SECONDS=3600 goes on for an hour; the seed of a class that fails is in its message.
RNNCOURSE_FUZZ_SEED=n begins with that class.
"""

import json
import os
import random
import shutil
import sys
import time

import pytest

from rnncourse import language
from rnncourse.grading import submissions
from tests.grading.fuzz_class import graded, nasty

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)


def holds(root, seed):
    """The invariants on one class."""
    nasty(root, random.Random(seed))
    found = graded(root)
    for path, (one, result) in found.items():
        kept = {
            **{key: result.get(key) for key in ("tasks", "errors", "problem", "layers")},
            "row": [one.student, one.notebook, one.sha, one.path, one.submitted],
        }
        written = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert json.loads(written) == kept, (seed, path)
        assert b"\0" not in written, (seed, path)
        assert len(written) < 300_000, (seed, path)
        assert one.submitted[:4].isdigit(), (seed, path)
        if problem := result.get("problem"):
            assert problem["code"] != "grader-failed", (seed, path, problem)
            table = language.table("grading.check", "en")
            module = "check" if problem["code"] in table else "classroom"
            for lang in language.LANGUAGES:
                assert language.say(f"grading.{module}", problem["code"], lang, **problem["facts"])
        else:
            assert result["tasks"], (seed, path)
    students = {one.student for one, _ in found.values()}
    assert students == {name for name, _ in submissions.find(root)}, seed
    assert len(students) == 7, seed
    (zoe,) = [result for one, result in found.values() if one.student == "zoe"]
    points = {task["task"]: task["points"] for task in zoe["tasks"] if task["points"]}
    assert points == {"rnn_step": 2, "carried": 1}, seed


def test_nasty_classes_are_graded(tmp_path):
    seconds = float(os.environ.get("RNNCOURSE_FUZZ_SECONDS", 6))
    seed = int(os.environ.get("RNNCOURSE_FUZZ_SEED", 0))
    end = time.monotonic() + seconds
    while True:
        root = tmp_path / "class"
        root.mkdir()
        holds(root, seed)
        shutil.rmtree(root)
        seed += 1
        if time.monotonic() > end:
            break
    print(f"{seed} classes")
