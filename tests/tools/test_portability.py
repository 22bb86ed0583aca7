"""Other processors are played, and what differs there is listed; one lesson in every run."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import portability

LEVEL = "import os\nprint(os.environ.get('ONEDNN_MAX_CPU_ISA', 'this one'))"


def notebook(folder, *cells):
    """A stored notebook of (source, what it printed here, tags)."""
    made = [
        new_code_cell(
            source,
            execution_count=n,
            outputs=[new_output("stream", name="stdout", text=printed)],
            metadata={"tags": list(tags)},
        )
        for n, (source, printed, *tags) in enumerate(cells, start=1)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = folder / "one.ipynb"
    nbformat.write(new_notebook(cells=made, metadata=kernel), path)
    return path


def test_a_cell_is_listed_that_prints_otherwise_or_raises(tmp_path, capsys):
    path = notebook(
        tmp_path,
        (LEVEL, "this one\n"),
        (LEVEL, "this one\n", "nbval-ignore-output"),
        ("assert os.environ.get('ONEDNN_MAX_CPU_ISA') is None", ""),
        ("1 / 0", "", "raises-exception", "nbval-ignore-output"),
        ("print('the same, after', 3.2, 's')", "the same, after 1.7 s\n"),
    )
    assert portability.main(["--setting", "avx2", str(path)]) == 1
    said = capsys.readouterr().out
    assert "cell 0" in said
    assert "+AVX2" in said
    assert "cell 2" in said
    assert "AssertionError" in said
    assert "2 cells differ" in said


def test_noise_moves_fresh_weights_by_the_last_bit_and_equal_seeds_stay_equal(tmp_path):
    source = (
        "import numpy as np\nfrom rnncourse.nn import GRU\n"
        "W, again = (GRU(4, seed=1).build(3).get_weights()[0] for _ in range(2))\n"
        "np.save('W.npy', W)\nprint((W == again).all())"
    )
    path = notebook(tmp_path, ("import rnncourse.nn", ""), (source, "True\n"))
    weights = {}
    for setting in ("old", "noise-1", "noise-2"):
        found, _ = portability.compare(path, setting)
        assert found == []
        weights[setting] = portability.np.load(tmp_path / "W.npy")
    for setting in ("noise-1", "noise-2"):
        moved = abs(weights[setting] / weights["old"] - 1)
        assert 0 < moved.max() < 3e-7
    assert (weights["noise-1"] != weights["noise-2"]).any()


@pytest.mark.parametrize("setting", ["old", "noise-1"])
def test_a_lesson_prints_the_same_there(setting):
    """A sample; all lessons and solutions in all settings are run once a week."""
    lesson = portability.ROOT / "chapters" / "03_algorithm.ipynb"
    found, _ = portability.compare(lesson, setting)
    assert found == []
