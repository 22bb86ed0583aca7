"""What a learner has solved, kept between sessions, and `rnncourse progress` that shows it.

One SQLite file in the folder RNNCOURSE_HOME, or ~/.rnncourse: several kernels may write at once,
and a write is whole or not at all. Where it cannot be written, learning goes on without it.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

__all__ = ["Error", "path", "read", "record"]

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


def path():
    """The file of the learner's progress."""
    home = os.environ.get("RNNCOURSE_HOME")
    return (Path(home) if home else Path.home() / ".rnncourse") / "progress.sqlite"


@contextlib.contextmanager
def _open():
    path().parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path(), timeout=5)
    try:
        with database:  # commits, or rolls back
            database.execute(_SCHEMA)
            yield database
    finally:
        database.close()


def record(chapter, name, *, solved, points, out_of, code):
    """Keep one real attempt; a solved task stays solved.

    Nothing is kept from a notebook in `solutions/`: those answers are ours. Raises OSError or
    Error where the file cannot be written.
    """
    notebook = os.environ.get("JPY_SESSION_NAME", "")  # JupyterLab tells a kernel its notebook
    if "solutions" in Path(notebook).parts:
        return
    facts = {"chapter": chapter, "name": name, "solved": solved, "points": points}
    with _open() as database:
        database.execute(_RECORD, {**facts, "out_of": out_of, "code": code})


def read():
    """{(chapter, name): row} of all attempts; a row has the fields of the table as keys."""
    if not path().exists():
        return {}
    with _open() as database:
        database.row_factory = sqlite3.Row
        rows = map(dict, database.execute("SELECT * FROM task"))
        return {(row["chapter"], row["name"]): row for row in rows}
