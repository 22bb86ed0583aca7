"""Some notebooks, run from JupyterLab's menu in a real browser as a learner would.

nbval runs every notebook cell by cell in the same kernels, so that a browser adds only what a page
adds: the menu, formulas, widgets, sound, and what `rnncourse lab` sets. That does not differ from
lesson to lesson, and a notebook costs 10 to 30 s here: one of each kind stands for all. Explorers
have their own tests, next door.
"""

import contextlib
import os

import pytest

from tests.browser import lab

#: A notebook, and what has to be on its page afterwards.
NOTEBOOKS = {
    "chapters/01_background.ipynb": ("audio", "img[alt]", "mjx-container", "table"),
    "chapters/03_algorithm.ipynb": (".rnncourse-explorer svg", "img[alt]", "mjx-container"),
    "exercises/03_algorithm.ipynb": (".rnncourse-explorer svg", "mjx-container"),  # untouched
    "solutions/03_algorithm.ipynb": (".rnncourse-explorer svg", "mjx-container"),
}


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
        state = lab.run_all(page)
        assert page.get_by_text("Jupyter news").count() == 0  # a question that needs a network
        for selector in NOTEBOOKS[notebook]:
            found = page.locator(f".jp-NotebookPanel:visible {selector}")
            found.first.wait_for(state="attached")
    assert state["errors"] == []
    assert state["done"] == state["code"] > 0
