"""Take our solutions out of a process, before it meets a submission.

A submission imports its lesson's tasks, and with them their references: `ch03.rnn_step.reference`
is a right answer that nobody wrote. Of each task stays what asks for an answer; of its module,
what that uses, and its public names: notebooks use its data (`ch05.weather_windows()`) and a few
helpers. Held-out targets never come into this process: a fork of it makes the data, because some
need a reference, and hands over what a learner's function is asked with. The judge keeps all.
"""

import contextlib
import ctypes
import gc
import importlib
import linecache
import os
import pickle
import pkgutil
import sys
from types import CodeType, FunctionType, ModuleType, SimpleNamespace

from rnncourse import language, tasks
from rnncourse.checking.task import Task, tasks_of

__all__ = ["import_tasks", "solutions"]

# What a task needs to ask, to say nothing when it is checked, and to show itself.
KEPT = {"name", "chapter", "points", "seconds", "arguments", "observe", "axes", "choice", "__doc__"}
M_PERTURB = -6  # malloc.h: overwrite what is freed
FREED = 4 << 20  # bytes of one size that may lie freed among those in use


def import_tasks():
    """Import all chapters' tasks; {name: module}."""
    found = {}
    for module in pkgutil.iter_modules(tasks.__path__):
        with contextlib.suppress(Exception):  # one that is being written must not stop the rest
            found[module.name] = importlib.import_module(f"rnncourse.tasks.{module.name}")
    return found


def solutions():
    """Import all chapters' tasks, then forget references, mistakes, hidden cases and targets."""
    modules = import_tasks()
    known = _in_a_fork(modules)
    for name, module in modules.items():
        own = tasks_of(module)
        _prune(module, [getattr(task, "observe", None) for task in own], known[name])
        for task in own:
            for key in vars(task).keys() - KEPT:
                delattr(task, key)
        if not own:  # it only helped to write them
            del sys.modules[module.__name__]
            delattr(tasks, name)
    linecache.clearcache()
    gc.collect()
    _overwrite()


class Known(SimpleNamespace):
    """Data of a task without what the judge holds back."""

    def __getattr__(self, name):
        held = {"y_test", "error", *vars(self).get("_held", ())}
        code = "held-back" if name in held else "no-such-name"
        raise AttributeError(language.say("grading.isolation.strip_solutions", code, name=name))


def _in_a_fork(modules):
    """{module: {function: what of its data a submission may know}}, computed elsewhere."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as file:
                pickle.dump({name: _data(module) for name, module in modules.items()}, file)
        finally:
            os._exit(0)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as file:
            return pickle.load(file)
    except (EOFError, pickle.UnpicklingError):
        raise ValueError("the tasks' data could not be made") from None
    finally:
        os.waitpid(pid, 0)


def _data(module):
    """{function: Known} of a module's cached functions; one that fails stops no other."""
    found = {}
    for name, value in vars(module).items():
        if _is_data(module, name, value):
            with contextlib.suppress(Exception):
                found[name] = _known(value())
    return found


def _is_data(module, name, value):
    own = getattr(value, "__module__", "") == module.__name__
    return own and hasattr(value, "cache_info") and not name.startswith("_")


def _known(value):
    """`value` without targets, without functions that hold them, and without other test data."""
    if not isinstance(value, SimpleNamespace):
        return value
    held = {
        name
        for name, item in vars(value).items()
        if callable(item) or (name.endswith("_test") and name != "X_test")
    }
    kept = {name: item for name, item in vars(value).items() if name not in held}
    return Known(**kept, _held=sorted(held))


def _overwrite():
    """Overwrite what Python has freed, in blocks of all sizes that it hands out itself.

    The code of a solution would still lie there. Larger blocks are the C library's, which was told
    to do the same (process.OVERWRITE) and may stop now.
    """
    held = []
    for size in range(48, 513, 16):  # as pymalloc rounds them; bytes take 33 more than they hold
        held += [b"%d" % n + bytes(size - 33 - len(b"%d" % n)) for n in range(FREED // size)]
    del held
    with contextlib.suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(M_PERTURB, 0)


def _prune(module, functions, data):
    """Leave a module its tasks, what these functions use, and {name: data}."""
    space = vars(module)
    kept = {name for name, value in space.items() if isinstance(value, Task)}
    for name, value in list(space.items()):
        if name.startswith("_") or isinstance(value, ModuleType | Task):
            continue
        if isinstance(value, int | float | str):
            kept.add(name)
        elif getattr(value, "__module__", "") != module.__name__:
            continue
        elif _is_data(module, name, value):
            if name in data:
                space[name] = _returning(data[name])
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
