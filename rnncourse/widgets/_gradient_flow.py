"""Explorer: how much of the gradient at the end reaches each step before.

Widths and depths of the experiment are small and fixed; the weights are those of `rnncourse.nn`,
untrained, and the gradient is the engine's own, step back by step back.
"""

from dataclasses import dataclass

import ipywidgets
import matplotlib
import numpy as np

from rnncourse.nn import GRUCell, LSTMCell, SimpleRNNCell, global_norm, glorot_uniform, orthogonal
from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["CELLS", "Flow", "gradient_flow", "run_flow"]

N, D = 12, 4  # units, features
CELLS = {"SimpleRNN": (SimpleRNNCell, 1), "LSTM": (LSTMCell, 4), "GRU": (GRUCell, 3)}
COLOR = {"SimpleRNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
LOW, HIGH = -8, 4  # the powers of ten that the curve shows
DARK, BRIGHT = -6, 2  # and the heat map
LEVELS = 3 * (BRIGHT - DARK)
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Flow:
    """What `run_flow` measured."""

    dH: np.ndarray  # (T, N): how strongly the end asks of each unit at each step
    norms: np.ndarray  # (T,): the norm of each row
    total: float  # the global norm of the weights' gradient


def run_flow(scale, activation="tanh", T=50, cell="SimpleRNN", gate_bias=1.0, seed=0):
    """Send a gradient of norm 1 from h_T back to step 1; returns a Flow.

    scale: every singular value of U (of each gate's block of U). gate_bias: what an LSTM's forget
    gate and a GRU's update gate have for bias; a SimpleRNN has no gate. For an LSTM, a unit's
    state is h_t and c_t together.
    """
    unit, X = _network(scale, activation, T, cell, gate_bias, seed)
    states = [(np.zeros((1, N)),) * (2 if cell == "LSTM" else 1)]
    for x_t in X:
        h = unit.step(x_t, *states[-1])
        states.append(h if cell == "LSTM" else (h,))
    asked = [np.full((1, N), N**-0.5)] + [np.zeros((1, N))] * (len(states[0]) - 1)
    dH, total = np.zeros((T, N)), {}
    for t in range(T - 1, -1, -1):
        dH[t] = np.sqrt(sum(part[0] ** 2 for part in asked))
        _, *asked, grads = unit.step_back(*asked, X[t], *states[t])
        for name, share in grads.items():
            total[name] = total.get(name, 0) + share
    return Flow(dH, np.linalg.norm(dH, axis=1), global_norm(list(total.values())))


def _network(scale, activation, T, cell, gate_bias, seed):
    """A cell with fresh weights, and inputs (T, 1, D)."""
    rng = np.random.default_rng(seed)
    make, gates = CELLS[cell]
    W = glorot_uniform(rng, (D, N * gates))
    U = scale * np.concatenate([orthogonal(rng, (N, N)) for _ in range(gates)], axis=1)
    b = np.zeros(N * gates)
    if cell == "LSTM":
        b[N : 2 * N] = gate_bias  # blocks i, f, c, o
    if cell == "GRU":
        b[:N] = gate_bias  # blocks z, r, h
        b = np.stack([b, np.zeros_like(b)])  # reset_after: input row, recurrent row
    return make(W, U, b, activation), 0.2 * rng.normal(size=(T, 1, D))


def clipped(norms, total, threshold):
    """`norms` (T,) after clipping by the global norm: all shrink by the same factor, or none."""
    return norms * min(1.0, threshold / total) if threshold else norms


def draw(scale, activation, T, cell, gate_bias, clip):
    """The picture: units over time as a heat map, the norm of each step below it."""
    flow = run_flow(scale, activation, T, cell, gate_bias)
    message = _message(flow.norms, cell, scale)
    heat = Plot((74, 66, 540, 120), (0.5, T + 0.5), (0, N))
    curve = Plot((74, 236, 540, 176), (0.5, T + 0.5), (10.0**LOW, 10.0**HIGH), log=True)
    parts = [svg.title(message), _heat(heat, flow.dH), _bar(640, heat)]
    parts += [
        svg.text(74, 56, "what the loss asks of each unit at each step, $∂L/∂h_t$", 14, svg.MUTED)
    ]
    parts += [svg.text(66, 130, "12 units", 12, svg.MUTED, "end")]
    powers = {10.0**p: f"10{str(p).translate(SUPERSCRIPT)}" for p in range(LOW, HIGH + 1, 2)}
    ticks = (
        [1, *range(10, T, 10), T] if T % 10 > 2 or T % 10 == 0 else [1, *range(10, T - 5, 10), T]
    )
    parts += [curve.frame(sorted(set(ticks)), powers, "step t; the loss is at the last one")]
    parts += [svg.text(74, 226, "the norm of all units together", 13, svg.MUTED)]
    parts += _curves(curve, flow, scale, cell, clip)
    alt = (
        f"Heat map and curve of the gradient over {T} steps, {cell}, {activation}, singular values"
        f" of U {scale:g}. {message}. It is 1 at step {T} and {power(flow.norms[0])} at step 1."
    )
    return svg.figure(WIDE, 456, parts, alt)


def _message(norms, cell, scale):
    steps, first, most = len(norms) - 1, norms[0], norms.max()
    if not np.isfinite(most) or most > 100:
        return f"The gradient explodes: {power(most)} times as large on its way back"
    if first < 1e-2:
        return f"The gradient vanishes: {steps} steps back, {power(first)} of it is left"
    return f"The gradient lives: {steps} steps back, its norm is {number(first)}"


def _curves(plot, flow, scale, cell, clip):
    T, norms, color = len(flow.norms), flow.norms, COLORS[COLOR[cell]]
    steps, names = np.arange(1, T + 1), []
    parts = []
    if cell == "SimpleRNN":
        alone = float(scale) ** np.arange(T - 1, -1, -1)
        parts += [plot.curve(steps, alone, COLORS["baseline"], 1.6, "2 4")]
        names += [(alone[0], "$U$ alone", COLORS["baseline"])]
    parts += [plot.curve(steps, norms, color, 2.6)]
    names += [(norms[0], cell, color)]
    after = clipped(norms, flow.total, clip)
    if clip and after is not norms and flow.total > clip:
        parts += [plot.curve(steps, after, COLORS["gradient"], 2, "7 4")]
        names += [(after[0], "clipped", COLORS["gradient"])]
    for y, (_, name, color) in zip(_apart(plot.y([v for v, *_ in names])), names, strict=True):
        parts.append(svg.text(80, y, name, 12, color, bold=True, halo=True))
    words = f"gradient of all weights: {power(flow.total)}"
    if clip:
        words += (
            f", clipped to {clip:g}" if flow.total > clip else f", below the threshold {clip:g}"
        )
    return [*parts, svg.text(74, 443, words, 12, svg.MUTED)]


def _apart(ys, gap=15):
    """Heights for names of lines that start at `ys`: the first above its line, others below."""
    order = np.argsort(ys)
    placed = np.asarray(ys, dtype=float)[order] + 17
    placed[0] = max(placed[0] - 23, 248)
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    result = np.empty_like(placed)
    result[order] = placed
    return result


def _levels():
    colormap = matplotlib.colormaps["cividis"]
    return [matplotlib.colors.to_hex(colormap(k / (LEVELS - 1))) for k in range(LEVELS)]


def _heat(plot, dH):
    """One path a colour: a thousand rectangles would make the browser slow."""
    with np.errstate(divide="ignore"):
        share = (np.log10(dH) - DARK) / (BRIGHT - DARK)
    level = np.clip(np.nan_to_num(share, nan=1, posinf=1, neginf=0) * LEVELS, 0, LEVELS - 1)
    level = level.astype(int)
    wide, high = plot.width / len(dH), plot.height / dH.shape[1]
    parts = []
    for k, color in enumerate(_levels()):
        cells = [
            f"M{svg.px(plot.left + t * wide)} {svg.px(plot.top + n * high)}"
            f"h{wide:.2f}v{high:.2f}h-{wide:.2f}z"
            for t, n in zip(*np.nonzero(level == k), strict=True)
        ]
        if cells:
            parts.append(svg.path("".join(cells), color, 0.5, fill=color))
    return "".join(parts)


def _bar(x, plot):
    """What the colours mean."""
    high = plot.height / LEVELS
    parts = [
        svg.rect(x, plot.top + plot.height - (k + 1) * high, 12, high + 0.5, color)
        for k, color in enumerate(_levels())
    ]
    for p in range(DARK, BRIGHT + 1, 2):
        y = plot.top + plot.height * (BRIGHT - p) / (BRIGHT - DARK)
        parts.append(svg.text(x + 18, y + 4, f"10{str(p).translate(SUPERSCRIPT)}", 11, svg.MUTED))
    return "".join(parts)


def power(value):
    """A number over many sizes, to read: 0.42, 37, 3·10⁻⁵."""
    if not np.isfinite(value):
        return "infinitely"
    if 0.01 <= value < 1000:
        return number(value)
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPT)}"


