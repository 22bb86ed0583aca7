"""Lessons 1 to 4.2 and their exercises where TensorFlow and Keras are missing.

    python -m tests.places.without_tensorflow [NOTEBOOK ...]

The kernel is this Python's own, with a module on its path that refuses both. The untouched
exercises run too, and the solutions with all their checks; what differs from the stored outputs is
named, and must be what a cell says instead of a comparison with Keras.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from rnncourse.environment import KERNELS
from tests.places.played import lessons, play

FOLDERS = ("chapters", "exercises", "solutions")
LESSONS = ("01", "02", "03", "04_1", "04_2")
COMPARES = {"equal-keras-check"}  # the cells that may say something else
#: Python runs this file at its start, before any code of a learner.
REFUSES = """
import sys

class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuses())
"""


def wanted():
    """The notebooks that must not need TensorFlow."""
    return [path for path in lessons(*FOLDERS) if path.name.startswith(LESSONS)]


def visit(path, folder):
    """Run one notebook; a Played."""
    (folder / "refuses").mkdir(parents=True, exist_ok=True)
    (folder / "refuses" / "sitecustomize.py").write_text(REFUSES)
    kept = {"PYTHONPATH": str(folder / "refuses"), "RNNCOURSE_HOME": str(folder)}
    environment = os.environ | KERNELS | kept
    environment.pop("MPLBACKEND", None)
    return play(path, sys.executable, folder / path.parent.name, environment=environment)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m tests.places.without_tensorflow", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    failed = 0
    for path in parser.parse_args(arguments).notebooks or wanted():
        with tempfile.TemporaryDirectory() as name:
            played = visit(path, Path(name))
        print(played.row(), flush=True)
        if played.error:
            print(played.error)
        failed |= bool(played.error or played.differs.keys() - COMPARES)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
