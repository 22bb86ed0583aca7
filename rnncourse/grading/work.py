"""Grade one submission: the task that local processes and Dask workers run.

In a module of its own, because a function defined in `__main__` would be sent by value and start
a warm process again and again.
"""

import atexit
from dataclasses import asdict

from rnncourse.grading import notebook
from rnncourse.grading.examine import examine, kind_of, tasks_in
from rnncourse.grading.process import Nursery

__all__ = ["RETRIED", "grade", "layers_here"]

# Problems that are no verdict on a submission: the next `grade` looks at such a file again.
RETRIED = frozenset(
    {"grader-failed", "not-yet", "unlisted", "unreadable", "unsafe-worker", "vanished"}
)
_nurseries = {}


def nursery(sandbox):
    """This process's Nursery; one lives as long as the process."""
    if sandbox not in _nurseries:
        _nurseries[sandbox] = Nursery(sandbox)
        atexit.register(_nurseries[sandbox].close)
    return _nurseries[sandbox]


def grade(content, path, seed, seconds, sandbox=True):
    """What a notebook's bytes earn: plain data, ready for the gradebook."""
    cells = notebook.parse(content, path)
    chapters = notebook.chapters_of(cells)
    tasks = tasks_in(chapters)
    sources = notebook.sources(cells)
    kind = kind_of(sources, chapters)

    def start():
        return nursery(sandbox).open(kind, seconds)

    found = examine(sources, tasks, start, seconds, seed)
    return {
        "tasks": [
            asdict(verdict) | {"shares": found.shares.get(name, [])}
            for name, verdict in found.verdicts.items()
        ],
        "errors": found.errors,
        "layers": found.layers,
        "seconds": round(found.spent, 3),
    }


def layers_here(sandbox=True):
    """{layer: "" or the reason why it is off} of a submission on this machine."""
    child = nursery(sandbox).open("numpy", 60)
    try:
        with child.within(60):
            return child.channel.receive()["layers"]
    finally:
        child.end()
