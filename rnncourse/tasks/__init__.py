"""Exercises: a module for each lesson, and an instructor's own modules (docs/instructors.md).

`rnncourse.tasks.week5` is found in a folder that `add` or the variable RNNCOURSE_TASKS names, as if
it stood here. RNNCOURSE_TASKS is how `rnncourse class grade --tasks` tells the processes it starts.
"""

import os

__all__ = ["add"]


def add(folder):
    """Look for modules of tasks in `folder`, too; raises NotADirectoryError if it is none.

    Where `class grade --tasks` has named the folders, nothing is added: the modules are there.
    """
    if os.environ.get("RNNCOURSE_TASKS"):
        return
    if not os.path.isdir(folder):
        raise NotADirectoryError(
            f"{folder!r} is no folder below {os.getcwd()}; name the one that holds your tasks."
        )
    _extend(folder)


def _extend(folder):
    path = os.path.abspath(folder)
    if path not in __path__:
        __path__.append(path)


for _folder in filter(None, os.environ.get("RNNCOURSE_TASKS", "").split(os.pathsep)):
    _extend(_folder)
