"""The gradebook: one row a submission, SQLite by default, PostgreSQL by option.

The key is (student, notebook, content's hash), and a row is written in one transaction with all
it holds: a kill at any moment loses no finished mark and leaves no half one. What a row held before
it was replaced goes to `history`; marks and comments given by hand stand in a table of their own,
so that no regrading touches them.
"""

import contextlib
import datetime
import difflib
import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.tables import tables

__all__ = ["Gradebook"]

KEY = ("student", "notebook", "submitted", "sha")  # in this order rows are given
# What SQLite calls a fault, and the sentence for it.
FAULTS = {"FULL": "book-full", "READONLY": "book-readonly", "BUSY": "book-busy"}
FAULTS |= {"LOCKED": "book-busy", "CORRUPT": "book-damaged", "NOTADB": "book-damaged"}


class Gradebook:
    """`put` and `rows`; `address` is an SQLAlchemy URL, sqlite:///grades.sqlite say.

    Who only reads (`writing=False`) makes nothing: no file, no table.
    """

    def __init__(self, address, writing=True):
        try:
            import sqlalchemy as sa  # in the extra `class`: a learner needs none of it
        except ImportError:
            raise Stop("no-extra", extra="class", package="sqlalchemy") from None
        self.sa, self.path, self.copy, self.file = sa, None, None, None
        with self._told():
            url = sa.engine.make_url(address)
            if url.drivername == "postgresql":  # whatever driver this SQLAlchemy would take
                url = url.set(drivername="postgresql+psycopg")
            if url.get_backend_name() == "sqlite" and url.database:
                self.path = Path(url.database)
                url = url if writing else self._to_read()
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise ValueError(f"{url.drivername} is neither sqlite nor postgresql")
            self._open(url, writing)

    def _to_read(self):
        """An address that makes no file; of a file where we may not write, a copy's."""
        path = self.path
        if not path.is_file():
            found = path.parent.parent.glob(f"*/{path.name}") if path.parent.parent.is_dir() else ()
            folders = [one.parent.name for one in found]
            near = difflib.get_close_matches(path.parent.name, folders, 1, 0) or folders[:1] or "–"
            raise Stop("no-gradebook", path=path, near=near[0])
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            # SQLite writes beside the file even to read it, so that we read a copy.
            self.copy = tempfile.TemporaryDirectory(prefix="rnncourse-book-")
            for name in (path.name, f"{path.name}-wal"):
                if (path.parent / name).is_file():
                    shutil.copyfile(path.parent / name, Path(self.copy.name, name))
            path = Path(self.copy.name, path.name)
        query = {"mode": "rw", "uri": "true"}
        return self.sa.URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)

    def _open(self, url, writing):
        sa = self.sa
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _wal)
        self.table, self.history, self.by_hand = tables(sa)
        if writing:
            self._make(self.table.metadata)
        self.there = set(sa.inspect(self.engine).get_table_names())
        if self.path and not self.copy:
            self.file = _identity(self.path)

    def _make(self, metadata):
        for last in (False, False, False, True):
            try:
                metadata.create_all(self.engine)
                break
            except self.sa.exc.DatabaseError:  # another grader started at the same moment
                if last:
                    raise
        if self.path:
            with self.engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise Stop("book-damaged", path=self.path, what=str(found).split("\n")[-1][:300])

    @contextlib.contextmanager
    def _told(self):
        """Every fault of the database as one sentence."""
        sa = self.sa
        try:
            yield
        except ModuleNotFoundError as error:
            raise Stop("no-extra", extra="class,postgres", package=error.name) from None
        except (sa.exc.SQLAlchemyError, ValueError) as error:
            origin = getattr(error, "orig", None) or error
            what = f"{type(error).__name__}: {str(origin).strip().split(chr(10))[0][:300]}"
            name = getattr(origin, "sqlite_errorname", "").removeprefix("SQLITE_").split("_")[0]
            if isinstance(error, json.JSONDecodeError) or "Could not decode" in what:
                name = "CORRUPT"
            if name in FAULTS:
                raise Stop(
                    FAULTS[name], path=self.path or self.engine.url.host, what=what
                ) from None
            if self.path:
                raise Stop("book-failed", path=self.path, what=what) from None
            raise Stop("no-database", what=what) from None

    @contextlib.contextmanager
    def _changing(self):
        """A transaction, for a file that still is the one that was opened."""
        self.still_there()
        with self._told(), self.engine.begin() as connection:
            yield connection

    def still_there(self):
        """Stop if the gradebook's file was deleted or replaced: what is written would be lost."""
        if self.file and _identity(self.path) != self.file:
            raise Stop("book-gone", path=self.path)

    def put(self, submission, result):
        """Keep a result, in the place of an older one of the same submission."""
        kept = {key: result.get(key) for key in ("tasks", "errors", "problem")}
        row = {
            "student": submission.student,
            "notebook": submission.notebook,
            "sha": submission.sha,
            "path": submission.path,
            "submitted": submission.submitted,
            "result": json.dumps(kept, ensure_ascii=False, sort_keys=True),
            "layers": json.dumps(result.get("layers", {}), sort_keys=True),
            "seconds": result.get("seconds", 0.0),
            "graded": _now("microseconds"),  # of two, the later is what stands in the folder
        }
        same = self._same(row["student"], row["notebook"], row["sha"])
        with self._changing() as connection:
            self._keep(connection, same & (self.table.c.result != row["result"]), "regraded")
            connection.execute(self._upsert(row))  # another grader may keep the same row just now

    def _upsert(self, row):
        from sqlalchemy.dialects import postgresql, sqlite

        dialect = {"sqlite": sqlite, "postgresql": postgresql}[self.engine.dialect.name]
        statement = dialect.insert(self.table).values(row)
        key = [column.name for column in self.table.primary_key]
        return statement.on_conflict_do_update(index_elements=key, set_=row)

    def _same(self, *key):
        names = ("student", "notebook", "sha")
        pairs = zip(names, key, strict=True)
        return self.sa.and_(*(self.table.c[name] == value for name, value in pairs))

    def _keep(self, connection, which, why):
        """Copy rows to `history` before they change; first, so that the lock is taken at once."""
        columns = [column.name for column in self.table.columns]
        text = self.sa.literal
        query = self.sa.select(self.table, text(_now()), text(why)).where(which)
        connection.execute(self.history.insert().from_select([*columns, "replaced", "why"], query))

    def move_time(self, key, submitted):
        """Another time of submission for the row of `key`: its timestamp was corrected."""
        same = self._same(*key)
        with self._changing() as connection:
            self._keep(connection, same, "time")
            connection.execute(self.table.update().where(same).values(submitted=submitted))

    def drop(self, key):
        """Take a row out: the file it speaks of is as it was before again."""
        same = self._same(*key)
        with self._changing() as connection:
            self._keep(connection, same, "restored")
            connection.execute(self.table.delete().where(same))

    def give(self, student, lesson, task, points, comment, author):
        """Keep what somebody gave by hand; no points and no comment take it back."""
        row = {"student": student, "lesson": lesson, "task": task, "points": points}
        row |= {"comment": comment, "author": author, "given": _now()}
        with self._changing() as connection:
            connection.execute(self.by_hand.insert().values(row))

    def given(self):
        """All that was given by hand, oldest first: a list of dictionaries."""
        return self._all(self.by_hand, self.by_hand.c.number)

    def replaced(self):
        """All rows that were replaced, oldest first."""
        return [_read(row) for row in self._all(self.history, self.history.c.number)]

    def _all(self, table, order):
        if table.name not in self.there:
            return []  # a gradebook of an older version
        with self._told(), self.engine.connect() as connection:
            found = connection.execute(self.sa.select(table).order_by(order)).mappings()
            return [dict(row) for row in found]

    def keys(self):
        """{(student, notebook, sha)} of all that is graded."""
        return set(self.known())

    def known(self):
        """{(student, notebook, sha): (path, submitted, problem's code or "")} of all rows."""
        c = self.table.c
        query = self.sa.select(c.student, c.notebook, c.sha, c.path, c.submitted)
        # Inside a student's text these quotes would be escaped.
        odd = self.sa.select(c.student, c.notebook, c.sha, c.result)
        odd = odd.where(c.result.contains('"problem": {"code": "', autoescape=True))
        with self._told(), self.engine.connect() as connection:
            codes = {tuple(k): json.loads(r)["problem"] for *k, r in connection.execute(odd)}
            return {
                tuple(key): (path, submitted, (codes.get(tuple(key)) or {"code": ""})["code"])
                for *key, path, submitted in connection.execute(query)
            }

    def rows(self, student=None):
        """All rows as dictionaries, sorted by KEY; `result` and `layers` are read."""
        if self.table.name not in self.there:
            return []
        query = self.sa.select(self.table)
        if student is not None:
            query = query.where(self.table.c.student == student)
        with self._told():
            with self.engine.connect() as connection:
                found = [dict(row) for row in connection.execute(query).mappings()]
            found = [_read(row) for row in found]
        # Here, because a server sorts by the alphabet of its own language.
        return sorted(found, key=lambda row: [row[name] for name in KEY])

    def close(self):
        self.engine.dispose()
        if self.copy:
            self.copy.cleanup()


def _read(row):
    row["layers"] = json.loads(row["layers"])
    return row | json.loads(row.pop("result"))


def _now(timespec="seconds"):
    return datetime.datetime.now(datetime.UTC).isoformat(timespec=timespec)


def _identity(path):
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _wal(connection, _):
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
