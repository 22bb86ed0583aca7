"""Look at the web site as its readers do: desktop and phone, light and dark.

    python -m tests.browser.site_pages [--site build/site] [--out build/pictures/site] [part …]

Visits every page (or those whose path has one of the parts in it), says what is wrong, and saves
pictures: the top of each page, then the first table, figure, explorer, formula, wide line of code
and hint on it.
"""

import argparse
import contextlib
import functools
import http.server
import threading
from pathlib import Path

from tests.browser import lab

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
PARTS = {
    "table": ".bd-article table",
    "figure": ".cell_output img:not(.live img)",
    "explorer": ".live",
    "formula": "mjx-container[display]",
    "code": ".cell_input pre",
    "hint": "details",
}
# Runs in the page: what sticks out at the right without a parent that scrolls.
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= wide) return [];
  const scrolls = e => e && e !== document.body &&
    (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.querySelectorAll('body *')].filter(
    e => e.getBoundingClientRect().right > wide + 1 && !scrolls(e)
  ).slice(0, 5).map(e => e.outerHTML.slice(0, 100));
}"""


def pages(site):
    """The site's pages, as paths under `site`."""
    found = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    return [path.as_posix() for path in found if path.parts[0] != "_static"]


@contextlib.contextmanager
def served(site):
    """Serve a folder; yields its address, which ends in /."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@contextlib.contextmanager
def reader(chrome, size="desktop", theme="light"):
    """A page of a browser whose reader has chosen a theme; it can reach this machine only.

    `page.refused` lists what it asked of other hosts.
    """
    context = chrome.new_context(viewport=SIZES[size], locale="en-US")
    choice = f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}');"
    context.add_init_script(choice)
    page = context.new_page()
    page.refused = []

    def elsewhere(route):
        page.refused.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(("http://127.0.0.1", "data:", "blob:")), elsewhere)
    try:
        yield page
    finally:
        context.close()


def visit(page, address):
    """Open a page of the site and wait until its formulas and explorers are drawn."""
    page.goto(address)
    if page.locator(".math").count():
        page.wait_for_function(
            "document.querySelectorAll('mjx-container').length"
            " >= document.querySelectorAll('.math').length"
        )
    page.evaluate("document.fonts.ready")


def problems(page):
    """What is wrong with the page that is open: a list of str."""
    found = [f"wider than the screen: {what}" for what in page.evaluate(STICKS_OUT)]
    found += [f"asks another host: {url}" for url in page.refused]
    found += [f"formula: {e.inner_text()}" for e in page.locator("mjx-merror").all()]
    alts = "all => all.filter(i => !i.alt.trim()).map(i => i.outerHTML.slice(0, 80))"
    found += [f"no alt: {i}" for i in page.locator(".bd-article img").evaluate_all(alts)]
    broken = "all => all.filter(i => i.complete && !i.naturalWidth).map(i => i.alt)"
    found += [f"picture missing: {i}" for i in page.locator("img").evaluate_all(broken)]
    return found


def shoot(page, folder, stem):
    """Pictures of the page's top and of the first of each of PARTS."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{stem}.png")
    for name, selector in PARTS.items():
        part = page.locator(selector)
        if part.count():
            scroll = "e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 150)"
            if name == "code":  # the widest
                scroll = f"(_ => ({scroll})([...document.querySelectorAll('{selector}')].reduce("
                scroll += "(a, b) => b.scrollWidth > a.scrollWidth ? b : a)))"
            part.first.evaluate(scroll)
            if name == "explorer":
                page.locator(".live[data-ready]").first.wait_for()
            if name == "hint":
                part.first.locator("summary").press("Enter")
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"{stem}-{name}.png")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.browser.site_pages", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--site", type=Path, default=lab.ROOT / "build" / "site")
    parser.add_argument("--out", type=Path, default=lab.ROOT / "build" / "pictures" / "site")
    asked = parser.parse_args(arguments)
    wrong = 0
    with served(asked.site) as address, lab.browser() as context:
        for size in SIZES:
            for theme in THEMES:
                with reader(context.browser, size, theme) as page:
                    for path in pages(asked.site):
                        if asked.parts and not any(part in path for part in asked.parts):
                            continue
                        visit(page, address + path)
                        for problem in problems(page):
                            wrong += 1
                            print(f"{size} {theme} {path}: {problem}", flush=True)
                        stem = path.removesuffix(".html").replace("/", "-")
                        shoot(page, asked.out / f"{size}-{theme}", stem)
    print(f"The pictures are in {asked.out}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
