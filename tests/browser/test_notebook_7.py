"""The explorers in Notebook 7, where that is installed: one control of each is moved.

In a file of its own, because two browsers of Playwright cannot be open in one module's fixtures.
"""

import importlib.util

import pytest

from tests.browser import lab
from tests.browser.test_explorers import (
    EXPLORER,
    NAMES,
    PICTURE,
    SLIDERS,
    notebook,
    playwright_timeout,
    shot,
    upload,
)


def answers(page, n, label):
    """Whether the picture of the n-th explorer changes by a key press on that slider."""
    explorer = page.locator(EXPLORER).nth(n)
    found = explorer.locator(".widget-label").get_by_text(label, exact=True)
    slider = found.locator("xpath=ancestor::*[contains(@class, 'jupyter-widgets')][1]")
    before = explorer.locator(".rnncourse-picture svg").evaluate("e => e.outerHTML")
    other = (
        f"([n, before]) => document.querySelectorAll('{EXPLORER}')[n]"
        ".querySelector('.rnncourse-picture svg')?.outerHTML !== before"
    )
    slider.locator(".noUi-handle").focus()
    for patience in (1, 60):
        for key in ("ArrowUp", "ArrowDown"):  # a slider may stand at its end
            page.keyboard.press(key)
            try:
                page.wait_for_function(other, arg=[n, before], timeout=1000 * patience)
            except playwright_timeout():
                continue
            return True
    return False


def test_all_explorers_answer_in_notebook_7_too(tmp_path):
    """As many as there are in one page, and a key press on each."""
    if importlib.util.find_spec("notebook") is None or lab.chromium() is None:
        pytest.skip("Notebook 7 or Chromium is not on this machine: pip install notebook")
    (tmp_path / "course").mkdir()
    with lab.server(tmp_path / "course", tmp_path, "notebook") as server, lab.browser() as browser:
        upload(server, "all.ipynb", notebook(*NAMES))
        page = browser.new_page()
        lab.open_notebook(page, server.notebook("all.ipynb"))
        assert lab.run_all(page)["errors"] == []
        page.locator(PICTURE).nth(len(NAMES) - 1).wait_for()
        silent = [name for n, name in enumerate(NAMES) if not answers(page, n, SLIDERS[name])]
        shot(page, "notebook-7")
    assert silent == []
