"""The process that meets a submission: run its cells, then grade what they left behind.

    python -m rnncourse.grading.child NOTEBOOK EVENTS [SKIP,SKIP,…]

One JSON line an event goes to the file EVENTS as it happens, so that what was graded before a
crash is not lost: {"cell": …, "error": …}, {"ran": …}, {"task": …} before a task, {"verdict": …}
after it. What the notebook prints is nobody's business.
"""

import importlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from rnncourse.grading.notebook import chapters_of
from rnncourse.tasks.core import Verdict, muted, tasks_of
from rnncourse.tasks.outcome import call

CELL_SECONDS = 60


def main(notebook, events, skip=""):
    """Run and grade `notebook`, but not the tasks named in `skip`."""
    cells = nbformat.read(notebook, as_version=4).cells
    with Path(events).open("a", encoding="utf-8") as file:

        def tell(**event):
            print(json.dumps(event), file=file, flush=True)

        os.chdir(Path(notebook).resolve().parent)  # so that relative paths mean what they say
        shell = InteractiveShell.instance(colors="nocolor")
        shell.enable_gui = lambda gui=None: None
        with muted():
            run(shell, cells, tell)
        tell(ran=True)
        for chapter in chapters_of(cells):
            grade(shell.user_ns, chapter, skip.split(","), tell)


def run(shell, cells, tell):
    """Run all code cells; a cell that stops with an error stops none of the others."""
    shell.showtraceback = shell.showsyntaxerror = lambda *args, **options: None
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        tell(cell=number)
        outcome = call(lambda c=cell: _run_cell(shell, c), (), [], lambda value: {}, CELL_SECONDS)
        if outcome.kind != "returned":
            tell(cell=number, kind=outcome.kind, error=outcome.facts.get("what", ""))


def _run_cell(shell, cell):
    """Run one cell; its exception, or True."""
    result = shell.run_cell(cell.source, store_history=False)
    if isinstance(result.error_before_exec or result.error_in_exec, NotImplementedError):
        return True  # a stub called by the learner's own cell is not an error worth a line
    result.raise_error()
    return True


def grade(namespace, chapter, skip, tell):
    """Grade what the notebook left under each task's name."""
    for task in tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}")):
        if task.name in skip:
            continue
        tell(task=task.name)
        if task.name in namespace:
            verdict = task.grade(namespace[task.name])
        else:
            verdict = Verdict("fail", chapter, task.name, "not-found", out_of=task.points)
        tell(verdict=asdict(verdict))


if __name__ == "__main__":
    main(*sys.argv[1:])
