"""Explorer: what the temperature does to a character model's next character, and to its texts.

The two trained models come with the course (`rnncourse.data.character_models`); every character is
computed by the engine's own GRU cell when a slider moves.
"""

from dataclasses import dataclass
from functools import cache

import ipywidgets
import numpy as np

from rnncourse.data import character_models
from rnncourse.nn import GRUCell, softmax
from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["BEGINNINGS", "Writer", "next_character", "width", "writer"]

BEGINNINGS = {"hamlet": "HAMLET\nTh", "tang": "\n春"}
LENGTH = {"hamlet": 150, "tang": 24}  # characters that are written
COLD, HOT = 0.2, 1.8  # the temperatures of the texts on both sides
SHOWN = 14  # characters with bars
SIGNS = {"\n": "end of line", " ": "space"}
LINE = 27  # letters in a line of a column
DARK = "#8A5A00"


@dataclass(frozen=True)
class Writer:
    """A character model as functions: the state after a text, scores, and texts it writes."""

    model: character_models.CharacterModel

    @property
    def cell(self):
        """The model's GRU, one readable step."""
        return GRUCell(*self.model.weights[1:4])

    def read(self, text):
        """The state (1, N) after a text. ValueError for characters the model never saw."""
        h_t = np.zeros((1, len(self.model.weights[2])), "float32")
        for index in self.model.encode(text):
            h_t = self.cell.step(self.model.weights[0][[index]], h_t)
        return h_t

    def scores(self, h_t):
        """States (B, N) -> the logits of each next character, (B, V); never padding or unknown."""
        logits = h_t @ self.model.weights[4] + self.model.weights[5]
        logits[:, :2] = -np.inf
        return logits

    def write(self, text, temperatures, n_characters, seed=0):
        """Continue a text at several temperatures with the same luck; a list of str.

        The luck is one number from 0 to 1 a character: the draw takes the character at that place
        of the heaped-up probabilities, the likeliest first.
        """
        divisor = np.asarray(temperatures, float)[:, None]
        cell, h_t = self.cell, np.repeat(self.read(text), len(divisor), axis=0)
        luck, rows = np.random.default_rng(seed).random(n_characters), np.arange(len(divisor))
        written = np.zeros((len(divisor), n_characters), dtype=int)
        for t in range(n_characters):
            p = softmax(self.scores(h_t) / divisor)
            order = np.argsort(-p, axis=1)
            heap = np.cumsum(np.take_along_axis(p, order, axis=1), axis=1)
            place = (heap < luck[t] * heap[:, -1:]).sum(axis=1)
            written[:, t] = order[rows, place]
            h_t = cell.step(self.model.weights[0][written[:, t]], h_t)
        return [self.model.decode(indices) for indices in written]


@cache
def writer(name):
    """The Writer "hamlet" or "tang", read from its file once."""
    return Writer(character_models.load(name))


def width(p):
    """exp of the entropy of p (V,): among how many equal characters the draw would be as open."""
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))


def draw(name, temperature, luck):
    """The picture: the next character's probabilities above, three texts below."""
    by, beginning = writer(name), BEGINNINGS[name]
    scores = by.scores(by.read(beginning))
    plain, p = (softmax(scores / t)[0] for t in (1.0, temperature))
    texts = by.write(beginning, (COLD, temperature, HOT), LENGTH[name], luck)
    open_to = f"{width(p):.1f} equal characters"
    message = f"Temperature {temperature:.1f}: the draw is as open as among {open_to}"
    parts = [svg.title(message), *_bars(by.model, beginning, plain, p)]
    for k, text in enumerate(texts):
        parts += _text(k, (COLD, temperature, HOT)[k], beginning + text, name)
    shown = " / ".join(line for line in (beginning + texts[1]).split("\n")[:6] if line)
    alt = (
        f"Probabilities of the next character after {_quoted(beginning)!r}, at temperature 1 and at"
        f" {temperature:.1f}; three texts, at {COLD}, {temperature:.1f} and {HOT}. {message}."
        f" The text in the middle begins: {shown[:120]}"
    )
    return svg.figure(WIDE, 452, parts, alt)


