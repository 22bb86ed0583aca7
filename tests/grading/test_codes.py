"""The judge believes no outcome it does not know, and whatever is asked can be sent."""

import ast
import importlib
import inspect
import io
import pkgutil

import pytest

from rnncourse import tasks
from rnncourse.checking import attempt, observers
from rnncourse.checking.attempt import Ended, Refused
from rnncourse.checking.question import Question
from rnncourse.checking.task import tasks_of
from rnncourse.grading import session
from rnncourse.grading.runner import protocol
from rnncourse.grading.runner.callbacks import Served
from rnncourse.tasks import ch03, ch05

CHAPTERS = [
    importlib.import_module(f"rnncourse.tasks.{module.name}")
    for module in pkgutil.iter_modules(tasks.__path__)
    if module.name.startswith("ch") and not module.name.endswith("_data")
]
TASKS = [task for chapter in CHAPTERS for task in tasks_of(chapter)]
USED = sorted({observer for task in TASKS if (observer := task.question.observer)})


@pytest.mark.parametrize("name", USED)
def test_an_observer_declares_each_code_that_it_refuses_with(name):
    tree = ast.parse(inspect.getsource(observers.named(name).look))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    raised = [call for call in calls if ast.unparse(call.func) == "Refused"]
    assert {call.args[0].value for call in raised} == observers.codes(name)


def test_a_refusal_is_known_where_its_observer_declares_it_and_nowhere_else():
    answer = {"kind": "not-compiled", "values": {}, "facts": {}}
    assert session.outcome_of(answer, ch05.build_model).kind == "not-compiled"
    with pytest.raises(protocol.Garbled):
        session.outcome_of(answer, ch03.rnn_step)
    for kind in Ended:
        assert session.outcome_of(answer | {"kind": str(kind)}, ch03.rnn_step).kind == kind


def test_a_name_that_no_observer_has_is_an_error_that_lists_them():
    with pytest.raises(ValueError, match=r"no observer 'keras'.*keras-model"):
        observers.codes("keras")


def test_arrays_refuse_with_what_every_task_knows():
    for value in ([1.0], "a", object(), 1j):
        with pytest.raises(Refused) as refused:
            attempt.arrays("unit")(value)
        assert refused.value.code in set(Ended)


def through_the_wire(value):
    """What is sent as the other side gets it, and the functions in it that stay here."""
    served = Served()

    def stand_in(name):
        if isinstance(name, str):  # a function of a lesson's data
            module, _, own = name.partition(".")
            return getattr(importlib.import_module(f"rnncourse.tasks.{module}"), own)

        def called(*arguments):
            protocol.encode([*arguments])
            answer = served.functions[name](*arguments)
            protocol.encode(answer)
            return answer

        return called

    frame = protocol.encode(value, served.export)
    return protocol.Channel(io.BytesIO(frame), None, 1 << 32).receive(stand_in), served.functions


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.chapter}.{task.name}")
def test_what_is_asked_and_what_our_solution_calls_can_be_sent(task):
    """Functions stay with the judge; one whose result cannot be sent is one of chNN_data."""
    plain, _ = through_the_wire(task.question.plain())
    assert Question(**plain).plain() == task.question.plain()
    for probe in task.probes(3):
        asked, functions = through_the_wire([*probe])
        if functions and task.kind == "function":
            assert Question(**plain).answer(task.reference, asked).kind == "returned"
