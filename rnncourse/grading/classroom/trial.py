"""`rnncourse class trial`: a class of six, one of them hostile, to be graded before one's own.

What each student did stands in the first cell of their notebook.
"""

import shutil
from pathlib import Path

from rnncourse.grading.classroom.stop import Stop

__all__ = ["copied"]

CLASS = Path(__file__).with_name("trial_class")


def copied(place):
    """Copy the class into the folder `place`: submitted/, rules.toml, students.csv."""
    place = Path(place)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Stop("trial-is-there", path=place)
    shutil.copytree(CLASS, place, dirs_exist_ok=True)
    return place
