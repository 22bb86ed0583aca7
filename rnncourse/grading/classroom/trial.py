"""The class of `rnncourse class trial`: six people, one of them hostile.

The first cell of each notebook says what its author did.
"""

import shutil
from pathlib import Path

from rnncourse.grading.classroom.stop import Stop

__all__ = ["copied"]

CLASS = Path(__file__).with_name("trial_class")


def copied(place):
    """Copy submitted/, rules.toml and students.csv to `place`; Stop if it is not empty."""
    place = Path(place)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Stop("trial-is-there", path=place)
    shutil.copytree(CLASS, place, dirs_exist_ok=True)
    return place
