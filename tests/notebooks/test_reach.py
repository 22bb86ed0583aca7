"""Notebooks for all readers: pictures have words, columns have names, headings nest."""

import re
from html.parser import HTMLParser

import pytest

from tests.notebooks.test_form import FOLDERS, paths, read, written_code

TABLE = re.compile(r"^\|(.+)\|[ \t]*\n\|[-:| ]+\|[ \t]*$", re.MULTILINE)


class Reader(HTMLParser):
    """The alt texts of the images in an output, and how many headers each of its tables has."""

    def __init__(self, source):
        super().__init__()
        self.alts, self.headers = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")
        elif tag == "table":
            self.headers.append(0)
        elif tag == "th" and self.headers:
            self.headers[-1] += 1


def outputs(path):
    return [(c.id, o) for c in written_code(read(path)) for o in c.outputs if "data" in o]


@pytest.mark.parametrize("path", paths(*FOLDERS))
def test_a_picture_says_in_words_what_it_shows_and_a_table_what_stands_in_it(path):
    for cell, output in outputs(path):
        kinds, shown = set(output.data), Reader(output.data.get("text/html", ""))
        assert not kinds & {"image/png", "image/svg+xml", "image/jpeg"}, f"{cell}: use plots.show"
        assert all(len(alt) > 30 for alt in shown.alts), f"{cell}: {shown.alts}"
        assert all(shown.headers), f"{cell}: a table without <th>"


@pytest.mark.parametrize("path", paths(*FOLDERS))
def test_columns_have_names_and_headings_nest(path):
    level = 0
    for cell in read(path).cells:
        if cell.cell_type != "markdown":
            continue
        for head in TABLE.findall(cell.source):
            names = [name.strip() for name in re.split(r"(?<!\\)\|", head)]
            assert all(names), f"{cell.id}: a column without a name: {names}"
        text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
        for marks in re.findall(r"^(#+) ", text, flags=re.MULTILINE):
            assert len(marks) <= level + 1, f"{cell.id}: a heading skips a level"
            level = len(marks)
