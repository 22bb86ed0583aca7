"""Why a file could not be graded, or why a cell of it stopped: the sentence for each code.

Both graders speak here, `rnncourse check` and `rnncourse class`. Both functions raise LookupError,
TypeError or ValueError for a code that this version of the course does not have.
"""

from rnncourse import language

__all__ = ["of_cell", "of_file"]


def of_file(code, lang=None, **facts):
    """The sentence of a `notebook.Unreadable` or of a gradebook's "problem"."""
    return language.say("grading.problems", f"file.{code}", lang, **facts)


def of_cell(error, lang=None):
    """The sentence of {"kind", "cell", "error"}, as the judge reports a cell that stopped."""
    return language.say("grading.problems", f"cell.{error['kind']}", lang, **error)
