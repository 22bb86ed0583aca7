"""Look at a notebook as a learner sees it: run it in JupyterLab and save pictures of the page.

    python -m tests.browser.shoot chapters/03_algorithm.ipynb /tmp/pictures

Writes 03_algorithm-01.png, -02.png, … from top to bottom, a screen of cells each. With --as-stored
nothing is run and the pictures show the committed outputs.
"""

import argparse
import math
import shutil
import sys
import tempfile
from pathlib import Path

from tests.browser import lab

PANEL = ".jp-NotebookPanel:visible .jp-WindowedPanel-outer"
# The height of all cells, and of the part of them that is seen at once.
SIZE = """e => [
  [...e.querySelectorAll('.jp-Cell')].at(-1).getBoundingClientRect().bottom
    - e.getBoundingClientRect().top + e.scrollTop,
  e.clientHeight,
]"""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shoot", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--as-stored", action="store_true", help="do not run the notebook")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1600, help="of one picture")
    return parser.parse_args(arguments)


def shoot(page, folder, stem):
    """Save one picture a screenful, scrolling by less than a screen so that nothing is cut."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+B")  # folds the file browser away
    page.wait_for_timeout(500)
    panel = page.locator(PANEL)
    whole, seen = panel.evaluate(SIZE)
    step = seen - 60
    count = max(1, math.ceil((whole - 60) / step))
    for n in range(count):
        panel.evaluate("(e, top) => { e.scrollTop = top; }", n * step)
        page.wait_for_timeout(250)
        path = folder / f"{stem}-{n + 1:02}.png"
        page.screenshot(path=path)
        print(path, flush=True)


def main(arguments=None):
    asked = parse(arguments)
    if lab.chromium() is None:
        print("No Chromium here. Debian: sudo apt install chromium", file=sys.stderr)
        return 1
    if not asked.notebook.is_file():
        print(f"{asked.notebook} is not there. Name a notebook file.", file=sys.stderr)
        return 1
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        course = Path(name) / "course"
        course.mkdir()
        shutil.copy(asked.notebook, course)
        with lab.server(course, Path(name)) as server, lab.browser() as context:
            page = context.new_page()
            page.set_viewport_size({"width": asked.width, "height": asked.height})
            lab.open_notebook(page, server.notebook(asked.notebook.name))
            errors = []
            if not asked.as_stored:
                state = lab.run_all(page)
                print(f"{state['done']} of {state['code']} code cells ran", flush=True)
                errors = state["errors"]
                page.wait_for_timeout(1000)  # formulas and figures settle
            shoot(page, asked.folder, asked.notebook.stem)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
