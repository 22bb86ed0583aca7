"""A time limit counts what the code itself spends: neither other programs nor a pause of ours."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnncourse import time_limit
from rnncourse.checking import attempt
from rnncourse.grading.runner import workers
from tests.support.busy import neighbours

LINUX = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="read from /proc")


def compute(seconds):
    """Keep the processor until the process has had it for that long."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return "done"


def call(function, *args, seconds):
    names = [f"argument_{i}" for i in range(len(args))]
    return attempt.call(function, args, names, lambda value: {"result": value}, seconds)


@LINUX
def test_a_right_answer_passes_on_a_machine_ten_times_busier():
    with neighbours(9):
        wall, cpu = time.monotonic(), time.process_time()
        got = call(compute, 0.4, seconds=2)
        slower = (time.monotonic() - wall) / (time.process_time() - cpu)
    assert got.kind == "returned"
    assert slower > 5  # it did wait, far beyond the limit


def test_what_computes_for_too_long_is_stopped():
    cpu = time.process_time()
    assert call(compute, 60, seconds=0.5).kind == "too-slow"
    assert time.process_time() - cpu < 30


def test_what_sleeps_for_too_long_is_stopped():
    got = call(time.sleep, 600, seconds=0.5)
    assert (got.kind, got.facts) == ("too-slow", {"seconds": 0.5})


def test_the_limit_is_lifted_after_the_block():
    with time_limit.time_limit(0.05):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    compute(0.4)


def test_a_pause_of_whoever_holds_the_watch_counts_as_one_second(monkeypatch):
    watch = time_limit.Stopwatch()
    wall, cpu, waited = watch._now
    monkeypatch.setattr(watch, "_read", lambda: (wall + 100, cpu, waited))
    assert watch.tick().spent <= 1


def test_where_nobody_counts_the_waiting_idle_time_counts_little(monkeypatch):
    watch = time_limit.Stopwatch()
    for second in range(1, 31):
        wall, cpu, _ = watch._now
        monkeypatch.setattr(watch, "_read", lambda w=wall, c=cpu: (w + 1, c, None))
        watch.tick()
        assert watch.idle == pytest.approx(second / time_limit.PATIENCE, rel=0.1, abs=0.1)


@LINUX
def test_another_process_is_watched_too():
    script = "while True: pass"
    with subprocess.Popen([sys.executable, "-c", script]) as running:
        watch = time_limit.Stopwatch(running.pid)
        while watch.tick().used < 0.5:
            time.sleep(0.05)
        idle = watch.idle
        os.kill(running.pid, signal.SIGSTOP)
        while watch.tick().idle < idle + 0.5:
            time.sleep(0.05)
        running.kill()


@LINUX
def test_a_submission_is_not_ended_for_what_its_neighbours_do():
    cell = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass"
    with neighbours(6):
        child, wall = workers.fresh(), time.monotonic()
        try:
            with child.within(5) as late:
                child.channel.receive()
                child.channel.send({"cells": [[0, cell]], "folder": None, "lessons": {}})
                while not child.channel.receive().get("ran"):
                    pass
            assert not late.is_set()
            assert 1 < child.spent < 5 < time.monotonic() - wall
        finally:
            child.end()
