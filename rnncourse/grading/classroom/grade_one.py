"""Grade one submission: the task that local processes and Dask workers run.

In a module of its own, because a function defined in `__main__` would be sent by value and start
a warm process again and again.
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
    """What a notebook's bytes earn: plain data, ready for the gradebook, whatever happens."""
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
    """The result of what could not be graded: `code` and `facts` of the sentence that says why."""
    return {"tasks": [], "errors": [], "problem": {"code": code, "facts": untrusted.facts(facts)}}


def failed(error, path):
    """The result where the grader itself failed."""
    return problem("grader-failed", path=path, what=f"{type(error).__name__}: {error}")


def layers_here(sandbox=True):
    """{layer: "" or the reason why it is off} of a submission on this machine."""
    try:
        child = nursery(sandbox).open("numpy", 60)
        try:
            with child.within(60):
                return child.channel.receive()["layers"]
        finally:
            child.end()
    except (OSError, ValueError, Closed, Garbled) as error:  # no process can be had
        return dict.fromkeys(LAYERS, untrusted.text(f"{type(error).__name__}: {error}"))
