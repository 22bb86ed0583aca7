"""The judge believes no outcome it does not know: each code that asking can end in is listed."""

import ast
import importlib
import io
from pathlib import Path

import pytest

from rnncourse import tasks
from rnncourse.checking.task import tasks_of
from rnncourse.grading import judge
from rnncourse.grading.runner import protocol

FILES = sorted(Path(tasks.__file__).parent.glob("*.py"))


def ended_in(path):
    """The codes that a file gives to Refused and Outcome."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if type(node) is ast.Call
    ]
    named = [c for c in calls if getattr(c.func, "id", "") in ("Refused", "Outcome") and c.args]
    return {leaf.value for c in named for leaf in ast.walk(c.args[0]) if is_code(leaf)}


def is_code(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_refusal_is_known_to_the_judge(path):
    """A new one belongs into its observe's `codes`, or the class's grader calls it unusable."""
    module = importlib.import_module(f"rnncourse.tasks.{path.stem}")
    observers = [getattr(task, "observe", None) for task in tasks_of(module)]
    known = judge.KINDS.union(*(getattr(observe, "codes", ()) for observe in observers))
    assert ended_in(path) - known == set()


def test_an_unlisted_refusal_would_be_found():
    assert "not-compiled" in ended_in(Path(tasks.__file__).with_name("ch05.py"))
    assert "not-compiled" not in judge.KINDS


MODULES = [importlib.import_module(f"rnncourse.tasks.{path.stem}") for path in FILES]


def through_the_wire(probe):
    """A probe as the other side gets it, and the functions in it that stay here."""
    functions = []
    frame = protocol.encode([*probe], lambda f: functions.append(f) or len(functions) - 1)

    def stand_in(number):
        def called(*arguments):
            protocol.encode([*arguments])
            answer = functions[number](*arguments)
            protocol.encode(answer)
            return answer

        return functions[number] if hasattr(functions[number], "given") else called

    return protocol.Channel(io.BytesIO(frame), None, 1 << 32).receive(stand_in), functions


@pytest.mark.parametrize("task", [t for module in MODULES for t in tasks_of(module)], ids=repr)
def test_what_is_asked_and_what_our_solution_calls_can_be_sent(task):
    """Functions stay with the judge; one that returns more than arrays needs `given`."""
    for probe in task.probes(3):
        asked, functions = through_the_wire(probe)
        if functions:
            assert task.answer(task.reference, asked).kind == "returned"
