"""Notebooks are executed as a learner's kernel would, and stored so that a second run is equal."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools import execute

LESSON = [
    "import os\nimport sys\n\nprint('one')\nprint('two', file=sys.stderr)",
    "import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);",
    "print(os.environ['TF_ENABLE_ONEDNN_OPTS'], os.path.basename(os.getcwd()))\n"
    "assert os.path.isdir(os.environ['RNNCOURSE_HOME'])\n3 + 4",
]


def save(folder, *sources):
    path = folder / "01_lesson.ipynb"
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.cells[0].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
    notebook.metadata["kernelspec"] = {"name": "my-own", "display_name": "Mine"}
    nbformat.write(notebook, path)
    return path


def test_outputs_are_stored_and_the_second_run_is_equal_but_for_pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")  # must not reach the kernel: no figure would be shown
    path = save(tmp_path, *LESSON)
    assert execute.main([str(path)]) == 0
    first, kept = path.read_bytes(), nbformat.read(path, 4)
    assert [cell.execution_count for cell in kept.cells] == [1, 2, 3]
    assert "image/png" in kept.cells[1].outputs[0].data
    assert kept.cells[2].outputs[0].text == f"0 {tmp_path.name}\n"
    assert kept.cells[0].metadata == {}
    assert kept.metadata.kernelspec.name == "python3"
    assert "version" not in kept.metadata.language_info
    assert first.endswith(b"}\n")
    assert execute.main([str(path)]) == 0
    assert path.read_bytes() == first


def test_a_failing_cell_is_shown_and_the_file_left_alone(tmp_path, capsys):
    path = save(tmp_path, "x = 1", "y = x / 0  # here")
    before = path.read_bytes()
    (_, cell) = json.loads(before)["cells"]
    assert execute.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert f"cell 2 (id {cell['id']})" in said
    assert "    y = x / 0  # here" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "\x1b[" not in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", [None, "not a notebook"])
def test_a_file_that_is_no_notebook_is_a_line(tmp_path, capsys, text):
    path = tmp_path / "x.ipynb"
    if text is not None:
        path.write_text(text)
    assert execute.main([str(path)]) == 1
    assert "Traceback" not in capsys.readouterr().err
