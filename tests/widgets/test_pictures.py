"""The explorers as a learner meets them: pictures, their text, and controls that move them."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from rnncourse import language, widgets
from rnncourse.widgets import _play_frames, svg
from rnncourse.widgets import explorer as base
from rnncourse.widgets._stepper import tanh_step

NAMES = (
    "stepper",
    "task_shapes",
    "two_units",
    "gradient_flow",
    "gates",
    "bptt_by_hand",
    "next_character",
    "play_frames",
)
SVG = "{http://www.w3.org/2000/svg}"
VIEW = "application/vnd.jupyter.widget-view+json"


def other_value(control):
    """A value that the control does not have now."""
    if hasattr(control, "options"):
        values = [o[1] if isinstance(o, tuple) else o for o in control.options]
        return next(v for v in values if v != control.value)
    if isinstance(control.value, bool):
        return not control.value
    return control.min if control.value != control.min else control.max


def all_states(name):
    """The explorer after each of its controls has been moved, one after the other."""
    explorer = getattr(widgets, name)()
    yield explorer.picture
    for control in explorer.controls.values():
        for value in (other_value(control), getattr(control, "max", None)):
            if value is not None:
                control.value = value
                yield explorer.picture


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_can_be_read(name):
    for picture in all_states(name):
        root = ElementTree.fromstring(picture.source)
        _, _, width, height = map(float, root.get("viewBox").split())
        assert (root.get("role"), root.get("aria-label")) == ("img", picture.alt)
        assert "id=" not in picture.source
        assert "$" not in picture.source
        sizes = [float(e.get("font-size")) for e in root.iter() if e.get("font-size")]
        assert min(sizes) >= svg.SMALLEST
        for words in root.iter(f"{SVG}text"):
            assert 0 < float(words.get("x")) < width
            assert 10 < float(words.get("y")) < height
            assert right_end(words) <= width + 4, "".join(words.itertext())
        assert 60 < len(picture.alt) < 900
        assert not re.search(r"nan|inf\b|-0\b", picture.source)


def right_end(words):
    """Where a text ends, at 0.53 of its size a letter."""
    wide = 0.53 * float(words.get("font-size")) * len("".join(words.itertext()))
    share = {"end": 0, "middle": 0.5}.get(words.get("text-anchor"), 1)
    return float(words.get("x")) + share * wide


#: What has to be set before all controls of an explorer have something to move.
BEFORE = {
    "bptt_by_hand": {"done": 3},
    "task_shapes": {"kind": "encoder, decoder"},
    "gates": {"pattern": "open all gates"},
    "gradient_flow": {"cell": "LSTM", "scale": 1.5, "gate_bias": 3.0},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_control_changes_the_picture(name):
    for control_name in getattr(widgets, name)().controls:
        explorer = getattr(widgets, name)()
        for other, value in BEFORE.get(name, {}).items():
            explorer.controls[other].value = value
        control, before = explorer.controls[control_name], explorer.picture
        assert control.description
        assert not control.disabled
        control.value = other_value(control)
        assert explorer.picture.source != before.source, control_name


@pytest.mark.parametrize("name", NAMES)
def test_shown_without_a_kernel_it_is_a_picture_with_its_text(name):
    first, second = (getattr(widgets, name)()._repr_mimebundle_() for _ in range(2))
    assert first.keys() == {"text/plain", "text/html", VIEW}
    assert first[VIEW] != second[VIEW]
    for kind in ("text/plain", "text/html"):  # what nbval compares
        assert first[kind] == second[kind]
    alt, data = re.fullmatch(
        r'<img alt="(.*?)" style=".*?" src="data:image/svg\+xml;base64,(.*)">', first["text/html"]
    ).groups()
    assert first["text/plain"] == f"Explorer: {base.html.unescape(alt)}"
    ElementTree.fromstring(base64.b64decode(data))


def test_colab_gets_what_ipywidgets_would_send(monkeypatch):
    monkeypatch.setitem(base.sys.modules, "google.colab", None)
    assert widgets.two_units()._repr_mimebundle_().keys() == {"text/plain", VIEW}


def test_a_control_that_sets_others_draws_once():
    drawn = []
    explorer = widgets.two_units()
    draw = explorer._draw
    explorer._draw = lambda **values: drawn.append(1) or draw(**values)
    explorer.controls["pattern"].value = "a clock"
    assert len(drawn) == 1
    explorer.controls["U11"].value = 0.0
    assert len(drawn) == 2


def test_another_gate_keeps_what_was_set_before():
    explorer = widgets.gates()
    c = explorer.controls
    c["step_3"].value = 0.5
    c["gate"].value = "f"
    assert c["step_3"].value == 1
    c["step_3"].value = 0.25
    c["gate"].value = "i"
    assert c["step_3"].value == 0.5
    assert "input gate 0, 1, 0.5, 0" in explorer.picture.alt
    assert "forget gate 1, 1, 0.25, 1" in explorer.picture.alt
    c["cell"].value = "GRU"
    assert "GRU" in explorer.picture.alt
    assert "update gate 1, 0, 1" in explorer.picture.alt


def test_stepper_is_driven_by_the_learners_step():
    def rnn_step(x_t, h_prev, W, U, b):
        return np.maximum(0, x_t @ W + h_prev @ U + b)

    picture = widgets.stepper(step=rnn_step).picture
    assert "your step" in picture.source
    assert ">but tanh(" in picture.source
    right = widgets.stepper(step=tanh_step).picture
    assert "equal to" in right.source


def test_stepper_says_in_place_of_the_picture_what_is_wrong(monkeypatch):
    monkeypatch.setattr(language, "_chosen", "en")
    explorer = widgets.stepper(step=lambda x_t, h_prev, W, U, b: h_prev.T)
    assert "shape (2, 1), expected (1, 2)" in explorer.picture.alt
    assert not explorer.controls
    assert "shape (2, 1), expected (1, 2)" in explorer._repr_mimebundle_()["text/plain"]
    ElementTree.fromstring(explorer.picture.source)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: widgets.stepper(np.ones((5, 3))), "1 or 2 features"),
        (lambda: widgets.stepper(np.ones((5, 2))), r"W \(2, N\)"),
        (lambda: widgets.stepper(U=np.ones((3, 2))), r"U has shape \(3, 2\)"),
        (lambda: widgets.two_units("none"), "choose one of"),
        (lambda: widgets.task_shapes("none"), "choose one of"),
        (lambda: widgets.gates("RNN"), "choose 'LSTM' or 'GRU'"),
        (lambda: widgets.gates(X=[1, 2, 3]), "between -1 and 1"),
        (
            lambda: widgets.bptt_by_hand(U=np.ones((3, 3))),
            r"U has shape \(3, 3\); it has to be \(2, 2\)",
        ),
        (lambda: widgets.bptt_by_hand(X=np.ones((9, 1))), "too many for paper"),
        (lambda: widgets.play_frames(np.ones((5, 8, 8))), r"one clip of frames, \(T, 24, 24\)"),
        (lambda: widgets.play_frames(200 * np.ones((1, 24, 24))), "one shows no motion"),
        (lambda: widgets.play_frames(np.ones((5, 24, 24))), r"pixels are 0 \(dark\) to 255"),
        (lambda: widgets.next_character("faust"), "choose one of 'hamlet', 'tang'"),
    ],
)
def test_what_does_not_fit_is_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_own_sequences_and_sizes_fit_too():
    rng = np.random.default_rng(0)
    one = {"W": np.ones((1, 1)), "U": np.ones((1, 1)) / 2, "b": np.zeros(1)}
    assert "5 steps" in widgets.stepper(rng.normal(size=5), **one, unit="metres").picture.alt
    two = {"W": np.ones((2, 2)), "U": np.eye(2), "b": np.zeros(2)}
    assert "60 steps" in widgets.stepper(rng.normal(size=(60, 2)), **two).picture.alt
    assert "T = 2" in widgets.bptt_by_hand(X=np.ones((2, 1))).picture.alt
    single = {"X": np.ones((1, 1)), "W": np.ones((1, 1)), "U": np.ones((1, 1)), "b": np.ones(1)}
    assert "T = 1" in widgets.bptt_by_hand(**single, W_y=np.ones((1, 1))).picture.alt
    assert "3 steps" in widgets.gates("GRU", [0.1, -1, 1]).picture.alt


def test_a_clip_played_backwards_is_read_as_its_reverse():
    explorer = widgets.play_frames()
    c = explorer.controls
    c["t"].value = c["t"].max
    for motion in c["motion"].options:
        c["motion"].value, c["order"].value = motion, "as filmed"
        assert f"it reads “{motion}”" in explorer.picture.alt
        c["order"].value = "backwards"
        assert f"“{motion}”, backwards" in explorer.picture.alt
        assert f"it reads “{motion}”" not in explorer.picture.alt
    own = widgets.play_frames(_play_frames._examples()["up"][:5, ..., None])
    own.controls["t"].value = 5
    assert "After 5 frames it reads “up”" in own.picture.alt


def test_numbers_are_the_same_text_everywhere():
    assert [svg.px(v) for v in (-0.01, 2.0, 2.25, np.float64(3.14159))] == ["0", "2", "2.2", "3.1"]
    assert [svg.number(v) for v in (-0.001, -1.5, np.nan)] == ["0.00", "−1.50", "–"]
    assert svg.text(1, 2, "a < b & $h_{t-1} < U$").count("&lt;") == 2
