"""Explorer: two units set by hand, and what becomes of one impulse in their state plane.

Longer than 250 lines: what is computed, what is drawn and the controls are one explorer.
"""

from dataclasses import dataclass

import ipywidgets
import numpy as np

from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["PATTERNS", "Impulse", "fixed_points", "run_impulse", "two_units"]

GONE = 0.05  # a trace smaller than that counts as forgotten, as in lesson 3

#: name: (W (2,), U (2, 2), b (2,))
PATTERNS = {
    "a latch, unit 1 keeps it, unit 2 forgets": ((2.5, 0.8), ((2.0, 0.0), (0.0, 0.8)), (-0.1, 0.0)),
    "both forget": ((1.0, 1.0), ((0.5, 0.0), (0.0, 0.9)), (0.0, 0.0)),
    "unit 1 tells unit 2": ((2.0, 0.0), ((0.4, 1.2), (0.0, 0.9)), (0.0, 0.0)),
    "a spiral": ((1.0, 0.0), ((0.8, 0.45), (-0.45, 0.8)), (0.0, 0.0)),
    "a clock": ((1.0, 0.0), ((1.1, 0.65), (-0.65, 1.1)), (0.0, 0.0)),
    "rivals, one wins": ((3.0, -1.5), ((1.2, -0.9), (-0.9, 1.2)), (0.0, 0.1)),
}
BOUNDS = {"W": 3.0, "U": 2.5, "b": 1.0}


@dataclass(frozen=True)
class Impulse:
    """Two runs from rest, (T + 1, 2) each: with x_1 = 1 and zeros after it, and with zeros only."""

    H: np.ndarray
    H_without: np.ndarray

    @property
    def trace(self):
        """What is left of the impulse at each step: the distance of the runs, (T + 1,)."""
        return np.linalg.norm(self.H - self.H_without, axis=1)

    @property
    def memory(self):
        """The number of steps until the trace stays below 0.05; None if it does not within T."""
        there = np.flatnonzero(self.trace >= GONE)
        if len(there) and there[-1] == len(self.H) - 1:
            return None
        return int(there[-1]) if len(there) else 0


def run_impulse(W, U, b, T=40, settle=200):
    """Let the network W (2,), U (2, 2), b (2,) come to rest from 0, then send one impulse."""
    W, U, b = (np.asarray(a, dtype=float) for a in (W, U, b))
    rest = np.zeros(2)
    for _ in range(settle):
        rest = np.tanh(rest @ U + b)
    runs = []
    for size in (1.0, 0.0):
        H = [rest]
        for t in range(1, T + 1):
            H.append(np.tanh((size if t == 1 else 0.0) * W + H[-1] @ U + b))
        runs.append(np.array(H))
    return Impulse(*runs)


def fixed_points(U, b):
    """All states that stay where they are without input: (points (k, 2), stable (k,) bool).

    Newton's method from a grid of starts. A point is stable if every small push away from it
    fades: the Jacobian of one step, U ⊙ (1 - h²) by columns, has spectral radius below 1.
    """
    U, b = np.asarray(U, dtype=float), np.asarray(b, dtype=float)
    grid = np.linspace(-0.99, 0.99, 15)
    h = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    for _ in range(40):
        f = np.tanh(h @ U + b)
        J = U * (1 - f**2)[:, None, :] - np.eye(2)  # rows: from, columns: to
        det = J[:, 0, 0] * J[:, 1, 1] - J[:, 0, 1] * J[:, 1, 0]
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        r = f - h
        step_1 = (r[:, 0] * J[:, 1, 1] - r[:, 1] * J[:, 1, 0]) / det
        step_2 = (r[:, 1] * J[:, 0, 0] - r[:, 0] * J[:, 0, 1]) / det
        h = np.clip(h - np.clip(np.stack([step_1, step_2], axis=1), -0.5, 0.5), -1, 1)
    h = h[np.abs(np.tanh(h @ U + b) - h).max(axis=1) < 1e-9]
    points = []
    for point in h:
        if all(np.abs(point - other).max() > 1e-3 for other in points):
            points.append(point)
    points = np.array(sorted(points, key=lambda p: tuple(p.round(6)))).reshape(-1, 2)
    radius = [np.abs(np.linalg.eigvals(U * (1 - p**2))).max() for p in points]
    return points, np.array(radius) < 1


