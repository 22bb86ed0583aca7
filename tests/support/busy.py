"""Other programs that want the same processor: a slow machine, made on a fast one."""

import contextlib
import os
import subprocess
import sys

import pytest


@contextlib.contextmanager
def neighbours(count):
    """`count` processes that compute without end, all of them and this process on one processor."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("only Linux lets a process choose its processor")
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})  # of this thread; what it starts inherits it
    command = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    # Each in a session of its own: the kernel shares a processor out among sessions first.
    options = {"stdout": subprocess.PIPE, "start_new_session": True}
    started = [subprocess.Popen(command, **options) for _ in range(count)]
    try:
        for process in started:
            process.stdout.readline()
        yield
    finally:
        os.sched_setaffinity(0, before)
        for process in started:
            process.kill()
            process.communicate()
