"""The database of a gradebook: SQLite or PostgreSQL, and every fault of it as one sentence."""

import contextlib
import difflib
import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.tables import tables

__all__ = ["Database"]

# SQLite's name for a fault -> the code of the sentence that says it.
FAULTS = {"FULL": "book-full", "READONLY": "book-readonly", "BUSY": "book-busy"}
FAULTS |= {"LOCKED": "book-busy", "CORRUPT": "book-damaged", "NOTADB": "book-damaged"}


class Database:
    """The tables `table`, `history` and `by_hand` at an address, and transactions on them.

    `address` is the Path of an SQLite file or a URL as SQLAlchemy writes it. With `writing=False`
    neither file nor table is made. Everything here raises Stop where the database fails.
    """

    def __init__(self, address, writing=True):
        try:
            import sqlalchemy as sa  # in the extra `class`: a learner does not need it
        except ImportError:
            raise Stop("no-extra", extra="class", package="sqlalchemy") from None
        self.sa, self.path, self.copy, self.file = sa, None, None, None
        if isinstance(address, Path):
            address = sa.URL.create("sqlite", database=str(address))
        with self.faults_told():
            url = sa.engine.make_url(address)
            if url.drivername == "postgresql":  # name the driver: SQLAlchemy's default is another
                url = url.set(drivername="postgresql+psycopg")
            if url.get_backend_name() == "sqlite" and url.database:
                self.path = Path(url.database)
                url = url if writing else self._read_only()
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise ValueError(f"{url.drivername} is neither sqlite nor postgresql")
            self._open(url, writing)

    def _read_only(self):
        """A URL that makes no file; where we may not write, the URL of a copy."""
        path = self.path
        if not path.is_file():
            found = path.parent.parent.glob(f"*/{path.name}") if path.parent.parent.is_dir() else ()
            folders = [one.parent.name for one in found]
            near = difflib.get_close_matches(path.parent.name, folders, 1, 0) or folders[:1] or "–"
            raise Stop("no-gradebook", path=path, near=near[0])
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            # SQLite writes beside the file even to read it, so read a copy.
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
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
        self.table, self.history, self.by_hand = tables(sa)
        if writing:
            self._make_tables(self.table.metadata)
        self.there = set(sa.inspect(self.engine).get_table_names())
        if self.path and not self.copy:
            self.file = _identity(self.path)

    def _make_tables(self, metadata):
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
    def faults_told(self):
        """Turn every fault of the database inside this block into a Stop."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise Stop("no-extra", extra="class,postgres", package=error.name) from None
        except (self.sa.exc.SQLAlchemyError, ValueError) as error:
            raise self._stop(error) from None

    def _stop(self, error):
        origin = getattr(error, "orig", None) or error
        what = f"{type(error).__name__}: {str(origin).strip().split(chr(10))[0][:300]}"
        name = getattr(origin, "sqlite_errorname", "").removeprefix("SQLITE_").split("_")[0]
        if isinstance(error, json.JSONDecodeError) or "Could not decode" in what:
            name = "CORRUPT"
        if name in FAULTS:
            return Stop(FAULTS[name], path=self.path or self.engine.url.host, what=what)
        if self.path:
            return Stop("book-failed", path=self.path, what=what)
        return Stop("no-database", what=what)

    @contextlib.contextmanager
    def reading(self):
        """A connection to read by."""
        with self.faults_told(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def changing(self):
        """A transaction, on the file that was opened and no other."""
        self.still_there()
        with self.faults_told(), self.engine.begin() as connection:
            yield connection

    def still_there(self):
        """Stop if the file was deleted or replaced: what is written to it would be lost."""
        if self.file and _identity(self.path) != self.file:
            raise Stop("book-gone", path=self.path)

    def close(self):
        """Close all connections, and delete the copy if there is one."""
        self.engine.dispose()
        if self.copy:
            self.copy.cleanup()


def _identity(path):
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _set_up_sqlite(connection, _):
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
