"""What nbval cannot see: cells that were never run, stored errors, traces of a machine."""

import copy
import re
from pathlib import Path

import nbformat
import pytest

from tools import execute

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("chapters", "solutions")
SANITIZE = Path(__file__).with_name("sanitize.cfg").read_text("utf-8")


def paths(*folders):
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.ipynb"))]
    return [p.relative_to(ROOT).as_posix() for p in found if ".ipynb_checkpoints" not in p.parts]


def read(path):
    return nbformat.read(ROOT / path, as_version=4)


def written_code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.mark.parametrize("path", paths(*FOLDERS))
def test_every_code_cell_was_run_in_order(path):
    """nbval passes over a cell without a count."""
    counts = [cell.execution_count for cell in written_code(read(path))]
    assert counts == list(range(1, len(counts) + 1)), "run it again: make run NB=" + path


@pytest.mark.parametrize("path", paths(*FOLDERS))
def test_no_output_is_an_error(path):
    for cell in written_code(read(path)):
        if not execute.may_raise(cell):
            assert "error" not in {output.output_type for output in cell.outputs}, cell.id
            assert "Traceback (most recent call last)" not in str(cell.outputs), cell.id


@pytest.mark.parametrize("path", paths(*FOLDERS))
def test_nothing_of_the_machine_is_stored(path):
    notebook = read(path)
    assert execute.clean(copy.deepcopy(notebook)) == notebook, "run it again: make run NB=" + path
    assert str(Path.home()) + "/" not in str(notebook)


@pytest.mark.parametrize("path", paths(*FOLDERS, "exercises"))
def test_a_title_first_and_the_setup_second(path):
    title, setup = read(path).cells[:2]
    assert title.cell_type == "markdown"
    assert title.source.startswith("# ")
    assert (setup.cell_type, setup.id) == ("code", "setup")
    installs = [c.id for c in written_code(read(path)) if re.search(r"pip3? install", c.source)]
    assert set(installs) <= {"setup"}


def sanitized(text):
    for regex, replacement in re.findall(
        "^regex: (.*)$\n^replace: (.*)$", SANITIZE, flags=re.MULTILINE
    ):
        text = re.sub(regex, replacement, text)
    return text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<object at 0x7f72f61eaa20>", "<object at 0x7f72f6070ad0>"),
        ('"data:image/png;base64,iVBOR\nw0K+/=" alt="x"', '"data:image/png;base64,AA" alt="x"'),
        ("12.5 s, 85 ms", "9 s, 90.1 ms"),
        ("took 3 seconds", "took 12.1 seconds"),
        ("12 × faster", "9.5 × faster"),
        ("709 MB", "1,710 MB"),
        ("✓ `train`: error 1.677 on unseen data", "✓ `train`: error 1.679 on unseen data"),
    ],
)
def test_what_changes_from_run_to_run_is_equal_after_sanitizing(one, other):
    assert sanitized(one) == sanitized(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.532 °C", "0.533 °C"),
        ("2,600 parameters", "2,601 parameters"),
        ('"data:image/png;base64,AA" alt="x"', '"data:image/png;base64,AA" alt="y"'),
        ("3 steps", "4 steps"),
        ("✓ `train`: error 1.677 on unseen data", "✗ `train`: error 1.677 on unseen data"),
        ("wanted at most 1.820", "wanted at most 1.821"),
    ],
)
def test_results_are_still_compared_after_sanitizing(one, other):
    assert sanitized(one) != sanitized(other)
