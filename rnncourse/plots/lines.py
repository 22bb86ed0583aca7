"""Lines that carry their names at their ends, so that no legend has to be decoded."""

import numpy as np
from matplotlib.ticker import NullLocator

from rnncourse.plots.figures import COLORS, figure

__all__ = ["curves"]


def curves(
    lines,
    *,
    x=None,
    title,
    xlabel,
    ylabel,
    colors=None,
    styles=None,
    log=False,
    xticks=None,
    ax=None,
    **figure_options,
):
    """Draw `lines`, {name: values (n,)}, over `x` (n,) or 0, 1, …; returns the Axes.

    `colors` and `styles` are {name: colour, line style} for the names that want one; a colour is
    one of the course's, by its name in `COLORS`, or any of matplotlib's.
    Values may be nan where a line has a gap. `log` makes the y axis logarithmic, log="x" the other,
    log="xy" both; `xticks` are the numbers that the x axis shows. Whole x get whole ticks.
    """
    ax = figure(**figure_options)[1] if ax is None else ax
    for name, values in lines.items():
        over = np.arange(len(values)) if x is None else np.asarray(x)[: len(values)]
        style, color = (styles or {}).get(name, "-"), (colors or {}).get(name)
        color = COLORS.get(color, color) if isinstance(color, str) else color
        ax.plot(over, values, style, label=name, color=color)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.set(yscale="log" if log in (True, "y", "xy") else "linear")
    if log in ("x", "xy"):  # but never back to linear: that would take the dates off an axis
        ax.set_xscale("log")
    elif over.dtype.kind in "iu":  # there is no step 2.5
        ax.xaxis.get_major_locator().set_params(integer=True)
    if xticks is not None:
        ax.set_xticks(xticks, [f"{tick:g}" for tick in xticks])
        ax.xaxis.set_minor_locator(NullLocator())
    name_ends(ax)
    return ax


def name_ends(ax):
    """Write each line's label behind its last point, apart from each other."""
    ax.autoscale_view()  # or the transform below is still the one of empty axes
    drawn = [line for line in ax.lines if not line.get_label().startswith("_")]
    ends = [_last(line) for line in drawn]
    height = ax.get_window_extent().height / ax.figure.dpi * 72  # points
    to_axes = ax.transData + ax.transAxes.inverted()
    ys = np.array([to_axes.transform(end)[1] for end in ends])
    for line, (x, y), raised in zip(drawn, ends, _apart(ys, 13 / height) - ys, strict=True):
        ax.annotate(
            f" {line.get_label()}",
            (x, y),
            (4, raised * height),
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def _last(line):
    x, y = (np.asarray(values, dtype=float) for values in (line.get_xdata(), line.get_ydata()))
    at = np.flatnonzero(np.isfinite(y))[-1]
    return x[at], y[at]


def _apart(ys, gap):
    """Move `ys` as little as needed so that neighbours are at least `gap` apart."""
    order = np.argsort(ys)
    moved = ys[order].copy()
    for _ in range(100):
        short = gap - np.diff(moved)
        if (short <= 1e-9).all():
            break
        for i in np.flatnonzero(short > 0):
            moved[i] -= short[i] / 2
            moved[i + 1] += short[i] / 2
    result = np.empty_like(moved)
    result[order] = moved
    return result
