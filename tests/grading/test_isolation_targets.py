"""Targets and solutions are not in a process that meets submissions: nowhere in its memory."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnncourse.checking.task import ModelTask, keep, tasks_of
from rnncourse.grading.isolation import strip_solutions
from rnncourse.grading.runner.workers import OVERWRITE
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere nothing is forgotten"
)
ROOT = Path(__file__).parents[2]
DATA = {
    (task.chapter, task.data.__name__): task
    for module in strip_solutions.import_tasks().values()
    for task in tasks_of(module)
    if isinstance(task, ModelTask)
}
WAIT = """
import sys
from rnncourse.grading.isolation import strip_solutions
strip_solutions.solutions()
print("forgot", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def memory():
    """What a process that forgot can write to, freed or not: a list of bytes."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    env = os.environ | OVERWRITE
    process = subprocess.Popen([sys.executable, "-c", WAIT], env=env, **pipes)
    assert process.stdout.readline() == b"forgot\n"
    areas = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    found = []
    with open(f"/proc/{process.pid}/mem", "rb", 0) as file:
        for area in areas:
            start, end = (int(address, 16) for address in area.split()[0].split("-"))
            if " rw-p " in area:
                file.seek(start)
                found.append(file.read(end - start))
    process.communicate()
    return found


def middle(array):
    """Bytes of an array that no other has, longer than a window that a model reads."""
    rows = np.ascontiguousarray(array[len(array) // 3 :])
    return rows.tobytes()[:4096]


@pytest.mark.parametrize("of", DATA, ids=".".join)
def test_targets_are_nowhere_in_its_memory_and_what_is_learned_from_is(memory, of):
    data = DATA[of].data()
    assert any(middle(data.X_train) in area for area in memory)
    assert any(middle(data.X_test) in area for area in memory)
    assert not any(middle(data.y_test) in area for area in memory)
    wide = data.y_test.astype(float)
    assert not any(middle(wide) in area for area in memory)


def test_the_code_of_no_solution_is_in_its_memory_and_what_was_kept_is(memory):
    """As it was unmarshalled, before Python rewrote any of it."""
    codes = {
        f"{task.chapter}.{task.name}": task.reference.__code__.co_code
        for module in strip_solutions.import_tasks().values()
        for task in tasks_of(module)
    }
    long = {name: code for name, code in codes.items() if len(code) > 40}
    assert len(long) > 100
    kept = keep.__code__.co_code  # of a module that stays, and not called so far
    assert any(kept in area for area in memory)
    left = [name for name, code in long.items() if any(code in area for area in memory)]
    assert left == []


STOLEN = """
import numpy as np
from rnncourse.tasks import {chapter}
d = {chapter}.{function}()
key = lambda x: np.ascontiguousarray(x).tobytes()
look = {{key(x): y for x, y in zip(d.X_test, d.y_test)}}
def {task}(*train): return lambda X: np.stack([look[key(x)] for x in X])
"""
HELD = """
import numpy as np
from rnncourse.tasks import {chapter}
d = {chapter}.{function}()
d.error(np.zeros(3))
"""
GRADE = """
import json, sys
from rnncourse.grading.classroom import grade_one
results = []
for source in json.loads(sys.argv[1]):
    cells = [{"cell_type": "code", "source": source}]
    content = json.dumps({"nbformat": 4, "cells": cells}).encode()
    results.append(grade_one.grade(content, "x.ipynb", 3, 60))
print(json.dumps(results))
"""


@pytest.mark.parametrize("mode", modes.MODES)
def test_no_model_task_is_answered_from_its_own_targets(mode, tmp_path):
    assert len(DATA) == 8
    facts = [
        {"chapter": chapter, "function": function, "task": task.name}
        for (chapter, function), task in DATA.items()
    ]
    sources = [STOLEN.format(**one) for one in facts] + [HELD.format(**facts[0])]
    done = modes.run(mode, [sys.executable, "-c", GRADE, json.dumps(sources)], tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    for name, result in zip([*facts, "error"], json.loads(done.stdout), strict=True):
        assert sum(task["points"] for task in result["tasks"]) == 0, name
        said = result["errors"][0]["error"]
        assert re.search(r"`(y_test|error)` is not here", said), name
        assert "part of the training data" in said


def test_what_our_notebooks_use_of_the_data_is_there():
    source = "\n".join(
        "".join(cell["source"])
        for folder in ("exercises", "solutions")
        for path in sorted((ROOT / folder).glob("*.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code" and "data = ch" in "".join(cell["source"])
    )
    used = set(re.findall(r"\bdata\.(\w+)", source))
    assert {"X_train", "y_train", "baseline"} <= used
    held = {"y_test", "error"}
    assert not used & held
    for chapter, function in DATA:
        data = getattr(importlib.import_module(f"rnncourse.tasks.{chapter}"), function)()
        known = strip_solutions._known(data)
        assert not held & vars(known).keys()
        assert [name for name in vars(known) if name.endswith("_test")] == ["X_test"]
        lost = vars(data).keys() - vars(known).keys()
        assert not used & lost
