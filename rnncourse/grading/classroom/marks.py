"""The mark of each student for each lesson: the gradebook's rows under the policy's rules.

A mark belongs to the lesson of its tasks; nothing else in a notebook decides which lesson that is.
A notebook that answers two lessons gives a mark for each, with that lesson's due date.
"""

import datetime
import math
from dataclasses import dataclass, field, replace

from rnncourse.grading.classroom import times
from rnncourse.grading.judge import tasks_in

__all__ = ["Attempt", "Hand", "Mark", "absent", "changes", "marks", "strangers", "unclear"]

NOTHING = {"path": "–", "sha": "", "submitted": "", "problem": None, "tasks": [], "errors": []}
NOTHING |= {"layers": {}, "graded": ""}


@dataclass(frozen=True)
class Hand:
    """Points, or a comment alone, that a person gave."""

    points: float | None  # None for a comment alone
    comment: str
    author: str
    given: str


@dataclass(frozen=True)
class Attempt:
    """One of several notebooks for a lesson."""

    path: str
    submitted: str
    points: float | None  # None where it could not be graded


@dataclass(frozen=True)
class Mark:
    """The mark of one student for one lesson, and the row of the gradebook it comes from."""

    student: str
    notebook: str  # the lesson; for a file that could not be graded, its name
    points: float
    out_of: float
    late: float  # the share of the points taken off, 0 to 1
    tasks: dict  # name -> (points, out of), as computed
    row: dict
    lang: str | None = None  # the student's language
    hand: dict = field(default_factory=dict)  # task's name, or "" for the lesson -> Hand
    computed: float = 0.0  # the points without what was given by hand
    excused: bool = False
    rule: str = ""  # "best" or "last", where there were several notebooks
    others: tuple = ()  # the Attempts that do not count
    asked: str = ""  # the name of a zone that is not clear

    def of(self, task):
        """(points, out of) of a task, with what was given by hand."""
        points, out_of = self.tasks[task]
        given = self.hand.get(task)
        return (given.points if given and given.points is not None else points), out_of


def marks(rows, policy, given=()):
    """[Mark], one per student and lesson, from the gradebook's rows and marks by hand."""
    attempts, problems = {}, {}
    moments = {id(row): times.moment(row["submitted"], policy.zones) for row in rows}
    for row in _current(sorted(rows, key=lambda row: moments[id(row)][0])):
        student, moment = policy.people.who(row["student"]), moments[id(row)]
        if row["problem"]:
            mark = Mark(student, row["notebook"], 0.0, 0, 0.0, {}, row)
            problems[student, row["path"]] = replace(mark, lang=policy.language_of(student))
        for lesson, tasks in _lessons(row).items():
            mark = _mark(student, lesson, row | {"tasks": tasks}, policy, moment)
            attempts.setdefault((student, lesson), []).append(mark)
    found = {key: _counting(own, policy, problems) for key, own in attempts.items()}
    for student, lessons in policy.excused.items():
        for lesson in lessons:
            mark = found.get((student, lesson)) or _nothing(student, lesson, policy)
            found[student, lesson] = replace(mark, excused=True)
    _by_hand(found, policy, given)
    every = [*found.values(), *problems.values()]
    return sorted(every, key=lambda mark: (mark.student, mark.notebook, mark.row["path"]))


def _current(rows):
    """The rows without files that could not be graded and were replaced by one that could.

    Of a graded and a broken file at one path, the one that was seen last is there now.
    """
    seen, folders = {}, set()
    for row in rows:
        if not row["problem"]:
            for place in places(row["path"]):
                key = row["student"], place
                seen[key] = max(_seen(row), seen.get(key, ("", "")))
            folder, _, inside = row["path"].partition("/")
            folders |= {(row["student"], folder)} if inside else set()

    def replaced(row):
        key = row["student"], row["path"]
        return key in folders or (key in seen and _seen(row) <= seen[key])

    return [row for row in rows if not (row["problem"] and replaced(row))]


def places(path):
    """The path of a file and of its folders; a graded file there settles problems with them."""
    parts = path.split("/")
    return ["/".join(parts[:k]) for k in range(len(parts), 0, -1)]


def _seen(row):
    return row.get("graded", ""), row["submitted"]


def _lessons(row):
    """{lesson: its tasks} of a row; of several lessons, those for which an answer was found."""
    found = {}
    for task in row["tasks"] or []:
        found.setdefault(task["chapter"], []).append(task)
    answered = {name: own for name, own in found.items() if _answered(own)}
    return answered or found


def _answered(tasks):
    return any(task["code"] != "not-found" for task in tasks)


