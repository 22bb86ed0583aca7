"""The gradebook: one row a submission, SQLite by default, any address SQLAlchemy knows by option.

The key is (student, notebook, content's hash), and a row is written in one transaction with all
it holds: a kill at any moment loses no finished mark and leaves no half one.
"""

import datetime
import json

__all__ = ["Gradebook", "Unavailable"]

KEY = ("student", "notebook", "submitted", "sha")  # in this order rows are given


class Unavailable(Exception):
    """A gradebook that cannot be opened: `code` and `facts` of the sentence that says why."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


class Gradebook:
    """`put` and `rows`; `address` is an SQLAlchemy URL, sqlite:///grades.sqlite say."""

    def __init__(self, address):
        try:
            import sqlalchemy as sa  # in the extra `class`: a learner needs none of it
        except ImportError:
            raise Unavailable("no-extra", extra="class", package="sqlalchemy") from None
        self.sa = sa
        try:
            url = sa.engine.make_url(address)
            if url.drivername == "postgresql":  # whatever driver this SQLAlchemy would take
                url = url.set(drivername="postgresql+psycopg")
            self._open(url)
        except ModuleNotFoundError as error:
            raise Unavailable("no-extra", extra="class,postgres", package=error.name) from None
        except (sa.exc.SQLAlchemyError, ValueError) as error:
            what = str(getattr(error, "orig", None) or error).strip().split("\n")[0][:300]
            raise Unavailable("no-database", what=f"{type(error).__name__}: {what}") from None

    def _open(self, url):
        sa, text = self.sa, self.sa.Text
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _wal)
        self.table = sa.Table(
            "result",
            sa.MetaData(),
            sa.Column("student", text, primary_key=True),
            sa.Column("notebook", text, primary_key=True),
            sa.Column("sha", text, primary_key=True),
            sa.Column("path", text, nullable=False),
            sa.Column("submitted", text, nullable=False),
            sa.Column("result", text, nullable=False),  # JSON: tasks, errors, problem
            sa.Column("layers", text, nullable=False),  # JSON
            sa.Column("seconds", sa.Float, nullable=False),
            sa.Column("graded", text, nullable=False),
        )
        self.table.metadata.create_all(self.engine)

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
            "graded": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        table = self.table
        same = self.sa.and_(*(table.c[k] == row[k] for k in ("student", "notebook", "sha")))
        with self.engine.begin() as connection:
            connection.execute(table.delete().where(same))
            connection.execute(table.insert().values(row))

    def keys(self):
        """{(student, notebook, sha)} of all that is graded."""
        c = self.table.c
        with self.engine.connect() as connection:
            found = connection.execute(self.sa.select(c.student, c.notebook, c.sha))
            return {tuple(row) for row in found}

    def rows(self, student=None):
        """All rows as dictionaries, sorted by KEY; `result` and `layers` are read."""
        query = self.sa.select(self.table)
        if student is not None:
            query = query.where(self.table.c.student == student)
        with self.engine.connect() as connection:
            found = [dict(row) for row in connection.execute(query).mappings()]
        for row in found:
            row["layers"] = json.loads(row["layers"])
            row |= json.loads(row.pop("result"))
        # Here, because a server sorts by the alphabet of its own language.
        return sorted(found, key=lambda row: [row[name] for name in KEY])

    def close(self):
        self.engine.dispose()


def _wal(connection, _):
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")
