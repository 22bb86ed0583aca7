"""What Sphinx gets to read: hints folded under their checks, links that lead somewhere."""

from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from tools import site

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    site.stage(folder)
    return folder


def test_every_check_of_an_exercise_is_followed_by_its_hints(staged):
    for path in sorted((staged / "exercises").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        pairs = pairwise(cells)
        checks = [(a, b) for a, b in pairs if a.cell_type == "code" and site.HINT.search(a.source)]
        assert checks, path
        assert all("<details><summary>Hint 1 of" in hints.source for _, hints in checks)


def test_lessons_are_staged_with_their_code_and_outputs(staged):
    for path in (ROOT / "chapters").glob("*.ipynb"):
        cells = nbformat.read(staged / "chapters" / path.name, as_version=4).cells
        for one, other in zip(cells, nbformat.read(path, as_version=4).cells, strict=True):
            live = "data-live" in str(one.get("outputs"))
            assert live or one.cell_type == "markdown" or one == other
            assert one.cell_type == other.cell_type
            assert live <= (staged / "static" / "live" / f"{path.stem}-{one.id}.js").exists()


def test_what_is_not_on_the_site_is_linked_in_the_repository():
    page = site.staged_page("[a](chapters/x.ipynb) [b](STYLE.md) [c](https://x.org) [d](#part)")
    assert page.startswith("[a](chapters/x.ipynb) [b](https://")
    assert page.endswith("/blob/main/STYLE.md) [c](https://x.org) [d](#part)")
    page = site.staged_page(
        "[a](../chapters/x.ipynb) [b](../rnncourse/a.py) [c](y.ipynb)", up="../"
    )
    assert page.startswith("[a](../chapters/x.ipynb) [b](https://")
    assert page.endswith("/blob/main/rnncourse/a.py) [c](y.ipynb)")


def test_the_reference_names_what_is_public():
    page = site.api_page()
    for name in ("SimpleRNN", "Sequential", "gradcheck", "Card", "show", "stepper"):
        assert f"### {name}\n" in page
