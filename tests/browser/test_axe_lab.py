"""axe-core over a lesson in JupyterLab that has run: nothing grave in what the course shows."""

import contextlib

from tests.browser import axe, lab
from tests.browser.test_lab import jupyterlab  # noqa: F401 - a fixture

LESSON = "chapters/02_core_concepts.ipynb"  # three explorers, formulas, tables
# Only what the course puts on the page: cells, not JupyterLab's menus and panels.
CELLS = "{include: [['.jp-NotebookPanel .jp-Notebook']]}"
#: What we cannot mend, (rule, part of the selector), and why.
THEIRS = (
    ("aria-input-field-name", "cm-content"),  # JupyterLab gives its editors no name
    ("aria-required-children", "jp-WindowedPanel-viewport"),  # its feed of cells is no list
    ("button-name", "jp-collapseHeadingButton"),  # nor its buttons beside headings
)


def test_axe_finds_nothing_grave_in_a_lesson(jupyterlab):  # noqa: F811
    server, browser = jupyterlab
    with contextlib.closing(browser.new_page()) as page, contextlib.ExitStack() as after:
        after.callback(server.stop_kernels)
        lab.open_notebook(page, server.notebook(LESSON))
        assert lab.run_all(page)["errors"] == []
        page.locator(".rnncourse-explorer .noUi-handle[aria-label]").first.wait_for()
        assert axe.findings(page, CELLS, THEIRS) == []
