"""A cell that did not parse is not judged by the definition of an older run."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from rnncourse.checking.unfinished import broken_cell, is_stub

GOOD = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U + b)"
BROKEN = GOOD.replace("(x_t @", "(x_t @@")
CHECK = "ch03.rnn_step.check(rnn_step)"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path))
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_cell("import numpy as np\nfrom rnncourse.tasks import ch03", store_history=True)
    yield lambda source: shell.run_cell(source, store_history=True)
    InteractiveShell.clear_instance()


def test_an_older_definition_is_not_judged(shell, capsys):
    shell(GOOD)
    shell(BROKEN)
    capsys.readouterr()
    shell(CHECK)
    said = capsys.readouterr().out
    assert "[3], did not run" in said
    assert "✓" not in said


def test_a_mended_cell_is_judged_again(shell, capsys):
    for source in (BROKEN, GOOD, CHECK):
        shell(source)
    assert "✓ `rnn_step`" in capsys.readouterr().out


@pytest.mark.parametrize(
    "later",
    ["x = rnn_step == 1", "# rnn_step = (", "%time 1", "def rnn_steps(:", "y = (rnn_step ="],
)
def test_what_does_not_define_it_is_no_definition(shell, later, capsys):
    for source in (GOOD, later, CHECK):
        shell(source)
    assert "✓ `rnn_step`" in capsys.readouterr().out


def test_outside_a_notebook_there_are_no_cells():
    InteractiveShell.clear_instance()
    assert broken_cell("rnn_step") is None


def test_a_function_whose_source_is_unknown_is_no_stub():
    assert not is_stub(eval("lambda: None"))
