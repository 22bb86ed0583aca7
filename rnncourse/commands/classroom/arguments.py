"""The arguments of `rnncourse class`."""

import argparse

from rnncourse import language
from rnncourse.commands.classroom.speak import say

__all__ = ["add_arguments"]

FORMATS = ("plain", "canvas", "moodle", "json")


def add_arguments(parser):
    """One subparser per action; all share the options that name gradebook, rules and tasks."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    shared = _shared()
    for name, add_own in OWN.items():
        about = say(f"actions.{name}")
        add_own(actions.add_parser(name, help=about, description=about, parents=[shared]))


def _shared():
    parser = argparse.ArgumentParser(add_help=False)
    languages = {"choices": language.LANGUAGES, "default": argparse.SUPPRESS}
    parser.add_argument("--lang", **languages, help=language.say("commands.main", "lang"))
    parser.add_argument("--out", default="grades", metavar="GRADES", help=say("help-out"))
    parser.add_argument("--database", metavar="ADDRESS", help=say("help-database"))
    parser.add_argument("--policy", metavar="TOML", help=say("help-policy"))
    parser.add_argument("--tasks", metavar="FOLDER", help=say("help-tasks"))
    return parser


def _grade(action):
    action.add_argument("submissions", help=say("help-submissions"))
    action.add_argument("--timeout", type=float, default=300, help=say("help-timeout"))
    action.add_argument("--workers", type=int, default=1, help=say("help-workers"))
    action.add_argument("--scheduler", metavar="ADDRESS", help=say("help-scheduler"))
    action.add_argument("--trust-submissions", action="store_true", help=say("help-trust"))


def _regrade(action):
    _grade(action)
    action.add_argument("--student", help=say("help-student"))


def _show(action):
    action.add_argument("student", help=say("help-student"))


def _report(action):
    action.add_argument("--submissions", metavar="FOLDER", help=say("help-alike"))
    action.add_argument("--zip", metavar="FILE", help=say("help-zip"))


def _export(action):
    formats = {"choices": FORMATS, "default": "plain"}
    action.add_argument("--format", **formats, help=say("help-format"))


def _set(action):
    action.add_argument("student", help=say("help-student"))
    action.add_argument("what", metavar="LESSON[.TASK]", help=say("help-what"))
    action.add_argument("points", nargs="?", help=say("help-points"))
    action.add_argument("--comment", default="", help=say("help-comment"))
    action.add_argument("--by", metavar="NAME", help=say("help-by"))
    action.add_argument("--clear", action="store_true", help=say("help-clear"))


def _trial(action):
    options = {"nargs": "?", "default": "trial-class"}
    action.add_argument("folder", **options, help=say("help-trial"))


OWN = {
    "grade": _grade,
    "show": _show,
    "report": _report,
    "export": _export,
    "regrade": _regrade,
    "set": _set,
    "trial": _trial,
}
