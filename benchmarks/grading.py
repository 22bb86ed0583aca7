"""What a graded notebook costs: rnncourse beside the real nbgrader, the same work, in one run.

    python benchmarks/grading.py [N]      N notebooks (3), ten times as many for us

nbgrader is installed into a temporary environment of its own, which takes a minute or two. Both
grade a right solution of lesson 3's `rnn_step`, on three cases. What is compared is processor time,
because other programs do not use it up; ours is that after the warm start, printed beside it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from rnncourse.grading import work

IMPORT = "import numpy as np"
STEP = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U + b)"
TESTS = """for n in (1, 2, 5):
    rng = np.random.default_rng(n)
    x_t, h_prev, W, U, b = (rng.normal(size=s) for s in ((n, 3), (n, 4), (3, 4), (4, 4), (4,)))
    np.testing.assert_allclose(rnn_step(x_t, h_prev, W, U, b), np.tanh(x_t @ W + h_prev @ U + b))
"""
CONFIG = "c = get_config()\nc.CourseDirectory.root = '.'\nc.NbGraderAPI.timezone = 'UTC'\n"


def notebook(*cells, graded=False):
    """The JSON text of a notebook of code cells; nbgrader's metadata on the last two."""
    found = []
    for i, source in enumerate(cells):
        meta = {}
        if graded and i:
            test = i == len(cells) - 1
            fields = {"schema_version": 3, "grade_id": f"c{i}", "task": False, "locked": test}
            meta = {"nbgrader": fields | {"grade": test, "solution": not test}}
            meta["nbgrader"] |= {"points": 2} if test else {}
        code = {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}
        found.append(code | {"metadata": meta, "id": f"cell{i}"})
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    tree = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": found}
    return json.dumps(tree)


def nbgrader(n):
    """(wall, processor) seconds a notebook of `nbgrader autograde`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        venv.create(root / "env", with_pip=True)
        binaries = root / "env" / "bin"
        install = [binaries / "pip", "install", "-qqq", "nbgrader", "numpy", "ipykernel"]
        subprocess.run(install, check=True)
        (root / "nbgrader_config.py").write_text(CONFIG)
        text = notebook(IMPORT, STEP, TESTS, graded=True)
        (root / "source" / "rnn").mkdir(parents=True)
        (root / "source" / "rnn" / "03.ipynb").write_text(text)
        env = os.environ | {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": folder}

        def run(*words):
            command = [binaries / "nbgrader", *words]
            done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr[-2000:]

        run("generate_assignment", "rnn")
        for i in range(n):
            own = root / "submitted" / f"s{i}" / "rnn"
            own.mkdir(parents=True)
            (own / "03.ipynb").write_text(text)
        before, began = _children(), time.perf_counter()
        run("autograde", "rnn")
        return (time.perf_counter() - began) / n, (_children() - before) / n


def _children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ours(n):
    """(wall, processor) seconds a notebook, and those of the warm start."""
    cells = ["import numpy as np\nfrom rnncourse.tasks import ch03", STEP]
    content = notebook(*cells).encode()
    began = time.perf_counter()
    work.grade(content, "03.ipynb", 0, 60)
    warm = time.perf_counter() - began
    pid = work.nursery(True)._warm["numpy"][0].pid

    def used():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    before, began = used(), time.perf_counter()
    for seed in range(1, n + 1):
        result = work.grade(content, "03.ipynb", seed, 60)
        assert result["tasks"][1]["code"] == "pass"
    return (time.perf_counter() - began) / n, (used() - before) / n, warm


def main(n=3):
    our_wall, our_cpu, warm = ours(10 * n)
    print(f"{'':<12}{'wall':>8}{'processor':>11}  s a notebook")
    print(f"{'rnncourse':<12}{our_wall:>8.3f}{our_cpu:>11.3f}  after a warm start of {warm:.1f} s")
    wall, cpu = nbgrader(n)
    print(f"{'nbgrader':<12}{wall:>8.3f}{cpu:>11.3f}")
    print(f"ratio       {wall / our_wall:>8.0f}{cpu / our_cpu:>11.0f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
