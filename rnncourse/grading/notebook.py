"""Read a learner's notebook, whatever the file turns out to be.

`read` takes the user's own file. `contents` takes untrusted bytes; only the process in
runner/reader.py calls it, and graders ask runner/reader_client.py.
"""

import json
from pathlib import Path

from rnncourse.grading import lessons

__all__ = ["MOST", "Unreadable", "chapters_of", "contents", "read", "sources", "there"]

MOST = 64 << 20  # most bytes of a submission
CODE, CELLS = 3 << 20, 5000  # most bytes of its code as JSON, most code cells
PLACES = 100_000  # the last cell that has a number
KERAS = {"keras", "tensorflow", "tf_keras"}


class Unreadable(Exception):
    """A file that cannot be graded; problems.of_file(code, **facts) says why."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


def read(path):
    """The cells of the notebook at `path`, or Unreadable."""
    path = Path(path)
    if not path.exists():
        near = sorted(str(p) for p in path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
        raise Unreadable("missing", path=path, near=", ".join(near) or "–")
    if path.is_dir():
        raise Unreadable("folder", path=path)
    import nbformat  # not at the top: the process in reader.py does not need it

    try:
        notebook = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, UnicodeDecodeError, json.JSONDecodeError):
        raise Unreadable("not-json", path=path) from None
    except OSError as error:
        raise Unreadable("unreadable", path=path, error=error.strerror) from None
    except Exception as error:  # nbformat raises many things for JSON that is not a notebook
        raise Unreadable("not-a-notebook", path=path, error=type(error).__name__) from None
    try:
        chapters_of(notebook.get("cells", []))
    except Unreadable as unreadable:
        raise Unreadable(unreadable.code, path=path, **unreadable.facts) from None
    return notebook.cells


def chapters_of(cells):
    """The lessons whose tasks the cells import, ["ch03"], or Unreadable if there are none.

    The file's name does not matter. A lesson that the course does not have is skipped.
    """
    return there(lessons.imported([source for _, source in sources(cells)])[0])


def there(named):
    """Those of the named lessons that the course has, or Unreadable if it has none of them."""
    if found := sorted(set(named).intersection(lessons.known())):
        return found
    if named:
        names, known = ", ".join(sorted(named)), ", ".join(lessons.known())
        raise Unreadable("no-lesson", names=names, known=known)
    raise Unreadable("no-tasks")


def sources(cells):
    """[[number, source]] of the code cells that are not empty; numbers count all cells."""
    return [
        [number, str(cell.get("source", ""))]
        for number, cell in enumerate(cells, start=1)
        if cell.get("cell_type") == "code" and str(cell.get("source", "")).strip()
    ]


def contents(content):
    """{"cells": [[number, source]], "named", "keras"} of a submission's bytes, or Unreadable.

    "named" are the lessons that its code imports, whether they exist or not. nbformat's schema is
    not applied, because a class uses all kinds of editors: a cell needs a type and a source.
    """
    try:
        tree = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("not-json") from None
    found = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(found, list):
        raise Unreadable("not-a-notebook", error="no list of cells")
    cells = sources([_cell(cell) for cell in found if isinstance(cell, dict)])
    if len(cells) > CELLS or len(json.dumps(cells)) > CODE:
        raise Unreadable("too-much-code", most=CODE >> 20, cells=CELLS)
    named, packages = lessons.imported([source for _, source in cells])
    named = [name[:100] for name in sorted(named)[:100]]
    return {"cells": cells, "named": named, "keras": bool(packages & KERAS)}


def _cell(cell):
    source = cell.get("source", "")
    parts = source if isinstance(source, list) else [source]
    text = "".join(part for part in parts if isinstance(part, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return {"cell_type": cell.get("cell_type"), "source": text}
