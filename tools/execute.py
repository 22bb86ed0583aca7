"""Execute notebooks and store their outputs: what a lesson shows before anyone runs it.

    python -m tools.execute chapters/03_algorithm.ipynb       (make run NB=...)

A notebook is written only after its last cell has run, so a failing one stays as it was.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from textwrap import indent

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from rnncourse.environment import KERNELS

__all__ = ["clean", "execute"]

CELL_SECONDS = 1800  # a cell should take 60; only one that hangs takes so long
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What differs from run to run, or from machine to machine.
VOLATILE = {"execution", "ExecuteTime", "collapsed", "jp-MarkdownHeadingCollapsed", "trusted"}


class Failed(Exception):
    """A cell that did not run to its end, shown with its id and source."""


def clean(notebook):
    """Keep only what the next run on another machine would write too."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE})
    for cell in notebook.cells:
        for key in VOLATILE & cell.metadata.keys():
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            # A live widget cannot be stored: its model has a random name and ends with the kernel.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            if "execution_count" in output:  # IPython counts from 1 in a fresh kernel
                output["execution_count"] = cell.execution_count
    return notebook


def failure(path, notebook):
    """The cell that raised, as a text to read: where, its source, the end of its traceback."""
    for n, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and not may_raise(cell):
                source = indent(cell.source, "    ")
                trace = ANSI.sub("", "\n".join(output.traceback)).splitlines()[-15:]
                return "\n\n".join([f"{path}, cell {n} (id {cell.id})", source, "\n".join(trace)])
    return f"{path}: a cell failed without saying why."


def may_raise(cell):
    return "raises-exception" in cell.metadata.get("tags", [])


def read_without_outputs(path):
    """The notebook at `path` as if it had never run."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def run_cells(notebook, folder, environment=None, **options):
    """Run a notebook's cells in place, from top to bottom, as if it lay in `folder`.

    Progress goes to a temporary folder: what the author's run solves is not the learner's.
    Matplotlib's backend is left to the kernel, which draws figures into the notebook. `options` go
    to nbclient's NotebookClient; raises its exceptions.
    """
    options = {"timeout": CELL_SECONDS, "startup_timeout": CELL_SECONDS} | options
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # else the same text may come in one piece or in two
        **options,
    )
    with tempfile.TemporaryDirectory() as home:
        own = os.environ | KERNELS | (environment or {}) | {"RNNCOURSE_HOME": home}
        own.pop("MPLBACKEND", None)
        client.execute(env=own)


def execute(path):
    """Run the notebook at `path` in its own folder; return it cleaned. Raises Failed."""
    notebook = read_without_outputs(path)
    try:
        run_cells(notebook, path.resolve().parent)
    except CellExecutionError:
        raise Failed(failure(path, notebook)) from None
    except CellTimeoutError as error:
        raise Failed(f"{path}: a cell ran for more than {CELL_SECONDS} s.\n{error}") from None
    except DeadKernelError:
        raise Failed(f"{path}: the kernel died; was it out of memory?") from None
    return clean(notebook)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.execute", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    failed = 0
    for path in parser.parse_args(arguments).notebooks:
        start = time.perf_counter()
        try:
            notebook = execute(path)
            path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8")
        except (Failed, OSError, ValueError) as error:
            failed = 1
            print(f"✗ {error}\n\n{path} is left as it was.", file=sys.stderr)
        else:
            print(f"{time.perf_counter() - start:6.1f} s  {path}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
