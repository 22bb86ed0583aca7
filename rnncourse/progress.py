"""What a learner has solved, kept between sessions.

One SQLite file in the folder RNNCOURSE_HOME, else in Google Drive where Colab has mounted it, else
in ~/.rnncourse: several kernels may write at once, and a write is whole or not at all. Where it
cannot be written, learning goes on without it. Where the machine itself is lost after a while, as
on Binder, `save` puts everything into a file to take home, and `restore` brings it back.
"""

import contextlib
import json
import os
import sqlite3
import sys
from pathlib import Path

from rnncourse import language

__all__ = [
    "Error",
    "damage",
    "path",
    "read",
    "record",
    "restore",
    "save",
    "will_be_lost",
]

DRIVE = Path("/content/drive/MyDrive")  # Colab's, once drive.mount("/content/drive") was called

Error = sqlite3.Error  # what reading and writing raise, besides OSError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
    chapter TEXT, name TEXT, attempts INTEGER, solved INTEGER, points REAL, out_of REAL,
    last_code TEXT, last_seen TEXT, PRIMARY KEY (chapter, name))
"""
_RECORD = """
INSERT INTO task VALUES (:chapter, :name, 1, :solved, :points, :out_of, :code, datetime('now'))
ON CONFLICT DO UPDATE SET attempts = attempts + 1, solved = max(solved, excluded.solved),
    points = max(points, excluded.points), out_of = excluded.out_of,
    last_code = excluded.last_code, last_seen = excluded.last_seen
"""
_MERGE = """
INSERT INTO task VALUES (
    :chapter, :name, :attempts, :solved, :points, :out_of, :last_code, :last_seen)
ON CONFLICT DO UPDATE SET attempts = max(attempts, excluded.attempts),
    solved = max(solved, excluded.solved), points = max(points, excluded.points)
"""
_warned = False
_FIELDS = ("chapter", "name", "attempts", "solved", "points", "out_of", "last_code", "last_seen")


def path():
    """The file of the learner's progress."""
    default = DRIVE / "rnncourse" if DRIVE.is_dir() else Path.home() / ".rnncourse"
    return Path(os.environ.get("RNNCOURSE_HOME") or default) / "progress.sqlite"


def _before_drive():
    """The file of what was solved in this session of Colab before Drive was mounted, or None."""
    early = Path.home() / ".rnncourse" / "progress.sqlite"
    return early if path().parent == DRIVE / "rnncourse" and early.exists() else None


def _place():
    """Where progress is lost with the machine: "binder", "colab" without Drive, or None."""
    if any(name.startswith("BINDER_") for name in os.environ):
        return "binder"
    if "google.colab" in sys.modules and not DRIVE.is_dir():
        return "colab"
    return None


def will_be_lost():
    """A sentence on where we are and how to keep what is solved; None where there is no need.

    Said once in a kernel, so that it can be asked after every check.
    """
    global _warned
    here = None if _warned else _place()
    if here is None:
        return None
    _warned = True
    return language.say("progress", f"lost-{here}")


@contextlib.contextmanager
def _open():
    path().parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path(), timeout=5)
    try:
        with database:  # commits, or rolls back
            database.execute(_SCHEMA)
            if early := _before_drive():
                database.executemany(_MERGE, _rows(early))
                database.commit()  # before the other goes
                early.unlink()
            yield database
    finally:
        database.close()


def _rows(file):
    """All rows of a database as dictionaries."""
    database = sqlite3.connect(file)
    database.row_factory = sqlite3.Row
    with contextlib.closing(database):
        return list(map(dict, database.execute("SELECT * FROM task")))


def record(chapter, name, *, solved, points, out_of, code):
    """Keep one real attempt; a solved task stays solved.

    Raises OSError or Error where the file cannot be written.
    """
    facts = {"chapter": chapter, "name": name, "solved": solved, "points": points}
    with _open() as database:
        database.execute(_RECORD, {**facts, "out_of": out_of, "code": code})


def read():
    """{(chapter, name): row} of all attempts; a row has the fields of the table as keys."""
    if not (path().exists() or _before_drive()):
        return {}
    with _open():
        pass  # the table is there, whole
    return {(row["chapter"], row["name"]): row for row in _rows(path())}


def damage():
    """The Error of reading the file, or SQLite's sentence on what is broken; None if it is whole.

    Writes nothing, so that it can be asked before there is a file.
    """
    if not path().exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(path())) as database:
            said = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except Error as error:
        return error
    return None if said == "ok" else said


def save(file):
    """Write all progress into `file` (JSON); returns the number of tasks tried."""
    rows = list(read().values())
    text = json.dumps({"rnncourse progress": rows}, indent=1)
    Path(file).write_text(text + "\n", encoding="utf-8")
    return len(rows)


def restore(file):
    """Add the progress in `file` to what is here, the better of both; returns its tasks.

    Raises ValueError for a file that save() did not write.
    """
    try:
        rows = json.loads(Path(file).read_text("utf-8"))["rnncourse progress"]
        rows = [{name: row[name] for name in _FIELDS} for row in rows]
    except (ValueError, KeyError, TypeError):
        raise ValueError(language.say("progress", "not-saved", file=file)) from None
    with _open() as database:
        database.executemany(_MERGE, rows)
    return len(rows)
