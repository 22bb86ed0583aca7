"""The explorers of the web site: every picture is the one that Python draws for those values."""

import itertools
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from rnncourse import widgets
from tools import prerender

LESSONS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))


def explorers():
    """(lesson, code cell) of every explorer that a lesson shows."""
    for path in LESSONS:
        for cell in nbformat.read(path, as_version=4).cells:
            outputs = cell.get("outputs", [])
            if any("Explorer: " in o.get("data", {}).get("text/plain", "") for o in outputs):
                yield path.stem, cell


def picture(data, positions):
    """The picture that the page shows with its controls at these positions."""
    sizes = [len(control["words"]) for control in data["controls"]]
    frame = data["frames"][np.ravel_multi_index(positions, sizes)]
    return "".join(data["pieces"][place] for place in frame)


def test_every_explorer_of_a_lesson_is_live_on_the_site():
    shown = list(explorers())
    assert {prerender.called(cell.source)[0] for _, cell in shown} == set(prerender.GRIDS)
    for lesson, cell in shown:
        script = prerender.make_live(cell, f"{lesson}-{cell.id}")
        found = re.fullmatch(r'rnncourseLive\("([\w-]+)", (.*)\);\n', script)
        assert found[1] == f"{lesson}-{cell.id}"
        data = json.loads(found[2])
        assert len(data["frames"]) == np.prod([len(c["words"]) for c in data["controls"]]) <= 260
        assert all(control["label"] for control in data["controls"])
        assert 'data-live="' in cell.outputs[-1].data["text/html"]


@pytest.mark.parametrize("name", ["two_units", "gates", "bptt_by_hand", "task_shapes"])
def test_a_frame_is_what_a_fresh_explorer_draws(name):
    grid = prerender.GRIDS[name]
    data = prerender.frames(getattr(widgets, name)(), grid)
    sizes = [len(control["words"]) for control in data["controls"]]
    every = list(itertools.product(*map(range, sizes)))
    for positions in every[:: max(1, len(every) // 12)]:
        explorer = getattr(widgets, name)()
        for n, control in enumerate(map(explorer.controls.get, grid.values)):
            choices = prerender._values(control, None)
            said = data["controls"][n]["words"][positions[n]]
            control.value = next(v for v in choices if prerender._word(control, v) == said)
        assert picture(data, positions) == explorer.picture.source


def test_the_page_begins_with_the_stored_picture():
    explorer = widgets.stepper()
    data = prerender.frames(explorer, prerender.GRIDS["stepper"])
    fresh = widgets.stepper()
    fresh.controls["t"].value = fresh.stored["t"]
    assert picture(data, [control["start"] for control in data["controls"]]) == fresh.picture.source


def test_a_chosen_pattern_sets_its_weight():
    data = prerender.frames(widgets.two_units(), prerender.GRIDS["two_units"])
    ((source, target, to),) = data["moves"]
    pattern, weight = data["controls"][source], data["controls"][target]
    for n, name in enumerate(pattern["words"]):
        explorer = widgets.two_units(name)
        assert float(weight["words"][to[n]]) == explorer.controls["U11"].value
        assert picture(data, [n, to[n]]) == explorer.picture.source


def test_an_old_stored_picture_is_not_built():
    cell = next(cell for _, cell in explorers() if "stepper()" in cell.source)
    cell.outputs[-1].data["text/html"] += "<!-- changed -->"
    with pytest.raises(ValueError, match="old picture of stepper"):
        prerender.make_live(cell, "a")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\nwidgets.gates('GRU')", ("gates", ["GRU"], {})),
        ("widgets.stepper(step=rnn_step)", ("stepper", [], {"step": prerender.OWN["rnn_step"]})),
        ("widgets.stepper(X=mine)", None),
        ("%matplotlib inline", None),
        ("print(1)", None),
        ("", None),
    ],
)
def test_only_calls_that_can_be_repeated_are_live(source, found):
    assert prerender.called(source) == found
