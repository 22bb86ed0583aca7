"""Many submissions, many processes, and every one of them killed at some moment: nothing is lost.

RNNCOURSE_CLASS_SIZE=1000 kills the grader ten times; without it the class is small.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.grading.classes import IMPORT, STEP, many, rows, write
from tests.support import HANG

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
GRADE = [sys.executable, "-m", "rnncourse", "class", "grade"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def outs(tmp_path, *names):
    """Folders for gradebooks that share one secret, and so the hidden cases."""
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret").write_bytes(bytes(32))
    return [tmp_path / name for name in names]


def graded(out):
    """How many rows the gradebook holds, while it is being written."""
    with contextlib.suppress(sqlite3.OperationalError):
        book = sqlite3.connect(f"file:{out}/grades.sqlite?mode=ro", uri=True)
        with contextlib.closing(book):
            return book.execute("SELECT count(*) FROM result").fetchone()[0]
    return 0


def test_kill_at_any_moment_loses_nothing(tmp_path):
    n = int(os.environ.get("RNNCOURSE_CLASS_SIZE", 40))
    kills = 4 if n < 100 else 10
    many(tmp_path / "subs", n)
    killed, calm = outs(tmp_path, "killed", "calm")

    def start(out):
        return subprocess.Popen([*GRADE, tmp_path / "subs", "--out", out], **QUIET)

    chance = random.Random(0)
    moments = sorted(chance.sample(range(1, n), kills - 1))
    for moment in [0, *moments]:  # the first kill falls into the warm start
        process = start(killed)
        while graded(killed) < moment and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.random() * (0.05 if moment else 1))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert moment <= graded(killed) < n
    assert start(killed).wait(600) == 0
    assert start(calm).wait(600) == 0
    assert len(rows(calm)) == n
    assert rows(killed) == rows(calm)


def test_more_processes_give_the_same_gradebook(tmp_path):
    many(tmp_path / "subs", 6)
    one, two = outs(tmp_path, "one", "two")
    for out, workers in ((one, "1"), (two, "2")):
        command = [*GRADE, tmp_path / "subs", "--out", out, "--workers", workers]
        subprocess.run(command, check=True, capture_output=True)
    assert rows(one) == rows(two)


# Grades on a LocalCluster; after some rows a worker is killed, if the last word says so.
CLUSTER = """
import os, signal, sys, threading, time
import dask
dask.config.set({"distributed.scheduler.allowed-failures": 0})
from distributed import LocalCluster
from rnncourse.commands import main
from tests.grading.test_scale import graded
if __name__ == "__main__":
    *words, out, kill = sys.argv[1:]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    def end_one():
        while graded(out) < 5:
            time.sleep(0.01)
        print("killed after", graded(out))
        os.kill(list(cluster.workers.values())[0].pid, signal.SIGKILL)
    if kill == "kill":
        threading.Thread(target=end_one, daemon=True).start()
    words += ["--out", out, "--scheduler", cluster.scheduler_address]
    status = main.main(["class", "grade", *words])
    cluster.close()
    sys.exit(status)
"""


def through_dask(tmp_path, *words):
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    (tmp_path / "cluster.py").write_text(CLUSTER)
    command = [sys.executable, tmp_path / "cluster.py", *words]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, capture_output=True, text=True, timeout=HANG, env=env)


def test_a_dask_worker_that_dies_loses_nothing(tmp_path):
    many(tmp_path / "subs", 24)
    dask, calm = outs(tmp_path, "dask", "calm")
    done = through_dask(tmp_path, tmp_path / "subs", dask, "kill")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "killed after" in done.stdout
    subprocess.run([*GRADE, tmp_path / "subs", "--out", calm], check=True, capture_output=True)
    assert rows(dask) == rows(calm)


# Without a sandbox a notebook can end the process that graded it: the parent of its zygote.
KILLER = """import os
pid = os.getpid()
for _ in range(3):
    pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
with open(LOG, "a") as log:
    log.write("x")
os.kill(pid, 9)"""


@pytest.mark.parametrize("how", ["two processes", "dask"])
def test_who_ends_its_worker_is_tried_twice_more_and_costs_nobody_else_anything(tmp_path, how):
    many(tmp_path / "subs", 9)
    out, calm = outs(tmp_path, "out", "calm")
    trusting = [tmp_path / "subs", "--trust-submissions"]
    subprocess.run([*GRADE, *trusting, "--out", calm], check=True, capture_output=True)
    log = tmp_path / "log"
    write(tmp_path / "subs" / "s0003k" / "03.ipynb", f"LOG = {str(log)!r}", KILLER, IMPORT, STEP)
    if how == "dask":
        done = through_dask(tmp_path, *trusting, out, "-")
    else:
        done = subprocess.run([*GRADE, *trusting, "--out", out, "--workers", "2"], timeout=HANG)
    assert done.returncode == 1  # one could not be graded
    assert log.read_text() == "xxx"
    (own,) = [row for row in rows(out) if row[0] == "s0003k"]
    assert '"ended-grader"' in own[5]
    assert '"n": 3' in own[5]
    assert [row for row in rows(out) if row != own] == rows(calm)
