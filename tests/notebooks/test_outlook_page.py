"""Lesson 8: its page of figures repeats what the other lessons print, its table what it trains."""

import re

import pytest

from rnncourse.data import outlook_results
from tests.notebooks.test_form import read
from tests.test_claims import plain, printed
from tools.data.outlook_results import CELLS

LESSON = "chapters/08_summary_and_outlook.ipynb"
BY_ID = {cell.id: cell for cell in read(LESSON).cells}
ROW = re.compile(
    r"^\| [^|]+ \| \[[\d.]+\]\((?P<path>[^)]+)\) `(?P<cells>[^`]+)` \| (?P<found>.+) \|$"
)
ROWS = [row for row in BY_ID["page"].source.splitlines() if "](" in row]


@pytest.mark.parametrize("row", ROWS)
def test_a_figure_on_the_page_is_what_the_named_cell_prints(row):
    found = ROW.match(row)
    assert found, "a row is | question | [lesson](path) `cells` | text with `figures` |"
    shown = printed(f"../chapters/{found['path']}", found["cells"].split(", "))
    figures = re.findall(r"`([^`]+)`", found["found"])
    assert figures
    for figure in figures:
        pattern = rf"(?<![\d.]){re.escape(plain(figure))}(?![\d]|\.\d)"
        assert re.search(pattern, shown), f"{figure} is not in {shown[:1000]}"


def test_the_script_finds_its_cells_and_kept_every_seed_at_every_length():
    assert BY_ID.keys() >= set(CELLS)
    for found in outlook_results.load().values():
        assert found["accuracy"].keys() == {str(n) for n in outlook_results.LENGTHS}
        assert all(len(v) == len(outlook_results.SEEDS) for v in found["accuracy"].values())
        assert len(found["seconds"]) == len(outlook_results.SEEDS)
