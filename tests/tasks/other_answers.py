"""Right answers written differently from ours: a checker must accept them all.

One module a lesson, other_answers_chNN.py, with a dictionary ANSWERS from task to function.
"""

import importlib
from pathlib import Path

PREFIX = "other_answers_"

OTHER_ANSWERS = {
    path.stem.removeprefix(PREFIX): importlib.import_module(f"tests.tasks.{path.stem}").ANSWERS
    for path in sorted(Path(__file__).parent.glob(f"{PREFIX}ch*.py"))
}
