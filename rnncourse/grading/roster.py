"""The class's list, as far as we need it: which language each student reads.

student,language          other columns are left alone; an empty language is the class's
ada,en
李 雷,zh
"""

import csv
from pathlib import Path

from rnncourse.language import LANGUAGES

__all__ = ["read"]


def read(path):
    """{student: language} of a CSV with these two columns, or ValueError with what to change."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = [name.strip() for name in reader.fieldnames or ()]
        if not {"student", "language"} <= set(columns):
            shown = ", ".join(columns) or "none"
            raise ValueError(f"{path}: columns student and language are wanted, not {shown}")
        reader.fieldnames = columns
        found = {}
        for row in reader:
            student = (row["student"] or "").strip()
            lang = (row["language"] or "").strip().lower().replace("_", "-").partition("-")[0]
            if lang and lang not in LANGUAGES:
                wanted = ", ".join(LANGUAGES)
                raise ValueError(f"{path}, line {reader.line_num}: {lang!r} is none of {wanted}")
            if student and lang and found.setdefault(student, lang) != lang:
                raise ValueError(f"{path}, line {reader.line_num}: {student} has two languages")
    return found
