"""The gradebook's tables. A newer version may add tables; it never changes an existing one."""

__all__ = ["tables"]


def tables(sa):
    """The tables (result, history, by_hand); `sa` is the module sqlalchemy."""
    text, metadata, key = sa.Text, sa.MetaData(), ("student", "notebook", "sha")

    def number():
        return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)

    def held():
        return [
            sa.Column("path", text, nullable=False),
            sa.Column("submitted", text, nullable=False),
            sa.Column("result", text, nullable=False),  # JSON: tasks, errors, problem
            sa.Column("layers", text, nullable=False),  # JSON
            sa.Column("seconds", sa.Float, nullable=False),
            sa.Column("graded", text, nullable=False),
        ]

    def texts(*names):
        return [sa.Column(name, text, nullable=False) for name in names]

    once = [sa.Column(name, text, primary_key=True) for name in key]
    results = sa.Table("result", metadata, *once, *held())
    before = sa.Table("history", metadata, number(), *texts(*key, "replaced", "why"), *held())
    given = texts("student", "lesson", "task", "comment", "author", "given")
    by_hand = sa.Table("by_hand", metadata, number(), *given, sa.Column("points", sa.Float))
    return results, before, by_hand
