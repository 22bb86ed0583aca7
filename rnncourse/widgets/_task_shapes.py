"""Explorer: the five shapes of sequence tasks, unrolled, with the shape of every array."""

from dataclasses import dataclass

import ipywidgets

from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["KINDS", "Graph", "task_shapes", "unroll"]

#: kind: an example from life
KINDS = {
    "one to one": "one measurement → its class; there is no sequence",
    "one to many": "a picture → its caption, word by word",
    "many to one": "a review → its mood",
    "many to many": "every day's weather → rain on that day, yes or no",
    "encoder, decoder": "a sentence → its translation, of another length",
}


@dataclass(frozen=True)
class Graph:
    """One unrolled network: its columns and its arrays."""

    columns: tuple  # (reads an input, gives an output, belongs to the decoder), one a step
    arrays: dict  # name: (shape, names of its axes)
    weights: dict  # name: shape

    @property
    def n_weights(self):
        """How many numbers are learned. The number of steps is not in it."""
        total = 0
        for shape in self.weights.values():
            size = 1
            for n in shape:
                size *= n
            total += size
        return total


def unroll(kind, B=8, T=4, D=3, N=5, K=2, T_out=3):
    """The Graph of one of KINDS: B sequences of T steps and D features, N units, K outputs.

    T_out is the number of steps of a decoder alone. Raises ValueError for another kind.
    """
    sequence, vector = ("batch", "time", "feature"), ("batch", "feature")
    units, state = ("batch", "time", "unit"), ("batch", "unit")
    cell = {"W": (D, N), "U": (N, N), "b": (N,)}
    output = {"W_y": (N, K), "b_y": (K,)}
    every = {"ŷ": ((B, T, K), ("batch", "time", "output"))}
    once = {"ŷ": ((B, K), ("batch", "output"))}
    if kind == "one to one":  # no step before, so U has nothing to read
        columns = ((True, True, False),)
        arrays = {"x": ((B, D), vector), "h": ((B, N), state), **once}
        return Graph(columns, arrays, {"W": (D, N), "b": (N,)} | output)
    if kind == "one to many":
        columns = tuple((t == 0, True, False) for t in range(T))
        arrays = {"x": ((B, D), vector), "H": ((B, T, N), units), **every}
    elif kind == "many to one":
        columns = tuple((True, t == T - 1, False) for t in range(T))
        arrays = {"X": ((B, T, D), sequence), "h_T": ((B, N), state), **once}
    elif kind == "many to many":
        columns = ((True, True, False),) * T
        arrays = {"X": ((B, T, D), sequence), "H": ((B, T, N), units), **every}
    elif kind == "encoder, decoder":
        return _translate(B, T, D, N, K, T_out)
    else:
        raise ValueError(f"kind={kind!r} is not known; choose one of {list(KINDS)}.")
    return Graph(columns, arrays, cell | output)


def _translate(B, T, D, N, K, T_out):
    """Two networks: one reads, its last state starts the other, which reads its own answers."""
    columns = ((True, False, False),) * T + ((False, True, True),) * T_out
    arrays = {
        "X": ((B, T, D), ("batch", "time", "feature")),
        "h_T": ((B, N), ("batch", "unit")),
        "H′": ((B, T_out, N), ("batch", "time of the output", "unit")),
        "ŷ": ((B, T_out, K), ("batch", "time of the output", "output")),
    }
    weights = {"W": (D, N), "U": (N, N), "b": (N,), "W′": (K, N), "U′": (N, N), "b′": (N,)}
    return Graph(columns, arrays, weights | {"W_y": (N, K), "b_y": (K,)})


def draw(kind, B, T, D, N, K, T_out):
    """The picture: all five small, the chosen one large, its arrays and weights below."""
    graph = unroll(kind, B, T, D, N, K, T_out)
    message = f"{kind[0].upper()}{kind[1:]}: {KINDS[kind]}"
    parts = [svg.title(message), *_small(kind), *_large(graph), *_table(graph)]
    told = ", ".join(
        f"{name.replace('_', '')} {shape}" for name, (shape, _) in graph.arrays.items()
    )
    learned = ", ".join(f"{name.replace('_', '')} {shape}" for name, shape in graph.weights.items())
    steps = "step" if len(graph.columns) == 1 else "steps"
    alt = f"{message}. Unrolled over {len(graph.columns)} {steps}. Arrays: {told}."
    alt += f" Weights, shared by all steps: {learned}; {graph.n_weights:,} numbers."
    return svg.figure(WIDE, 500, parts, alt)


def _small(chosen):
    """The five kinds side by side."""
    parts, wide = [], (WIDE - 24) / len(KINDS)
    for k, kind in enumerate(KINDS):
        left = 12 + k * wide
        if kind == chosen:
            parts.append(svg.rect(left + 3, 38, wide - 6, 94, "#EEF4F9", stroke=svg.INK, radius=6))
        columns = unroll(kind, T=3, T_out=2).columns
        step = 22
        start = left + wide / 2 - step * (len(columns) - 1) / 2
        for t, (reads, answers, _) in enumerate(columns):
            x = start + step * t
            if t:
                parts.append(svg.arrow(x - 16, 76, x - 6, 76, svg.MUTED, 1.2, 4))
            if reads:
                parts.append(svg.arrow(x, 92, x, 83, svg.MUTED, 1.2, 4))
                parts.append(svg.rect(x - 6, 92, 12, 12, COLORS["input"], radius=2))
            parts.append(svg.rect(x - 6, 70, 12, 12, COLORS["state"], radius=2))
            if answers:
                parts.append(svg.arrow(x, 69, x, 61, svg.MUTED, 1.2, 4))
                parts.append(svg.rect(x - 6, 48, 12, 12, COLORS["output"], radius=2))
        parts.append(svg.text(left + wide / 2, 124, kind, 12, anchor="middle", bold=kind == chosen))
    return parts


