"""What one student hands in stops nobody else, in any of the three modes."""

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rnncourse.grading import problems
from rnncourse.grading.classroom import submissions
from tests.grading.classes import IMPORT, STEP, write
from tests.grading.fuzz_class import graded
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
RUN = [sys.executable, "-m", "tests.grading.fuzz_class"]
OUTCOME = (
    "from rnncourse.checking.attempt import Outcome\nch03.carried.answer = lambda a, p: Outcome"
)
LESSONS = "import numpy as np\nfrom rnncourse.tasks import ch06_2, ch07_2"
ATTACKS = {
    "half a character": ["carried = '\\ud800'"],
    "an array for a choice": [OUTCOME + "('returned', {'result': np.array(['x'])})", "carried = 1"],
    "an array as a fact": [OUTCOME + "('raised', {}, {'what': np.zeros(3)})", "carried = 1"],
    "a choice of 3.9 MB": ["carried = 'x' * 3_900_000"],
    "infinite facts": [OUTCOME + "('count', {}, {'got': float('inf'), 'want': 10**400})"],
    "a thousand facts": [
        OUTCOME + "('raised', {}, {f'{k}': [[k] * 100] for k in range(1000)} | {'what': 'x'})",
        "carried = 1",
    ],
    "a raw frame": [
        "import os, struct",
        'h = b\'{"d":[["kind","returned"],["values",{"d":[["result","\\\\ud800"]]}]]}\'',
        "ch03.carried.answer = lambda *a: os.write(3, struct.pack('>IQ', len(h), 0) + h) and 1 / 0",
        "carried = 1",
    ],
    "a million lines": ["\n" * 1_000_000],
    "many words": ["x = '" + "import " * 300_000 + "'"],
    "Ctrl-C": ["raise KeyboardInterrupt"],
    "an error without words": ["class E(Exception):\n    def __str__(self): 1 / 0", "raise E"],
    "an end without words": ["class E(BaseException):\n    __str__ = None", "raise E"],
    "a long loop of ours": [
        LESSONS,
        "def diagnose(programs): programs[0](np.zeros((0, 1 << 30, 3)))",
        "def depends_on(f, X): return f(np.zeros((0, 1 << 20, 3)))",
    ],
    "a large table of ours": [
        LESSONS,
        "def greedy(step, s, *a):\n    n = s.shape[1]\n"
        "    return step(np.zeros(5000), np.zeros((4900 // n, 1, n)))",
    ],
}


@pytest.fixture
def place():
    """A folder that every user may enter; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("mode", modes.MODES)
def test_nobody_stops_the_class_in_any_mode(place, tmp_path, mode):
    for name, cells in ATTACKS.items():
        write(place / name / "03.ipynb", IMPORT, STEP, *cells)
        for path in (place / name, place / name / "03.ipynb"):
            path.chmod(0o755)
    write(place / "zoe" / "03.ipynb", IMPORT, STEP, "carried = 'b'")
    done = modes.run(mode, [*RUN, str(place), "20"], tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == len(ATTACKS) + 1
    for path, (problem, tasks, _) in found.items():
        assert problem is None, path
        points = {task: n for chapter, task, _, n in tasks if n and chapter == "ch03"}
        wanted = {"rnn_step": 2, "carried": 1} if path[:3] == "zoe" else {"rnn_step": 2}
        assert points == wanted or path.startswith("a raw frame"), (path, tasks)


def test_a_call_that_is_too_large_gets_a_sentence():
    from rnncourse.grading.runner import callbacks

    ours = callbacks.Served()
    ours.export(lambda *arguments: sum(map(len, arguments)))
    assert ours.answer([0, [[1, 2], [3]]]) == {"value": 3}
    import numpy as np

    for arguments in (
        [np.zeros((0, 1 << 29))],
        [np.zeros(9000), np.zeros(1001)],
        [np.zeros(5000), np.zeros((612, 1, 8))],
        [np.zeros((1,) * 6)],
        [[[0]] * 10_001, "text", {}],
    ):
        said = ours.answer([0, arguments])["raised"]
        assert "too l" in said or "more than" in said
    for asked in (None, 3, [], [0], [1, []], [-1, []], ["0", []], [0, 3], [0, [object()]]):
        assert "raised" in ours.answer(asked)


def test_a_call_that_takes_long_is_ended():
    from rnncourse.grading.runner import callbacks

    ours = callbacks.Served()
    ours.export(lambda: time.sleep(600))
    assert "more than" in ours.answer([0, []])["raised"]


# --- lessons together, files beside --------------------------------------------------------------


def test_two_lessons_in_one_notebook_keep_all_their_tasks(tmp_path):
    write(
        tmp_path / "ada" / "x.ipynb",
        "import numpy as np\nfrom rnncourse.tasks import ch03, ch04_1, ch08, ch99  # tasks",
        STEP,
    )
    ((one, result),) = graded(tmp_path).values()
    assert one.notebook == "ch03+ch04_1+ch08"
    names = [(t["chapter"], t["task"]) for t in result["tasks"]]
    assert {("ch04_1", "kept_numbers"), ("ch08", "kept_numbers")} <= set(names)  # of one name
    assert len(names) == len(set(names))
    assert {c for c, _ in names} == {"ch03", "ch04_1", "ch08"}
    assert [t["points"] for t in result["tasks"] if t["task"] == "rnn_step"] == [2]


def test_what_lies_beside_a_notebook_is_explained(tmp_path):
    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP, "open('data.csv')", "import helper", "1 / 0")
    (tmp_path / "ada" / "data.csv").write_text("1")
    (tmp_path / "ada" / "helper.py").write_text("x = 1")
    ((_, result),) = graded(tmp_path).values()
    kinds = {error["cell"]: error["kind"] for error in result["errors"]}
    assert kinds == {3: "beside", 4: "beside", 5: "raised"}
    for lang, says in (("en", "into a cell"), ("zh", "单元格")):
        assert says in problems.of_cell(result["errors"][0], lang)


PEAK = """
import resource, sys
from pathlib import Path
from rnncourse.grading.classroom import submissions
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
root, before = Path(sys.argv[1]), peak()
for student, path in submissions.find(root):
    print(submissions.load(student, path, root).problem, peak() - before)
"""


def test_the_judge_never_holds_what_a_large_file_unpacks_to(tmp_path):
    (tmp_path / "ada.ipynb").write_bytes(b'{"cells": [], "x": [' + b"{}," * 20_000_000 + b"{}]}")
    command = [sys.executable, "-c", PEAK, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "too-costly" in done.stdout
    assert int(done.stdout.split()[-1]) < 64  # MB


def test_a_submission_holds_the_code_alone(tmp_path):
    write(tmp_path / "ada.ipynb", IMPORT, STEP)
    tree = json.loads((tmp_path / "ada.ipynb").read_text())
    (tmp_path / "ada.ipynb").write_text(json.dumps(tree | {"outputs": "x" * (20 << 20)}))
    one = submissions.load("ada", tmp_path / "ada.ipynb", tmp_path)
    assert len(one.content) < 1000
    small = submissions.load("ada", tmp_path / "ada.ipynb", tmp_path)
    assert dataclasses.replace(one) == small
