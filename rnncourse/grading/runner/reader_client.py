"""The one border for a stranger's notebook: its bytes go to a process that may die of them.

What comes back is bounded plain values. Whoever is here never parses what a stranger wrote. A
notebook whose reading ends that process twice, or takes too long, is itself the problem.
"""

import atexit
import contextlib
import hashlib
import io
import subprocess
import threading
from dataclasses import dataclass, field

import numpy as np

from rnncourse.grading import untrusted
from rnncourse.grading.isolation import scratch
from rnncourse.grading.notebook import MOST, Unreadable, there
from rnncourse.grading.runner.protocol import Channel, Closed, Garbled
from rnncourse.grading.runner.reader import PIECE
from rnncourse.grading.runner.workers import NULL, START, Child, clean_environment

__all__ = ["Look", "NotRead", "look"]

SECONDS = 20  # of its own that the reader may spend on a notebook
ANSWER = 8 << 20  # bytes of arrays in an answer


class NotRead(Exception):
    """No process to read with could be had: nobody's notebook is to blame."""


@dataclass(frozen=True)
class Look:
    """What a notebook holds, or the `problem`, (code, facts), why it cannot be graded."""

    path: str
    sha: str
    problem: tuple | None = None
    cells: list = field(default_factory=list)  # [[number, source]] of its code
    chapters: list = field(default_factory=list)  # ["ch03"], the lessons that it imports
    keras: bool = False
    prints: np.ndarray | None = None  # (n,) uint64: see similar.py

    def checked(self):
        """Itself, or Unreadable."""
        if self.problem:
            code, facts = self.problem
            raise Unreadable(code, **facts)
        return self


def look(file, path, wish="cells"):
    """The Look at a notebook: bytes or an open binary file, called `path` in sentences.

    `wish`: "cells", or "prints" for what two notebooks are compared by. Raises NotRead only.
    """
    file = io.BytesIO(file) if isinstance(file, bytes) else file
    path, sha, size = untrusted.text(str(path), 4096), hashlib.sha256(), 0
    while (piece := file.read(PIECE)) and size <= MOST:
        sha.update(piece)
        size += len(piece)
    sha, costly = sha.hexdigest(), ("too-costly", {"path": path})
    if size > MOST:
        facts = {"path": path, "mb": size >> 20, "most": MOST >> 20}
        return Look(path, sha, ("too-large", facts))
    with _lock:
        answer = _reader.ask(file, wish) or _reader.ask(file, wish) or {}
    if not answer:
        return Look(path, sha, costly)
    try:
        if "problem" in answer:
            code, facts = answer["problem"]
            raise Unreadable(code, **facts)
        return Look(path, sha, chapters=there(answer.pop("named")), **answer)
    except Unreadable as unreadable:
        facts = untrusted.facts(unreadable.facts) | {"path": path}
        return Look(path, sha, (unreadable.code, facts))


class _Reader:
    """One process that reads, started when first needed and again whenever it has ended."""

    def __init__(self):
        self.child = None

    def ask(self, file, wish):
        """What the process answers, or None if it ended over this file."""
        child = self.child = self.child or self._start()
        file.seek(0)
        with child.within(SECONDS) as late:
            try:
                child.channel.send({"wish": wish})
                for piece in iter(lambda: file.read(PIECE), b""):
                    child.channel.send(np.frombuffer(piece, "uint8"))
                child.channel.send(None)
                return child.channel.receive()
            except (Closed, Garbled):
                self.end()
        return {"problem": ["too-costly", {}]} if late.is_set() else None

    def _start(self):
        try:
            command = [*START, "rnncourse.grading.runner.reader"]
            folder = scratch.new()
            process = subprocess.Popen(
                command,
                env=clean_environment(folder),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=NULL,
                start_new_session=True,
            )
        except OSError as error:
            raise NotRead(f"{type(error).__name__}: {error.strerror}") from None

        def end():
            process.kill()
            process.wait()

        child = Child(Channel(process.stdout, process.stdin, ANSWER), end, process.pid, folder)
        try:
            with child.within(SECONDS):
                child.channel.receive()
        except (Closed, Garbled):
            child.end()
            raise NotRead("the process that reads notebooks did not start") from None
        return child

    def end(self):
        child, self.child = self.child, None
        if child:
            child.end()
            with contextlib.suppress(OSError):
                child.channel.close()


_reader, _lock = _Reader(), threading.Lock()
atexit.register(_reader.end)
