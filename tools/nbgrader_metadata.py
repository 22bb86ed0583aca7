"""nbgrader's metadata of a solutions notebook, derived from its tasks: `make sync` writes it.

A cell with an answer is a solution cell. The cell that calls `chNN.task.check` is that task's
test cell, worth the task's points; where nbgrader runs it, `check` raises. The other cells stay the
learner's: imports may be changed and cells added.
"""

import ast
import importlib
import re

import nbformat

from rnncourse.checking.task import tasks_of
from tools.fault import Fault

__all__ = ["mark", "tasks_in"]

ANSWER = re.compile(r"^\s*### BEGIN SOLUTION\s*$", re.MULTILINE)
IMPORT = re.compile(r"^from rnncourse\.tasks import (ch\w+(?:, *ch\w+)*)$", re.MULTILINE)


def tasks_in(notebook):
    """{(chapter, name): Task} of the chapters that a notebook's code cells import."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    chapters = {n for c in cells for m in IMPORT.findall(c.source) for n in m.split(", ")}
    return {(chapter, task.name): task for chapter in chapters for task in _tasks(chapter)}


def mark(notebook, tasks):
    """Give the cells the metadata that their `tasks` ask for; whether anything changed.

    A notebook without tasks stays as it is. The ids begin with the chapter, so that cells can be
    copied into a notebook of another course.
    """
    if not tasks:
        return False
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    chapters = {chapter for chapter, _ in tasks}
    changed, seen = False, set()
    for cell in cells:
        checked = _checked(cell.source, chapters)
        wanted = _wanted(cell, checked, tasks, seen, min(chapters))
        if cell.metadata.get("nbgrader") != wanted:
            changed = True
            cell.metadata.pop("nbgrader", None)
            if wanted:
                cell.metadata["nbgrader"] = nbformat.from_dict(wanted)
    if unchecked := sorted(name for chapter, name in tasks.keys() - seen):
        raise Fault("unchecked", tasks=", ".join(unchecked))
    return changed


def _wanted(cell, checked, tasks, seen, chapter):
    """The metadata of one cell, or None; `seen` collects the tasks that have a test cell."""
    answer = bool(ANSWER.search(cell.source))
    if not checked and not answer:
        return None
    if (answer and checked) or len(checked) > 1:
        raise Fault("one-check", id=cell.id)
    about = {"schema_version": 3, "grade_id": f"{chapter}-{cell.id}", "task": False}
    if answer:
        return about | {"grade": False, "solution": True, "locked": False}
    (key,) = checked
    if key not in tasks:
        raise Fault("no-task", id=cell.id, task=".".join(key))
    if key in seen:
        raise Fault("checked-twice", id=cell.id, task=".".join(key))
    seen.add(key)
    return about | {"grade": True, "solution": False, "locked": True, "points": tasks[key].points}


def _tasks(chapter):
    try:
        return tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}"))
    except ModuleNotFoundError:
        raise Fault("no-chapter", chapter=chapter) from None


def _checked(source, chapters):
    """(chapter, task) of each `chapter.task.check(…)` that a cell calls."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with %magic
        return []
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [ast.unparse(f).split(".") for f in calls if isinstance(f, ast.Attribute)]
    return [tuple(f[:2]) for f in found if len(f) == 3 and f[2] == "check" and f[0] in chapters]
