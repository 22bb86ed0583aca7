"""A grader that is killed takes its submissions with it, whatever they do to stay."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
STAY = """
import ctypes, signal, os
libc = ctypes.CDLL(None)
libc.prctl(1, 0, 0, 0, 0), libc.prctl(36, 1, 0, 0, 0)
for call in (os.setsid, lambda: os.setpgid(0, 0)):
    try: call()
    except OSError: pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
for number in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(number, signal.SIG_IGN)
"""
GRADER = f"""
import sys
from rnncourse.grading.runner.workers import Nursery
nursery = Nursery()
child = nursery.open("numpy", 600)
child.channel.receive()
cells = [[1, {STAY!r}], [2, "import time\\nwhile True: time.sleep(1000)"]]
child.channel.send({{"cells": cells, "folder": None, "lessons": {{}}}})
while child.channel.receive().get("cell") != 2: pass
print("it sleeps", flush=True)
sys.stdin.read()
"""
# All that the grader leaves behind becomes a child of this one (36), which waits for their end.
KILLER = f"""
import ctypes, os, signal, subprocess, sys, tempfile
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
pipes = {{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}}
grader = subprocess.Popen([sys.executable, "-c", {GRADER!r}], **pipes)
assert grader.stdout.readline() == b"it sleeps\\n"
os.kill(grader.pid, getattr(signal, sys.argv[1]))
ended = 0
try:
    while os.wait(): ended += 1
except ChildProcessError:
    pass
before = len(os.listdir(tempfile.gettempdir()))
from rnncourse.grading.isolation import scratch
scratch.new(), scratch.close()
print(ended, before, len(os.listdir(tempfile.gettempdir())))
"""


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("mode", modes.MODES)
def test_nothing_stays_of_a_killed_grader(mode, signal, tmp_path):
    temporary = Path(tempfile.mkdtemp(prefix="temporary-"))
    temporary.chmod(0o777)
    command = [sys.executable, "-c", KILLER, signal]
    done = modes.run(mode, command, tmp_path, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr[-2000:]
    ended, before, after = map(int, done.stdout.split())
    assert ended >= 2  # the grader, the warm process, and what outlived that for a moment
    assert before == 1
    assert after == 0
    temporary.rmdir()
