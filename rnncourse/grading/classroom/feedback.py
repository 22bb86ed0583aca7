"""What a student gets back: one page with marks, sentences in their language, stopped cells."""

import hashlib
import re
import zipfile
from pathlib import Path

from rnncourse.grading.classroom import mark_text, pages, roster

__all__ = ["file_name", "pack", "write"]


def write(marks, folder):
    """Write one page per student into `folder`; how many."""
    students = {}
    for mark in marks:
        students.setdefault(mark.student, []).append(mark)
    for student, own in students.items():
        Path(folder, f"{file_name(student)}.html").write_text(_page(student, own), "utf-8")
    return len(students)


def pack(marks, path):
    """Write a zip of the pages, in the folders that Moodle made, to be handed back; how many.

    Moodle finds each student by the name of the folder, which must be the one it gave. Where it
    made no folder, the folder bears the student's name.
    """
    folders = {}
    for mark in marks:
        own = mark.row["path"].partition("/")[0]
        own = own if roster.MOODLE.fullmatch(own) else file_name(mark.student)
        folders.setdefault((own, mark.student), []).append(mark)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for (folder, student), own in folders.items():
            archive.writestr(f"{folder}/feedback.html", _page(student, own))
    return len(folders)


def file_name(student):
    """A student's name as a file's: no separator, no leading dot, never one file for two names."""
    name = re.sub(r"[^\w\- .]|^\.|[. ]$|%", lambda m: f"%{ord(m[0]):02x}", student)
    if len(name.encode()) > 200:  # a file's name has 255 bytes at most
        start = name.encode()[:180].decode("utf-8", "ignore")
        name = f"{start}-{hashlib.sha256(student.encode()).hexdigest()[:12]}"
    return name


def _page(student, marks):
    lang = marks[0].lang
    lessons = [
        {
            "title": mark_text.title(mark, lang),
            "notes": list(mark_text.notes(mark, lang)),
            "problem": mark_text.problem(mark.row, lang),
            "tasks": list(mark_text.tasks(mark, lang)),
            "stopped": [mark_text.stopped(error, lang) for error in mark.row["errors"]],
        }
        for mark in marks
    ]
    return pages.filled("feedback.html", student, lang, lessons=lessons)