def draw(W, U, b):
    """The picture: the state plane on the left, states and trace over time on the right."""
    run, (points, stable) = run_impulse(W, U, b), fixed_points(U, b)
    message = _message(run)
    plane = Plot((44, 66, 312, 312), (-1.08, 1.08), (-1.08, 1.08))
    parts = [
        svg.title(message),
        svg.text(44, 54, "the state plane: unit 1 across, unit 2 up", 13, svg.MUTED),
    ]
    parts += [plane.frame([-1, 0, 1], [-1, 0, 1]), _field(plane, U, b)]
    parts += _trajectory(plane, run) + _fixed(plane, points, stable)
    parts += _over_time(run) + _legend()
    n_stable, n = int(stable.sum()), len(stable)
    alt = (
        f"State plane of two units and both states over {len(run.H) - 1} steps after one impulse."
        f" {message}. Fixed points: {n_stable} stable, {n - n_stable} unstable."
    )
    return svg.figure(WIDE, 440, parts, alt)


def _message(run):
    if run.memory is None:
        late = run.H[-12:]
        if np.ptp(late, axis=0).max() > 0.02:
            return "The impulse is never forgotten: the state goes on turning"
        return "The impulse is never forgotten: the state stays in another place"
    if run.memory == 0:
        return "The impulse leaves no trace"
    unit = "step" if run.memory == 1 else "steps"
    return f"The impulse is forgotten after {run.memory} {unit}"


def _field(plane, U, b):
    """Where one step without input leads, from each point of a grid."""
    parts, grid = [], np.linspace(-0.9, 0.9, 10)
    for h in np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2):
        way = np.tanh(h @ U + b) - h
        length = np.hypot(*way)
        way = way * min(1.0, 0.16 / max(length, 1e-9))
        x1, y1 = float(plane.x(h[0])), float(plane.y(h[1]))
        x2, y2 = float(plane.x(h[0] + way[0])), float(plane.y(h[1] + way[1]))
        parts.append(svg.arrow(x1, y1, x2, y2, "#BDBDBD", 1.2, 5))
    return "".join(parts)


def _trajectory(plane, run):
    x, y = plane.x(run.H[:, 0]), plane.y(run.H[:, 1])
    blue, orange = COLORS["state"], COLORS["input"]
    parts = [svg.polyline(x[1:], y[1:], blue, 1.6)]
    parts += [svg.circle(px, py, 3, blue) for px, py in zip(x[2:], y[2:], strict=True)]
    parts += [
        svg.arrow(x[0], y[0], x[1], y[1], orange, 2.6, 10),
        svg.circle(x[1], y[1], 3.5, orange),
    ]
    for at, name, color in ((0, "rest", svg.INK), (1, "impulse", "#8A5A00")):
        right = x[at] < plane.left + plane.width - 60
        dx, anchor = (9, "start") if right else (-9, "end")
        dy = 18 if at == 0 else -8
        parts.append(
            svg.text(x[at] + dx, y[at] + dy, name, 12, color, anchor, bold=True, halo=True)
        )
    return parts


def _fixed(plane, points, stable):
    parts = []
    for (h_1, h_2), calm in zip(points, stable, strict=True):
        fill = svg.INK if calm else "#FFFFFF"
        parts.append(svg.circle(float(plane.x(h_1)), float(plane.y(h_2)), 5, fill, svg.INK, 1.8))
    return parts


def _legend():
    y = 428
    return [
        svg.circle(50, y - 4, 5, svg.INK, svg.INK),
        svg.text(60, y, "stable", 12, svg.MUTED),
        svg.circle(112, y - 4, 5, "#FFFFFF", svg.INK, 1.8),
        svg.text(122, y, "unstable fixed point", 12, svg.MUTED),
        svg.arrow(250, y - 4, 268, y - 4, "#9A9A9A", 1.4, 6),
        svg.text(274, y, "one step", 12, svg.MUTED),
    ]


