"""Marks for other programs: CSV for Canvas, Moodle and people, JSON for machines."""

import csv
import io
import json

__all__ = ["text"]


def text(marks, kind):
    """[Mark] as the text of one file."""
    if kind == "json":
        return json.dumps([_plain(mark) for mark in marks], ensure_ascii=False, indent=1) + "\n"
    lessons = {mark.notebook: mark.out_of for mark in marks if mark.out_of}
    students = {}
    for mark in marks:
        students.setdefault(mark.student, {})[mark.notebook] = mark.points
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    write = {"canvas": _canvas, "moodle": _moodle, "plain": _rows}[kind]
    write(writer, dict(sorted(lessons.items())), students)
    return sheet.getvalue()


def _plain(mark):
    codes = {task["task"]: task["code"] for task in mark.row["tasks"]}
    tasks = {
        name: {"points": points, "out_of": out_of, "code": codes[name]}
        for name, (points, out_of) in mark.tasks.items()
    }
    return {
        "student": mark.student,
        "notebook": mark.notebook,
        "points": mark.points,
        "out_of": mark.out_of,
        "late": mark.late,
        "path": mark.row["path"],
        "sha256": mark.row["sha"],
        "submitted": mark.row["submitted"],
        "tasks": tasks,
        "problem": mark.row["problem"],
        "layers": mark.row["layers"],
    }


def _cell(name):
    """Text that a spreadsheet takes for text: a name that begins with = would be a formula."""
    return "'" + name if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


def _canvas(writer, lessons, students):
    """Canvas's import: a column Student, the login, one column a lesson, points possible below."""
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    writer.writerow([*columns, *lessons])
    writer.writerow(["Points Possible", "", "", "", "", *(f"{n:g}" for n in lessons.values())])
    for student, own in students.items():
        points = [f"{own[name]:g}" if name in own else "" for name in lessons]
        writer.writerow([_cell(student), "", "", _cell(student), "", *points])


def _moodle(writer, lessons, students):
    """Moodle's import: the user's name or number in the first column, one column a grade item."""
    writer.writerow(["username", *lessons])
    for student, own in students.items():
        points = [f"{own[name]:g}" if name in own else "-" for name in lessons]
        writer.writerow([_cell(student), *points])


def _rows(writer, lessons, students):
    writer.writerow(["student", "notebook", "points", "out_of"])
    for student, own in students.items():
        for name, points in own.items():
            out_of = lessons.get(name, 0)
            writer.writerow([_cell(student), name, f"{points:g}", f"{out_of:g}"])
