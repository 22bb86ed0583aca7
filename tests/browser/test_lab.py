"""Every lesson and solution, run from JupyterLab's menu in a real browser as a learner would."""

import contextlib
import os

import pytest

from tests.browser import lab

SECONDS = 180 * float(os.environ.get("RNNCOURSE_SLOWNESS", "1"))
NOTEBOOKS = [
    path.relative_to(lab.ROOT).as_posix()
    for folder in ("chapters", "solutions")
    for path in sorted((lab.ROOT / folder).rglob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
]


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """(server, browser): one of each for all notebooks."""
    if lab.chromium() is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("no Chromium on this machine; Debian: apt install chromium")
    folder = tmp_path_factory.mktemp("lab")
    with lab.server(lab.copy_of_course(folder), folder) as server, lab.browser() as browser:
        yield server, browser


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_cells_from_the_menu(jupyterlab, notebook):
    server, browser = jupyterlab
    with contextlib.closing(browser.new_page()) as page, contextlib.ExitStack() as after:
        after.callback(server.stop_kernels)
        lab.open_notebook(page, server.notebook(notebook))
        state = lab.run_all(page, SECONDS)
        assert page.get_by_text("Jupyter news").count() == 0  # a question that needs a network
    assert state["errors"] == []
    assert state["done"] == state["code"] > 0