def _quoted(beginning):
    return " ".join(beginning.split())


def _bars(model, beginning, plain, p):
    order = np.argsort(-plain, kind="stable")[:SHOWN]
    plot = Plot((60, 70, 630, 108), (-0.5, SHOWN - 0.5), (0, 1))
    parts = [svg.text(60, 52, f"the next character after “{_quoted(beginning)} …”", 13, svg.MUTED)]
    parts += [plot.frame([], {0: "0 %", 0.5: "50 %", 1: "100 %"})]
    x = 440
    parts += [svg.rect(x, 43, 12, 10, COLORS["output"]), svg.text(x + 18, 52, "as set", 12)]
    parts += [svg.rect(x + 74, 43, 12, 10, "none", stroke=svg.INK)]
    parts += [svg.text(x + 92, 52, "at temperature 1", 12)]
    for k, index in enumerate(order):
        parts.append(plot.bar(k, p[index], COLORS["output"], 0.6))
        left, high = float(plot.x(k)) - 13.5, 108 * float(plain[index])
        parts.append(svg.rect(left, 178 - high, 27, high, "none", stroke=svg.INK))
        token = model.tokens[index]
        name = SIGNS.get(token, token)
        x = float(plot.x(k))
        if token in SIGNS:
            for words, y in zip(name.split(" ", 1), (194, 207), strict=False):
                parts.append(svg.text(x, y, words, 11, svg.MUTED, "middle"))
        else:
            parts.append(svg.text(x, 198, name, 16, svg.INK, "middle", bold=True))
    return parts


def _text(k, temperature, text, name):
    """One of the three columns of text."""
    left, color = 12 + 236 * k, svg.INK if k == 1 else svg.MUTED
    label = f"temperature {temperature:.1f}" + (", as set" if k == 1 else "")
    fill = "#EAF5F1" if k == 1 else "#F6F6F6"
    parts = [svg.rect(left, 222, 226, 218, fill, radius=6)]
    parts += [svg.text(left + 12, 244, label, 13, color, bold=k == 1)]
    size, step, top = (13, 19, 272) if name == "hamlet" else (20, 32, 280)
    for i, line in enumerate(_lines(text, name)):
        parts.append(svg.text(left + 12, top + step * i, line, size, svg.INK))
    return parts


def _lines(text, name):
    """A text in lines that fit a column: poems by verse, Hamlet by words."""
    if name == "tang":
        verses = text.strip("\n").split("\n")[0].replace("，", "，\n").replace("。", "。\n")
        pieces = [v[i : i + 9] for v in verses.split("\n") for i in range(0, len(v), 9)]
        return pieces[:5]
    lines = []
    for line in text.split("\n"):
        room = ""
        for word in line.split(" "):
            if len(room) + len(word) + 1 > LINE and room:
                lines.append(room)
                room = "  " + word
            else:
                room = f"{room} {word}" if room else word
        lines.append(room)
    return [line[:LINE] for line in lines if line.strip()][:8]


def next_character(name="hamlet"):
    """Explore the temperature of a model that writes Hamlet, or "tang" quatrains; an Explorer.

    Raises ValueError for another name.
    """
    if name not in character_models.NAMES:
        names = ", ".join(repr(known) for known in character_models.NAMES)
        raise ValueError(f"name={name!r} is not known; choose one of {names}.")
    text = ipywidgets.Dropdown(
        options=[("Hamlet", "hamlet"), ("Tang quatrains", "tang")], value=name, description="text"
    )
    text.layout, text.style = ipywidgets.Layout(width="210px"), {"description_width": "40px"}
    slider = ipywidgets.FloatSlider(0.7, min=0.1, max=2.0, step=0.1, description="temperature")
    slider.layout, slider.style = ipywidgets.Layout(width="320px"), {"description_width": "90px"}
    luck = ipywidgets.IntSlider(1, min=1, max=20, description="luck")
    luck.layout, luck.style = ipywidgets.Layout(width="220px"), {"description_width": "40px"}
    return Explorer(
        draw,
        {"name": text, "temperature": slider, "luck": luck},
        rows=[row(text, slider, luck)],
    )
