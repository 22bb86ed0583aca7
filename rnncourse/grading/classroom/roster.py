"""The roster of a class: who is in it, their names in other systems, their language.

student,name,email,id,username,language     one of the first five is enough; others are ignored
ada,Ada Lovelace,ada@uni.example,1234,al42,en

These names lead from the folders and files that Moodle and Canvas make to a person:

    Ada Lovelace_4711_assignsubmission_file_                Moodle: full name, number
    lovelaceada_LATE_1234_567891_03_algorithm-1.ipynb       Canvas: sorted name, id, file
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading.classroom.stop import WrongPolicy
from rnncourse.language import LANGUAGES

__all__ = ["MOODLE", "People", "is_made", "read"]

MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?", re.DOTALL)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_.+", re.DOTALL)
# What the columns of Moodle's, Canvas's and people's own lists are called, as letters alone.
COLUMNS = {
    "student": ("student",),
    "name": ("name", "fullname", "姓名"),
    "first": ("firstname",),
    "last": ("lastname", "surname"),
    "email": ("email", "emailaddress"),
    "username": ("username", "user", "login", "sisloginid"),
    "id": ("id", "idnumber", "sisuserid"),
    "language": ("language",),
}
NAMING = ("student", "username", "email", "id", "name")


@dataclass(frozen=True)
class People:
    """`listed` is {student: their row}, `keys` {possible name of a folder: student or None}."""

    listed: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)

    def who(self, found):
        """The student whom a folder's name means, or that name if it is nobody's."""
        if found in self.listed:
            return found
        if made := MOODLE.fullmatch(found):
            return self.keys.get(_plain(made["name"])) or found
        if made := CANVAS.fullmatch(found):
            own = self.keys.get(("id", made["id"])) or self.keys.get(_plain(made["name"]))
            return own or found
        return self.keys.get(_plain(found)) or found


def is_made(found):
    """Whether a name is one that Moodle or Canvas makes."""
    return bool(MOODLE.fullmatch(found) or CANVAS.fullmatch(found))


def _plain(name):
    """The letters and digits alone, in lower case, so that spellings can be compared."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c)[0] == "M")


def _spellings(line):
    """All names of a person: their columns, and their full name begun at each of its words."""
    for column in ("student", "username", "email", "id"):
        yield line.get(column, "")
    names = [line.get("name", ""), line.get("student", "")]
    names.append(f"{line.get('first', '')} {line.get('last', '')}")
    for name in names:
        words = [word for word in re.split(r"[\s,]+", name) if word]
        yield from ("".join(words[i:] + words[:i]) for i in range(len(words)))


def read(path):
    """The People in a CSV file. Raises WrongPolicy, which says what to change."""

    def wrong(code, **facts):
        return WrongPolicy(f"roster-{code}", path=path, **facts)

    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise wrong("unreadable", what=error.strerror) from None
    try:
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")  # Excel's "Unicode text" says so itself
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong("encoding", line=content.count(b"\n", 0, error.start) + 1) from None
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    listed, columns = {}, None
    try:
        for row in rows:
            if columns is None:
                columns = _columns(row)
                if not set(columns) & set(NAMING) and not {"first", "last"} <= set(columns):
                    shown = ", ".join(cell.strip() for cell in row) or "–"
                    raise wrong("columns", columns=shown[:200])
            elif line := _line(columns, row):
                _add(listed, line, rows.line_num, wrong)
    except csv.Error as error:
        raise wrong("csv", line=rows.line_num, what=error) from None
    if columns is None:
        raise wrong("columns", columns="–")
    return People(listed, _keys(listed))


def _columns(row):
    """The header in our names, None for unknown columns; of two equal ones the first is used."""
    known = {title: name for name, titles in COLUMNS.items() for title in titles}
    found = []
    for cell in row:
        name = known.get(_plain(cell))
        found.append(None if name in found else name)
    return found


def _line(columns, row):
    line = {c: cell.strip() for c, cell in zip(columns, row, strict=False) if c and cell.strip()}
    if {"first", "last"} & set(line):
        line.setdefault("name", f"{line.get('first', '')} {line.get('last', '')}".strip())
    if line.get("student") == "Points Possible":  # the second row of Canvas's own export
        return None
    naming = [line[column] for column in NAMING if column in line]
    return {"student": naming[0]} | line if naming else None


def _add(listed, line, number, wrong):
    student = line["student"]
    lang = line.get("language", "").lower().replace("_", "-").partition("-")[0]
    if lang and lang not in LANGUAGES:
        wanted = ", ".join(LANGUAGES)
        raise wrong("language", line=number, value=lang, wanted=wanted)
    line["language"] = lang
    before = listed.setdefault(student, line)
    if before["language"] != lang:
        raise wrong("twice", line=number, student=student)
    if before != line:
        raise wrong("same", line=number, student=student)


def _keys(listed):
    """{name: student}; None for a name that two share."""
    found = {}
    for student, line in listed.items():
        keys = {_plain(spelling) for spelling in _spellings(line)} - {""}
        for key in keys | {("id", line.get("id", ""))}:
            found[key] = student if found.get(key, student) == student else None
    return found
