"""The picture of a recurrent network: folded on the left, unrolled over time on the right."""

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from rnncourse.plots.figures import COLORS, figure

__all__ = ["unrolled"]


def unrolled(
    n_steps=4, *, outputs="every", title="The same cell at every step, one arrow of memory"
):
    """Draw the folded and the unrolled network; returns the Axes.

    `outputs` is "every" (an output at each step) or "last" (one at the end).
    """
    _, ax = figure(height=3.0)
    _column(ax, 0, "x_t", "h_t", r"\hat{y}_t")
    _loop(ax)
    ax.text(1.2, 1, "=", fontsize=20, ha="center", va="center")
    ax.text(1.85, 1, "$h_0$", ha="center", va="center", fontsize=12)
    for t in range(1, n_steps + 1):
        x = 1.6 + 1.3 * t
        speaks = outputs == "every" or t == n_steps
        _column(ax, x, f"x_{t}", f"h_{t}", rf"\hat{{y}}_{t}" if speaks else None)
        _arrow(ax, (x - (0.85 if t == 1 else 0.97), 1), (x - 0.33, 1), "U", (0, 0.13))
    ax.set(xlim=(-0.9, 2.1 + 1.3 * n_steps), ylim=(-0.35, 2.45), aspect="equal", title=title)
    ax.axis("off")
    return ax


def _column(ax, x, input_name, state_name, output_name):
    _box(ax, (x, 0), input_name, COLORS["input"])
    _box(ax, (x, 1), state_name, COLORS["state"])
    _arrow(ax, (x, 0.26), (x, 0.74), "W", (0.14, 0))
    if output_name:
        _box(ax, (x, 2), output_name, COLORS["output"])
        _arrow(ax, (x, 1.26), (x, 1.74), "W_y", (0.19, 0))


def _box(ax, center, name, color):
    x, y = center
    shape = FancyBboxPatch(
        (x - 0.26, y - 0.18),
        0.52,
        0.36,
        boxstyle="round,pad=0.06",
        fc=color + "22",
        ec=color,
        lw=1.6,
    )
    ax.add_patch(shape)
    ax.text(x, y, f"${name}$", ha="center", va="center", fontsize=12)


def _arrow(ax, start, end, name, offset):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color="#444444"))
    middle = ((start[0] + end[0]) / 2 + offset[0], (start[1] + end[1]) / 2 + offset[1])
    ax.text(*middle, f"${name}$", ha="center", va="center", fontsize=9, color="#444444")


def _loop(ax):
    loop = FancyArrowPatch(
        (0.3, 1.12),
        (0.3, 0.88),
        connectionstyle="arc3,rad=-2.6",
        arrowstyle="-|>",
        mutation_scale=11,
        color="#444444",
    )
    ax.add_patch(loop)
    ax.text(0.8, 1, "$U$", ha="center", va="center", fontsize=9, color="#444444")
