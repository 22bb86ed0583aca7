"""The judge's side: put a notebook's tasks to a process that runs it, and compare the answers.

References, hidden cases and targets never leave this process, and no code of a submission runs in
it. session.py talks with the other side.
"""

import functools
import importlib
import inspect
import time
from collections import Counter

from rnncourse.checking.task import tasks_of
from rnncourse.grading import lessons, untrusted
from rnncourse.grading.notebook import KERAS
from rnncourse.grading.session import End, Examined, Session, lost

__all__ = ["NotYet", "examine", "kind_of", "tasks_in"]

EXCUSES = 5  # how often what a submission is not to blame for is tried again


class NotYet(Exception):
    """Nothing could be found out about a submission, through no fault of its own: try it later."""


def tasks_in(chapters):
    """{(chapter, name): Task} of these chapters' modules, in order."""
    modules = [importlib.import_module(f"rnncourse.tasks.{chapter}") for chapter in chapters]
    return {(task.chapter, task.name): task for module in modules for task in tasks_of(module)}


def kind_of(cells, chapters=(), keras=None):
    """Which warm process a notebook of these chapters needs.

    `keras`: whether its cells import it, where the border has said so already. A lesson's data may
    need it too: there it is a function that makes a model.
    """
    if keras is None:
        keras = bool(lessons.imported([source for _, source in cells])[1] & KERAS)
    return "tensorflow" if keras or any(map(_data_need_keras, chapters)) else "numpy"


@functools.cache
def _data_need_keras(chapter):
    if f"{chapter}_data" not in lessons.data_modules():
        return False
    module = importlib.import_module(f"rnncourse.tasks.{chapter}_data")
    return bool(lessons.imported([inspect.getsource(module)])[1] & KERAS)


def examine(cells, tasks, start, seconds, seed=None, folder=None, warm=lambda: True):
    """Run `cells`, [number, source], and put `tasks`, as `tasks_in` gives them; an Examined.

    `start()` gives a new Child; another is started for what is left when one dies. Together they
    may spend `seconds`; `seed` makes the hidden cases; relative paths are relative to `folder`.

    A process that ends is the submission's doing only if the next one ends in the same place while
    `warm()`, which says whether the process that forks them lives, is true. What was spent until
    then is given back, once over. Raises NotYet if no process can be had.
    """
    result, ends, excused, back = Examined(), Counter(), Counter(), 0.0
    while len(result.verdicts) < len(tasks):
        left, before = seconds + min(back, seconds) - result.spent, result.spent
        patient = {key for key in tasks if excused[key] < EXCUSES}
        session = Session(result, tasks, seed, left, folder, patient)
        end = session.hold(start, cells) if left > 0 else End.OUT_OF_TIME
        place = session.asked if session.asked not in result.verdicts else None
        if end == End.DIED and (not session.began or not warm()):
            end = End.NO_PROCESS
        if end == End.NO_PROCESS:
            excused[end] += 1
            if excused[end] > EXCUSES:
                raise NotYet(untrusted.text(session.what))
            time.sleep(0.1 * excused[end])
        elif end == End.STOPPED:
            excused[place] += 1
        elif end == End.DIED:
            ends[place] += 1
        if end in (End.NO_PROCESS, End.STOPPED) or (end == End.DIED and ends[place] == 1):
            back += result.spent - before
            continue
        if end != End.DONE:
            _give_up(result, tasks, end, place, session.cell)
    result.verdicts = {key: result.verdicts[key] for key in tasks}
    return result


def _give_up(result, tasks, end, place, cell):
    """Note that the task at `place` is lost; or all that are left, where it was outside a task."""
    if place:
        result.verdicts[place] = lost(tasks[place], str(end))
        return
    code, facts = (f"{end}-before", {"cell": cell}) if cell else (str(end), {})
    for key, task in tasks.items():
        result.verdicts.setdefault(key, lost(task, code, **facts))
