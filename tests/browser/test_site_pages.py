"""The web site in a real browser: reachable for all, whole on a phone, and needing no other host.

Some pages of each kind; RNNCOURSE_ALL_PAGES=1 visits every page, light and dark, and takes several
minutes (.github/workflows/newest.yml). RNNCOURSE_SITE names a site that is built already.
"""

import html
import json
import os
import re
from pathlib import Path

import nbformat
import pytest

from rnncourse import widgets
from tests.browser import axe, lab, site_pages
from tools import links, prerender, site

WHOLE = bool(os.environ.get("RNNCOURSE_ALL_PAGES"))
SAMPLE = (
    "index.html",
    "chapters/02_core_concepts.html",  # explorers
    "chapters/04_1_forward_and_bptt.html",  # formulas and wide tables
    "chapters/06_2_translation.html",  # Chinese, and tables among the outputs
    "exercises/04_3_lstm_and_gru.html",  # hints
    "docs/claims.html",
    "docs/LICENSES-DATA.html",  # long words
    "docs/reference.html",
)
CHECKED = SAMPLE[:2] + SAMPLE[4:6]  # by axe: 1 to 10 s a page, as there is much on it
#: What we cannot mend, (rule, part of the selector), and why.
THEIRS = (
    # The theme's search button shows "Search Ctrl+K" and is named "Search": the shortcut it adds.
    ("label-content-name-mismatch", "search-button-field"),
)
EXPLORERS = ("stepper", "two-units", "shapes-explorer")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the site."""
    if lab.chromium() is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("no Chromium on this machine; Debian: apt install chromium")
    if folder := os.environ.get("RNNCOURSE_SITE"):
        return Path(folder)
    folder = tmp_path_factory.mktemp("site") / "site"
    assert site.main(["--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def chrome(built):
    """(the address of the site, a browser)."""
    with site_pages.served(built) as address, lab.browser() as context:
        yield address, context.browser


def chosen(built, some):
    return site_pages.pages(built) if WHOLE else some


@pytest.mark.parametrize("size", site_pages.SIZES)
def test_pages_are_whole_and_ask_no_other_host(chrome, built, size):
    address, browser = chrome
    found = []
    with site_pages.reader(browser, size) as page:
        for path in chosen(built, SAMPLE):
            site_pages.visit(page, address + path)
            found += [f"{path}: {problem}" for problem in site_pages.problems(page)]
    assert found == []


@pytest.mark.parametrize("theme", site_pages.THEMES)
def test_axe_finds_nothing_grave(chrome, built, theme):
    address, browser = chrome
    found = []
    with site_pages.reader(browser, theme=theme) as page:
        for path in chosen(built, CHECKED):
            site_pages.visit(page, address + path)
            for place in page.locator("[data-live]").all():
                place.scroll_into_view_if_needed()
            page.wait_for_function("!document.querySelector('[data-live]:not([data-ready])')")
            found += [f"{path}: {finding}" for finding in axe.findings(page, known=THEIRS)]
    assert found == []


@pytest.fixture
def lesson(chrome):
    """Lesson 2 on a phone, where the explorers are narrowest."""
    address, browser = chrome
    with site_pages.reader(browser, "phone") as page:
        site_pages.visit(page, f"{address}chapters/02_core_concepts.html")
        yield page


def explorer(page, name):
    place = page.locator(f"[data-live$='{name}']")
    place.scroll_into_view_if_needed()
    page.locator(f"[data-live$='{name}'][data-ready]").wait_for()
    return place


def shows(place, picture):
    """Whether the page shows exactly this Svg: both as the browser reads them."""
    return place.locator(".live-picture").evaluate(
        """(shown, source) => {
          const wanted = document.createElement('template');
          wanted.innerHTML = source;
          return wanted.innerHTML === shown.innerHTML;
        }""",
        picture.source,
    )


def test_a_slider_moved_by_keyboard_shows_what_python_draws(lesson):
    place, drawn = explorer(lesson, "stepper"), widgets.stepper()
    drawn.controls["t"].value = drawn.stored["t"]
    assert shows(place, drawn.picture)
    slider = place.get_by_role("slider", name="step t")
    for key, step in (("ArrowRight", 1), ("ArrowRight", 1), ("ArrowLeft", -1), ("End", 99)):
        slider.press(key)
        drawn.controls["t"].value = min(drawn.controls["t"].value + step, drawn.controls["t"].max)
        assert slider.get_attribute("aria-valuetext") == str(drawn.controls["t"].value)
        assert shows(place, drawn.picture), key
    alt = place.get_by_role("img").get_attribute("aria-label")
    assert alt == html.unescape(drawn.picture.alt)


def test_a_choice_moves_what_depends_on_it_as_in_jupyterlab(lesson):
    place, drawn = explorer(lesson, "two-units"), widgets.two_units()
    for name in drawn.controls["pattern"].options[::-1]:
        place.get_by_role("combobox", name="begin with").select_option(name)
        drawn.controls["pattern"].value = name
        assert shows(place, drawn.picture), name
    weight = place.get_by_role("slider", name="U: 1 → 1")
    weight.press("Home")
    drawn.controls["U11"].value = -2
    assert shows(place, drawn.picture)


def test_all_explorers_of_a_lesson_answer_and_stay_within_a_phone(lesson):
    for name in EXPLORERS:
        place = explorer(lesson, name)
        before = place.locator(".live-picture").inner_html()
        slider = place.get_by_role("slider").last
        slider.press("Home")
        assert place.locator(".live-picture").inner_html() != before, name
        wide = place.locator(".live-controls").bounding_box()
        assert wide["x"] >= 0
        assert wide["x"] + wide["width"] <= 390
    assert site_pages.problems(lesson) == []


def test_without_javascript_the_stored_pictures_stand_there(chrome):
    address, browser = chrome
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}chapters/02_core_concepts.html")
    assert page.locator("[data-live] > img[alt]").count() == len(EXPLORERS)
    context.close()


def test_hints_fold_out_by_keyboard(chrome):
    address, browser = chrome
    with site_pages.reader(browser, "phone", "dark") as page:
        site_pages.visit(page, f"{address}exercises/04_3_lstm_and_gru.html")
        hint = page.locator("details").first
        inside = hint.locator("p").first
        assert not inside.is_visible()
        hint.locator("summary").press("Enter")
        assert inside.is_visible()
        assert len(inside.inner_text()) > 20


@pytest.mark.parametrize(
    ("words", "page_found"),
    [
        ("vanishing gradient", "chapters/04_2_vanishing_gradients.html"),
        ("attention", "chapters/06_2_translation.html"),
        ("梯度消失", "docs/glossary.html"),
        ("梯度", "docs/glossary.html"),  # a part of it
    ],
)
def test_search_finds_english_and_chinese(chrome, words, page_found):
    address, browser = chrome
    with site_pages.reader(browser) as page:
        page.goto(f"{address}search.html?q={words}")
        page.locator("#search-results li a").first.wait_for()
        page.wait_for_timeout(500)
        found = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    assert any(page_found in link for link in found), found


def test_launch_buttons_lead_to_this_notebook(chrome):
    address, browser = chrome
    known = links.project(lab.ROOT)
    owner = re.sub("https://github.com/", "", known["repository"])
    notebook = "chapters/03_algorithm.ipynb"
    with site_pages.reader(browser) as page:
        site_pages.visit(page, f"{address}chapters/03_algorithm.html")
        menu = page.locator(".dropdown-launch-buttons a")
        found = menu.evaluate_all("all => all.map(a => a.href)")
    binder = f"https://mybinder.org/v2/gh/{owner}/{known['branch']}?urlpath=lab/tree/{notebook}"
    colab = f"https://colab.research.google.com/github/{owner}/blob/{known['branch']}/{notebook}"
    assert binder in found
    assert colab in found


def test_scripts_of_explorers_hold_what_the_grids_say(built):
    for path in sorted((lab.ROOT / "chapters").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            call = prerender.called(cell.source) if cell.cell_type == "code" else None
            if call and call[0] in prerender.GRIDS:
                script = built / "_static" / "live" / f"{path.stem}-{cell.id}.js"
                data = json.loads(script.read_text("utf-8").split(", ", 1)[1].removesuffix(");\n"))
                assert len(data["controls"]) == len(prerender.GRIDS[call[0]].values)
                assert script.stat().st_size < 4_000_000  # a tenth of it when compressed
