"""Axes for the explorers' pictures: numbers in, pixels out, ticks and curves as SVG."""

import numpy as np

from rnncourse.widgets.svg import GRID, MUTED, line, polyline, rect, text

__all__ = ["Plot"]


class Plot:
    """Axes: numbers in, pixels out. `box` is (left, top, width, height) of the inside."""

    def __init__(self, box, xlim, ylim, *, log=False):
        self.left, self.top, self.width, self.height = box
        self.xlim, self.ylim, self.log = xlim, ylim, log

    def x(self, value):
        """Pixels from the left; a number or an array."""
        low, high = self.xlim
        return self.left + (np.asarray(value, dtype=float) - low) / (high - low) * self.width

    def y(self, value):
        """Pixels from the top; values beyond the axis end at its edge."""
        low, high = np.log10(self.ylim) if self.log else self.ylim
        value = np.asarray(value, dtype=float)
        if self.log:
            value = np.log10(np.maximum(value, 1e-300))
        share = np.clip((value - low) / (high - low), 0, 1)
        return self.top + (1 - share) * self.height

    def frame(self, xticks=(), yticks=(), xlabel="", ylabel=""):
        """Grid lines, the ticks' numbers (or {number: name}) and the axes' names."""
        right, bottom = self.left + self.width, self.top + self.height
        parts = []
        for value, name in _named(yticks):
            y = float(self.y(value))
            parts += [line(self.left, y, right, y, GRID, 1)]
            parts += [text(self.left - 6, y + 4, name, 11, MUTED, "end")]
        for value, name in _named(xticks):
            x = float(self.x(value))
            parts += [line(x, bottom, x, bottom + 4, MUTED, 1)]
            parts += [text(x, bottom + 16, name, 11, MUTED, "middle")]
        parts.append(line(self.left, bottom, right, bottom, MUTED, 1))
        if xlabel:
            parts.append(text(right, bottom + 31, xlabel, 12, MUTED, "end"))
        if ylabel:
            parts.append(text(self.left, self.top - 8, ylabel, 12, MUTED))
        return "".join(parts)

    def curve(self, xs, ys, color, width=2, dash=None, opacity=None):
        """A line through the points (xs, ys)."""
        return polyline(self.x(xs), self.y(ys), color, width, dash, opacity)

    def bar(self, x, value, color, share=0.7, opacity=None, base=0.0):
        """One bar from `base` to `value`, `share` of a unit wide."""
        wide = share * self.width / (self.xlim[1] - self.xlim[0])
        y0, y1 = sorted((float(self.y(base)), float(self.y(value))))
        return rect(float(self.x(x)) - wide / 2, y0, wide, y1 - y0, color, opacity=opacity)


def _named(ticks):
    if isinstance(ticks, dict):
        return list(ticks.items())
    return [(value, f"{value:g}".replace("-", "−")) for value in ticks]