def _mark(student, lesson, row, policy, moment):
    tasks = {}
    for task in row["tasks"]:
        out_of = policy.points.get(f"{lesson}.{task['task']}", task["out_of"])
        share = 1.0 if task["status"] == "pass" else 0.0
        if policy.partial == "cases" and not share and task.get("shares"):
            share = sum(task["shares"]) / len(task["shares"])
        tasks[task["task"]] = (round(out_of * share, 4), out_of)
    late = _late(policy.due_of(student, lesson), moment[0], policy)
    points = round(sum(p for p, _ in tasks.values()) * (1 - late), 4)
    out_of = sum(n for _, n in tasks.values())
    lang = policy.language_of(student)
    mark = Mark(student, lesson, points, out_of, late, tasks, row, lang, computed=points)
    return replace(mark, asked=moment[1])


def _late(due, moment, policy):
    if due is None:
        return 0.0
    over = moment - due - datetime.timedelta(minutes=policy.grace_minutes)
    days = math.ceil(over.total_seconds() / 86400)
    return min(policy.late_at_most, max(0, days) * policy.late_per_day)


def _counting(attempts, policy, problems):
    """The attempt that counts; `attempts` are in the order in which they came."""
    answered = [mark for mark in attempts if _answered(mark.row["tasks"])] or attempts
    best = answered[-1]
    if policy.attempts == "best":
        best = max(answered, key=lambda mark: mark.points)  # the first of those with equal points
    others = [
        Attempt(mark.row["path"], mark.row["submitted"], mark.points)
        for mark in attempts
        if mark is not best
    ]
    same = {mark.row["path"] for mark in attempts}
    for (student, path), mark in problems.items():
        if student == best.student and path in same:  # a broken file over a good one
            others.append(Attempt(path, mark.row["submitted"], None))
    return replace(best, rule=policy.attempts if others else "", others=tuple(others))


def _nothing(student, lesson, policy):
    """The mark of a student who handed in no notebook: all tasks, no points."""
    tasks = {
        task.name: (0.0, policy.points.get(f"{lesson}.{task.name}", task.points))
        for task in tasks_in([lesson]).values()
    }
    out_of = sum(n for _, n in tasks.values())
    return Mark(student, lesson, 0.0, out_of, 0.0, tasks, NOTHING, policy.language_of(student))


def _by_hand(found, policy, given):
    """Put marks by hand over the computed ones; of two for the same task the later counts."""
    hands = {}
    for one in given:
        own = hands.setdefault((policy.people.who(one["student"]), one["lesson"]), {})
        own.pop(one["task"], None)
        if one["points"] is not None or one["comment"]:
            own[one["task"]] = Hand(one["points"], one["comment"], one["author"], one["given"])
    for (student, lesson), own in hands.items():
        if own:
            mark = found.get((student, lesson)) or _nothing(student, lesson, policy)
            found[student, lesson] = replace(mark, hand=own)
    for key, mark in found.items():
        found[key] = _with_hand(mark, policy)


def _with_hand(mark, policy):
    tasks = dict(mark.tasks)
    for name, out_of in policy.by_hand.items():  # only a person marks these
        lesson, _, task = name.partition(".")
        if lesson == mark.notebook:
            tasks[task] = (0.0, out_of)
    mark = replace(mark, tasks=tasks, out_of=sum(n for _, n in tasks.values()))
    whole = mark.hand.get("")
    points = round(sum(mark.of(task)[0] for task in tasks) * (1 - mark.late), 4)
    return replace(mark, points=points if whole is None or whole.points is None else whole.points)


def absent(marks, policy):
    """[(student, [lessons])] of those on the roster who handed in nothing for a lesson."""
    lessons = sorted({mark.notebook for mark in marks if mark.out_of})
    there = {(mark.student, mark.notebook) for mark in marks}
    found = []
    for student in policy.people.listed:
        excused = policy.excused.get(student, ())
        own = [n for n in lessons if (student, n) not in there and n not in excused]
        if own:
            found.append((student, own))
    return found


def strangers(marks, policy):
    """[student] of those who handed in and are not on the roster, if there is a roster."""
    listed = policy.people.listed
    return sorted({mark.student for mark in marks if listed and mark.student not in listed})


def unclear(marks):
    """{zone's name: [paths]} of times that need a line under [zones]."""
    found = {}
    for mark in marks:
        if mark.asked:
            found.setdefault(mark.asked, []).append(mark.row["path"])
    return found


def changes(before, after):
    """[(student, lesson, points before, points now)] of the marks that changed."""
    old = {(mark.student, mark.notebook): mark.points for mark in before if mark.out_of}
    new = {(mark.student, mark.notebook): mark.points for mark in after if mark.out_of}
    both = sorted(old.keys() & new.keys())
    return [(*key, old[key], new[key]) for key in both if old[key] != new[key]]