def _large(graph):
    """The chosen network, a column a step."""
    n, parts = len(graph.columns), []
    step = min(104, 600 / n)
    start, half = WIDE / 2 - step * (n - 1) / 2, min(34, step / 2 - 8)
    encoder = sum(not decodes for *_, decodes in graph.columns)
    for t, (reads, answers, decodes) in enumerate(graph.columns):
        x, last = start + step * t, t == n - 1
        mark, k = ("′", t - encoder + 1) if decodes else ("", t + 1)
        if t:
            before = x - step + half + 2
            parts.append(svg.arrow(before, 226, x - half - 2, 226, svg.MUTED))
            first = decodes and t == encoder
            name = "$h_T$" if first else f"$U{mark}$"
            parts.append(svg.text((before + x - half - 2) / 2, 218, name, 13, svg.MUTED, "middle"))
        if reads:
            parts += _box(x, 288, half, COLORS["input"], "x" if n == 1 else f"x_{k}")
            parts += [
                svg.arrow(x, 272, x, 244, svg.MUTED),
                svg.text(x + 6, 262, "$W$", 13, svg.MUTED),
            ]
        if answers:
            parts += _box(x, 164, half, COLORS["output"], "ŷ" if n == 1 else f"ŷ_{k}")
            parts += [svg.arrow(x, 209, x, 181, svg.MUTED)]
            parts += [svg.text(x + 6, 199, "$W_y$", 14, svg.MUTED)]
        parts += _box(x, 226, half, COLORS["state"], "h" if n == 1 else f"h{mark}_{k}")
        if decodes and not last:  # an answer is the next step's input
            parts.append(_feedback(x, half, step))
    return parts


def _box(x, y, half, color, name):
    return [
        svg.box(x, y, 2 * half, 30, color),
        svg.text(x, y + 5, f"${name}$", 15, anchor="middle"),
    ]


def _feedback(x, half, step):
    """From an output, between the boxes, down to the state of the next step."""
    green, middle, to_x = COLORS["output"], x + step / 2, x + step - half + 8
    d = f"M{svg.px(x + half)} 164H{svg.px(middle)}V196"
    return svg.path(d, green, 1.5, dash="4 3") + svg.arrow(middle, 196, to_x, 210, green, 1.5, 6)


def _table(graph):
    """Names, shapes and axes; then the weights and their number."""
    parts = [
        svg.text(24, 340, "arrays", 13, svg.MUTED),
        svg.text(400, 340, "weights", 13, svg.MUTED),
    ]
    colors = {"x": COLORS["input"], "X": COLORS["input"], "ŷ": COLORS["output"]}
    for k, (name, (shape, axes)) in enumerate(graph.arrays.items()):
        y = 364 + 24 * k
        parts.append(svg.circle(30, y - 5, 5, colors.get(name, COLORS["state"])))
        parts.append(svg.text(44, y, f"${name}$", 15, bold=True))
        parts.append(svg.text(80, y, f"{shape}", 14))
        parts.append(svg.text(164, y, ", ".join(axes), 12, svg.MUTED))
    for k, (name, shape) in enumerate(graph.weights.items()):
        x, y = 400 + 150 * (k % 2), 364 + 24 * (k // 2)
        parts.append(svg.text(x, y, f"${name}$", 15, bold=True))
        parts.append(svg.text(x + 40, y, f"{shape}", 14))
    words = f"{graph.n_weights:,} numbers to learn, for any number of steps"
    parts.append(svg.text(400, 474, words, 13, svg.MUTED))
    return parts


def task_shapes(kind="many to one"):
    """Explore the shapes of sequence tasks; returns an Explorer. Begins with one of `KINDS`."""
    unroll(kind)  # says what is wrong with another kind
    choice = ipywidgets.Dropdown(options=list(KINDS), value=kind, description="task")
    choice.layout, choice.style = ipywidgets.Layout(width="350px"), {"description_width": "120px"}
    sliders = {
        name: ipywidgets.IntSlider(value, min=low, max=high, description=words)
        for name, words, value, low, high in (
            ("B", "batch B", 8, 1, 64),
            ("T", "time steps T", 4, 1, 6),
            ("D", "features D", 3, 1, 10),
            ("N", "units N", 5, 1, 64),
            ("K", "outputs K", 2, 1, 10),
            ("T_out", "decoder's steps", 3, 1, 4),
        )
    }
    for slider in sliders.values():
        slider.layout, slider.style = (
            ipywidgets.Layout(width="350px"),
            {"description_width": "120px"},
        )
    sliders["T_out"].disabled = kind != "encoder, decoder"

    def other(kind):
        sliders["T_out"].disabled = kind != "encoder, decoder"
        sliders["T"].disabled = kind == "one to one"

    s = sliders
    pairs = [(choice, s["B"]), (s["T"], s["D"]), (s["N"], s["K"]), (s["T_out"],)]
    rows = [row(*pair) for pair in pairs]
    return Explorer(draw, {"kind": choice, **sliders}, rows=rows, setters={"kind": other})
