"""Nothing that starts Python imports from where submissions lie.

A student may call a folder `json`. Each of these names is one that the grader, its workers or its
warm process imports.
"""

import sys
from pathlib import Path

import nbformat
import pytest

from tests.grading.classes import IMPORT, STEP, write
from tests.support import modes

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
NAMES = ("json", "socket", "ctypes", "argparse", "multiprocessing", "numpy", "sqlalchemy", "gc")
NAMES += ("matplotlib", "IPython", "tempfile", "threading", "nbformat", "secrets", "traitlets")
WAYS = {
    "command": [str(Path(sys.executable).with_name("rnncourse"))],
    "module": [sys.executable, "-m", "rnncourse"],
}


def traps(folder, marker):
    """Modules that leave a mark when they are imported."""
    for name in NAMES:
        (folder / name).mkdir(parents=True)
        code = f"open({str(marker)!r}, 'a').write(__name__ + chr(10))\n"
        (folder / name / "__init__.py").write_text(code)
        (folder / f"_{name}.py").write_text(code)


@linux
@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize(("way", "workers"), [("command", 1), ("module", 1), ("command", 2)])
def test_a_class_is_graded_from_within_its_folder(place, tmp_path, mode, way, workers):
    subs, marker = place / "subs", place / "was-here"
    write(subs / "ada" / "03.ipynb", IMPORT, STEP)
    traps(subs, marker)
    out = place / "out"
    command = [*WAYS[way], "class", "grade", ".", "--out", str(out), "--workers", str(workers)]
    done = modes.run(mode, command, tmp_path, cwd=subs)
    assert not marker.exists(), marker.read_text()
    assert done.returncode == 1, done.stdout + done.stderr  # a trap is a student without notebook
    assert "1 graded" in done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_learners_notebook_is_checked_from_within_its_folder(place, tmp_path, way):
    cells = [nbformat.v4.new_code_cell(source) for source in (IMPORT, STEP)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), place / "03.ipynb")
    traps(place, place / "was-here")
    done = modes.run("as it is", [*WAYS[way], "check", "03.ipynb"], tmp_path, cwd=place)
    assert not (place / "was-here").exists(), (place / "was-here").read_text()
    assert "rnn_step" in done.stdout, done.stderr
