"""Submissions that attack the grader, and the run that grades them all.

    python -m tests.grading.attacks FOLDER

prints JSON: {"layers": …, "results": {attack: result}}. Each notebook solves `carried` honestly and
nothing else; whatever else has points was forged. Code that got at something it must not have
raises LEAK. FOLDER holds files that nobody may read or change. A test runs this as root and as a
user.
"""

import json
import platform
import sys
from pathlib import Path

import numpy as np

from rnncourse.grading.classroom import grade_one
from rnncourse.grading.isolation import seccomp, syscalls
from rnncourse.tasks import ch03

HONEST = "import numpy as np\nfrom rnncourse.tasks import ch03\ncarried = 'b'"
SECONDS = 9
SOLUTIONS = Path(__file__).parents[2] / "solutions" / "03_algorithm.ipynb"


def step(*lines):
    """A `rnn_step` of these lines."""
    return "def rnn_step(x_t, h_prev, W, U, b):\n" + "\n".join(f"    {line}" for line in lines)


def reading(path):
    """A `rnn_step` that raises LEAK if it can read (or list) `path`."""
    return step(
        "import os",
        f"path = {str(path)!r}",
        "got = os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1) and True",
        "raise ValueError('LEAK' if got else 'empty')",
    )


def constants():
    """`rnn_step` by heart: what the reference says to the cases that a learner sees."""
    wanted = [o.values["result"].tolist() for o in ch03.rnn_step.run(ch03.rnn_step.reference)]
    return f"WANT = {wanted!r}\n" + step("return np.array(WANT.pop(0))")


def closing(path):
    """A `rnn_step` that takes a file or folder away from its owner, whoever may read it."""
    return step(
        "import os",
        f"path = {str(path)!r}",
        "for act in (lambda: os.chmod(path, 0), lambda: os.utime(path, (0, 0)),",
        "            lambda: os.setxattr(path, 'user.x', b'x'), lambda: os.truncate(path, 0)):",
        "    try: act()",
        "    except OSError: pass",
        "raise ValueError",
    )


def calling(*calls):
    """A `rnn_step` that raises LEAK if one of these system calls succeeds: (name, arguments).

    WHO is the process that started this one, as far as it can be seen; ONES, ZEROS are pointers.
    """
    numbers = syscalls.REFUSED | syscalls.OWN_ONLY
    numbers |= {name: entry[0] for name, entry in syscalls.CONTROLS.items()}
    column = seccomp.MACHINES[platform.machine()][0]
    asked = [(name, numbers[name][column], arguments) for name, arguments in calls]
    return step(
        "import ctypes, os",
        "long, pointer = ctypes.c_long, lambda n: (ctypes.c_long * 64)(*[n] * 64)",
        "fd, done = os.open('of-my-own', os.O_RDWR | os.O_CREAT), []",
        "known = {'WHO': long(os.getppid() or 2), 'ME': long(os.getpid()), 'FD': long(fd)}",
        "known |= {'UID': long(os.getuid()), 'ONES': pointer(1), 'ZEROS': pointer(0)}",
        f"for name, number, arguments in {asked!r}:",
        "    values = []",
        "    for a in arguments: values.append(known[a] if a in known else long(a))",
        "    if number is not None and ctypes.CDLL(None).syscall(long(number), *values) >= 0:",
        "        done.append(name)",
        "raise ValueError('LEAK ' + ' '.join(done) if done else '')",
    )


CHANNEL = """
import gc, os, struct
from rnncourse.grading.runner.protocol import Channel
channel = next(o for o in gc.get_objects() if isinstance(o, Channel))
"""
LIAR = """
class Liar(np.ndarray):
    __array_priority__ = 1e9
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return self
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
"""
GREEDY = """
import gc, sys
def rnn_step(x_t, h_prev, W, U, b):
    frame, seen = sys._getframe(), []
    while frame:
        seen += [v for v in frame.f_locals.values()]
        frame = frame.f_back
    seen += gc.get_objects()
    for o in seen:
        if isinstance(o, np.ndarray) and o.shape == h_prev.shape and o.dtype == float:
            if o is not h_prev and np.all(abs(o) < 1) and o.size > 2 and not np.all(o == h_prev):
                return np.array(o)
    return np.zeros_like(h_prev)
"""

