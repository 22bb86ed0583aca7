"""The right answers that are mutated: each task's reference and the others in tests/tasks."""

import ast
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from rnncourse.checking.task import FunctionTask, Task, tasks_of
from tests.tasks.other_answers import OTHER_ANSWERS
from tools.mutation.mutants import as_function, mutants

__all__ = ["LEFT_OUT", "SOURCE", "Answer", "answers", "compiled", "is_compiled", "name_of", "tasks"]

SOURCE = "<mutant>"  # the file name of what is compiled here

LEFT_OUT = {
    "ch05.build_model": "a Keras model per mutant: seconds each",
    "ch07_1.train_loop": "trains a Keras model per mutant: seconds each",
}


def tasks(chapter):
    """The function tasks of a chapter that are mutated."""
    every = tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}"))
    return [t for t in every if isinstance(t, FunctionTask) and name_of(t) not in LEFT_OUT]


def name_of(task):
    return f"{task.chapter}.{task.name}"


@dataclass(frozen=True)
class Answer:
    """A right answer to a task: `label` is "reference" or "other", `source` defines one function.

    globals: the names that the source needs from its module, and no other: a constant N of the
    module would stand in for a local variable that a mutant no longer sets.
    """

    task: Task
    label: str
    source: str
    globals: Mapping = field(repr=False)

    @property
    def name(self):
        return f"{name_of(self.task)}/{self.label}"

    @property
    def function(self):
        return compiled(self.source, self.globals)

    def mutants(self):
        return mutants(self.source, constants(self.task))


def answers(task, which=("reference", "other")):
    """The Answers to a task that have a source."""
    found = {
        "reference": task.reference,
        "other": OTHER_ANSWERS.get(task.chapter, {}).get(task.name),
    }
    return [_answer(task, label, found[label]) for label in which if found[label] is not None]


def _answer(task, label, function):
    source = as_function(_node(function), task.name)
    own = ast.walk(ast.parse(source))
    names = [node for node in own if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    used = {node.id for node in names} - stored
    known = vars(inspect.getmodule(function))
    needed = {name: known[name] for name in sorted(used) if name in known}
    return Answer(task, label, source, needed | {"np": np, "__name__": known["__name__"]})


def _node(function):
    """The syntax tree of a function or a lambda, a copy of its own."""
    code = function.__code__
    tree = ast.parse(_text(inspect.getsourcefile(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            if node.lineno == code.co_firstlineno:
                return node
        elif isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = node.decorator_list[0] if node.decorator_list else node
            if first.lineno == code.co_firstlineno:
                return node
    raise LookupError(f"no source of {function!r} in line {code.co_firstlineno}")


@cache
def _text(path):
    return Path(path).read_text("utf-8")


def compiled(source, names):
    """The function that `source` defines, among the globals `names`."""
    found = {}
    exec(compile(source, SOURCE, "exec"), dict(names), found)
    (made,) = found.values()
    return made


def is_compiled(function):
    """Whether a function was made by `compiled`."""
    return getattr(getattr(function, "__code__", None), "co_filename", "") == SOURCE


@cache
def constants(task):
    """{expression: number}: what has one value in all cases of several seeds.

    Looked at are a parameter that is a number, the length and each axis of one that is an array.
    """
    seen = {}
    for seed in (None, 1, 2):
        for probe in task.probes(seed):
            for name, value in zip(task.arguments, probe, strict=False):
                for text, number in _numbers(name, value):
                    seen.setdefault(text, set()).add(number)
    return {text: values.pop() for text, values in seen.items() if len(values) == 1}


def _numbers(name, value):
    if isinstance(value, int | float | np.integer | np.floating):
        yield name, value.item() if hasattr(value, "item") else value
    elif isinstance(value, np.ndarray) and value.ndim:
        yield f"len({name})", len(value)
        yield from ((f"{name}.shape[{k}]", n) for k, n in enumerate(value.shape))
