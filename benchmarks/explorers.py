"""How soon an explorer answers: from a key press to the new picture, in JupyterLab and Chromium.

    python -m benchmarks.explorers [NAME …]

The peer in the same run is a plain ipywidgets slider that writes an SVG into an HTML widget: what
no explorer can undercut. Medians in milliseconds, and their ratio.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import nbformat

from tests.browser import lab
from tests.browser.test_explorers import EXPLORER, NAMES, SLIDERS, changed, source, target, upload

MOVES = 24
PLAIN = """import ipywidgets as w

slider, picture = w.IntSlider(50, description="plain"), w.HTML()

def draw(_=None):
    bar = f"<rect width='{5 * slider.value}' height='40'/>"
    picture.value = f"<svg width='720' height='60'>{bar}</svg>"

slider.observe(draw, "value")
draw()
box = w.VBox([slider, picture])
box.add_class("rnncourse-explorer")
picture.add_class("rnncourse-picture")
box"""
# Runs in the page: from the key press to the first change of the picture's source, in ms.
WATCH = """explorer => {
  const picture = explorer.querySelector('.rnncourse-picture');
  const now = () => picture.querySelector('svg').outerHTML;
  window.took = null;
  let before = now(), pressed = null;
  document.addEventListener('keydown', () => { pressed = performance.now(); before = now(); },
                            {capture: true, once: true});
  const observer = new MutationObserver(() => {
    if (pressed === null || !picture.querySelector('svg') || now() === before) return;
    observer.disconnect();
    const from = pressed;
    requestAnimationFrame(() => { window.took = performance.now() - from; });  // it is painted now
  });
  observer.observe(picture, {childList: true, subtree: true, characterData: true});
}"""


def latencies(page, label):
    """Move a slider by key presses, there and back; the milliseconds that each took."""
    target(page, label).focus()
    there, back, before = "ArrowUp", "ArrowDown", source(page)
    page.keyboard.press(there)
    if not changed(page, before, 3):  # it stands at its upper end
        there, back = back, there
    taken = []
    for n in range(MOVES):
        page.locator(EXPLORER).evaluate(WATCH)
        page.keyboard.press(there if n % 8 < 4 else back)  # a clip has eight frames
        page.wait_for_function("window.took !== null")
        taken.append(page.evaluate("window.took"))
    return taken


def measured(server, browser, label, *sources):
    """The latencies of the one explorer that these cells show."""
    cells = [nbformat.v4.new_code_cell(text) for text in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    upload(server, "one.ipynb", nbformat.v4.new_notebook(metadata=kernel, cells=cells))
    page = browser.new_page()
    try:
        lab.open_notebook(page, server.notebook("one.ipynb"))
        lab.run_all(page)
        page.locator(f"{EXPLORER} .rnncourse-picture svg").wait_for()
        return latencies(page, label)
    finally:
        page.close()
        server.stop_kernels()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], default=[], metavar="NAME")
    asked = parser.parse_args().names or NAMES
    print(f"{'ms':16}{'median':>8}{'90 %':>8}{'ratio':>8}")
    with (
        tempfile.TemporaryDirectory() as folder,
        lab.server(lab.copy_of_course(Path(folder)), Path(folder)) as server,
        lab.browser() as browser,
    ):
        peer = None
        for name in ("plain", *asked):
            label = "plain" if name == "plain" else SLIDERS[name]
            shown = f"from rnncourse import widgets\nwidgets.{name}()"
            taken = measured(server, browser, label, PLAIN if name == "plain" else shown)
            median, slow = statistics.median(taken), sorted(taken)[int(0.9 * len(taken))]
            peer = peer or median
            print(f"{name:16}{median:8.0f}{slow:8.0f}{median / peer:8.2f}", flush=True)


if __name__ == "__main__":
    main()
