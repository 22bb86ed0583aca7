"""Run a notebook alone, with another Python's kernel, and compare with what is stored."""

import json
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.notebooks.test_form import sanitized

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300  # for one cell
INSTALLS = re.compile(r"git\+https://\S+")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Played:
    """What one run showed."""

    path: Path
    seconds: float
    error: str = ""  # the end of the traceback that stopped it
    differs: dict = field(default_factory=dict)  # cell id: (stored text, text of today)
    cells: list = field(default_factory=list)

    def row(self):
        """One line of a report."""
        mark = "✗" if self.error else "✓"
        told = f", {len(self.differs)} differ: {' '.join(self.differs)}" if self.differs else ""
        return f"{mark} {self.seconds:6.1f} s  {self.path.parent.name}/{self.path.name}{told}"


def lessons(*folders):
    """The notebooks of some folders of the course, in order."""
    return [path for folder in folders for path in sorted((ROOT / folder).glob("*.ipynb"))]


def play(path, python, folder, *, installs=None, before="", then="", environment=None):
    """Run the notebook at `path` with `python`'s kernel and return a Played.

    The notebook lies alone in `folder`. `installs` takes the place of the repository's address in
    the cell `setup`. `before` and `then` are code of the place itself, run before and after setup.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder)
    stored = nbformat.read(path, as_version=4)
    notebook = nbformat.read(folder / path.name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if cell.get("id") == "setup" and installs is not None:
            cell.source, n = INSTALLS.subn(lambda _: str(installs), cell.source)
            assert n == 1, f"{path.name}: the cell setup installs from {n} addresses"
    setup = next(n for n, cell in enumerate(notebook.cells) if cell.get("id") == "setup")
    notebook.cells.insert(setup + 1, nbformat.v4.new_code_cell(then, id="then"))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(before, id="before"))
    client = NotebookClient(
        notebook,
        km=kernel(python, folder),
        timeout=SECONDS,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        coalesce_streams=True,
    )
    client.owns_km = True  # so that it ends the kernel, too
    started, error = time.perf_counter(), ""
    try:
        client.execute(env=environment)
    except CellExecutionError as failed:
        error = "\n".join(ANSI.sub("", str(failed)).splitlines()[-12:])
    took = time.perf_counter() - started
    return Played(path, took, error, differences(stored, notebook), notebook.cells)


def kernel(python, folder):
    """A manager that starts `python`'s kernel, whichever kernels this machine knows."""
    spec = folder / ".kernels" / "place"
    spec.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    facts = {"argv": argv, "display_name": "the place's Python", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(facts))
    known = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="place", kernel_spec_manager=known)


def differences(stored, notebook):
    """{cell id: (text then, text now)} where a reader would read something else."""
    run = [cell for cell in stored.cells if cell.get("execution_count")]  # exercises are not
    then = {cell.get("id"): said(cell) for cell in run if cell.get("id") != "setup"}
    now = {cell.get("id"): said(cell) for cell in notebook.cells}
    return {id_: (then[id_], now.get(id_)) for id_ in then if then[id_] != now.get(id_)}


def said(cell):
    """The words of a cell's outputs, without what changes from run to run."""
    if cell.cell_type != "code" or "nbval-ignore-output" in cell.metadata.get("tags", []):
        return ""
    words = []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "stream" and output.name == "stdout":
            words.append(output.text)
        elif not re.match(r"<\w+|VBox\(", data.get("text/plain", "<x")):
            words.append(data["text/plain"])
        elif "text/html" in data:
            words.append(data["text/html"])
    return sanitized("\n".join(words))
