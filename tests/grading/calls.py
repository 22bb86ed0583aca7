"""Calls of `rnncourse class`, and the gradebooks and zips that the tests give it."""

import csv
import io
import json
import sys
import zipfile

import pytest

from rnncourse.commands import main
from rnncourse.grading.classroom.gradebook import Gradebook
from rnncourse.grading.classroom.submissions import Submission

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
TASK = {"chapter": "ch03", "task": "rnn_step", "out_of": 2, "points": 0, "shares": []}
TASK |= {"status": "fail", "code": "no-bias", "facts": {}}


def run(*words):
    """The exit status of `rnncourse class` with these words."""
    return main.main(["class", *map(str, words)])


def sheet(capsys, *words):
    """The rows of the CSV that `export` prints."""
    capsys.readouterr()
    assert run("export", *words) == 0
    return list(csv.reader(io.StringIO(capsys.readouterr().out)))


def exported(capsys, *words):
    """The marks that `export --format json` prints."""
    capsys.readouterr()
    assert run("export", "--format", "json", *words) == 0
    return json.loads(capsys.readouterr().out)


def book(out, *tasks, students=("ada",), problem=None):
    """A gradebook in `out` as `grade` would have made it."""
    out.mkdir(exist_ok=True)
    found = Gradebook(out / "grades.sqlite")
    for student in students:
        path, when = f"{student}/03.ipynb", "2026-10-12T12:00:00+00:00"
        one = Submission(student, "ch03", "0", path, when, b"")
        found.put(one, {"tasks": list(tasks or [TASK]), "errors": [], "problem": problem})
    found.close()
    return out


def packed(path, files, when=(2026, 10, 13, 10, 0, 0)):
    """A zip at `path` of {name: content}."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), content)
    return path
