"""Take our solutions out of a process, before it meets a submission.

A submission imports its lesson's tasks, and with them their references: `ch03.rnn_step.reference`
is a right answer that nobody wrote. Of each task stays what asks for an answer; of its module,
what that uses, and its public names: notebooks use its data (`ch05.weather_windows()`, loaded here
once, because some need a reference) and a few helpers. The judge, in another process, keeps all.
"""

import contextlib
import gc
import importlib
import linecache
import pkgutil
import sys
from types import CodeType, FunctionType, ModuleType

from rnncourse import tasks
from rnncourse.tasks import core

__all__ = ["import_tasks", "solutions"]

# What a task needs to ask, to say nothing when it is checked, and to show itself.
KEPT = {"name", "chapter", "points", "seconds", "arguments", "observe", "axes", "choice", "__doc__"}
ASKING = {"core", "judge", "nbgrader", "outcome", "patterns"}  # modules without a solution


def import_tasks():
    """Import all chapters' tasks; {name: module}."""
    found = {}
    for module in pkgutil.iter_modules(tasks.__path__):
        with contextlib.suppress(Exception):  # one that is being written must not stop the rest
            found[module.name] = importlib.import_module(f"rnncourse.tasks.{module.name}")
    return found


def solutions():
    """Import all chapters' tasks, then forget references, mistakes, hidden cases and targets."""
    for name, module in import_tasks().items():
        if name in ASKING:
            continue
        own = core.tasks_of(module)
        _prune(module, [getattr(task, "observe", None) for task in own])
        for task in own:
            for key in vars(task).keys() - KEPT:
                delattr(task, key)
        if not own:  # it only helped to write them
            del sys.modules[module.__name__]
            delattr(tasks, name)
    linecache.clearcache()
    gc.collect()


def _prune(module, functions):
    """Leave a module its tasks, and what these functions use."""
    space = vars(module)
    kept = {name for name, value in space.items() if isinstance(value, core.Task)}
    for name, value in list(space.items()):
        if name.startswith("_") or isinstance(value, ModuleType | core.Task):
            continue
        if isinstance(value, int | float | str):
            kept.add(name)
        elif getattr(value, "__module__", "") != module.__name__:
            continue
        elif hasattr(value, "cache_info"):
            space[name] = _returning(value())
            kept.add(name)
        elif isinstance(value, FunctionType):
            functions.append(value)
            kept.add(name)
    codes = [f.__code__ for f in functions if isinstance(f, FunctionType)]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in space.keys() & set(code.co_names) - kept:
            kept.add(name)
            if getattr(space[name], "__globals__", None) is space:
                codes.append(space[name].__code__)
    for name in space.keys() - kept:
        if not name.startswith("__"):
            del space[name]


def _returning(value):
    def data():
        return value

    return data
