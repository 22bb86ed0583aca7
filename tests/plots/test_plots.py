"""Pictures: what they draw, and the text that stands for them."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from rnncourse import plots
from rnncourse.plots import figures, lines


@pytest.fixture(autouse=True)
def _close():
    yield
    matplotlib.pyplot.close("all")


def test_show_gives_the_picture_its_text_and_closes_it(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, raw: shown.append(data))
    plots.show(plots.figure()[0], alt='A line that rises from "0" to 1')
    (data,) = shown
    assert data["text/plain"] == 'Figure: A line that rises from "0" to 1'
    assert 'alt="A line that rises from &quot;0&quot; to 1"' in data["text/html"]
    assert "data:image/png;base64,iVBOR" in data["text/html"]
    assert not matplotlib.pyplot.get_fignums()


def test_curves_carry_their_names_at_their_last_finite_point():
    gap = np.array([0.0, 1.0, np.nan])
    ax = plots.curves({"a": gap, "b": np.arange(3)}, title="t", xlabel="x", ylabel="y")
    assert {text.get_text().strip(): text.xy for text in ax.texts} == {"a": (1, 1), "b": (2, 2)}


def test_curves_take_the_courses_colours_by_name_and_any_other():
    drawn = {"a": "lstm", "b": "#123456", "c": (0.1, 0.2, 0.3), "d": None}
    told = {"title": "t", "xlabel": "x", "ylabel": "y"}
    ax = plots.curves(dict.fromkeys(drawn, np.arange(3)), **told, colors=drawn)
    want = [plots.COLORS["lstm"], "#123456", (0.1, 0.2, 0.3)]
    assert [line.get_color() for line in ax.lines[:3]] == want


@pytest.mark.parametrize(
    ("log", "scales"),
    [
        (False, ("linear", "linear")),
        (True, ("linear", "log")),
        ("x", ("log", "linear")),
        ("xy", ("log", "log")),
    ],
)
def test_curves_take_logarithms_of_either_axis_and_mark_what_is_asked(log, scales):
    x = (1, 4, 16)
    told = {"title": "t", "xlabel": "x", "ylabel": "y"}
    ax = plots.curves({"a": [1, 2, 3]}, x=x, **told, log=log, xticks=x)
    assert (ax.get_xscale(), ax.get_yscale()) == scales
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "4", "16"]
    assert not len(ax.xaxis.get_minorticklocs())


def test_whole_steps_get_whole_ticks():
    whole = plots.curves({"a": np.ones(20)}, title="", xlabel="", ylabel="")
    halves = plots.curves({"a": np.ones(5)}, x=np.arange(5) / 2, title="", xlabel="", ylabel="")
    assert (whole.get_xticks() % 1 == 0).all()
    assert not (halves.get_xticks() % 1 == 0).all()


def test_names_of_lines_that_end_together_stay_apart():
    ends = np.array([0.5, 0.2, 0.51, 0.5])
    moved = lines._apart(ends, 0.1)
    assert np.diff(np.sort(moved)).min() >= 0.1 - 1e-6
    assert moved[1] == pytest.approx(0.2, abs=0.06)  # as little as needed


@pytest.mark.parametrize(("outputs", "n_boxes"), [("every", 3 + 3 * 4), ("last", 3 + 2 * 4 + 1)])
def test_unrolled_draws_a_column_a_step(outputs, n_boxes):
    ax = plots.unrolled(4, outputs=outputs)
    boxes = [p for p in ax.patches if isinstance(p, matplotlib.patches.FancyBboxPatch)]
    assert len(boxes) == n_boxes


def test_all_quantities_have_colours_that_differ_enough():
    rgb = {name: matplotlib.colors.to_rgb(c) for name, c in plots.COLORS.items()}
    kinds = ("rnn", "lstm", "gru", "baseline", "truth")
    for a in kinds:
        for b in kinds:
            assert a == b or np.abs(np.subtract(rgb[a], rgb[b])).sum() > 0.3


def luminance(color):
    """Relative luminance as WCAG 2.2 defines it."""
    rgb = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("name", plots.COLORS)
def test_a_colour_stands_out_from_the_white_that_every_picture_has(name):
    assert 1.05 / (luminance(plots.COLORS[name]) + 0.05) > 3
