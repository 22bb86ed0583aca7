"""Grade one submission: the function that local processes and Dask workers run.

It has a module of its own, because a function defined in `__main__` would be pickled by value, and
each call would start a warm process anew.
"""

import atexit
from dataclasses import asdict

from rnncourse.grading import notebook, untrusted
from rnncourse.grading.isolation.sandbox import LAYERS
from rnncourse.grading.judge import NotYet, examine, kind_of, tasks_in
from rnncourse.grading.runner import reader_client
from rnncourse.grading.runner.protocol import Closed, Garbled
from rnncourse.grading.runner.reader_client import NotRead
from rnncourse.grading.runner.workers import Nursery

__all__ = ["RETRIED", "failed", "grade", "layers_here", "problem"]

# Problems of the grader, not of the submission: the next `grade` tries such a file again.
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
    """The result of a notebook's bytes as plain data for the gradebook. Raises nothing."""
    try:
        return untrusted.storable(_grade(content, path, seed, seconds, sandbox))
    except notebook.Unreadable as unreadable:
        return problem(unreadable.code, **unreadable.facts)
    except (NotRead, NotYet) as error:
        return problem("not-yet", path=path, what=str(error))
    except Exception as error:  # the grader's own mistake, on this submission alone
        return failed(error, path)


def _grade(content, path, seed, seconds, sandbox):
    found = reader_client.look(content, path).checked()
    tasks = tasks_in(found.chapters)
    kind = kind_of(found.cells, found.chapters, found.keras)

    def start():
        return nursery(sandbox).open(kind, seconds)

    def warm():
        return nursery(sandbox).alive(kind)

    got = examine(found.cells, tasks, start, seconds, seed, warm=warm)
    return {
        "tasks": [
            asdict(verdict) | {"shares": got.shares.get(key, [])}
            for key, verdict in got.verdicts.items()
        ],
        "errors": got.errors,
        "layers": got.layers,
        "seconds": round(got.spent, 3),
    }


def problem(code, **facts):
    """The result of what could not be graded; problems.of_file(code, **facts) says why."""
    return {"tasks": [], "errors": [], "problem": {"code": code, "facts": untrusted.facts(facts)}}


def failed(error, path):
    """The result where the grader itself failed."""
    return problem("grader-failed", path=path, what=f"{type(error).__name__}: {error}")


def layers_here(sandbox=True):
    """{layer: "" if it is on, else why it is off} for a submission on this machine."""
    try:
        child = nursery(sandbox).open("numpy", 60)
        try:
            with child.within(60):
                return child.channel.receive()["layers"]
        finally:
            child.end()
    except (OSError, ValueError, Closed, Garbled) as error:  # no process could be started
        return dict.fromkeys(LAYERS, untrusted.text(f"{type(error).__name__}: {error}"))
