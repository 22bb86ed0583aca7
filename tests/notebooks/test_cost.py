"""The cost plugin: a row a notebook, in one process and in two, and a failure over a limit."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.notebooks import cost

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def notebooks(tmp_path):
    """Two notebooks whose stored outputs are right; run(*options) gives nbval's words."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in ("a", "b"):
        cells = [new_code_cell("x = 1", execution_count=1), new_code_cell("x", execution_count=2)]
        data = {"text/plain": "1"}
        cells[1].outputs = [
            nbformat.v4.new_output("execute_result", data, execution_count=2, metadata={})
        ]
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nbformat.write(new_notebook(cells=cells, metadata=metadata), tmp_path / f"{name}.ipynb")

    def run(*options, **environment):
        plugins = ("nbval.plugin", "xdist", "tests.notebooks.cost")
        named = [part for plugin in plugins for part in ("-p", plugin)]
        where = ["-c", tmp_path / "pytest.ini", f"--rootdir={tmp_path}", "--nbval", tmp_path]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *named, *where, *options],
            cwd=ROOT,
            env=os.environ | environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
        )

    return run


def rows(done):
    row = r"^ +(\d+\.\d) +(\d+\.\d) +(\d\.\d\d|-)  (\w)\.ipynb$"
    return re.findall(row, done.stdout, re.MULTILINE)


def test_every_notebook_has_its_row_under_xdist(notebooks):
    done = notebooks("-n2", "--dist", "loadfile")
    assert done.returncode == 0, done.stdout
    assert [name for *_, name in rows(done)] == ["a", "b"]
    if Path("/proc/self/status").exists():
        assert all(0.02 < float(gb) < 0.5 for _, _, gb, _ in rows(done))


def test_over_the_limit_is_a_failure_that_says_so(notebooks):
    done = notebooks("--notebook-seconds=0.0001", "--notebook-gb=0.001")
    assert done.returncode == 1
    assert [name for *_, name in rows(done)] == ["a", "b"]
    assert re.search(r"a.ipynb took \d+ s of the processor, the limit is 0 s times", done.stdout)
    assert "2 errors" in done.stdout.splitlines()[-1]


def test_what_is_waited_for_costs_nothing_but_what_is_computed_does():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle:
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
            while cost.processor_seconds(busy.pid) < 1:
                time.sleep(0.05)
            busy.kill()
        assert cost.processor_seconds(idle.pid) < 0.5
        idle.kill()


def test_a_slower_machine_is_allowed_more(monkeypatch):
    monkeypatch.setattr(cost, "STEPS_COST", 0.11 / 1000)
    assert cost.slowness() > 20
    monkeypatch.setattr(cost, "STEPS_COST", 1000)
    assert cost.slowness() == 1


@pytest.mark.parametrize("measure", [cost.peak_gb, cost.processor_seconds])
def test_of_a_process_that_is_gone_nothing_is_known(measure):
    assert measure(2**30) is None
