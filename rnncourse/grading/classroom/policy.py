"""The instructor's rules for marks, kept out of code in one small TOML file.

attempts = "best"           # or "last": which of several submissions of a lesson counts
partial = "cases"           # or "none": points for the cases that are right
late_per_day = 0.1          # the share of the points lost per day, each one begun
late_at_most = 0.5
grace_minutes = 15
language = "zh"             # of the sentences to students; else the language of this run
roster = "students.csv"     # beside this file: who is in the class (see roster.py)
[due]
ch03 = 2026-10-12T23:59:00+02:00
[extensions]
ada = { ch03 = 2026-10-19T23:59:00+02:00 }
[excused]
"李 雷" = ["ch03"]
[points]
"ch03.bptt" = 6
[by_hand]                   # what a person marks: `rnncourse class set ada ch03.essay 4`
"ch03.essay" = 5
[languages]
"李 雷" = "zh"
[zones]                     # what a zone's name in timestamp.txt means
CST = "Asia/Shanghai"

Type, range and names of every value are checked before the first notebook is graded, because a
mistyped rule would give wrong marks.
"""

import datetime
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import lessons
from rnncourse.grading.classroom import roster, times
from rnncourse.grading.classroom.near import near
from rnncourse.grading.classroom.roster import People
from rnncourse.grading.classroom.stop import WrongPolicy
from rnncourse.grading.judge import tasks_in
from rnncourse.language import LANGUAGES

__all__ = ["Policy", "WrongPolicy", "read"]


@dataclass(frozen=True)
class Policy:
    """The rules; the defaults are used where the file has no value."""

    attempts: str = "best"
    partial: str = "none"
    late_per_day: float = 0.0
    late_at_most: float = 1.0
    grace_minutes: float = 0.0
    due: dict = field(default_factory=dict)
    points: dict = field(default_factory=dict)
    language: str = ""
    roster: str = ""
    languages: dict = field(default_factory=dict)
    extensions: dict = field(default_factory=dict)
    excused: dict = field(default_factory=dict)
    by_hand: dict = field(default_factory=dict)
    zones: dict = field(default_factory=dict)
    people: People = field(default_factory=People)

    def language_of(self, student):
        """The language of a student, "en" or "zh", or None where no rule names it."""
        listed = self.people.listed.get(student, {}).get("language")
        return self.languages.get(student) or listed or self.language or None

    def due_of(self, student, lesson):
        """When the lesson is due for this student, or None."""
        return self.extensions.get(student, {}).get(lesson) or self.due.get(lesson)


def read(path):
    """The Policy in the TOML file at `path`, the default one for None. Raises WrongPolicy."""
    if path is None:
        return Policy()
    try:
        found = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except OSError as error:
        raise WrongPolicy("unreadable", path=path, what=error.strerror) from None
    except UnicodeDecodeError:
        raise WrongPolicy("not-utf-8", path=path) from None
    except ValueError as error:
        raise WrongPolicy("not-toml", path=path, what=error) from None
    check = _Check(path)
    for key, value in found.items():
        check.known(key, RULES, "rules")
        RULES[key](check, key, value)
    if "roster" in found:
        found["people"] = roster.read(Path(path).parent / found["roster"])
        for key in ("extensions", "excused"):
            for student in found.get(key, {}):
                check.known(student, found["people"].listed, "students", key)
    return Policy(**found)


class _Check:
    """The checks of one file; each raises WrongPolicy, which says where, what, and what to do."""

    def __init__(self, path):
        self.path = path

    def wrong(self, code, **facts):
        raise WrongPolicy(code, path=self.path, **facts)

    def known(self, name, names, of, key=""):
        """`name` must be one of `names`; if not, the nearest is suggested."""
        if name not in names:
            where = f"[{key}] {name}" if key else name
            self.wrong(f"unknown-{of}", name=where, near=near(name, names, 0.5, most=30))

    def choice(self, key, value, names):
        if value not in names:
            wanted = ", ".join(f'"{name}"' for name in names)
            self.wrong("choice", key=key, value=repr(value), wanted=wanted)

    def number(self, key, value, low, high):
        if type(value) not in (int, float) or not low <= value <= high:  # nan is in no range
            self.wrong("number", key=key, value=repr(value), low=low, high=high)

    def text(self, key, value):
        if type(value) is not str or not value:
            self.wrong("text", key=key, value=repr(value))

    def table(self, key, value):
        if type(value) is not dict:
            self.wrong("table", key=key, value=repr(value))
        return value.items()

    def moment(self, key, value):
        try:
            right = isinstance(value, datetime.datetime) and value.tzinfo is not None
            right = right and value.astimezone(datetime.UTC)
        except OverflowError:
            right = False
        if not right:
            self.wrong("moment", key=key, value=str(value))

    def task(self, key, name, exists=True):
        """`name` is "ch03.bptt": a task of the course, or with exists=False none of them."""
        lesson, _, task = name.partition(".")
        self.known(lesson, lessons.known(), "lessons", key)
        own = [one.name for one in tasks_in([lesson]).values()]
        if exists:
            self.known(name, [f"{lesson}.{one}" for one in own], "tasks", key)
        elif task in own or not task or "." in task:
            self.wrong("by-hand-name", name=name)

    def due(self, key, value):
        for lesson, moment in self.table(key, value):
            self.known(lesson, lessons.known(), "lessons", key)
            self.moment(f"[{key}] {lesson}", moment)

    def extensions(self, key, value):
        for student, own in self.table(key, value):
            for lesson, moment in self.table(f"[{key}] {student}", own):
                self.known(lesson, lessons.known(), "lessons", key)
                self.moment(f"[{key}] {student}.{lesson}", moment)

    def excused(self, key, value):
        for student, own in self.table(key, value):
            if type(own) is not list:
                self.wrong("list", key=f"[{key}] {student}", value=repr(own))
            for lesson in own:
                self.known(lesson, lessons.known(), "lessons", f"{key}] [{student}")

    def points(self, key, value, exists=True):
        for name, points in self.table(key, value):
            self.task(key, name, exists)
            self.number(f"[{key}] {name}", points, 0, 10_000)

    def by_hand(self, key, value):
        self.points(key, value, exists=False)

    def languages(self, key, value):
        for student, lang in self.table(key, value):
            self.choice(f"[{key}] {student}", lang, LANGUAGES)

    def zones(self, key, value):
        for name, zone in self.table(key, value):
            try:
                known = type(zone) is str and times.zone(zone, datetime.datetime(2026, 1, 1))
            except ValueError:
                known = None
            if not known:
                self.wrong("zone", key=f"[{key}] {name}", value=repr(zone))


def _one_of(*names):
    return lambda check, key, value: check.choice(key, value, names)


def _between(low, high):
    return lambda check, key, value: check.number(key, value, low, high)


RULES = {
    "attempts": _one_of("best", "last"),
    "partial": _one_of("none", "cases"),
    "late_per_day": _between(0, 1),
    "late_at_most": _between(0, 1),
    "grace_minutes": _between(0, 1_000_000),
    "language": _one_of(*LANGUAGES),
    "roster": _Check.text,
    "due": _Check.due,
    "extensions": _Check.extensions,
    "excused": _Check.excused,
    "points": _Check.points,
    "by_hand": _Check.by_hand,
    "languages": _Check.languages,
    "zones": _Check.zones,
}
