"""One setting holds the repository's address; nothing in the course says another one."""

import tomllib

import pytest

from rnncourse.environment import course_folder
from tools import links

KNOWN = {"repository": "https://github.com/someone/else", "branch": "next"}


def test_nothing_is_stale():
    stale = [str(path.relative_to(course_folder())) for path in links.stale(course_folder())]
    assert not stale, "run `make links`"


def test_a_row_of_lessons_ends_with_both_places():
    row = "| 4.1 | [Forward](chapters/04_1_x.ipynb) | derive | 50 | old |"
    page = links.page_with_links(f"a\n{row}\nb", **KNOWN)
    colab = "https://colab.research.google.com/github/someone/else/blob/next/chapters/04_1_x.ipynb"
    binder = "https://mybinder.org/v2/gh/someone/else/next?urlpath=lab/tree/chapters/04_1_x.ipynb"
    assert page.splitlines()[1] == (
        "| 4.1 | [Forward](chapters/04_1_x.ipynb) | derive | 50 |"
        f" [4.1 in Colab]({colab}), [4.1 in Binder]({binder}) |"
    )
    assert links.page_with_links(page, **KNOWN) == page


@pytest.mark.parametrize("end", ["", " && cd rnncourse", '"', ")", "/blob/main/STYLE.md"])
def test_addresses_follow_the_setting(end):
    page = links.page_with_links(f"https://github.com/rnncourse/rnncourse{end}", **KNOWN)
    assert page == f"https://github.com/someone/else{end}"


def test_the_setup_cell_asks_for_the_keras_that_the_package_asks_for():
    extras = tomllib.loads((course_folder() / "pyproject.toml").read_text("utf-8"))
    (wanted,) = (r for r in extras["project"]["optional-dependencies"]["keras"] if r[:5] == "keras")
    assert f'"{wanted}"' in links.setup_cell("en", **KNOWN)


def test_the_setup_cell_installs_only_where_the_package_is_missing():
    source = links.setup_cell("zh", **KNOWN)
    assert "git+https://github.com/someone/else@next" in source
    ours = source.replace("    %pip", "    raise AssertionError('installs') # %pip")
    exec(compile(ours, "setup", "exec"), {})
