"""docs/claims.md: every row names a cell that exists, and figures that this cell has printed."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
VERDICTS = {"holds", "holds when", "does not hold"}
ROW = re.compile(
    r"^\| (?P<claim>.+?) \| \[(?P<lesson>[\d.]+)\]\((?P<path>[^)]+)\) `(?P<cells>[^|]+)`"
    r" \| (?P<measured>.+?) \| \*\*(?P<verdict>[^*]+)\*\*(?P<why>[^|]*) \|$"
)
PAGE = (ROOT / "docs" / "claims.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "](" in line]


def printed(path, cells):
    """All text that the named cells of a notebook show, markup and spacing taken out."""
    notebook = nbformat.read(ROOT / "docs" / path, as_version=4)
    by_id = {cell.id: cell for cell in notebook.cells}
    shown = []
    for cell in cells:
        assert cell in by_id, f"{path} has no cell {cell}"
        for output in by_id[cell].get("outputs", []):
            data = output.get("data", {})
            shown += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
    return plain(" ".join(shown))


def plain(text):
    return " ".join(re.sub(r"<[^>]*>|[*|]", " ", text).replace("−", "-").split())


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_cells_and_figures_that_are_there(row):
    found = ROW.match(row)
    assert found, "a row is | claim | [lesson](path) `cells` | measured | **verdict**, why |"
    assert found["verdict"] in VERDICTS
    figures = re.findall(r"`([^`]+)`", found["measured"])
    assert figures, "put the measured figures in `backticks`"
    shown = printed(found["path"], found["cells"].split(", "))
    for figure in figures:
        assert re.search(rf"(?<![\d.]){re.escape(plain(figure))}(?![\d]|\.\d)", shown), (
            f"{figure} is not in the output of {found['cells']}: {shown[:2000]}"
        )


def test_each_of_the_seven_applications_has_a_row():
    for words in (
        "文本分类",
        "情感分析",
        "机器翻译",
        "视频内容识别",
        "动作识别",
        "股票价格预测",
        "气象预测",
    ):
        assert any(words in row for row in ROWS), words


def test_each_section_of_the_document_has_a_row():
    parts = re.split(r"^## .*\(section[s]? ([^)]+)\)$", PAGE, flags=re.MULTILINE)
    with_rows = {
        n
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
        if any(row in text for row in ROWS)
        for n in re.findall(r"\d", name)
    }
    assert with_rows == set("12345678")
