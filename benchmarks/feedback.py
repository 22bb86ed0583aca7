"""How long a learner waits: for `import rnncourse`, and for the verdict of a check.

    python benchmarks/feedback.py

Peers in the same run: `import numpy`, and one bare call of the reference on the same cases. An
answer that is wrong in an unknown way is the slowest: it is compared with every known mistake.
"""

import importlib
import pkgutil
import statistics
import subprocess
import sys
import time

import numpy as np

import rnncourse.tasks
from rnncourse.checking.task import FunctionTask, tasks_of


def median_of(action, runs=7):
    """The median of `runs` calls, in milliseconds."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)


def import_time(module):
    """Milliseconds that importing `module` adds to a fresh Python."""

    def start(code):
        return median_of(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    return start(f"import {module}") - start("")


def off_by_one(task):
    """An answer that no list of mistakes holds."""

    def answer(*arguments):
        result = task.reference(*arguments)
        return tuple(r + 1 for r in result) if isinstance(result, tuple) else result + 1

    return answer


def main():
    ours, peer = import_time("rnncourse"), import_time("numpy")
    print(f"import rnncourse {ours:.0f} ms, import numpy {peer:.0f} ms, ratio {ours / peer:.2f}\n")
    print(f"{'task':<28}{'right':>9}{'wrong':>9}{'reference':>11}  ms")
    for module in pkgutil.iter_modules(rnncourse.tasks.__path__):
        if not module.name.startswith("ch"):
            continue
        for task in tasks_of(importlib.import_module(f"rnncourse.tasks.{module.name}")):
            if isinstance(task, FunctionTask) and task.axes:  # the others train or start Keras
                row(task)


def row(task):
    """One line of the table."""
    cases = task.cases(np.random.default_rng(task.seed))
    right = median_of(lambda: task.grade(task.reference))
    wrong = median_of(lambda: task.grade(off_by_one(task)))
    bare = median_of(lambda: [task.reference(*case) for case in cases])
    print(f"{task.chapter + '.' + task.name:<28}{right:>9.1f}{wrong:>9.1f}{bare:>11.2f}")


if __name__ == "__main__":
    main()
