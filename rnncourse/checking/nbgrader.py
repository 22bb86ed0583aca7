"""`check` where nbgrader runs the notebook: a wrong answer fails its cell, a right one never does.

nbgrader gives a test cell all its points unless the cell raises or writes to stderr. It names
itself to the notebooks that it validates and grades by the variable NBGRADER_EXECUTION.
"""

import contextlib
import os

__all__ = ["Unsolved", "check", "running"]


class Unsolved(AssertionError):
    """An answer that is missing or wrong; IPython shows its sentence instead of a traceback."""

    def _render_traceback_(self):
        return [str(self)]


def running():
    """Whether nbgrader runs this notebook."""
    return "NBGRADER_EXECUTION" in os.environ


def check(task, attempt):
    """Print the verdict on a right answer, or raise Unsolved with it. Keeps no progress."""
    with _own_output_only():
        verdict = task.grade(attempt)
    if verdict.status != "pass":
        raise Unsolved(verdict.text())
    print(verdict.text())


@contextlib.contextmanager
def _own_output_only():
    """Keep what the block writes out of the cell: a library's warning would cost the points."""
    from IPython.display import clear_output

    nowhere, before = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(nowhere, 2)  # what a library writes without Python, the kernel would pick up later
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)
        clear_output()
