"""Start the processes that meet submissions: forked from a warm one, or fresh."""

import contextlib
import json
import math
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from rnncourse.grading.isolation import scratch
from rnncourse.grading.runner.protocol import Channel
from rnncourse.time_limit import TICK, Stopwatch

__all__ = ["MEMORY", "Child", "Nursery", "fresh"]

MOST = 64 << 20  # bytes of one answer
MEMORY = {"numpy": 2 << 30, "tensorflow": 6 << 30}
START = (sys.executable, "-P", "-m")  # -P: not from where we stand, where submissions may lie
QUIET = {"MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
NULL = subprocess.DEVNULL


class Child:
    """A submission's process: a channel to it, what it has spent, and its end."""

    def __init__(self, channel, end, pid, folder=None):
        """`pid` is the process itself, or the guard whose only child it is."""
        self.channel, self._end, self._pid, self.folder = channel, end, pid, folder
        self.spent = 0.0  # seconds, as time_limit.Stopwatch counts them
        self._most, self._late, self._ended = math.inf, threading.Event(), threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        watch, before = Stopwatch(self._pid), 0.0
        while not self._ended.wait(TICK):
            self.spent = before + watch.tick().spent
            if watch.pid == self._pid and (runner := _only_child(self._pid)):
                watch, before = Stopwatch(runner), self.spent
            if self.spent > self._most:
                self._late.set()
                self.end()

    @contextlib.contextmanager
    def within(self, seconds):
        """Kill it if it spends more in the block, so that whoever waits for it is woken."""
        self._most = self.spent + max(seconds, 0.01)
        try:
            yield self._late
        finally:
            self._most = math.inf

    def end(self):
        """End the process and whatever it started; remove its folder."""
        self._ended.set()
        self._end()
        if self.folder:
            scratch.remove(self.folder)


def _only_child(pid):
    """The process that a guard has started, once it has; None before, and where there is none."""
    try:
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _kill_group(pid):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def clean_environment(folder):
    """What a submission may know of the grader's environment."""
    names = ("PATH", "SYSTEMROOT", "RNNCOURSE_DEBUG", "RNNCOURSE_TASKS")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    threads |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    own = {"HOME": folder, "MPLCONFIGDIR": folder, "IPYTHONDIR": folder, "LANG": "C.UTF-8"}
    return kept | threads | QUIET | own | {"PYTHONDONTWRITEBYTECODE": "1"}


def fresh(sandbox=False, seconds=300, memory=MEMORY["tensorflow"]):
    """A Child in a new Python. Without `sandbox` it keeps the environment of the learner."""
    folder = scratch.new()
    env = clean_environment(folder) if sandbox else os.environ | QUIET
    command = [*START, "rnncourse.grading.runner.serve"]
    options = {"env": env, "cwd": folder, "stderr": NULL, "start_new_session": True}
    if os.environ.get("RNNCOURSE_DEBUG"):
        options["stderr"] = None
    if hasattr(socket, "AF_UNIX") and os.name == "posix":
        ours, theirs = socket.socketpair()
        options |= {"stdin": NULL, "stdout": NULL, "pass_fds": [theirs.fileno()]}
        process = subprocess.Popen([*command, str(theirs.fileno())], **options)
        theirs.close()
        channel = Channel(ours.makefile("rb"), ours.makefile("wb"), MOST)
    else:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process, ours = subprocess.Popen([*command, "-"], **options, **pipes), None
        channel = Channel(process.stdout, process.stdin, MOST)

    def end():
        _kill_group(process.pid) if hasattr(os, "killpg") else process.kill()
        process.wait()
        _shut(ours)

    child = Child(channel, end, process.pid, folder)
    facts = {"folder": folder, "memory": memory, "seconds": seconds, "uid": _uid()}
    channel.send({"sandbox": sandbox, **facts})
    return child


def _uid():
    """A user that nobody is, another for each submission: limits count by user."""
    return 1_900_000_000 + secrets.randbelow(100_000_000)


def _shut(link):
    if link is not None:
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
        link.close()


class Nursery:
    """Warm processes, started when first needed: `open("numpy")` is a Child within milliseconds."""

    def __init__(self, sandbox=True):
        self.sandbox, self._warm, self._folder = sandbox, {}, None
        self.forks = sys.platform.startswith("linux") and hasattr(socket, "recv_fds")

    def open(self, kind, seconds):
        """A Child that has imported `kind`, and may use `seconds` of the processor."""
        if not self.forks:
            return fresh(self.sandbox, seconds, MEMORY[kind])
        try:
            return self._forked(kind, seconds)
        except (OSError, ValueError):  # the warm process died: once more with a new one
            self._stop(kind)
            return self._forked(kind, seconds)

    def alive(self, kind):
        """Whether the warm process of `kind` still runs; True where none is needed.

        To be asked after a submission's process ended: it ends with the warm one, a moment before
        that can be waited for.
        """
        process = self._warm[kind][0] if kind in self._warm else None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
                return False
        return True

    def _forked(self, kind, seconds):
        if kind not in self._warm:
            self._warm[kind] = self._start(kind)
        _, control, lines = self._warm[kind]
        folder = scratch.new()
        ours, theirs = socket.socketpair()
        asked = {"folder": folder, "memory": MEMORY[kind], "seconds": seconds, "uid": _uid()}
        socket.send_fds(control, [json.dumps(asked).encode()], [theirs.fileno()])
        theirs.close()
        pid = int(lines.readline())

        def end():
            _kill_group(pid)
            _shut(ours)

        return Child(Channel(ours.makefile("rb"), ours.makefile("wb"), MOST), end, pid, folder)

    def _start(self, kind):
        ours, theirs = socket.socketpair()
        self._folder = self._folder or scratch.new()
        debug = None if os.environ.get("RNNCOURSE_DEBUG") else NULL
        command = [*START, "rnncourse.grading.runner.fork_server", str(theirs.fileno())]
        process = subprocess.Popen(
            [*command, kind, str(int(self.sandbox))],
            env=clean_environment(self._folder),
            cwd=self._folder,
            stdin=NULL,
            stdout=NULL,
            stderr=debug,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        lines = ours.makefile("rb")
        if lines.readline() != b"ready\n":
            raise OSError("the warm process did not start")
        return process, ours, lines

    def _stop(self, kind):
        process, control, _ = self._warm.pop(kind, (None, None, None))
        if process:
            control.close()
            process.kill()
            process.wait()

    def close(self):
        for kind in list(self._warm):
            self._stop(kind)
        if self._folder:
            scratch.remove(self._folder)
            self._folder = None
