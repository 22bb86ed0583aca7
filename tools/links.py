"""`make links`: every link into the repository, and every setup cell, from docs/project.json.

    python -m tools.links [--check]

docs/project.json is the one place that names the repository and its branch. From it come the setup
cell of every lesson and solution (`make sync` takes it on to exercises/), the last column of the
README's table of lessons, its clone and citation, and the address in pyproject.toml. --check writes
nothing and names what is stale.
"""

import argparse
import json
import re
import sys

import nbformat

from rnncourse.environment import course_folder
from tools.sync import notebooks, written

__all__ = ["main", "project", "setup_cell", "stale"]

SETUP = """\
# The only cell that installs: where rnncourse is missing, as in Colab. It also names the language.
import importlib.util

if importlib.util.find_spec("rnncourse") is None:
    # --no-deps: nothing that is here is replaced, so there is no need to restart.
    %pip install -q --no-deps git+{repository}@{branch}
    %pip install -q --no-deps sacrebleu portalocker colorama "keras>=3.12"
    importlib.invalidate_caches()
    if importlib.util.find_spec("rnncourse") is None:
        raise ModuleNotFoundError("{failed}")

from rnncourse import language

language.use("{language}")"""
FAILED = {
    "en": "Not installed; pip says why above. Online? Then run this again.",
    "zh": "安装失败:原因见上方。请检查网络后重新运行本单元格。",
}
ROW = re.compile(
    r"^(\| ([\d.]+) \| \[[^\]]+\]\((chapters/[^)]+)\) \|[^|]*\| \d+ \|).*$", re.MULTILINE
)


def project(folder):
    """{"repository": …, "branch": …} as docs/project.json has them."""
    return json.loads((folder / "docs" / "project.json").read_text("utf-8"))


def setup_cell(language, repository, branch):
    """The source of the cell `setup`, the same in all notebooks of a language."""
    facts = {"repository": repository, "branch": branch, "failed": FAILED[language]}
    return SETUP.format(language=language, **facts)


def notebook_with_links(path, known):
    """A notebook's bytes with the right setup cell."""
    notebook = nbformat.read(path, as_version=4)
    (setup,) = (cell for cell in notebook.cells if cell.get("id") == "setup")
    setup.source = setup_cell("zh" if "zh" in path.parts else "en", **known)
    return written(notebook)


def opens(number, path, repository, branch):
    """The README's two links that open a notebook elsewhere."""
    where = repository.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{where}/blob/{branch}/{path}"
    binder = f"https://mybinder.org/v2/gh/{where}/{branch}?urlpath=lab/tree/{path}"
    return f"[{number} in Colab]({colab}), [{number} in Binder]({binder})"


def page_with_links(text, repository, branch):
    """A page's text with the repository's address of today in all its links."""
    text = re.sub(
        r"https://github\.com/[\w.-]+/[\w.-]+?(?=[)\s\"'@]|/blob|/issues|$)", repository, text
    )
    return ROW.sub(lambda row: f"{row[1]} {opens(row[2], row[3], repository, branch)} |", text)


def wanted(folder):
    """{path: the bytes that belong there} of everything that holds a link of ours."""
    known = project(folder)
    files = [folder / name for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml")]
    texts = {
        p: page_with_links(p.read_text("utf-8"), **known).encode() for p in files if p.exists()
    }
    parts = [folder / part for part in ("chapters", "solutions")]  # sync makes exercises/
    found = [path for part in parts if part.is_dir() for path in notebooks(part)]
    return texts | {path: notebook_with_links(path, known) for path in found}


def stale(folder):
    """{path: its right bytes} of those that differ."""
    return {path: data for path, data in wanted(folder).items() if path.read_bytes() != data}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.links", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    check = parser.parse_args(arguments).check
    differ = stale(course_folder())
    for path, data in differ.items():
        if not check:
            path.write_bytes(data)
        print("stale" if check else "wrote", path.relative_to(course_folder()))
    return 1 if check and differ else 0


if __name__ == "__main__":
    sys.exit(main())
