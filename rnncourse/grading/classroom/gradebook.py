"""The gradebook: one row per submission, in SQLite by default, in PostgreSQL by option.

The key is (student, notebook, hash of the content). A row is written in one transaction with all
it holds: a kill at any moment loses no finished mark and leaves none half written. A row that is
replaced is copied to `history` first. Marks and comments given by hand are in a table of their own,
so that no regrading touches them.
"""

import datetime
import json

from rnncourse.grading.classroom.database import Database

__all__ = ["Gradebook"]

KEY = ("student", "notebook", "submitted", "sha")  # the order of the rows


class Gradebook(Database):
    """Results of submissions and marks by hand. Every method raises Stop if the database fails."""

    def put(self, submission, result):
        """Keep a result; it replaces an older one of the same submission."""
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
            "graded": _now("microseconds"),  # the later of two is what the folder holds now
        }
        same = self._same(row["student"], row["notebook"], row["sha"])
        with self.changing() as connection:
            self._keep(connection, same & (self.table.c.result != row["result"]), "regraded")
            connection.execute(self._upsert(row))  # another grader may write the same row now

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
        """Correct the time of submission in the row of `key`."""
        same = self._same(*key)
        with self.changing() as connection:
            self._keep(connection, same, "time")
            connection.execute(self.table.update().where(same).values(submitted=submitted))

    def drop(self, key):
        """Remove a row whose file was put back to what it was before."""
        same = self._same(*key)
        with self.changing() as connection:
            self._keep(connection, same, "restored")
            connection.execute(self.table.delete().where(same))

    def give(self, student, lesson, task, points, comment, author):
        """Keep points or a comment given by hand; with neither, take back what was given."""
        row = {"student": student, "lesson": lesson, "task": task, "points": points}
        row |= {"comment": comment, "author": author, "given": _now()}
        with self.changing() as connection:
            connection.execute(self.by_hand.insert().values(row))

    def given(self):
        """All marks and comments given by hand as dictionaries, oldest first."""
        return sorted(self._all(self.by_hand), key=lambda row: row["number"])

    def replaced(self):
        """All rows that were replaced, oldest first."""
        return sorted(self._parsed(self.history), key=lambda row: row["number"])

    def _parsed(self, table):
        with self.faults_told():  # JSON that cannot be parsed is a damaged gradebook
            return [_parsed(row) for row in self._all(table)]

    def _all(self, table):
        if table.name not in self.there:
            return []  # a gradebook of an older version
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(self.sa.select(table)).mappings()]

    def keys(self):
        """{(student, notebook, sha)} of all that is graded."""
        return set(self.known())

    def known(self):
        """{(student, notebook, sha): (path, submitted, problem's code or "")} of all rows."""
        c = self.table.c
        query = self.sa.select(c.student, c.notebook, c.sha, c.path, c.submitted)
        # In a student's own text these quotes would be escaped.
        odd = self.sa.select(c.student, c.notebook, c.sha, c.result)
        odd = odd.where(c.result.contains('"problem": {"code": "', autoescape=True))
        with self.reading() as connection:
            codes = {tuple(k): json.loads(r)["problem"] for *k, r in connection.execute(odd)}
            return {
                tuple(key): (path, submitted, (codes.get(tuple(key)) or {"code": ""})["code"])
                for *key, path, submitted in connection.execute(query)
            }

    def rows(self):
        """All rows as dictionaries, sorted by KEY; the JSON in them is parsed."""
        # Sorted here, because a server sorts by the alphabet of its own language.
        return sorted(self._parsed(self.table), key=lambda row: [row[name] for name in KEY])


def _parsed(row):
    row["layers"] = json.loads(row["layers"])
    return row | json.loads(row.pop("result"))


def _now(timespec="seconds"):
    return datetime.datetime.now(datetime.UTC).isoformat(timespec=timespec)
