"""What a submission finds under `rnncourse.tasks`: stand-ins that know nothing but names.

A notebook imports its lesson, `from rnncourse.tasks import ch05`, and reads `ch05.BAR` or
`ch05.weather_windows()`. So each lesson that is graded is a module here with its tasks' names, and
with what `ch05_data` holds, which has no key. The module with the key, ch05, is never imported.
"""

import importlib
import sys
from types import ModuleType

from rnncourse import tasks

__all__ = ["StandIn", "install"]


class StandIn:
    """A task's name in a graded notebook: what shows a verdict elsewhere does nothing here."""

    def __init__(self, chapter, name):
        self.chapter, self.name = chapter, name

    def check(self, *attempt):
        """Nothing: the judge asks later."""

    def hint(self, *number):
        """Nothing."""

    def solution(self):
        """Nothing."""

    def __repr__(self):
        return f"<task {self.chapter}.{self.name}, which the judge grades>"


def install(lessons):
    """Put a stand-in where each lesson is imported from; lessons: {chapter: [its tasks]}."""
    for chapter, names in lessons.items():
        home = f"{tasks.__name__}.{chapter}"
        module = ModuleType(home, f"What a graded notebook may know of lesson {chapter}.")
        vars(module).update(_data_of(home))
        vars(module).update({name: StandIn(chapter, name) for name in names})
        sys.modules[home] = module
        setattr(tasks, chapter, module)


def _data_of(home):
    """{name: value} of the public names that a lesson's module of data makes, if there is one."""
    try:
        module = importlib.import_module(f"{home}_data")
    except ModuleNotFoundError as error:
        if error.name != f"{home}_data":
            raise
        return {}
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
