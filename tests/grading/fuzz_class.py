"""Grade a folder as the class's grader does, without gradebook and rules; and make nasty folders.

python -m tests.grading.fuzz_class FOLDER SECONDS     prints {path: result} as JSON
"""

import json
import os
import string
import sys
from pathlib import Path

from rnncourse.grading.classroom import dispatch, submissions
from tests.grading.classes import IMPORT, STEP

HONEST = (IMPORT, STEP, "carried = 'b'")


def graded(root, seconds=20, workers=1):
    """{path: (Submission, result)} of all that lies below `root`."""
    root, secret = Path(root), bytes(32)
    options = dispatch.Options(seconds, workers=workers)
    jobs = []
    for student, path in submissions.find(root):
        one = submissions.load(student, path, root)
        jobs.append((one, submissions.seed_of(secret, one)))
    return {one.path: (one, result) for one, result in dispatch.results(iter(jobs), options)}


def marks(found):
    """{path: (problem's code, [task's code and points], errors)}: what must not depend on luck."""
    return {
        path: (
            (result.get("problem") or {}).get("code"),
            [[t["chapter"], t["task"], t["code"], t["points"]] for t in result["tasks"]],
            result["errors"],
        )
        for path, (_, result) in found.items()
    }


# --- nasty folders -------------------------------------------------------------------------------

SURPRISES = [None, True, 0, -1, 1e308, float("nan"), 10**300, "", "\ud800", "\0", [], {}, [[]]]
SURPRISES += [
    "from rnncourse.tasks import ch03",
    {"source": 3},
    ["a", 3, None],
    "\u202e",
    "x" * 9999,
]
NAMES = [
    "ada",
    "李　雷",
    "a\nb",
    "\x1b[2J",
    "=1+1",
    "a\\x1b",
    "..x",
    "%00",
    "👩‍🔬",
    "\udcff",
    " ",
    "'\"<b>",
]
TIMES = [
    "0001-01-01 00:00:00+23:59",
    "9999-12-31 23:59:59-23:59",
    "2026-10-12 23:59:00 CEST",
    "\udcff",
]
TIMES += [
    "",
    "x" * 200,
    "30489-01-01",
    "2026-10-12T23:59:00",
    "Mon, 12 Oct 2026 23:59:00 +0200",
    "٣",
]
CLOCKS = [0, -(1 << 40), 900_000_000_000, 1 << 33, 1.5]
ANSWERS = [
    *("'\\ud800'", "'x' * 3_000_000", "10 ** 4000", "float('nan')", "np.array(['x'])", "b''"),
    *("np.full(3, np.inf)", "np.zeros((0, 1 << 30))", "[[[[]]]] * 9", "lambda *a: a[0]", "1j"),
    *("np.array('\\ud800')", "np.datetime64('NaT')", "{1: {2: 3}}", "type('E', (), {})()", "..."),
    *("type('E', (), {'__str__': lambda s: 1 / 0})()", "Ellipsis", "print", "range(9)", "-0.0"),
]
TASKS = ["carried", "n_parameters", "rnn_step", "rnn_forward", "last_output", "bptt"]
CELLS = [
    *("raise KeyboardInterrupt", "raise SystemExit", "import os; os._exit(1)", "1 +", "%%time\n1"),
    *("raise GeneratorExit", "raise BaseException('\\ud800')", "input()", "exit()"),
    *("class E(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise E", "!ls", "x?"),
    *("open('data.csv')", "import helper", "raise ValueError('\\x1b' * 10_000)", "__name__ = []"),
    *("from rnncourse.tasks import ch01", "from rnncourse.tasks import ch99", "import ctypes"),
    *("import gc\nfrom rnncourse.grading.runner.protocol import Channel\n"
      "c = next(o for o in gc.get_objects() if isinstance(o, Channel))\nc.send({X!r})",
      "ch03.{T}.answer = lambda *a: 3", "ch03.{T}.observe = lambda r: {{'result': {A}}}",
      "from rnncourse.checking.attempt import Outcome\n"
      "ch03.{T}.answer = lambda *a: Outcome('raised', {{}}, {{'what': {A}, 'n': {X!r}}})"),
]  # fmt: skip


def cell(chance):
    """A cell that somebody may well write, or somebody with bad intentions."""
    kind = chance.random()
    task, answer = chance.choice(TASKS), chance.choice(ANSWERS)
    if kind < 0.2:
        return chance.choice(HONEST)
    if kind < 0.4:
        return f"{task} = {answer}"
    if kind < 0.6:
        return f"def {task}(*a, **k):\n    return {answer}"
    if kind < 0.7:
        return "".join(chance.choices(string.printable, k=chance.randrange(60)))
    template = chance.choice(CELLS)
    if "{" in template and "{self" not in template:
        return template.format(X=chance.choice(SURPRISES), T=task, A=answer)
    return template


def spoiled(tree, chance):
    """A JSON tree with one thing in it replaced by a surprise."""
    if chance.random() < 0.3 or not isinstance(tree, dict | list) or not tree:
        return chance.choice(SURPRISES)
    tree = tree.copy()
    key = chance.choice(list(tree)) if isinstance(tree, dict) else chance.randrange(len(tree))
    tree[key] = spoiled(tree[key], chance)
    return tree


def content(chance):
    """The bytes of a notebook, whole or spoiled in some way."""
    sources = [IMPORT, *(cell(chance) for _ in range(chance.randrange(6)))]
    tree = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
    tree["cells"] = [{"cell_type": "code", "metadata": {}, "source": s} for s in sources]
    for _ in range(chance.choice([0, 0, 1, 3])):
        tree = spoiled(tree, chance)
    data = bytearray(json.dumps(tree).encode())
    for _ in range(chance.choice([0, 0, 0, 1, 4]) if data else 0):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
    return bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.1 else data)


def nasty(root, chance, n=6):
    """`n` students' folders below `root`, and one honest student's, zoe."""
    for k in range(n):
        name = f"{k}{chance.choice(NAMES)}"
        folder = Path(root, name, chance.choice(["rnn", "03", name]))
        folder.mkdir(parents=True)
        path = folder / f"{chance.choice(NAMES)}.ipynb"
        kind = chance.random()
        if kind < 0.8:
            path.write_bytes(content(chance))
            clock = chance.choice(CLOCKS)
            with_time = chance.random() < 0.3
            if with_time:
                beside(lambda: os.utime(path, (clock, clock)))  # noqa: B023 - called at once
        elif kind < 0.85:
            path.symlink_to(chance.choice(["/etc/passwd", path, "..", "\udcff"]))
        elif kind < 0.9:
            os.mkfifo(path)
        elif kind < 0.95:
            path.mkdir()
        if chance.random() < 0.4:
            stamp = chance.choice(TIMES).encode("utf-8", "surrogateescape")
            (folder / "timestamp.txt").write_bytes(stamp)
        if chance.random() < 0.2:
            (folder / chance.choice(NAMES)).write_bytes(chance.randbytes(9))
    honest = {"cells": [{"cell_type": "code", "source": s} for s in HONEST]}
    Path(root, "zoe").mkdir()
    Path(root, "zoe", "03.ipynb").write_text(json.dumps(honest))


def beside(action):
    """Do it if this file system can."""
    try:
        action()
    except (OSError, OverflowError):
        return


def main(folder, seconds):
    print("ready", flush=True)
    print(json.dumps(marks(graded(folder, float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
