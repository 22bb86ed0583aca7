"""Marks for other programs: CSV for Canvas, Moodle and people, JSON for machines.

With a roster, everybody on it has a row, and nobody else, whether or not they handed in.
"""

import csv
import io
import json

from rnncourse.grading.classroom.policy import Policy
from rnncourse.grading.classroom.terminal import clean

__all__ = ["text"]

FORMULA = "=+-@＝＋－＠"  # a spreadsheet takes what begins with one of these for a formula


def text(marks, kind, policy=None):
    """All marks as the text of one file; `kind` is "plain", "canvas", "moodle" or "json"."""
    policy = policy or Policy()
    people = policy.people.listed
    marks = [mark for mark in marks if not people or mark.student in people]
    if kind == "json":
        found = [_plain(mark) for mark in marks]
        there = {mark.student for mark in marks}
        found += [{"student": name, "notebook": None} for name in people if name not in there]
        return _printable(json.dumps(found, ensure_ascii=False, indent=1)) + "\n"
    lessons = {mark.notebook: mark.out_of for mark in marks if mark.out_of}
    students = {name: {} for name in people}
    for mark in marks:
        students.setdefault(mark.student, {})[mark.notebook] = mark
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    write = {"canvas": _canvas, "moodle": _moodle, "plain": _rows}[kind]
    write(writer, dict(sorted(lessons.items())), students, people)
    return sheet.getvalue()


def _printable(text):
    r"""JSON with control characters written as \u009b."""
    return "".join(
        c if c.isprintable() or c == "\n" else json.dumps(c, ensure_ascii=True)[1:-1] for c in text
    )


def _plain(mark):
    tasks = {
        name: {"points": points, "out_of": out_of} for name, (points, out_of) in mark.tasks.items()
    }
    for task in mark.row["tasks"]:
        tasks.get(task["task"], {})["code"] = task["code"]
    by_hand = {
        name: {"points": h.points, "comment": h.comment, "by": h.author, "given": h.given}
        for name, h in mark.hand.items()
    }
    return {
        "student": mark.student,
        "notebook": mark.notebook,
        "points": mark.points,
        "computed": mark.computed,
        "out_of": mark.out_of,
        "late": mark.late,
        "excused": mark.excused,
        "by_hand": by_hand,
        "path": mark.row["path"],
        "sha256": mark.row["sha"],
        "submitted": mark.row["submitted"],
        "tasks": tasks,
        "problem": mark.row["problem"],
        "layers": mark.row["layers"],
    }


def _cell(name):
    """One line of text without control characters, which a spreadsheet takes for text."""
    shown = clean(name).replace("\n", " ")
    starts = shown.lstrip()[:1] or " "
    return "'" + shown if starts in FORMULA or name[:1] in ("\t", "\r", "\n") else shown


def _points(mark, nothing, excused):
    return nothing if mark is None else excused if mark.excused else f"{mark.points:g}"


def _canvas(writer, lessons, students, people):
    """Canvas's import: Student, login, one column per lesson; the second row is points possible."""
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    writer.writerow([*columns, *lessons])
    writer.writerow(["Points Possible", "", "", "", "", *(f"{n:g}" for n in lessons.values())])
    for student, own in students.items():
        line = people.get(student, {})
        name, login = line.get("name", student), line.get("username", student)
        points = [_points(own.get(lesson), "", "EX") for lesson in lessons]
        who = [_cell(name), _cell(line.get("id", "")), "", _cell(login), ""]
        writer.writerow([*who, *points])


def _moodle(writer, lessons, students, people):
    """Moodle's import: the user's name or number, then one column per grade item."""
    writer.writerow(["username", *lessons])
    for student, own in students.items():
        points = [_points(own.get(lesson), "-", "-") for lesson in lessons]
        writer.writerow([_cell(people.get(student, {}).get("username", student)), *points])


def _rows(writer, lessons, students, people):
    """One row per mark; the column of points says "missing" or "excused" where that is so."""
    writer.writerow(["student", "notebook", "points", "out_of"])
    for student, own in students.items():
        missing = dict.fromkeys(lesson for lesson in lessons if people and lesson not in own)
        for name, mark in sorted((own | missing).items()):
            points = _points(mark, "missing", "excused")
            out_of = mark.out_of if mark else lessons[name]
            writer.writerow([_cell(student), _cell(name), points, f"{out_of:g}"])
