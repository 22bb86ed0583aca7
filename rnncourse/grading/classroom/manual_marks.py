"""What may be given by hand: `rnncourse class set ada ch03.bptt 3 --comment "…"`."""

import getpass
import math

from rnncourse.grading import lessons
from rnncourse.grading.classroom.near import near
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.judge import tasks_in

__all__ = ["author", "place", "points"]


def place(text, policy):
    """(lesson, task or "", its maximum of points) of "ch03" or "ch03.bptt", or Stop."""
    lesson, _, task = text.partition(".")
    if lesson not in lessons.known():
        raise Stop("no-such-lesson", name=lesson, near=near(lesson, lessons.known()))
    own = {t.name: t.points for t in tasks_in([lesson]).values()}
    own = {name: policy.points.get(f"{lesson}.{name}", points) for name, points in own.items()}
    for name, points in policy.by_hand.items():
        if name.startswith(f"{lesson}."):
            own[name.partition(".")[2]] = points
    if task and task not in own:
        raise Stop("no-such-task", name=text, near=near(text, [f"{lesson}.{n}" for n in own]))
    return lesson, task, own[task] if task else sum(own.values())


def points(text, most):
    """A number of points from 0 to `most`, None where none was given, or Stop."""
    if text is None:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= most:
        raise Stop("points-by-hand", given=text, most=f"{most:g}")
    return found


def author(name):
    """Who gives it: `name`, else the account's name."""
    try:
        return name or getpass.getuser()
    except (KeyError, OSError):  # an account without a name, in a container
        return "?"
