"""Explorers that answer on the web site, where there is no kernel.

At build time Python draws every picture of a grid of control values and keeps the pictures in a
script beside the page; `docs/static/explorers.js` puts controls above them. So the site shows what
the same pure function draws in JupyterLab, and without JavaScript the stored picture stays.
"""

import ast
import itertools
import json
import re
from dataclasses import dataclass, field

import numpy as np

from rnncourse import widgets
from rnncourse.widgets._stepper import tanh_step

__all__ = ["GRIDS", "Grid", "called", "frames", "make_live"]


@dataclass(frozen=True)
class Grid:
    """Which controls of an explorer the site has, and at which values.

    `values`: {control's name: its values, or None for all it has}; the last one moves fastest.
    `moves`: {control: those that it sets}, as a chosen pattern sets its weights. `note`: what the
    explorer can do beyond that where a kernel runs.
    """

    values: dict
    note: str = ""
    moves: dict = field(default_factory=dict)


KERNEL = "With a running kernel (Binder, Colab, JupyterLab)"
GRIDS = {
    "stepper": Grid({"t": None}),
    "two_units": Grid(
        {"pattern": None, "U11": np.arange(-2, 2.01, 0.25)},
        f"{KERNEL} every weight has its slider.",
        {"pattern": ["U11"]},
    ),
    "task_shapes": Grid(
        {"kind": None, "T": None, "N": (1, 2, 5, 16, 64)},
        f"{KERNEL} also batch, features, outputs and the decoder's steps.",
    ),
    "bptt_by_hand": Grid({"done": None, "hide": None}),
    "gradient_flow": Grid(
        {"cell": None, "T": (10, 25, 50, 100), "scale": np.arange(0.5, 2.01, 0.1)},
        f"{KERNEL} also activation, gate bias, clipping and every length.",
    ),
    "gates": Grid(
        {"cell": None, "pattern": None, "u": np.arange(-1, 1.51, 0.5)},
        f"{KERNEL} every gate opens and closes at every step.",
        {"cell": ["u"]},
    ),
    "next_character": Grid(
        {"name": None, "luck": (1, 2, 3, 4, 5), "temperature": None},
        f"{KERNEL} luck goes on to 20.",
    ),
    "play_frames": Grid({"motion": None, "order": None, "t": None}),
}
#: What a lesson's own function is here; a page whose stored picture differs is not built.
OWN = {"rnn_step": tanh_step}


def make_live(cell, name):
    """The script with the pictures of a code cell's explorer, or None; the cell's output gets the
    place where they go.

    name: what the script is called, unique on the site. Raises ValueError if the stored picture is
    not the one that is drawn now.
    """
    found = called(cell.source)
    if found is None or found[0] not in GRIDS:
        return None
    which, arguments, named = found
    explorer = getattr(widgets, which)(*arguments, **named)
    stored = explorer._repr_mimebundle_()["text/html"]
    for output in cell.outputs:
        if output.get("data", {}).get("text/plain", "").startswith("Explorer: "):
            if output.data["text/html"] != stored:
                raise ValueError(f"cell {cell.id!r} has an old picture of {which}: make run")
            output.data["text/html"] = f'<div class="live" data-live="{name}">{stored}</div>'
            known = json.dumps(
                frames(explorer, GRIDS[which]), ensure_ascii=False, separators=(",", ":")
            )
            return f"rnncourseLive({json.dumps(name)}, {known});\n"
    return None


def called(source):
    """(function, arguments, named ones) of `widgets.function(…)` in a cell's last line, or None."""
    try:
        last = ast.parse(source).body[-1].value
        if last.func.value.id != "widgets":
            return None
        named = {word.arg: _argument(word.value) for word in last.keywords}
        return last.func.attr, [_argument(value) for value in last.args], named
    except (AttributeError, IndexError, KeyError, SyntaxError, ValueError):
        return None  # another kind of line, magic, or an argument that only the lesson knows


def _argument(node):
    return OWN[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)


def frames(explorer, grid):
    """All pictures of `grid`: {controls, moves, note, pieces, frames}, ready for JSON.

    A frame is a list of places in `pieces`, its tags, because pictures have most of them in common.
    """
    controls, moved = explorer.controls, _moved(explorer, grid)
    values = {name: _values(controls[name], given) for name, given in grid.values.items()}
    begin = {name: explorer.stored[name] for name in values}
    for name in values:  # what is shown first, or set by another control, is on the grid as well
        extra = [begin[name]] + [v for sets in moved.values() for v in sets.get(name, ())]
        if not _is_choice(controls[name]):
            values[name] = sorted({*values[name], *extra})
    places, pieces, pictures = list(values), {}, []
    for combination in itertools.product(*values.values()):
        for name, value in zip(values, combination, strict=True):
            controls[name].value = value
        tags = re.split("(?=<)", explorer.picture.source)[1:]
        pictures.append([pieces.setdefault(tag, len(pieces)) for tag in tags])
    return {
        "controls": [
            {
                "label": controls[name].description,
                "kind": _kind(controls[name]),
                "words": [_word(controls[name], value) for value in values[name]],
                "start": values[name].index(begin[name]),
            }
            for name in values
        ],
        "moves": [
            [places.index(name), places.index(other), [values[other].index(v) for v in to]]
            for name, sets in moved.items()
            for other, to in sets.items()
        ],
        "note": grid.note,
        "pieces": list(pieces),
        "frames": pictures,
    }


def _moved(explorer, grid):
    """{control: {other: the values it gets, for each choice of the first}}."""
    found = {}
    for name, others in grid.moves.items():
        control, found[name] = explorer.controls[name], {other: [] for other in others}
        first = control.value
        for choice in _values(control, None)[::-1]:  # from the last, so that each is a change
            control.value = choice
            for other in others:
                found[name][other].insert(0, explorer.controls[other].value)
        control.value = first
    return found


def _is_choice(control):
    return hasattr(control, "options")


def _kind(control):
    return "select" if _is_choice(control) else "range" if hasattr(control, "min") else "checkbox"


def _values(control, given):
    """The values of a control: all, or those that are given, as its own type."""
    if given is not None:
        return [type(control.value)(round(float(value), 6)) for value in given]
    if _is_choice(control):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    if _kind(control) == "checkbox":
        return [False, True]
    count = round((control.max - control.min) / control.step) + 1
    values = (control.min + control.step * k for k in range(count))
    return [type(control.value)(round(value, 6)) for value in values]


def _word(control, value):
    """A value as the reader sees it."""
    if _is_choice(control):
        labels = {o[1]: o[0] for o in control.options if isinstance(o, tuple)}
        return labels.get(value, str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
