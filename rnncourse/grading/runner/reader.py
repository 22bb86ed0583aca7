"""The process that reads a stranger's notebook, and may die of it.

    python -m rnncourse.grading.runner.reader

It runs no line of a notebook and holds no secret. Whoever asks sends {"wish": ...}, then the bytes
in pieces, then None, and gets plain values. Its memory is limited. So is its processor time for
each notebook, by the kernel: it ends also if whoever asked is gone.
"""

import contextlib
import hashlib
import os
import signal

import numpy as np

from rnncourse.grading import notebook
from rnncourse.grading.isolation.sandbox import limit
from rnncourse.grading.runner.protocol import Channel, Closed

__all__ = ["PIECE"]

PIECE = 1 << 20  # bytes of a notebook sent at once
MEMORY, SECONDS = 1 << 30, 30  # for what may be 64 MB of outputs
PRINTS = 50_000  # pieces of code that are compared with others'


def _read(content, wish):
    """What is asked of a notebook's bytes: its contents, and its fingerprint if wished."""
    found = notebook.contents(content)
    if wish == "prints":
        from rnncourse.grading.fingerprint import fingerprint

        pieces = fingerprint([source for _, source in found["cells"]])
        found["prints"] = np.array(sorted(map(_hash, pieces))[:PRINTS], "uint64")
        del found["cells"]
    return found


def _hash(piece):
    """A number for a piece of code, the same in every process."""
    if isinstance(piece, int):
        return piece % (1 << 64)
    return int.from_bytes(hashlib.blake2b(repr(piece).encode(), digest_size=8).digest(), "big")


def _answer(content, wish):
    try:
        return _read(content, wish)
    except notebook.Unreadable as unreadable:
        return {"problem": [unreadable.code, unreadable.facts]}


@contextlib.contextmanager
def _limited():
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)


def main():
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"), 2 * PIECE)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limits
        limit(MEMORY, 1 << 30)
    channel.send({"ready": True})
    while True:
        try:
            wish, content = channel.receive()["wish"], bytearray()
            while (piece := channel.receive()) is not None:
                content += piece.data
            with _limited():
                answer = _answer(content, wish)
            del content
            channel.send(answer)
        except Closed:
            os._exit(0)
        except MemoryError:  # whoever asked tries once more, in a process that is still small
            os._exit(1)


if __name__ == "__main__":
    main()
