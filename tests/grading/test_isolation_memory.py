"""Targets and solutions are not in a process that meets submissions: nowhere in its memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnncourse.checking.question import Question
from tests.grading.test_isolation_targets import MODELS, TASKS

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere nothing is held back"
)
WAIT = """
import sys
from rnncourse.grading.isolation import held_back
from rnncourse.grading.runner import serve, stand_ins
held_back.prepare()
print("prepared", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def memory():
    """What a process that will meet submissions can write to, freed or not: a list of bytes."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", WAIT], **pipes)
    assert process.stdout.readline() == b"prepared\n"
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


@pytest.mark.parametrize("chapter", MODELS)
def test_the_test_part_is_nowhere_in_its_memory_and_what_is_learned_from_is(memory, chapter):
    data = MODELS[chapter].data()
    assert any(middle(data.X_train) in area for area in memory)
    for held in (data.X_test, data.y_test, data.y_test.astype(float)):
        assert not any(middle(held) in area for area in memory)


def test_the_code_of_no_solution_is_in_its_memory_and_the_questions_is(memory):
    """As it was unmarshalled, before Python rewrote any of it."""
    codes = {f"{task.chapter}.{task.name}": task.reference.__code__.co_code for task in TASKS}
    long = {name: code for name, code in codes.items() if len(code) > 40}
    assert len(long) > 100
    kept = Question.plain.__code__.co_code  # of a module that stays, and not called so far
    assert any(kept in area for area in memory)
    assert [name for name, code in long.items() if any(code in area for area in memory)] == []
