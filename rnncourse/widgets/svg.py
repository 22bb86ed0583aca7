"""Small pieces of SVG as strings: what the explorers' pictures are made of.

A picture must be new some milliseconds after a slider moves, and a string of SVG is. Coordinates
are pixels, y grows downwards; numbers are rounded, so that a picture is the same text on every
machine. No piece carries an id, because several pictures share a page.
"""

import re
from dataclasses import dataclass
from html import escape

import numpy as np

__all__ = [
    "GRID",
    "INK",
    "MUTED",
    "Svg",
    "arrow",
    "box",
    "circle",
    "figure",
    "line",
    "matrix",
    "number",
    "path",
    "polyline",
    "rect",
    "text",
    "title",
]

INK, MUTED, GRID = "#222222", "#595959", "#E4E4E4"
FONT = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif"
SMALLEST = 11  # px: below that a text is not read
HALO = {"stroke": "#FFFFFF", "stroke_width": 4, "paint_order": "stroke"}
UPRIGHT = {"tanh", "relu", "linear", "or", "and"}  # words within formulas
LETTER = r"[^\W\d_ᵀ][\u0300-\u036f]?"  # with the tilde or hat that may follow it
TOKENS = re.compile(rf"_\{{([^}}]*)\}}|_(\w)|(&\w+;|(?:{LETTER})+)")


@dataclass(frozen=True)
class Svg:
    """A finished picture: its source, and the text for those who cannot see it."""

    source: str
    alt: str


def px(value):
    """A coordinate: at most one decimal, never -0."""
    return f"{round(float(value), 1) + 0.0:.1f}".removesuffix(".0")


def number(value, digits=2):
    """A number to read, with a true minus sign; a dash if it is not finite."""
    if not np.isfinite(value):
        return "–"
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")


def tag(name, content="", **attributes):
    """One element. Underscores in attribute names stand for hyphens; None leaves one out."""
    written = ""
    for key, value in attributes.items():
        if value is not None:
            shown = escape(value) if isinstance(value, str) else px(value)
            written += f' {key.replace("_", "-")}="{shown}"'
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def line(x1, y1, x2, y2, color=INK, width=1.5, dash=None):
    """A straight line."""
    return tag(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width, stroke_dasharray=dash
    )


def polyline(xs, ys, color=INK, width=2, dash=None, opacity=None):
    """A line through points; a gap in the numbers (nan) is a gap in the line."""
    parts, pen_down = [], False
    for x, y in zip(xs, ys, strict=True):
        if np.isfinite(y):
            parts.append(f"{'L' if pen_down else 'M'}{px(x)} {px(y)}")
        pen_down = np.isfinite(y)
    return path("".join(parts), color, width, dash=dash, opacity=opacity)


def path(d, color=INK, width=1.5, *, fill="none", dash=None, opacity=None):
    """A path from SVG's own letters."""
    return tag(
        "path",
        d=d,
        fill=fill,
        stroke=color,
        stroke_width=width,
        stroke_dasharray=dash,
        opacity=opacity,
        stroke_linejoin="round",
    )


def rect(x, y, width, height, fill, *, stroke="none", opacity=None, radius=None):
    """A rectangle from its left upper corner."""
    return tag(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        fill=fill,
        stroke=stroke,
        fill_opacity=None if opacity is None else f"{opacity:.2f}",
        rx=radius,
    )


def circle(x, y, r, fill="none", stroke="none", width=1.5):
    """A circle."""
    return tag("circle", cx=x, cy=y, r=r, fill=fill, stroke=stroke, stroke_width=width)


def arrow(x1, y1, x2, y2, color=MUTED, width=1.6, head=7, dash=None):
    """A straight arrow with its head at (x2, y2)."""
    length = float(np.hypot(x2 - x1, y2 - y1))
    if length < 1e-6:
        return ""
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    neck_x, neck_y = x2 - head * ux, y2 - head * uy
    side = 0.45 * head
    corners = [
        (x2, y2),
        (neck_x - side * uy, neck_y + side * ux),
        (neck_x + side * uy, neck_y - side * ux),
    ]
    points = " ".join(f"{px(x)},{px(y)}" for x, y in corners)
    return line(x1, y1, neck_x, neck_y, color, width, dash) + tag(
        "polygon", points=points, fill=color
    )


def text(x, y, words, size=13, color=INK, anchor="start", *, bold=False, halo=False):
    """Words at (x, y), their baseline. Between dollars, letters are italic, _t and _{t-1} low.

    `halo` keeps them readable on top of lines.
    """
    pieces = words.split("$")
    pieces[::2] = [escape(piece, quote=False) for piece in pieces[::2]]
    pieces[1::2] = [_math(piece, size) for piece in pieces[1::2]]
    return tag(
        "text",
        "".join(pieces),
        x=x,
        y=y,
        font_size=max(size, SMALLEST),
        fill=color,
        text_anchor=None if anchor == "start" else anchor,
        font_weight="bold" if bold else None,
        **HALO if halo else {},
    )


def _math(formula, size):
    low, drop = max(SMALLEST, round(0.76 * size)), px(0.24 * size)

    def piece(found):
        index = found[1] if found[1] is not None else found[2]
        if index is None:
            upright = found[3] in UPRIGHT or found[3].startswith("&")  # such as &lt;
            return found[3] if upright else f'<tspan font-style="italic">{found[3]}</tspan>'
        # dy moves all that follows, so an empty piece moves it back.
        return (
            f'<tspan dy="{drop}" font-size="{low}">{escape(index, quote=False)}</tspan>'
            f'<tspan dy="-{drop}">\u200b</tspan>'
        )

    return TOKENS.sub(piece, escape(formula, quote=False))


def box(x, y, width, height, color, *, strong=False):
    """A rounded, tinted box around its centre (x, y)."""
    return tag(
        "rect",
        x=x - width / 2,
        y=y - height / 2,
        width=width,
        height=height,
        rx=7,
        fill=color,
        fill_opacity="0.28" if strong else "0.10",
        stroke=color,
        stroke_width=2.4 if strong else 1.4,
    )


def matrix(x, y, array, color=INK, size=14, digits=3):
    """An array with its brackets, centred at height y: (svg, width)."""
    rows = np.atleast_2d(array)
    wide = (1.6 + 0.8 * digits) * size  # px a column, also in a wide font
    width, height = wide * rows.shape[1] + 10, 19 * rows.shape[0] + 4
    parts = []
    for i, numbers in enumerate(rows):
        for j, value in enumerate(numbers):
            baseline = y + 5 + 19 * (i - (len(rows) - 1) / 2)
            words = number(value, digits)
            parts.append(text(x + wide * (j + 1) + 4, baseline, words, size, color, "end"))
    for edge, hook in ((x, 5), (x + width + 2, -5)):
        top, bottom = y - height / 2, y + height / 2
        d = f"M{px(edge + hook)} {px(top)}h{-hook}V{px(bottom)}h{hook}"
        parts.append(path(d, color, 1.3))
    return "".join(parts), width + 2


def title(words, y=22):
    """The message of the picture."""
    return text(12, y, words, size=16, bold=True)


def figure(width, height, parts, alt):
    """The finished picture, white also on a dark page."""
    source = tag(
        "svg",
        rect(0, 0, width, height, "#FFFFFF") + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        font_family=FONT,
        role="img",
        aria_label=alt,
    )
    return Svg(source, alt)
