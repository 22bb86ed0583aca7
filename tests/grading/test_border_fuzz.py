"""Nasty classes without end: grading never stops, and all that it says can be stored.

RNNCOURSE_FUZZ_SECONDS=3600 goes on for an hour; the seed of a class that fails is in its message.
RNNCOURSE_FUZZ_SEED=n begins with that class.
"""

import contextlib
import dataclasses
import json
import os
import random
import shutil
import sqlite3
import sys
import time

import numpy as np
import pytest

from rnncourse import language
from rnncourse.checking.attempt import Ended
from rnncourse.commands import main
from rnncourse.grading import judge, problems, session
from rnncourse.grading.classroom import submissions
from rnncourse.grading.runner import protocol
from tests.grading.fuzz_class import graded, nasty

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
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
            for lang in language.LANGUAGES:
                assert problems.of_file(problem["code"], lang, **problem["facts"])
        else:
            assert result["tasks"], (seed, path)
    students = {one.student for one, _ in found.values()}
    assert students == {name for name, _ in submissions.find(root)}, seed
    assert len(students) == 7, seed
    (zoe,) = [result for one, result in found.values() if one.student == "zoe"]
    points = {task["task"]: task["points"] for task in zoe["tasks"] if task["points"]}
    assert points == {"rnn_step": 2, "carried": 1}, seed


def holds_from_folder_to_marks(root, seed):
    """What an instructor does with one class, and what is stored of it."""
    subs, out = root / "subs", root / "out"
    subs.mkdir()
    nasty(subs, random.Random(seed))

    def run(*words):
        return main.main(["class", *map(str, words), "--out", str(out)])

    for _ in range(2):
        assert run("grade", subs) in (0, 1), seed
    assert run("report", "--submissions", subs) == 0, seed
    for kind in ("plain", "canvas", "moodle", "json"):
        assert run("export", "--format", kind) == 0, seed
    with contextlib.closing(sqlite3.connect(out / "grades.sqlite")) as book:
        rows = book.execute("SELECT student, result, layers FROM result").fetchall()
    students = {name for name, _ in submissions.find(subs)}
    assert {row[0] for row in rows} == students, seed
    for row in rows:
        assert all(json.loads(column) is not None for column in row[1:]), seed
    for student in students:
        assert run("show", student) == 0, seed


@pytest.mark.parametrize("holds", [holds, holds_from_folder_to_marks])
def test_nasty_classes_are_graded(tmp_path, holds):
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


# --- answers -------------------------------------------------------------------------------------

LESSONS = ("ch01", "ch02", "ch03", "ch04_1", "ch04_3", "ch07_2", "ch09_1")
KINDS = sorted(map(str, Ended))
VALUES = [0, True, -1.5, float("nan"), 10**400, "a", "\ud800", "x" * 10**5, np.float64(np.inf)]
VALUES += [np.zeros((0, 3)), np.full((2, 2), np.nan), np.array(["a", "\ud800"]), np.array(3)]
VALUES += [np.array("2020", "M8[D]"), np.array([True]), np.array(1j), np.zeros((1,) * 8)]


def value(chance):
    if chance.random() < 0.6:
        return chance.choice(VALUES)
    shape = [chance.randrange(5) for _ in range(chance.randrange(4))]
    numbers = np.random.default_rng(chance.randrange(99)).normal(size=shape)
    return numbers.astype(chance.choice(["f2", "f4", "f8", "i4"]))


def answer(chance, task):
    names = [*(getattr(task, "axes", None) or ["result"]), "result", "\ud800"]
    facts = ["what", "line", "given", "got", "want", "seconds", "names", "n", "{0.__class__}"]
    return {
        "kind": "returned" if chance.random() < 0.6 else chance.choice(KINDS),
        "values": {chance.choice(names): value(chance) for _ in range(chance.randrange(4))},
        "facts": {chance.choice(facts): value(chance) for _ in range(chance.randrange(5))},
    }


def test_any_answer_is_a_verdict_that_can_be_said_and_stored():
    chance = random.Random(int(os.environ.get("RNNCOURSE_FUZZ_SEED", 0)))
    end = time.monotonic() + float(os.environ.get("RNNCOURSE_FUZZ_SECONDS", 6))
    tasks = list(judge.tasks_in(LESSONS).values())
    while time.monotonic() < end:
        task, result = chance.choice(tasks), session.Examined()
        got = []
        for _ in task.probes(3):
            header, body = frame(answer(chance, task))
            got.append(session.outcome_of(protocol.decode(header, body), task))
        verdict = session.Session(result, {}, 3, 9, None).judge(task, got)
        kept = dataclasses.asdict(verdict)
        assert json.loads(json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()) == kept
        for lang in language.LANGUAGES:
            verdict.text(lang).encode()
        assert all(type(share) is bool for own in result.shares.values() for share in own)


def frame(plain):
    """(header, body) of the frame that carries `plain`."""
    whole = protocol.encode(plain)
    n = protocol.HEAD.unpack(whole[: protocol.HEAD.size])[0]
    return whole[protocol.HEAD.size : protocol.HEAD.size + n], whole[protocol.HEAD.size + n :]
