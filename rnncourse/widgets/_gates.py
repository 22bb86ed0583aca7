"""Explorer: the gates of one LSTM or GRU unit, set by hand at every step of a short sequence.

Longer than 250 lines: what is computed, what is drawn and the controls are one explorer.
"""

from dataclasses import dataclass

import ipywidgets
import numpy as np

from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["GATES", "PATTERNS", "SEQUENCE", "Answer", "gates", "run_gates"]

SEQUENCE = np.array([0.2, 0.9, -0.6, 0.4, 0.8, -0.9, 0.3, -0.4, 0.7, -0.2, 0.5, -0.7])
#: cell: {letter: (name, what it does when open, its colour)}
GATES = {
    "LSTM": {
        "i": ("input gate", "lets the candidate in", COLORS["input"]),
        "f": ("forget gate", "keeps c", COLORS["state"]),
        "o": ("output gate", "shows c as h", COLORS["output"]),
    },
    "GRU": {
        "z": ("update gate", "keeps h", COLORS["state"]),
        "r": ("reset gate", "lets the candidate hear h", COLORS["input"]),
    },
}
PATTERNS = ("keep step 2 to the end", "erase at step 7", "leak at every step", "open all gates")
GONE = 0.005  # an answer smaller than that is drawn as none
HEARS = {"LSTM": 0.0, "GRU": 0.5}  # u at the beginning: a GRU without it needs no reset gate
DARK = "#8A5A00"  # the input's colour, dark enough for words
LEFT, COLUMN = 96, 48  # px: where the first column of the picture begins, and its width


@dataclass(frozen=True)
class Answer:
    """What the unit did with one sequence; each array is (T,)."""

    h: np.ndarray
    c: np.ndarray  # the cell state; for a GRU the same as h
    candidate: np.ndarray  # c_tilde or h_tilde
    dstate: np.ndarray  # how the last h answers to c_t (GRU: to h_t)
    dx: np.ndarray  # how the last h answers to x_t


def run_gates(cell, x, opened, u=0.5):
    """Run one unit whose gates are given, not computed; returns its Answer.

    x (T,); opened: {letter: (T,)} for i, f, o of an LSTM or z, r of a GRU, values from 0 to 1.
    The candidate is tanh(x_t + u h_prev), in a GRU tanh(x_t + r_t u h_prev); both states begin
    at 0. A set gate does not depend on the input, so no gradient runs through it.
    """
    run = {"LSTM": _run_lstm, "GRU": _run_gru}[cell]
    gates = {letter: np.asarray(values, dtype=float) for letter, values in opened.items()}
    return run(np.asarray(x, dtype=float), u, **gates)


def _run_lstm(x, u, i, f, o):
    T = len(x)
    c, h, tilde = np.zeros(T + 1), np.zeros(T + 1), np.zeros(T)  # c[0], h[0] come before step 1
    for t in range(T):
        tilde[t] = np.tanh(x[t] + u * h[t])
        c[t + 1] = f[t] * c[t] + i[t] * tilde[t]
        h[t + 1] = o[t] * np.tanh(c[t + 1])
    dstate, dx, dh, dc = np.zeros(T), np.zeros(T), 1.0, 0.0
    for t in reversed(range(T)):
        dc = dc + dh * o[t] * (1 - np.tanh(c[t + 1]) ** 2)
        dstate[t] = dc
        dx[t] = dc * i[t] * (1 - tilde[t] ** 2)
        dh, dc = dx[t] * u, dc * f[t]
    return Answer(h[1:], c[1:], tilde, dstate, dx)


def _run_gru(x, u, z, r):
    T = len(x)
    h, tilde = np.zeros(T + 1), np.zeros(T)
    for t in range(T):
        tilde[t] = np.tanh(x[t] + r[t] * u * h[t])
        h[t + 1] = z[t] * h[t] + (1 - z[t]) * tilde[t]
    dstate, dx, dh = np.zeros(T), np.zeros(T), 1.0
    for t in reversed(range(T)):
        dstate[t] = dh
        dx[t] = dh * (1 - z[t]) * (1 - tilde[t] ** 2)
        dh = dh * z[t] + dx[t] * r[t] * u
    return Answer(h[1:], h[1:], tilde, dstate, dx)


def pattern(cell, name, T):
    """The gates of one of PATTERNS, {letter: (T,)}."""
    opened = {letter: np.ones(T) for letter in GATES[cell]}
    at_2, at_7, last = 1, min(6, T - 1), T - 1
    if cell == "LSTM" and name != "open all gates":
        if name == "leak at every step":
            opened["f"][:] = 0.7
            return opened
        opened["i"][:] = 0
        opened["i"][at_2] = 1
        if name == "erase at step 7":
            opened["f"][at_7] = 0
        else:
            opened["o"][:last] = 0
    if cell == "GRU":
        if name == "open all gates":  # of what is new; nothing is kept but through the candidate
            opened["z"][:] = 0
        elif name == "leak at every step":
            opened["z"][:] = 0.7
        else:
            opened["z"][at_2] = 0
            if name == "erase at step 7":
                opened["z"][at_7] = opened["r"][at_7] = 0
    return opened


