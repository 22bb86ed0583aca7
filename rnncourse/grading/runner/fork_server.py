"""A warm process that has imported what notebooks import, and forks once for each submission.

    python -m rnncourse.grading.runner.fork_server FD WANTED SANDBOX

FD is a socket to the judge, WANTED "numpy" or "tensorflow", SANDBOX 1 or 0. Each request is one
JSON line with a socket; the answer is the number of the guard, the leader of the submission's
process group. It holds no secret. TensorFlow is imported, never run: after one operation a fork
hangs.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import socket
import sys

from rnncourse.grading.isolation.sandbox import Sandbox, die_with_parent

__all__ = ["main"]

IMPORTS = {
    "numpy": (
        *("numpy.random", "matplotlib.pyplot", "ipywidgets"),
        *("rnncourse.data", "rnncourse.language", "rnncourse.nn", "rnncourse.plots"),
        "rnncourse.widgets",
    ),
    "tensorflow": ("tensorflow", "keras"),
}
SUBREAPER = 36


def main(fd, wanted, sandboxed):
    control = socket.socket(fileno=int(fd))
    sandbox = Sandbox(sandboxed == "1")
    sandbox.warm(lambda: _load(wanted))
    gc.freeze()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    control.sendall(b"ready\n")
    while True:
        request, fds, *_ = socket.recv_fds(control, 65536, 1)
        _reap()
        if not request:
            os._exit(0)
        parent, pid = os.getpid(), os.fork()
        if pid == 0:
            _guard(parent, control, fds[0], json.loads(request), sandbox)
        os.close(fds[0])
        control.sendall(f"{pid}\n".encode())


def _load(wanted):
    """Import what notebooks import, and what the first cell of a shell would import."""
    names = IMPORTS["numpy"] + (IMPORTS["tensorflow"] if wanted == "tensorflow" else ())
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from rnncourse.grading.runner import serve  # not at the top: it imports NumPy, see Sandbox.warm

    serve.shell()


def _reap():
    """Take leave of guards and runners that ended, so that their time is counted."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _guard(parent, control, fd, asked, sandbox):
    """Divide off what the submission must not share, fork it, and outlive it."""
    try:
        os.setsid()
        die_with_parent()
        if os.getppid() != parent:  # it ended before we asked to end with it
            return
        pid = sandbox.isolate(asked, os.fork)
        if pid == 0:
            _run(fd, asked, sandbox)
        os.close(fd)
        control.close()
        os.waitpid(pid, 0)
    finally:
        os._exit(0)


def _run(fd, asked, sandbox):
    """Serve the submission in its own process, which is closed."""
    from rnncourse.grading.runner import serve
    from rnncourse.grading.runner.protocol import Channel

    try:
        os.dup2(fd, 3)
        os.closerange(4, 65536)
        channel = Channel(os.fdopen(3, "rb"), os.fdopen(os.dup(3), "wb"), serve.FROM_JUDGE)
        folder = sandbox.folder or asked["folder"]
        os.environ["HOME"] = os.environ["TMPDIR"] = os.environ["IPYTHONDIR"] = folder
        serve.live(channel, sandbox)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
