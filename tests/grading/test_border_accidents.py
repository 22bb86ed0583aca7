"""No accident of the machine costs a mark: a process killed, a grader stopped, none to be had."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from rnncourse.grading.classroom import grade_one
from tests.grading.classes import IMPORT, STEP, many, write
from tests.grading.fuzz_class import graded, marks
from tests.support import HANG

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
RUN = [sys.executable, "-m", "tests.grading.fuzz_class"]
LESSON = "import numpy as np\nfrom rnncourse.tasks import ch06_2"


def test_the_warm_process_killed_at_ten_moments_changes_no_mark(tmp_path):
    many(tmp_path, 24)
    calm = marks(graded(tmp_path))
    chance, over, kills = random.Random(1), threading.Event(), []

    def end_it():
        while not over.wait(chance.random() * 0.25) and len(kills) < 10:
            warm = grade_one.nursery(True)._warm.get("numpy")
            if warm and warm[0].poll() is None:
                kills.append(warm[0].pid)
                os.kill(warm[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=end_it)
    killer.start()
    found = []
    while len(kills) < 10:
        found.append(marks(graded(tmp_path)))
    over.set()
    killer.join()
    for disturbed in found:
        assert disturbed == calm


def test_a_submission_that_ends_twice_in_one_place_has_done_it_itself(tmp_path):
    ends = "def {}(*a):\n    import os; os._exit(0)"
    write(tmp_path / "one.ipynb", IMPORT, STEP, ends.format("last_output"), ends.format("bptt"))
    write(tmp_path / "two.ipynb", IMPORT, STEP, "import os; os._exit(0)")
    found = graded(tmp_path)
    codes = {t["task"]: t["code"] for t in found["one.ipynb"][1]["tasks"]}
    assert (codes["last_output"], codes["bptt"], codes["rnn_step"]) == ("died", "died", "pass")
    two = found["two.ipynb"][1]["tasks"]
    assert {t["code"] for t in two} == {"died-before"}
    assert {t["facts"]["cell"] for t in two} == {3}


def test_where_no_process_can_be_had_it_is_not_yet_graded(tmp_path, monkeypatch):
    from rnncourse.grading.runner import workers

    many(tmp_path, 2)
    with monkeypatch.context() as patched:
        patched.setattr(workers, "START", (sys.executable, "-c", "raise SystemExit"))
        grade_one.nursery(True)._stop("numpy")
        found = [result for _, result in graded(tmp_path).values()]
        assert [r["problem"]["code"] for r in found] == ["not-yet", "not-yet"]
        assert "not-yet" in grade_one.RETRIED
    assert all(result["tasks"] for _, result in graded(tmp_path).values())


CALLER = """
def greedy(step, s, start, end, most):
    y, done, out = np.full(len(s), start), np.zeros(len(s), bool), []
    for _ in range(300):
        step(y, s)
    for _ in range(most):
        log_p, s = step(y, s)
        y = np.where(done, 0, log_p.argmax(axis=1))
        done |= y == end
        out.append(y)
    return np.stack(out, axis=1)
"""


def test_a_grader_that_is_stopped_for_longer_than_the_limit_costs_nobody_a_mark(tmp_path):
    for k in range(6):
        write(tmp_path / f"s{k}.ipynb", LESSON, CALLER)
    process = subprocess.Popen([*RUN, tmp_path, "8"], stdout=subprocess.PIPE, text=True)
    chance = random.Random(2)
    assert process.stdout.readline() == "ready\n"
    for _ in range(3):
        time.sleep(1 + chance.random())
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(9)  # longer than a call and than a notebook may take
            process.send_signal(signal.SIGCONT)
    found = json.loads(process.communicate(timeout=HANG)[0])
    for path, (problem, tasks, errors) in found.items():
        codes = {task: code for _, task, code, _ in tasks}
        assert (problem, codes["greedy"], errors) == (None, "pass", []), (path, codes)
