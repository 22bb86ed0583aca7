"""The instructor's rules for marks, kept out of code in one small TOML file.

attempts = "best"           # or "last": which of several submissions of a lesson counts
partial = "cases"           # or "none": points for the cases that are right
late_per_day = 0.1          # the part of the points lost a day begun
late_at_most = 0.5
grace_minutes = 15
language = "zh"             # of the sentences to students, else that of this run
roster = "students.csv"     # beside this file: columns student and language (grading/roster.py)
[due]
ch03 = 2026-10-12T23:59:00+02:00
[points]
"ch03.bptt" = 6
[languages]
"李 雷" = "zh"
"""

import datetime
import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import roster
from rnncourse.language import LANGUAGES

__all__ = ["Mark", "Policy", "WrongPolicy", "marks", "read"]


class WrongPolicy(ValueError):
    """A policy file that says something else than the rules above: `what` is wrong."""


@dataclass(frozen=True)
class Policy:
    """The rules, with what holds where the file is silent."""

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

    def language_of(self, student):
        """ "en" or "zh", or None where nobody said."""
        return self.languages.get(student) or self.language or None


@dataclass(frozen=True)
class Mark:
    """What one student has for one lesson, and from which row of the gradebook."""

    student: str
    notebook: str
    points: float
    out_of: float
    late: float  # the part that was taken off
    tasks: dict  # name -> (points, out of)
    row: dict
    lang: str | None = None  # what the student reads


def read(path):
    """The Policy in a TOML file, or WrongPolicy with what to change."""
    if path is None:
        return Policy()
    try:
        found = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongPolicy(f"{path}: {error}") from None
    known = Policy.__dataclass_fields__
    for key, value in found.items():
        if key not in known:
            raise WrongPolicy(f"{path}: {key!r} is no rule; there are {', '.join(known)}")
        if type(value) is not type(getattr(Policy(), key)) and not isinstance(value, int | float):
            raise WrongPolicy(f"{path}: {key} is {value!r}")
    if isinstance(found.get("roster"), str):
        try:
            listed = roster.read(Path(path).parent / found["roster"])
        except (OSError, ValueError) as error:
            raise WrongPolicy(f"{path}: {error}") from None
        found["languages"] = listed | found.get("languages", {})
    policy = Policy(**found)
    if policy.attempts not in ("best", "last") or policy.partial not in ("none", "cases"):
        raise WrongPolicy(f'{path}: attempts is "best" or "last", partial "none" or "cases"')
    for lesson, moment in policy.due.items():
        if not isinstance(moment, datetime.datetime) or moment.tzinfo is None:
            raise WrongPolicy(f"{path}: due.{lesson} needs a time with its zone")
    for task, points in policy.points.items():
        if not isinstance(points, int | float) or not 0 <= points < math.inf:
            raise WrongPolicy(f"{path}: points.{task} is {points!r}, no number of points")
    for lang in {policy.language or "en", *policy.languages.values()}:
        if lang not in LANGUAGES:
            raise WrongPolicy(f"{path}: {lang!r} is no language; there are {', '.join(LANGUAGES)}")
    return policy


def marks(rows, policy):
    """[Mark], one a student and lesson, of the gradebook's rows."""
    best = {}
    for row in _current(rows):  # sorted by the time of submission
        mark = _mark(row, policy)
        key = row["student"], row["notebook"]
        before = best.get(key)
        if before is None or policy.attempts == "last" or mark.points > before.points:
            best[key] = mark
    return [best[key] for key in sorted(best)]


def _current(rows):
    """Without the files that could not be graded and were replaced by one that could."""
    graded = {(row["student"], row["path"]) for row in rows if not row["problem"]}
    folders = {(row["student"], row["path"].split("/")[0]) for row in rows if not row["problem"]}
    done = graded | folders
    return [r for r in rows if not (r["problem"] and (r["student"], r["path"]) in done)]


def _mark(row, policy):
    tasks = {}
    for task in row["tasks"] or []:
        name = f"{task['chapter']}.{task['task']}"
        out_of = policy.points.get(name, task["out_of"])
        share = 1.0 if task["status"] == "pass" else 0.0
        if policy.partial == "cases" and not share and task["shares"]:
            share = sum(task["shares"]) / len(task["shares"])
        tasks[task["task"]] = (round(out_of * share, 4), out_of)
    late = _late(row, policy)
    points = round(sum(p for p, _ in tasks.values()) * (1 - late), 4)
    out_of = sum(n for _, n in tasks.values())
    lang = policy.language_of(row["student"])
    return Mark(row["student"], row["notebook"], points, out_of, late, tasks, row, lang)


def _late(row, policy):
    due = policy.due.get(row["notebook"])
    if due is None:
        return 0.0
    over = datetime.datetime.fromisoformat(row["submitted"]) - due
    over -= datetime.timedelta(minutes=policy.grace_minutes)
    days = math.ceil(over.total_seconds() / 86400)
    return min(policy.late_at_most, max(0, days) * policy.late_per_day)