def number(value):
    """Two digits that count: 0.42, 3.7, 37, 420."""
    return f"{float(f'{value:.2g}'):g}"


def gradient_flow():
    """Explore how the gradient vanishes and explodes; returns an Explorer."""
    style = {"description_width": "110px"}
    wide = ipywidgets.Layout(width="350px")
    controls = {
        "cell": ipywidgets.Dropdown(options=list(CELLS), description="cell"),
        "activation": ipywidgets.Dropdown(
            options=["tanh", "relu", "sigmoid", "linear"], description="activation"
        ),
        "scale": ipywidgets.FloatSlider(0.9, min=0.5, max=2.0, step=0.05, description="scale of U"),
        "T": ipywidgets.IntSlider(50, min=5, max=100, description="length T"),
        "gate_bias": ipywidgets.FloatSlider(
            1.0, min=-2, max=6, step=0.5, description="gate bias", disabled=True
        ),
        "clip": ipywidgets.SelectionSlider(
            options=[("off", 0.0), *((f"{c:g}", c) for c in (10.0, 3.0, 1.0, 0.3, 0.1))],
            description="clip norm at",
        ),
    }
    for control in controls.values():
        control.style, control.layout = style, wide
    c = controls
    rows = [row(c["cell"], c["activation"]), row(c["scale"], c["T"])]
    rows.append(row(c["gate_bias"], c["clip"]))

    def other_cell(name):
        c["gate_bias"].disabled = name == "SimpleRNN"

    return Explorer(draw, controls, rows=rows, setters={"cell": other_cell})