def _over_time(run):
    T = len(run.H) - 1
    steps = np.arange(T + 1)
    states = Plot((424, 66, 230, 150), (0, T), (-1, 1))
    trace = Plot((424, 270, 230, 108), (0, T), (0, 2))
    colors = COLORS["state"], COLORS["training"]
    parts = [svg.text(424, 54, "both states after the impulse", 13, svg.MUTED)]
    parts += [states.frame([], [-1, 0, 1])]
    for unit in (0, 1):
        parts.append(states.curve(steps, run.H[:, unit], colors[unit], 2.4))
    ends = states.y(run.H[-1])
    gap = 15 - abs(float(ends[0] - ends[1]))
    down = np.array([0.5, -0.5]) * max(0.0, gap) * (1 if ends[0] >= ends[1] else -1)
    for unit, y in enumerate(ends + down):
        parts.append(svg.text(660, y + 4, f"unit {unit + 1}", 12, colors[unit], bold=True))
    parts += [svg.text(424, 258, "what is left of the impulse", 13, svg.MUTED)]
    parts += [trace.frame(range(0, T + 1, 10), [0, 1, 2], "steps")]
    parts += [trace.curve([0, T], [GONE, GONE], COLORS["baseline"], 1.4, "2 4")]
    parts += [trace.curve(steps, run.trace, COLORS["truth"], 2.2)]
    parts += [svg.text(660, float(trace.y(GONE)) + 4, "gone", 12, svg.MUTED)]
    return parts


def two_units(pattern=None):
    """Explore a two-unit RNN with hand-set weights; returns an Explorer.

    pattern: one of `PATTERNS` to begin with. Raises ValueError for another.
    """
    pattern = next(iter(PATTERNS)) if pattern is None else pattern
    if pattern not in PATTERNS:
        raise ValueError(f"pattern={pattern!r} is not known; choose one of {list(PATTERNS)}.")
    choice = ipywidgets.Dropdown(
        options=list(PATTERNS), value=pattern, description="begin with", style=_style(80)
    )
    choice.layout = ipywidgets.Layout(width="400px")
    sliders = {
        f"{name}{i}{j}": _slider(name, words)
        for name, i, j, words in (
            ("W", "", 1, "W: x → unit 1"),
            ("W", "", 2, "W: x → unit 2"),
            ("U", 1, 1, "U: 1 → 1"),
            ("U", 1, 2, "U: 1 → 2"),
            ("U", 2, 1, "U: 2 → 1"),
            ("U", 2, 2, "U: 2 → 2"),
            ("b", "", 1, "b: unit 1"),
            ("b", "", 2, "b: unit 2"),
        )
    }
    for name, value in _numbers(pattern).items():
        sliders[name].value = value

    def read():
        v = {name: slider.value for name, slider in sliders.items()}
        U = ((v["U11"], v["U12"]), (v["U21"], v["U22"]))
        return {
            "W": np.array([v["W1"], v["W2"]]),
            "U": np.array(U),
            "b": np.array([v["b1"], v["b2"]]),
        }

    pairs = [("W1", "W2"), ("U11", "U12"), ("U21", "U22"), ("b1", "b2")]
    rows = [row(choice), *(row(sliders[one], sliders[two]) for one, two in pairs)]

    def begin(name):
        for slider, value in _numbers(name).items():
            sliders[slider].value = value

    controls = {"pattern": choice, **sliders}
    return Explorer(draw, controls, rows=rows, read=read, setters={"pattern": begin})


def _numbers(pattern):
    """A pattern's weights by the names of their sliders."""
    W, U, b = PATTERNS[pattern]
    names = ["W1", "W2", "U11", "U12", "U21", "U22", "b1", "b2"]
    return dict(zip(names, (*W, *U[0], *U[1], *b), strict=True))


def _style(pixels):
    return {"description_width": f"{pixels}px"}


def _slider(name, words):
    bound = BOUNDS[name]
    slider = ipywidgets.FloatSlider(0, min=-bound, max=bound, step=0.05, description=words)
    slider.style, slider.layout = _style(95), ipywidgets.Layout(width="345px")
    return slider
