"""Find a class's notebooks in a folder, in nbgrader's layout or flat, whatever they are called.

    <student>/<assignment>/<notebook>.ipynb      nbgrader's
    <student>/<notebook>.ipynb
    <student>.ipynb, <student>__<anything>.ipynb    flat

A notebook belongs to the lessons that it imports, whatever its name. Nothing that a student did
raises here: a file that cannot be read becomes a Submission with a problem.
"""

import hashlib
import hmac
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from rnncourse.grading import notebook, untrusted
from rnncourse.grading.classroom import times
from rnncourse.grading.runner import reader_client

__all__ = ["Submission", "find", "fingerprint", "load", "seed_of"]

ENDING = ".ipynb"
SKIPPED = {".ipynb_checkpoints", ".git"}


@dataclass(frozen=True)
class Submission:
    """One file of one student; `problem` is (code, facts) where it cannot be graded."""

    student: str
    notebook: str  # the lessons it answers, "ch03" or "ch03+ch05"; with a problem, its name
    sha: str
    path: str
    submitted: str  # ISO, UTC, as times.submitted writes it
    content: bytes  # a notebook of its code cells alone, for grade_one.grade
    problem: tuple | None = None


def find(folder):
    """[(student, path)] of all notebooks below `folder`, sorted, without checkpoints.

    A student's folder without a notebook is in the list itself, so that it is reported. So is a
    folder that cannot be listed.
    """
    folder = Path(folder)
    found = set(_below(folder))
    names = {path.relative_to(folder).parts[0] for path in found}
    if not any((folder / name).is_file() for name in names):  # one folder per student, not flat
        for path in _listed(folder) or ():
            ours = path.name.startswith(".") or os.path.exists(path / "grades.sqlite")
            if os.path.isdir(path) and not ours and path.name not in names:
                found.add(path)
    return sorted((_student(path.relative_to(folder)), path) for path in found)


def _listed(folder):
    """The paths in a folder, or None if it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries)
    except OSError:
        return None


def _below(folder):
    """Notebooks, and folders that cannot be listed. A loop, because nesting may be deep."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        inside = _listed(here)
        if inside is None and here != folder:
            yield here
        for path in inside or ():
            if path.name in SKIPPED:
                continue
            if path.name.endswith(ENDING):
                yield path
            if os.path.isdir(path) and not os.path.islink(path):
                waiting.append(path)


def _student(path):
    first = path.parts[0]
    if len(path.parts) == 1 and first.endswith(ENDING):  # flat
        first = first.removesuffix(ENDING).partition("__")[0] or first
    return untrusted.spelled(first)


def load(student, path, root):
    """The Submission at `path`; what cannot be read becomes one with a problem."""
    shown = untrusted.spelled(Path(path).relative_to(root).as_posix())
    found, code, facts, submitted = None, "", {}, "9999-01-01T00:00:00+00:00"
    try:
        submitted = times.submitted(Path(path))
        code, facts = _refused(Path(path), Path(root))
        if not code:
            with _opened(path) as file:
                found = reader_client.look(file, shown)
            code, facts = found.problem or ("", {})
    except FileNotFoundError:
        code = "vanished"
    except OSError as error:
        code, facts = "unreadable", {"error": error.strerror or type(error).__name__}
    except reader_client.NotRead as error:
        code, facts = "not-yet", {"what": untrusted.text(str(error))}
    except Exception as error:  # the grader's own fault, kept to this file
        code, facts = "grader-failed", {"what": untrusted.text(f"{type(error).__name__}: {error}")}
    problem = (code, untrusted.storable(facts | {"path": shown})) if code else None
    name, content = untrusted.spelled(Path(path).stem), b""
    if not problem:
        name, content = "+".join(found.chapters), _compact(found.cells)
    sha = found.sha if found else hashlib.sha256(shown.encode()).hexdigest()
    return Submission(student, name, sha, shown, submitted, content, problem)


def _refused(path, root):
    """(code, facts) of a file that is not even opened, or ("", {})."""
    if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
        return "symlink", {}  # it may lead to another's work
    mode, size = path.stat().st_mode, path.stat().st_size
    if stat.S_ISDIR(mode):
        try:
            os.scandir(path).close()
        except OSError as error:
            return "unlisted", {"error": error.strerror}
        return ("nothing" if path.parent == root else "no-file"), {}
    if not stat.S_ISREG(mode):  # reading a pipe would never end
        return "no-file", {}
    if size > notebook.MOST:
        return "too-large", {"mb": size >> 20, "most": notebook.MOST >> 20}
    return "", {}


def _opened(path):
    """The open file; OSError if it has become a pipe or a link since it was looked at."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "it is not an ordinary file any more")
    return file


def _compact(cells):
    """The code cells as a notebook's bytes; empty cells stand for others, so numbers stay."""
    found = []
    for number, source in cells:
        found += [{}] * (number - 1 - len(found)) if number <= notebook.PLACES else []
        found.append({"cell_type": "code", "source": source})
    return json.dumps({"cells": found}).encode()


def fingerprint(path):
    """(hash of the file, its fingerprint for similar.py), or None if it cannot be read now."""
    try:
        with _opened(path) as file:
            found = reader_client.look(file, path, "prints")
    except (OSError, reader_client.NotRead):
        return None
    return None if found.problem else (found.sha, frozenset(found.prints.tolist()))


def seed_of(secret, submission):
    """The seed of the hidden cases: fixed per file, and unknown without the secret."""
    text = "\0".join([submission.student, submission.notebook, submission.sha])
    return int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:7], "big")
