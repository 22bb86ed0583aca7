"""The explorers in Notebook 7, where that is installed: one control of each is moved.

In a file of its own, because two browsers of Playwright cannot be open in one module's fixtures.
"""

import importlib.util

import pytest

from tests.browser import lab
from tests.browser.test_explorers import (
    EXPLORER,
    MEASURED,
    NAMES,
    PICTURE,
    WATCH,
    notebook,
    shot,
    upload,
)
from tests.browser.test_lab import SECONDS


def test_all_explorers_answer_in_notebook_7_too(tmp_path, capsys):
    """As many as there are in one page, and a key press on each."""
    if importlib.util.find_spec("notebook") is None or lab.chromium() is None:
        pytest.skip("Notebook 7 or Chromium is not on this machine: pip install notebook")
    (tmp_path / "course").mkdir()
    with lab.server(tmp_path / "course", tmp_path, "notebook") as server, lab.browser() as browser:
        upload(server, "all.ipynb", notebook(*NAMES))
        page = browser.new_page()
        lab.open_notebook(page, server.notebook("all.ipynb"))
        assert lab.run_all(page, SECONDS)["errors"] == []
        page.locator(PICTURE).nth(len(NAMES) - 1).wait_for(timeout=20_000)
        taken = {}
        for n, name in enumerate(NAMES):
            explorer = page.locator(EXPLORER).nth(n)
            label = explorer.locator(".widget-label").get_by_text(MEASURED[name], exact=True)
            slider = label.locator("xpath=ancestor::*[contains(@class, 'jupyter-widgets')][1]")
            slider.locator(".noUi-handle").focus()
            for key in ("ArrowUp", "ArrowDown", "ArrowUp"):  # a slider may stand at its end
                explorer.evaluate(WATCH)
                page.keyboard.press(key)
                page.wait_for_timeout(300)
                taken[name] = page.evaluate("window.took") or taken.get(name)
        shot(page, "notebook-7")
    with capsys.disabled():
        print("\nNotebook 7:", ", ".join(f"{name} {ms or 0:.0f} ms" for name, ms in taken.items()))
    assert all(taken.values()), f"no answer from {[n for n, ms in taken.items() if not ms]}"
