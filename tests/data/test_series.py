"""Series with gaps: the axis is whole, nothing looks ahead, and no window crosses a gap."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest

from rnncourse.data import jfk_weather, series

LESSON = Path(__file__).parents[2] / "chapters" / "06_5_weather.ipynb"
T, F = True, False


def hours(*places):
    return np.datetime64("2013-01-01T00", "h") + np.array(places)


def shown(cell_id, name, **names):
    """The function `name` as the lesson's cell defines it."""
    cells = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    tree = ast.parse(cells[cell_id])
    tree.body = [node for node in tree.body if getattr(node, "name", "") == name]
    exec(compile(tree, cell_id, "exec"), names)
    return names[name]


def test_a_grid_has_every_hour_and_nan_where_there_is_no_record():
    axis, grid = series.on_grid(hours(3, 4, 7), [1, 2, 3])
    assert (axis == hours(3, 4, 5, 6, 7)).all()
    np.testing.assert_array_equal(grid, [1, 2, np.nan, np.nan, 3])


def test_what_is_filled_does_not_change_when_the_future_does():
    rng = np.random.default_rng(0)
    values = np.where(rng.random(60) < 0.3, np.nan, rng.normal(size=60))
    values[0] = 5.0
    filled = series.forward_fill(values)
    assert not np.isnan(filled).any()
    known = ~np.isnan(values)
    assert (filled[known] == values[known]).all()
    for now in (10, 30, 59):
        np.testing.assert_array_equal(series.forward_fill(values[:now]), filled[:now])


def test_no_window_holds_an_unusable_step_and_none_is_lost():
    rng = np.random.default_rng(1)
    usable = rng.random(300) > 0.06
    found = set(series.origins(usable, length=5, ahead=3))
    every = range(5, 298)
    assert found == {s for s in every if usable[s - 5 : s + 3].all()}
    assert 0 < len(found) < len(every)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: series.on_grid(hours(1, 2, 2), [1, 2, 3]), "followed by.*Sort the records"),
        (lambda: series.on_grid(hours(1, 2), [[1, 2]]), "one column at a time"),
        (lambda: series.forward_fill([np.nan, np.nan, 3]), "first 2 of 3.*begin at its first"),
        (lambda: series.forward_fill([np.nan, np.nan]), "first 2 of 2"),
        (lambda: series.origins([T, T, F, T, T, T], 3, 1), "fits.*without a gap has 3"),
        (lambda: series.origins([F, F], 1, 1), "without a gap has 0"),
        (lambda: series.origins([T], 5, 5), "no window of 5 \\+ 5"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_lesson_shows_these_functions():
    weather = jfk_weather.load()
    axis, pressure = series.on_grid(weather.time, weather.pressure)
    on_grid = shown("grid", "on_grid", np=np, weather=weather, hours=axis)
    np.testing.assert_array_equal(on_grid(weather.pressure), pressure)
    fill = shown("fill", "forward_fill", np=np)
    np.testing.assert_array_equal(fill(pressure), series.forward_fill(pressure))
    usable = ~np.isnan(pressure)
    cut = shown("origins", "origins", np=np, LENGTH=24, AHEAD=24)
    np.testing.assert_array_equal(cut(usable), series.origins(usable, 24, 24))
