"""What a translator does, drawn: its two halves, and where it looks while it writes."""

import html

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from rnncourse.plots.figures import COLORS, figure

__all__ = ["alignment", "alignment_table", "encoder_decoder"]


def encoder_decoder(source, target, *, title, looks=()):
    """The encoder reading `source`, the decoder writing `target`; returns the Axes.

    source, target: lists of short tokens; the decoder is fed its target one step late. `looks`
    are pairs (written, read) of places that an arrow connects: attention.
    """
    _, ax = figure(height=2.9)
    gap = len(source) + 0.6
    for j, token in enumerate(source):
        _column(ax, j, COLORS["input"], below=token)
        if j:
            _arrow(ax, (j - 0.7, 1), (j - 0.3, 1))
    _arrow(ax, (len(source) - 0.7, 1), (gap - 0.3, 1), COLORS["state"], width=2.2)
    for t, (before, token) in enumerate(zip(["<s>", *target], [*target, "</s>"], strict=True)):
        _column(ax, gap + t, COLORS["output"], below=before, above=token)
        if t:
            _arrow(ax, (gap + t - 0.7, 1), (gap + t - 0.3, 1))
    for t, j in looks:
        _arrow(ax, (j, 1.24), (gap + t, 1.24), COLORS["gradient"], bend=-0.35)
    ax.text((len(source) - 1) / 2, -0.55, "encoder", ha="center", color=COLORS["input"])
    ax.text(gap + len(target) / 2, -0.55, "decoder", ha="center", color=COLORS["output"])
    ax.set(xlim=(-0.6, gap + len(target) + 0.6), ylim=(-0.75, 3.1 if looks else 2.3), title=title)
    ax.axis("off")
    return ax


def alignment(alpha, source, target, *, title, ax=None):
    """Attention weights alpha (len(target), len(source)) as shades; returns the Axes.

    A row is a token that was written, a column one that was read; dark is a weight near 1.
    """
    ax = figure(height=0.6 + 0.24 * len(target))[1] if ax is None else ax
    ax.imshow(alpha, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(source)), [" " if s == " " else s for s in source])
    ax.set_yticks(range(len(target)), target)
    ax.tick_params(length=0)
    ax.grid(False)
    ax.set(title=title, xlabel="read", ylabel="written")
    return ax


def alignment_table(alpha, source, target, *, caption, least=0.1):
    """The same as an HTML table, for scripts that figures have no letters for; returns a str.

    Weights below `least` are left blank.
    """
    head = "".join(f"<th scope='col'>{html.escape(token)}</th>" for token in source)
    rows = []
    for token, weights in zip(target, np.asarray(alpha), strict=True):
        cells = "".join(_cell(float(weight), least) for weight in weights)
        rows.append(f"<tr><th scope='row'>{html.escape(token)}</th>{cells}</tr>")
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(weight, least):
    # From white to most of the course's blue: black can be read on it, whatever the page's theme.
    red, green, blue = (round(255 - 0.9 * weight * (255 - full)) for full in (0, 114, 178))
    shade = f"background: rgb({red}, {green}, {blue}); color: black"
    text = f"{weight:.1f}" if weight >= least else ""
    return f"<td style='text-align: center; {shade}'>{text}</td>"


def _column(ax, x, color, below, above=None):
    shape = FancyBboxPatch(
        (x - 0.24, 0.82),
        0.48,
        0.36,
        boxstyle="round,pad=0.04",
        fc=color + "22",
        ec=color,
        lw=1.6,
    )
    ax.add_patch(shape)
    ax.text(x, 0.1, below, ha="center", va="center")
    _arrow(ax, (x, 0.3), (x, 0.74))
    if above:
        ax.text(x, 1.9, above, ha="center", va="center", fontweight="bold")
        _arrow(ax, (x, 1.26), (x, 1.7))


def _arrow(ax, start, end, color="#444444", bend=0.0, width=1.0):
    style = {"arrowstyle": "-|>", "mutation_scale": 11, "color": color, "lw": width}
    ax.add_patch(FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={bend}", **style))
