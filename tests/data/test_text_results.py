"""The kept results of lesson 6.1: complete, plausible, and made by the network that it shows."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest

from rnncourse.data import text_results

ROOT = Path(__file__).resolve().parents[2]
TASKS = {"surnames": 11, "Chinese words": 9, "English reviews": 2, "Chinese reviews": 2}


def function(source, name):
    """The source of one function, however it is laid out."""
    found = [n for n in ast.parse(source).body if getattr(n, "name", "") == name]
    return ast.unparse(found[0])


def test_the_lesson_shows_the_network_that_was_measured():
    script = (ROOT / "tools/data/text_results.py").read_text("utf-8")
    lesson = nbformat.read(ROOT / "chapters/06_1_text_and_sentiment.ipynb", as_version=4)
    (shown,) = (cell.source for cell in lesson.cells if cell.id == "network")
    assert function(shown, "build") == function(script, "build")


def test_every_task_has_three_seeds_better_than_guessing():
    results = text_results.load()
    assert results["table"].keys() == TASKS.keys()
    for name, n_classes in TASKS.items():
        found = results["table"][name]
        assert len(found["accuracy"]) == len(found["seconds"]) == 3
        assert min(found["accuracy"]) > 1.5 / n_classes
        assert found["averaged"] >= np.mean(found["accuracy"])
    for curve in results["curves"].values():
        assert [*curve] == [str(size) for size in text_results.SIZES[:-1]]
        assert (np.diff([np.mean(runs) for runs in curve.values()]) > 0).all()
    assert all(len(runs) == 3 for runs in results["masks"].values())


def test_smaller_parts_are_the_beginnings_of_larger_ones():
    whole = text_results.subset(1000)
    assert sorted(whole) == [*range(1000)]
    np.testing.assert_array_equal(text_results.subset(1000, 300), whole[:300])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_counts_of_pairs_are_of_thirty(lang):
    for both, right_way, down in text_results.load()["negation"][lang]:
        assert both <= right_way <= 30
        assert down <= 30