def draw(cell, x, opened, chosen, u=0.5):
    """The picture: input, gates, states and gradient, one column a step."""
    answer, letters = run_gates(cell, x, opened, u), list(GATES[cell])
    message = _message(answer)
    parts = [svg.title(message), *_inputs(x)]
    for k, letter in enumerate(letters):
        parts += _gate(118 + 36 * k, letter, cell, opened[letter], letter == chosen)
    top = 152 + 36 * len(letters)
    parts += _states(cell, answer, (LEFT, top, COLUMN * len(x), 342 - top))
    parts += _gradient(cell, answer, (LEFT, 384, COLUMN * len(x), 70))
    alt = f"One {cell} unit over {len(x)} steps: input, gates, state and gradient. {message}."
    for letter in letters:
        alt += f" {GATES[cell][letter][0]} {', '.join(f'{v:.2g}' for v in opened[letter])}."
    return svg.figure(WIDE, 492, parts, alt)


def _message(answer):
    T, most = len(answer.dx), int(np.argmax(np.abs(answer.dx)))
    if abs(answer.dx[most]) < GONE:
        return f"The output of step {T} answers to no input"
    others = np.delete(np.abs(answer.dx), most)
    only = "only" if others.max(initial=0) < GONE else "most"
    return f"The output of step {T} answers {only} to the input of step {most + 1}"


def _centre(t):
    return LEFT + COLUMN * (t + 0.5)


def _side(y, words, color=svg.INK, bold=False):
    return svg.text(LEFT - 12, y, words, 14, color, "end", bold=bold)


def _inputs(x):
    plot = Plot((LEFT, 42, COLUMN * len(x), 48), (-0.5, len(x) - 0.5), (-1, 1))
    parts = [_side(72, "input $x_t$", DARK)]
    parts += [svg.line(LEFT, 66, LEFT + plot.width, 66, svg.GRID, 1)]
    for t, value in enumerate(x):
        parts.append(plot.bar(t, value, COLORS["input"], 0.5))
        parts.append(svg.text(_centre(t), 106, svg.number(value, 1), 11, svg.MUTED, "middle"))
    return parts


def _gate(y, letter, cell, values, chosen):
    """One gate as a row of boxes, the fuller the more it is open."""
    name, _, color = GATES[cell][letter]
    parts = [_side(y + 18, f"{name.removesuffix(' gate')} ${letter}_t$", bold=chosen)]
    for t, value in enumerate(values):
        left, high = LEFT + COLUMN * t + 3, 26 * float(value)
        parts.append(svg.rect(left, y, COLUMN - 6, 26, "#FFFFFF", stroke="#C8C8C8", radius=3))
        parts.append(svg.rect(left, y + 26 - high, COLUMN - 6, high, color, opacity=0.5))
        parts.append(svg.text(_centre(t), y + 18, f"{value:.2g}", 12, svg.INK, "middle"))
    if chosen:
        wide = COLUMN * len(values) + 4
        parts.append(svg.rect(LEFT - 2, y - 4, wide, 34, "none", stroke=svg.INK, radius=5))
    return parts


def _states(cell, answer, box):
    T, lines = len(answer.h), {"h_t": (answer.h, COLORS["state"])}
    if cell == "LSTM":
        lines = {"c_t": (answer.c, COLORS["state"]), "h_t": (answer.h, COLORS["output"])}
    limit = max(1.0, np.ceil(2 * np.abs(answer.c).max()) / 2)
    plot = Plot(box, (-0.5, T - 0.5), (-limit, limit))
    parts = [plot.frame([], [-limit, 0, limit])]
    names = "cell state $c_t$ and output $h_t$" if cell == "LSTM" else "state $h_t$"
    parts += [svg.text(LEFT, box[1] - 8, names, 13, svg.MUTED)]
    ends = {}
    for name, (values, color) in lines.items():
        parts.append(plot.curve(range(T), values, color, 2.6))
        parts += [svg.circle(_centre(t), float(plot.y(v)), 3, color) for t, v in enumerate(values)]
        ends[name] = float(plot.y(values[-1])) + 5
    if len(ends) == 2 and ends["h_t"] - ends["c_t"] < 16:
        middle = (ends["h_t"] + ends["c_t"]) / 2
        up = 8 if ends["c_t"] <= ends["h_t"] else -8
        ends = {"c_t": middle - up, "h_t": middle + up}
    for name, y in ends.items():
        parts.append(svg.text(LEFT + box[2] - 8, y, f"${name}$", 15, lines[name][1], bold=True))
    return parts