ATTACKS = {
    "loop": step("while True: pass"),
    "loop that ignores signals": step(
        "import signal",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))",
        "while True: pass",
    ),
    "stop itself": step("import os, signal", "os.kill(os.getpid(), signal.SIGSTOP)"),
    "fork": step("import os", "os.fork()", "raise ValueError('LEAK')"),
    "fork through libc": step(
        "import ctypes",
        "n = ctypes.CDLL(None).fork()",
        "raise ValueError('LEAK' if n >= 0 else '')",
    ),
    "subprocess": step("import subprocess", "subprocess.run(['id'])", "raise ValueError('LEAK')"),
    "8 GB": step("return np.ones(10**9)"),
    "1 GB result": step("return np.zeros(125_000_000)"),
    "a million files": step("for n in range(10**6): open(f'{n}', 'w').close()"),
    "one file of 10 GB": step(
        "with open('x', 'wb') as f:", "    for _ in range(10_000): f.write(bytes(1 << 20))"
    ),
    "os._exit": step("import os", "os._exit(0)"),
    "sys.exit": step("import sys", "sys.exit(0)"),
    "kill parent": step("import os", "os.kill(os.getppid(), 9)", "raise ValueError('LEAK')"),
    "kill group": step("import os", "os.killpg(0, 9)", "raise ValueError('LEAK')"),
    "kill all": step("import os", "os.kill(-1, 9)", "raise ValueError('LEAK')"),
    "kill itself": step("import os", "os.kill(os.getpid(), 9)"),
    "segfault": step("import ctypes", "ctypes.string_at(0)"),
    "close all": step("import os", "os.closerange(0, 300)"),
    "flood": CHANNEL + step("for _ in range(200): channel.writer.write(bytes(1 << 20))"),
    "huge frame": CHANNEL
    + step("channel.writer.write(struct.pack('>IQ', 9, 1 << 50))", "channel.writer.flush()"),
    "nested frame": CHANNEL
    + step(
        "channel.writer.write(struct.pack('>IQ', 3_000_000, 0) + b'[' * 3_000_000)",
        "channel.writer.flush()",
    ),
    "many calls": CHANNEL
    + step("while True: channel.send({'call': [0, []]}); channel.receive(lambda n: n)"),
    "forged pass": CHANNEL
    + step(
        "good = {'status': 'pass', 'kind': 'pass', 'values': {}, 'facts': {'n': 3}}",
        "for _ in range(9): channel.send(good | {'points': 99})",
    ),
    "forged facts": CHANNEL
    + step("channel.send({'kind': 'raised', 'values': {}, 'facts': {'what': '{0.__class__}'}})"),
    "forged events": CHANNEL + "channel.send({'ran': True})\n" * 3,
    "lying array": LIAR + step("return np.zeros_like(h_prev).view(Liar)"),
    "object array": step("return np.array([object()])"),
    "nested lists": step("x = []", "for _ in range(10**6): x = [x]", "return x"),
    "patched numpy": "np.allclose = np.array_equal = lambda *a, **k: True\n"
    + step("return np.zeros_like(h_prev)"),
    "patched course": (
        "from rnncourse.checking import compare, task\n"
        "compare.agree = task.agree = compare.close = task.close = lambda *a, **k: True\n"
        "task.FunctionTask.judge = lambda *a, **k: ('pass', 'pass', {'n': 3})\n"
        "ch03.rnn_step.wrong = {}\nch03.rnn_step.points = 99\n"
    )
    + step("return np.zeros_like(h_prev)"),
    "patched question": (
        "from rnncourse.checking import question\n"
        "question.Question.answer = lambda *a, **k: ('pass', 'pass', {'n': 3})\n"
    )
    + step("return np.zeros_like(h_prev)"),
    "stack and gc": GREEDY,
    "constants": constants(),
    "solutions": reading(SOLUTIONS),
    "the reference": "rnn_step = ch03.rnn_step.reference",
    "the reference again": "import importlib\nrnn_step = importlib.reload(ch03).rnn_step.reference",
    "any function of ours": step(
        "import gc, types",
        "for f in gc.get_objects():",
        "    if isinstance(f, types.FunctionType) and 'rnncourse.tasks.ch' in str(f.__module__):",
        "        try: got = f(x_t, h_prev, W, U, b)",
        "        except Exception: continue",
        "        if np.shape(got) == h_prev.shape: return got",
        "from rnncourse.tasks import ch05_data",
    ),
    "the reference's file": reading(ch03.__file__),
    "the reference's cache": reading(ch03.__cached__),
    "home": reading(Path.home()),
    "beside what is read": reading("/usr/share"),
    "programs": reading("/usr/bin/env"),
    "other processes": step(
        "import glob",
        "found = b''",
        "for path in glob.glob('/proc/[0-9]*/*'):",
        "    try: found += open(path, 'rb').read(100_000)",
        "    except OSError: pass",
        "raise ValueError('LEAK' if b'RNNCOURSE_TEST_SECRET' + b'=' in found else '')",
    ),
    "environment": step(
        "import os", "raise ValueError('LEAK' if 'RNNCOURSE_TEST_SECRET' in os.environ else '')"
    ),
    "url": step(
        "import urllib.request", "urllib.request.urlopen('http://127.0.0.1:9')", "raise ValueError"
    ),
    "udp": step(
        "import socket",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "raise ValueError('LEAK')",
    ),
    "write outside": step("open('/var/tmp/rnncourse-was-here', 'w')", "raise ValueError('LEAK')"),
    "write the course": step(
        "import rnncourse", "open(rnncourse.__file__, 'a')", "raise ValueError('LEAK')"
    ),
    "others' limits and turns": calling(
        ("prlimit64", ("WHO", 0, "ONES", 0)),
        ("setpriority", (0, "WHO", 19)),
        ("setpriority", (1, 0, 19)),
        ("setpriority", (2, 0, 19)),
        ("sched_setscheduler", ("WHO", 5, "ONES")),
        ("sched_setparam", ("WHO", "ONES")),
        ("sched_setaffinity", ("WHO", 8, "ONES")),
        ("ioprio_set", (1, "WHO", 3 << 13)),
        ("ioprio_set", (3, "UID", 3 << 13)),
        ("migrate_pages", ("WHO", 8, "ONES", "ONES")),
        ("move_pages", ("WHO", 0, 0, 0, 0, 0)),
        ("kcmp", ("WHO", "ME", 1, 0, 0)),
        ("get_robust_list", ("WHO", "ONES", "ONES")),
    ),
    "signals by a way round": calling(
        ("fcntl", ("FD", 8, "WHO")),
        ("fcntl", ("FD", 15, "ONES")),
        ("fcntl", ("FD", 10, 9)),
        ("ioctl", ("FD", 0x8901, "ONES")),
        ("ioctl", (3, 0x8902, "ONES")),
        ("pidfd_open", ("WHO", 0)),
    ),
    "outlive the grader": calling(
        ("prctl", (1, 0, 0, 0, 0)), ("prctl", (36, 1, 0, 0, 0)), ("setsid", ())
    ),
    "what all share": calling(
        ("shmget", (0, 4096, 0o1600)),
        ("semget", (0, 1, 0o1600)),
        ("msgget", (0, 0o1600)),
        ("inotify_init", ()),
        ("inotify_init1", (0,)),
        ("io_setup", (1000, "ZEROS")),
        ("fcntl", ("FD", 1024, 1)),
        ("fcntl", ("FD", 1026, 2)),
        ("memfd_create", ("ONES", 0)),
    ),
    "descriptors passed on": step(
        "import array, socket",
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [1]))]",
        "a.sendmsg([b'x'], rights)",
        "raise ValueError('LEAK')",
    ),
    "send through the channel": step(
        "import array, os, socket",
        "link = socket.socket(fileno=os.dup(3))",
        "rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [1]))]",
        "link.sendmsg([b''], rights)",
        "raise ValueError('LEAK')",
    ),
    "folders that stay": step(
        "import os",
        "for name in ('closed', 'deep'):",
        "    os.makedirs(name + '/x')",
        "    open(name + '/file', 'w').write('x')",
        "os.mkdir('closed/none', 0)",
        "os.chmod('closed', 0)",
        "os.chdir('deep')",
        "for n in range(1100):",
        "    os.mkdir('deep')",
        "    os.chdir('deep')",
        "raise ValueError",
    ),
    "unmount": step(
        "import ctypes",
        "n = ctypes.CDLL(None).umount2(b'/scratch', 2)",
        "raise ValueError('LEAK' if n == 0 else '')",
    ),
}


def main(folder):
    """Grade all, and print what came of it."""
    attacks = dict(ATTACKS)
    for path in Path(folder).iterdir():
        attacks[f"read {path.name}"] = reading(path)
        attacks[f"close {path.name}"] = closing(path)
    attacks["close the folder"] = closing(folder)
    layers, results = (
        grade_one.layers_here(),
        {},
    )  # first, so that no attack pays for the warm start
    for name, code in attacks.items():
        cells = [{"cell_type": "code", "source": text} for text in (HONEST, code)]
        content = json.dumps({"nbformat": 4, "cells": cells}).encode()
        results[name] = grade_one.grade(content, name, 12345, SECONDS)
    print(json.dumps({"layers": layers, "results": results}))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(sys.argv[1])
