"""`rnncourse class`: grade a folder of submissions; show, report and export what they earned."""

import os
import sys

from rnncourse import tasks
from rnncourse.commands.classroom import grade, output, set_marks
from rnncourse.commands.classroom.arguments import add_arguments
from rnncourse.commands.classroom.speak import warn
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.terminal import clean

__all__ = ["add_arguments", "run"]

ACTIONS = {
    "grade": grade.grade,
    "show": output.show_student,
    "report": output.write_report,
    "export": output.export_marks,
    "regrade": grade.regrade,
    "set": set_marks.set_marks,
    "trial": grade.trial,
}


def run(args):
    """Exit status: 0 done, 1 done and something needs a person, 2 wrong call or stopped."""
    os.environ["PYTHONSAFEPATH"] = "1"  # for workers: they start in our directory (see safe_path)
    try:
        _find_tasks(args.tasks)
        return ACTIONS[args.action](args)
    except Stop as stop:
        print(clean(str(stop)), file=sys.stderr)
    except (BrokenPipeError, KeyboardInterrupt):
        raise  # main.py handles them
    except OSError as error:  # a full disk, a folder without write permission
        what = error.strerror or str(error)
        warn("cannot-write", path=error.filename or args.out, what=what)
    return 2


def _find_tasks(place):
    """Import an instructor's own exercises, here and in every process that this one starts."""
    if place is None:
        return
    try:
        tasks.add(place)
    except NotADirectoryError:
        raise Stop("no-tasks-folder", path=place) from None
    os.environ["RNNCOURSE_TASKS"] = os.path.abspath(place)
