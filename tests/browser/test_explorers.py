"""The explorers in a real JupyterLab: every control is moved by keyboard and the picture answers.

How soon it answers is for benchmarks/explorers.py to say. A screenshot of each explorer goes into
RNNCOURSE_SHOTS, if that names a folder.
"""

import contextlib
import json
import os
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.browser import lab
from tests.browser.test_lab import jupyterlab  # noqa: F401 - a fixture
from tests.support import HANG
from tools import execute

EXPLORER = ".rnncourse-explorer"
PICTURE = f"{EXPLORER} .rnncourse-picture svg"
BUTTON = f"{EXPLORER} button:not(.widget-play *)"  # not those that start and stop a player
#: What has to be chosen before all controls have something to move: {label: key}.
BEFORE = {
    "task_shapes": ("task", "End"),
    "gradient_flow": ("cell", "End"),
    "gates": ("begin with", "End"),
}
#: The slider of each explorer of which every step is a new picture.
SLIDERS = {
    "stepper": "step t",
    "task_shapes": "units N",
    "two_units": "U: 2 → 1",
    "gradient_flow": "scale of U",
    "gates": "step 3",
    "bptt_by_hand": "products done",
    "next_character": "temperature",
    "play_frames": "frame t",
}
NAMES = tuple(SLIDERS)


@pytest.fixture
def opened(jupyterlab, request):  # noqa: F811
    """(name, page): a notebook with one explorer, run in JupyterLab."""
    server, browser = jupyterlab
    with contextlib.closing(browser.new_page()) as page, contextlib.ExitStack() as after:
        after.callback(server.stop_kernels)
        upload(server, f"{request.param}.ipynb", notebook(request.param))
        page.set_viewport_size({"width": 1280, "height": 1000})
        lab.open_notebook(page, server.notebook(f"{request.param}.ipynb"))
        assert lab.run_all(page)["errors"] == []
        page.locator(PICTURE).wait_for()
        yield request.param, page


def notebook(*names):
    """Explorers between two other cells."""
    cells = [
        nbformat.v4.new_code_cell("from rnncourse import widgets"),
        *(nbformat.v4.new_code_cell(f"widgets.{name}()") for name in names),
        nbformat.v4.new_markdown_cell("The cell below the explorer."),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.v4.new_notebook(metadata=kernel, cells=cells)


def upload(server, path, content):
    """Put a notebook into the server's folder, through the server."""
    request = urllib.request.Request(
        f"{server.address}/api/contents/{path}",
        data=json.dumps({"type": "notebook", "content": content}).encode(),
        headers={"Authorization": f"token {server.token}", "Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=HANG).close()


def source(page):
    return page.locator(PICTURE).evaluate("e => e.outerHTML")


def changed(page, before, seconds=120):
    """Whether the picture becomes another one than `before` in that time."""
    other = f"before => document.querySelector('{PICTURE}')?.outerHTML !== before"
    try:
        page.wait_for_function(other, arg=before, timeout=seconds * 1000)
    except playwright_timeout():
        return False
    return True


def playwright_timeout():
    from playwright.sync_api import TimeoutError  # only where there is a browser

    return TimeoutError


def labels(page):
    """The labels of all controls, from top to bottom."""
    texts = page.locator(f"{EXPLORER} .widget-label").all_inner_texts()
    return [text for text in texts if text.strip("\u200b ")]  # a checkbox has an empty one


def control(page, label):
    """The widget with this label."""
    found = page.locator(f"{EXPLORER} .widget-label").get_by_text(label, exact=True)
    return found.locator("xpath=ancestor-or-self::*[contains(@class, 'jupyter-widgets')][1]")


def target(page, label):
    """What of a widget gets the focus."""
    return control(page, label).locator(".noUi-handle, select, input[type=checkbox]").first


def move(page, label):
    """Move one control by keyboard, whichever way it can go; whether the picture answered."""
    before, element = source(page), target(page, label)
    for patience in (1, 3, 60):  # a slider at its end does not answer, a busy machine not at once
        for key in ("ArrowDown", "ArrowUp", "Space"):
            element.focus()
            page.keyboard.press(key)
            if changed(page, before, patience):
                return True
    return False


def press(page, element, key):
    """Press a key on a button or a checkbox, and see the picture change."""
    before = source(page)
    element.focus()
    page.keyboard.press(key)
    assert changed(page, before), f"nothing new by {key} on {element.inner_text()!r}"


def prepare(page, name):
    """Choose what lets all controls of an explorer have something to move."""
    if name in BEFORE:
        label, key = BEFORE[name]
        before = source(page)
        target(page, label).focus()
        page.keyboard.press(key)
        changed(page, before, 0.5)  # or it was chosen already


def shot(page, name):
    """A picture of the page, if RNNCOURSE_SHOTS names a folder."""
    if folder := os.environ.get("RNNCOURSE_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("opened", NAMES, indirect=True)
def test_every_control_moves_the_picture_by_keyboard(opened):
    name, page = opened
    shot(page, f"{name}-first")
    first = target(page, SLIDERS[name])
    first.focus()
    page.keyboard.press("ArrowUp")  # with no step done yet, a checkbox may have nothing to show
    page.keyboard.press("ArrowUp")
    for checkbox in page.locator(f"{EXPLORER} input[type=checkbox]").all():
        press(page, checkbox, "Space")
    there = labels(page)
    assert there
    for label in there:
        prepare(page, name)
        assert move(page, label), f"{name}: the picture does not answer {label!r}"
    for button in reversed(page.locator(BUTTON).all()):  # forth before back
        press(page, button, "Enter")
    shot(page, f"{name}-moved")


@pytest.mark.parametrize("opened", ["play_frames"], indirect=True)
def test_a_player_plays(opened):
    _, page = opened
    press(page, page.locator(f"{EXPLORER} .widget-play button").first, "Enter")
    before = source(page)
    assert changed(page, before)  # by itself


@pytest.mark.parametrize("opened", ["bptt_by_hand"], indirect=True)
def test_keys_on_a_control_are_not_taken_for_commands_of_jupyterlab(opened):
    _, page = opened
    cells = page.locator(".jp-NotebookPanel:visible .jp-Cell")
    elements = [target(page, "products done"), page.locator(f"{EXPLORER} button").last]
    for element in elements:
        element.focus()
        page.keyboard.press("d")
        page.keyboard.press("d")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(300)
        assert cells.count() == 3
        assert element.evaluate("e => e === document.activeElement")
    assert elements[0].get_attribute("aria-label") == "products done"


def test_stored_explorers_are_pictures_before_anything_is_run(jupyterlab, tmp_path):  # noqa: F811
    server, browser = jupyterlab
    path = tmp_path / "stored.ipynb"
    nbformat.write(notebook(*NAMES), path)
    upload(
        server, "stored.ipynb", execute.execute(path)
    )  # not trusted by JupyterLab: it cleans HTML
    with contextlib.closing(browser.new_page()) as page, contextlib.ExitStack() as after:
        after.callback(server.stop_kernels)
        lab.open_notebook(page, server.notebook("stored.ipynb"))
        images = page.locator(".jp-OutputArea-output img")
        images.nth(len(NAMES) - 1).wait_for()
        seen = images.evaluate_all("all => all.map(i => [i.naturalWidth, i.alt.length])")
        page.set_viewport_size({"width": 1280, "height": 3900})
        shot(page, "stored")
    assert len(seen) == len(NAMES)
    assert all(width == 720 and alt > 60 for width, alt in seen)
