"""Read a learner's notebook, whatever it turns out to be."""

import json
import re
from pathlib import Path

import nbformat

__all__ = ["MOST", "Unreadable", "chapters_of", "parse", "read", "sources"]

MOST = 64 << 20  # bytes of a submission
_IMPORT = re.compile(r"^\s*from rnncourse\.tasks import (.+)$", re.MULTILINE)


class Unreadable(Exception):
    """A file that cannot be graded: `code` and `facts` of the sentence that says why."""

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
    try:
        notebook = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, UnicodeDecodeError, json.JSONDecodeError):
        raise Unreadable("not-json", path=path) from None
    except OSError as error:
        raise Unreadable("unreadable", path=path, error=error.strerror) from None
    except Exception as error:  # nbformat raises many things for JSON that is not a notebook
        raise Unreadable("not-a-notebook", path=path, error=type(error).__name__) from None
    if not chapters_of(notebook.get("cells", [])):
        raise Unreadable("no-tasks", path=path)
    return notebook.cells


def chapters_of(cells):
    """The chapters whose tasks the cells import, ["ch03"]; the file's name does not matter."""
    sources = [str(c.get("source", "")) for c in cells if c.get("cell_type") == "code"]
    named = [
        name.strip() for s in sources for names in _IMPORT.findall(s) for name in names.split(",")
    ]
    return sorted({name for name in named if re.fullmatch(r"ch\d\d(_\d)?", name)})


def sources(cells):
    """[[number, source]] of the code cells that hold something; numbers count all cells."""
    return [
        [number, cell["source"]]
        for number, cell in enumerate(cells, start=1)
        if cell["cell_type"] == "code" and cell["source"].strip()
    ]


def parse(content, path):
    """The cells of a submission's bytes, or Unreadable: as `read`, but without nbformat's schema.

    A class's notebooks come from all kinds of editors; a cell that has a type and a source is one.
    """
    if len(content) > MOST:
        raise Unreadable("too-large", path=path, mb=len(content) >> 20, most=MOST >> 20)
    try:
        tree = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("not-json", path=path) from None
    found = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(found, list):
        raise Unreadable("not-a-notebook", path=path, error="no list of cells")
    cells = [_cell(cell) for cell in found if isinstance(cell, dict)]
    if not chapters_of(cells):
        raise Unreadable("no-tasks", path=path)
    return cells


def _cell(cell):
    source = cell.get("source", "")
    parts = source if isinstance(source, list) else [source]
    text = "".join(part for part in parts if isinstance(part, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return {"cell_type": cell.get("cell_type"), "source": text}
