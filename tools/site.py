"""`make site`: the whole course as a web site, from the notebooks as they are committed.

    python -m tools.site [--out build/site]

The pages are staged in a temporary folder, laid out like the repository so that every link between
notebooks keeps its meaning; then Sphinx builds them, with warnings as errors. Nothing is executed
and nothing is fetched.
"""

import argparse
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

from rnncourse import language, nn
from rnncourse.environment import course_folder
from tools.links import project
from tools.prerender import make_live

__all__ = ["api_page", "main", "stage", "with_hints", "with_live_explorers"]

HINT = re.compile(r"^# (ch\w+)\.(\w+)\.hint\(\)$", re.MULTILINE)
DOCUMENTED = ("rnncourse.nn", "rnncourse.data", "rnncourse.plots", "rnncourse.widgets")


def with_hints(notebook):
    """An exercise for the site: under each check its hints, folded, in place of `.hint()`."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        found = HINT.search(cell.source) if cell.cell_type == "code" else None
        if found:
            chapter, task = found.groups()
            hints = language.table(f"tasks.{chapter}", "en")[task]["hints"]
            titles = (f"Hint {n} of {len(hints)}, {task}" for n in range(1, len(hints) + 1))
            folded = [
                f"<details><summary>{title}</summary>\n\n{hint}\n\n</details>"
                for title, hint in zip(titles, hints, strict=True)
            ]
            cells.append(new_markdown_cell("\n\n".join(folded), id=f"{cell.id}-hints"))
    notebook.cells = cells
    return notebook


def with_live_explorers(notebook, stem, folder):
    """A lesson for the site: its explorers' pictures in scripts in `folder`, one each."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            name = f"{stem}-{cell.id}"
            script = make_live(cell, name)
            if script:
                (folder / f"{name}.js").write_text(script, "utf-8")
    return notebook


def api_page():
    """The public functions and classes with their docstrings, as one Markdown page."""
    lines = ["# Reference", "", "Every public name, with its docstring as `help()` shows it.", ""]
    for package in map(importlib.import_module, DOCUMENTED):
        names = [package.__name__]
        if package is not nn:
            found = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
            names += [m.name for m in found if not m.ispkg]
        for name in names:
            lines += module_section(importlib.import_module(name))
    return "\n".join(lines) + "\n"


def module_section(module):
    """The lines of one module: its docstring, then each of its __all__."""
    lines = [f"## {module.__name__}", "", *literal(inspect.getdoc(module))]
    for name in getattr(module, "__all__", ()):
        thing = getattr(module, name)
        if inspect.ismodule(thing) or not inspect.getdoc(thing):
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            lines += [f"### {name}", "", *literal(signature(name, thing) + inspect.getdoc(thing))]
    return lines


def signature(name, thing):
    try:
        return f"{name}{inspect.signature(thing)}\n\n"
    except ValueError:  # some of C's
        return ""


def literal(text):
    return ["```text", *(text or "").splitlines(), "```", ""]


def contents(folder):
    """The staged index: the README's words, and the sidebar's parts."""

    def tree(caption, *names):
        return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```", ""]

    def pages(part):
        return [f"{part}/{path.stem}" for path in sorted((folder / part).glob("*.ipynb"))]

    return "\n".join(
        [
            (folder / "index.md").read_text("utf-8").rstrip(),
            "",
            *tree("Lessons", *pages("chapters")),
            *tree("Exercises", *pages("exercises")),
            *tree("About", *[f"docs/{p.stem}" for p in sorted((folder / "docs").glob("*.md"))]),
        ]
    )


def stage(folder):
    """Lay out everything that Sphinx reads in `folder`."""
    root = course_folder()
    for name in ("conf.py", "project.json", "static"):
        source = root / "docs" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    (folder / "docs").mkdir()
    for path in (root / "docs").glob("*.md"):
        shutil.copy(path, folder / "docs")
    (folder / "docs" / "reference.md").write_text(api_page(), "utf-8")
    shutil.copytree(root / "docs" / "images", folder / "docs" / "images")
    live = folder / "static" / "live"
    live.mkdir()
    for part in ("chapters", "exercises"):
        (folder / part).mkdir()
        for path in sorted((root / part).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            notebook = (
                with_hints(notebook)
                if part == "exercises"
                else with_live_explorers(notebook, path.stem, live)
            )
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = staged_page(cell.source, up="../")
            nbformat.write(notebook, folder / part / path.name)
    for name in ("README.md", "LICENSES-DATA.md"):
        if (root / name).exists():
            text = staged_page((root / name).read_text("utf-8"))
            (folder / ("index.md" if name == "README.md" else f"docs/{name}")).write_text(
                text, "utf-8"
            )
    (folder / "index.md").write_text(contents(folder), "utf-8")


def staged_page(text, up=""):
    """A page of the repository, its links to what is not on the site turned to the repository.

    up: what leads from the page's folder to the top, "" or "../".
    """
    known = project(course_folder())
    ours = "chapters/|exercises/|docs/" if up else "https?:|#|chapters/|exercises/|docs/"
    away = rf"\]\({re.escape(up)}(?!{ours})([^)]+)\)"
    return re.sub(away, rf"]({known['repository']}/blob/{known['branch']}/\1)", text)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, default=course_folder() / "build" / "site")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        stage(folder)
        shutil.rmtree(out, ignore_errors=True)
        sphinx = [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "-W",
            "--keep-going",
            "-q",
            "-j",
            "2",
        ]
        done = subprocess.call([*sphinx, "-d", str(folder / ".doctrees"), temporary, str(out)])
    if done == 0:
        print(f"The site is in {out}: open index.html, or serve it with python -m http.server.")
    return done


if __name__ == "__main__":
    sys.exit(main())