def _gradient(cell, answer, box):
    T, orange = len(answer.dx), COLORS["gradient"]
    most = max(np.abs(answer.dx).max(), np.abs(answer.dstate).max())
    limit = 0.5 if most <= 0.5 else np.ceil(most)
    low = 0 if min(answer.dx.min(), answer.dstate.min()) > -GONE else -limit
    plot = Plot(box, (-0.5, T - 0.5), (low, limit))
    state = "c_t" if cell == "LSTM" else "h_t"
    h = f"h_{{{T}}}"
    words = f"how ${h}$ answers: bars $∂{h}/∂x_t$, line $∂{h}/∂{state}$"
    parts = [svg.text(LEFT, box[1] - 10, words, 14, svg.MUTED)]
    parts += [plot.frame({t: f"{t + 1}" for t in range(T)}, sorted({low, 0, limit}), "step t")]
    parts += [plot.bar(t, value, orange, 0.5) for t, value in enumerate(answer.dx)]
    parts += [plot.curve(range(T), answer.dstate, svg.INK, 1.8, "5 3")]
    return parts


def gates(cell="LSTM", X=None):
    """Explore the gates of one LSTM or GRU unit; returns an Explorer.

    X (T,): the input sequence, 2 to 12 numbers between -1 and 1 (`SEQUENCE` if not given). Raises
    ValueError for other input.
    """
    x = SEQUENCE if X is None else np.asarray(X, dtype=float).ravel()
    if cell not in GATES:
        raise ValueError(f"cell={cell!r} is not known; choose 'LSTM' or 'GRU'.")
    if not 2 <= len(x) <= 12 or np.abs(x).max() > 1:
        raise ValueError(f"X needs 2 to 12 numbers between -1 and 1; got {len(x)}: {x}.")
    return _Board(cell, x).explorer


class _Board:
    """The controls of `gates`: one slider a step, for the gate that is chosen."""

    def __init__(self, cell, x):
        self.x = x
        self.opened = pattern(cell, PATTERNS[0], len(x))
        letter = next(iter(GATES[cell]))
        style = {"description_width": "90px"}
        self.cell = ipywidgets.Dropdown(options=list(GATES), value=cell, description="cell")
        self.pattern = ipywidgets.Dropdown(options=list(PATTERNS), description="begin with")
        self.gate = ipywidgets.Dropdown(
            options=_choices(cell), value=letter, description="sliders move"
        )
        self.u = ipywidgets.FloatSlider(
            HEARS[cell], min=-1, max=1.5, step=0.1, description="u: candidate hears h"
        )
        for control in (self.cell, self.pattern, self.gate):
            control.style = style
        self.u.style = {"description_width": "140px"}
        self.cell.layout = ipywidgets.Layout(width="200px")
        self.pattern.layout = ipywidgets.Layout(width="280px")
        self.gate.layout = ipywidgets.Layout(width="420px")
        self.u.layout = ipywidgets.Layout(width="330px")
        self.sliders = [self._slider(t, value) for t, value in enumerate(self.opened[letter])]
        under = ipywidgets.Layout(margin=f"0 0 0 {LEFT}px", padding="0 0 16px 0", width="auto")
        places = ipywidgets.HBox(self.sliders, layout=under)
        controls = {"cell": self.cell, "pattern": self.pattern, "u": self.u, "gate": self.gate}
        self.explorer = Explorer(
            draw,
            controls | {f"step_{t + 1}": slider for t, slider in enumerate(self.sliders)},
            rows=[row(self.cell, self.pattern, self.u), self.gate],
            below=[places],
            setters={"cell": self._other_cell, "pattern": self._begin, "gate": self._show},
            read=self.read,
        )

    def _slider(self, t, value):
        slider = ipywidgets.FloatSlider(
            value, min=0, max=1, step=0.05, orientation="vertical", description=f"step {t + 1}"
        )
        slider.readout = False
        slider.layout = ipywidgets.Layout(width=f"{COLUMN}px", height="130px", margin="0")
        return slider

    def read(self):
        """The values for `draw`: the gates as they are, with what the sliders say of one."""
        letter = self.gate.value
        self.opened[letter] = np.array([slider.value for slider in self.sliders])
        return {
            "cell": self.cell.value,
            "x": self.x,
            "opened": self.opened,
            "chosen": letter,
            "u": self.u.value,
        }

    def _show(self, letter):
        """Set the sliders to one gate."""
        for slider, value in zip(self.sliders, self.opened[letter], strict=True):
            slider.value = value

    def _begin(self, name):
        self.opened = pattern(self.cell.value, name, len(self.x))
        self._show(self.gate.value)

    def _other_cell(self, cell):
        self.gate.options = _choices(cell)
        self.u.value = HEARS[cell]
        self._begin(self.pattern.value)


def _choices(cell):
    return [(f"{name} {letter}: {does}", letter) for letter, (name, does, _) in GATES[cell].items()]
