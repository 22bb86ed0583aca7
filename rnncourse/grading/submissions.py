"""Find a class's notebooks in a folder, in nbgrader's layout or flat, whatever their names.

    <student>/<assignment>/<notebook>.ipynb      nbgrader's
    <student>/<notebook>.ipynb
    <student>.ipynb, <student>__<anything>.ipynb    flat

Which lesson a notebook belongs to is what it imports, never its name.
"""

import datetime
import hashlib
import hmac
import io
import os
from dataclasses import dataclass
from pathlib import Path

from rnncourse.grading import notebook

__all__ = ["Submission", "find", "load", "seed_of"]

SKIPPED = {".ipynb_checkpoints", ".git"}


@dataclass(frozen=True)
class Submission:
    """One file of one student, read: `problem` is (code, facts) where it cannot be graded."""

    student: str
    notebook: str  # "ch03": what it answers
    sha: str
    path: str
    submitted: str  # ISO, UTC
    content: bytes
    problem: tuple | None = None


def find(folder):
    """[(student, path)] of all notebooks below `folder`, sorted; checkpoints left out.

    A student's folder without any is itself in the list: somebody wants to know.
    """
    folder = Path(folder)
    found = []
    for path in sorted(folder.rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if SKIPPED.intersection(parts):
            continue
        student = parts[0] if len(parts) > 1 else path.stem.partition("__")[0]
        found.append((_shown(student), path))
    names = {path.relative_to(folder).parts[0] for _, path in found}
    if not any((folder / name).is_file() for name in names):  # a folder each, not a flat one
        for path in folder.iterdir():
            ours = path.name.startswith(".") or (path / "grades.sqlite").exists()
            if path.is_dir() and not ours and path.name not in names:
                found.append((_shown(path.name), path))
    return sorted(found)


def _shown(name):
    """A file's name as text: bytes that are no UTF-8 are spelled out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def load(student, path, root):
    """The Submission at `path`; what cannot be read becomes one with a problem."""
    shown = _shown(path.relative_to(root))
    content, problem, name = b"", None, _shown(path.stem)
    try:
        if path.is_symlink() or not path.resolve().is_relative_to(Path(root).resolve()):
            problem = ("symlink", {"path": shown})  # it may lead to another's work
        elif path.is_dir() and path.parent == Path(root):
            problem = ("nothing", {"path": shown})
        elif not path.is_file():  # reading a pipe would never end
            problem = ("no-file", {"path": shown})
        elif path.stat().st_size > notebook.MOST:
            facts = {"mb": path.stat().st_size >> 20, "most": notebook.MOST >> 20}
            problem = ("too-large", {"path": shown, **facts})
        else:
            content = path.read_bytes()
            name = "+".join(notebook.chapters_of(notebook.parse(content, shown)))
    except notebook.Unreadable as unreadable:
        facts = {key: str(value) for key, value in unreadable.facts.items()}
        problem = (unreadable.code, facts)
    except OSError as error:
        problem = ("unreadable", {"path": shown, "error": error.strerror})
    sha = hashlib.sha256(content or shown.encode()).hexdigest()
    return Submission(student, name, sha, shown, _submitted(path), content, problem)


def _submitted(path):
    """When it was handed in: nbgrader's timestamp.txt beside it, else the file's own time."""
    try:
        beside = path.with_name("timestamp.txt")
        with beside.open("rb") if beside.is_file() else io.BytesIO() as file:
            text = file.read(100).decode().strip()
        text = text.removesuffix(" UTC").removesuffix(" utc")
        moment = datetime.datetime.fromisoformat(text)
    except (OSError, ValueError):
        moment = datetime.datetime.fromtimestamp(path.lstat().st_mtime, datetime.UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")


def seed_of(secret, submission):
    """The seed of the hidden cases: the same for the same file, unknown without the secret."""
    text = "\0".join([submission.student, submission.notebook, submission.sha])
    return int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:7], "big")
