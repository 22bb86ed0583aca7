"""Explorer: one cell, stepped along a real sequence; the learner's own step may drive it.

Longer than 250 lines: what is computed, what is drawn and the controls are one explorer.
"""

from dataclasses import dataclass

import ipywidgets
import numpy as np

from rnncourse.language import say
from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["Misstep", "run_steps", "stepper", "tanh_step"]

#: Two units of one input, set by hand: the first hears today, the second keeps most of its past.
WEIGHTS = {
    "W": np.array([[1.0, 0.3]]),
    "U": np.array([[0.2, 0.1], [0.0, 0.9]]),
    "b": np.array([-0.1, 0.0]),
}
DARK = "#8A5A00"  # the input's colour, dark enough for words
#: Seattle's rain from this day on, mm per day, as in rnncourse.data.seattle_weather: a class's
#: grader closes that file to the notebooks that it runs, and they may show this explorer.
FIRST_DAY = np.datetime64("2013-08-25")
RAIN = (
    *(0.3, 1.0, 1.3, 5.6, 19.3, 0.0, 0.0, 0.0, 0.0, 2.3, 0.3, 27.7, 21.3, 0.0, 0.0),
    *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.3, 0.3, 0.0, 0.0, 0.0, 3.6, 0.0, 13.5, 2.8),
)


class Misstep(ValueError):
    """A learner's step function did something that a step does not do; the message says what."""


def tanh_step(x_t, h_prev, W, U, b):
    """x_t (B, D), h_prev (B, N) -> h_t (B, N)."""
    return np.tanh(x_t @ W + h_prev @ U + b)


def run_steps(X, W, U, b, step=tanh_step, h_0=None):
    """Carry the state along X (T, D) with `step(x_t, h_prev, W, U, b)`; returns H (T + 1, N).

    H[0] is h_0, or zeros. `step` sees a batch of one, x_t (1, D) and h_prev (1, N), and copies of
    the weights. Raises Misstep if it raises, or returns anything but finite numbers of h_prev's
    shape.
    """
    H = np.zeros((len(X) + 1, len(b)))
    H[0] = 0 if h_0 is None else h_0
    for t in range(1, len(H)):
        H[t] = _take(step, t, (X[t - 1][None].copy(), H[t - 1][None].copy(), W, U, b))[0]
    return H


def _take(step, t, arguments):
    """One call of the learner's step, its result checked: h_t (1, N)."""
    want = arguments[1].shape
    if step is ... or not callable(step):
        raise Misstep(say("widgets._stepper", "not-callable", got=type(step).__name__))
    try:
        h_t = step(*(np.array(a) for a in arguments))
    except NotImplementedError:
        raise Misstep(say("widgets._stepper", "todo")) from None
    except Exception as error:
        facts = {"t": t, "kind": type(error).__name__, "error": error}
        raise Misstep(say("widgets._stepper", "raised", **facts)) from error
    if h_t is None or h_t is ...:
        raise Misstep(say("widgets._stepper", "todo" if h_t is ... else "no-return"))
    try:
        h_t = np.asarray(h_t, dtype=float)
    except (TypeError, ValueError):
        got = type(h_t).__name__
        raise Misstep(say("widgets._stepper", "not-numeric", t=t, got=got)) from None
    if h_t.shape != want:
        raise Misstep(say("widgets._stepper", "shape", t=t, got=h_t.shape, want=want))
    if not np.isfinite(h_t).all():
        raise Misstep(say("widgets._stepper", "not-finite", t=t))
    return h_t


@dataclass(frozen=True)
class Tour:
    """A sequence, the weights and all states: what the picture walks along."""

    X: np.ndarray  # (T, D)
    H: np.ndarray  # (T + 1, N)
    weights: dict
    unit: str  # what x is measured in
    names: tuple  # of the steps, one a step: dates or numbers
    own: bool  # the learner's step made H


def draw(tour, t):
    """The picture at step t, counted from 1."""
    message = f"Step {t}: a new $x_t$, the state of step {t - 1}, the same $W$, $U$, $b$"
    parts = [svg.title(message), *_sequence(tour, t), *_states(tour, t), *_unrolled(tour, t)]
    parts += _sum(tour, t)
    h_t, h_prev = (_said(h) for h in (tour.H[t], tour.H[t - 1]))
    alt = (
        f"{len(tour.X)} steps, {tour.unit}; the state up to step {t}, and the cell unrolled around"
        f" it. {message.replace('$', '').replace('_', '')}. x = {_said(tour.X[t - 1])}, state"
        f" before ({h_prev}), new state ({h_t})."
    )
    return svg.figure(WIDE, 520, parts, alt)


def _said(values):
    return ", ".join(svg.number(v) for v in values)


def _sequence(tour, t):
    T, X = len(tour.X), tour.X[:, 0]
    low, top = min(float(X.min()), 0.0), max(float(X.max()), 0.0)
    top = top if top > low else 1.0
    plot = Plot((60, 54, 600, 56), (0.5, T + 0.5), (low, top))
    which = "" if tour.X.shape[1] == 1 else " (its first feature)"
    name = f"input $x_t$: {tour.unit}{which}"
    ticks = {value: svg.number(value) if value else "0" for value in (low, top)}
    parts = [svg.text(60, 46, name, 13, DARK), plot.frame([], ticks)]
    for k, value in enumerate(X, start=1):
        parts.append(plot.bar(k, value, COLORS["input"], 0.8, 1.0 if k <= t else 0.25))
    return [_here(t, T), *parts]


def _here(t, T):
    """The column of the step that we are at, behind both plots."""
    wide = 600 / T
    return svg.rect(60 + (t - 1) * wide, 50, wide, 166, "#EFEFEF")


def _states(tour, t):
    T, H = len(tour.X), tour.H
    limit = 1.0 if np.abs(H).max() <= 1 else float(np.ceil(np.abs(H).max()))
    plot = Plot((60, 138, 600, 72), (0.5, T + 0.5), (-limit, limit))
    ticks = {k: tour.names[k - 1] for k in range(1, T + 1, max(1, -(-T // 6)))}
    parts = [svg.text(60, 130, "state $h_t$, so far", 13, svg.MUTED)]
    parts += [plot.frame(ticks, [-limit, 0, limit])]
    ends = [float(y) for y in plot.y(H[t])]
    if len(ends) == 2 and abs(ends[0] - ends[1]) < 14:
        down = 7 if ends[0] >= ends[1] else -7
        middle = (ends[0] + ends[1]) / 2
        ends = [middle + down, middle - down]
    for unit, y in enumerate(ends):
        color = _shade(unit)
        parts.append(plot.curve(range(1, t + 1), H[1 : t + 1, unit], color, 2.4))
        parts.append(svg.circle(float(plot.x(t)), float(plot.y(H[t, unit])), 3.5, color))
        x = float(plot.x(t)) + 10
        parts.append(svg.text(x, y + 4, f"unit {unit + 1}", 12, color, bold=True, halo=True))
    return parts


def _shade(unit):
    return (COLORS["state"], COLORS["training"])[unit]


def _unrolled(tour, t):
    """Five cells: two that are done, the one at work, two to come."""
    parts, T = [], len(tour.X)
    first = min(max(1, t - 2), max(1, T - 4))
    shown = list(range(first, min(T, first + 4) + 1))
    centres = np.linspace(126, 618, 5)[: len(shown)]
    lead = centres[0] - 62
    parts.append(svg.arrow(lead - 44, 268, lead, 268, svg.MUTED))
    parts.append(svg.text(lead - 22, 262, "$U$", 13, svg.MUTED, "middle"))
    parts.append(svg.text(lead - 22, 288, f"$h_{{{first - 1}}}$", 14, svg.MUTED, "middle"))
    for x, k in zip(centres, shown, strict=True):
        now, done = k == t, k <= t
        state = _vector(tour.H[k]) if done else "?"
        parts.append(svg.box(x, 268, 108, 46, COLORS["state"] if done else "#9A9A9A", strong=now))
        parts.append(svg.text(x, 263, f"$h_{{{k}}}$", 14, anchor="middle", bold=now))
        parts.append(svg.text(x, 282, state, 12, anchor="middle"))
        parts += _input(x, k, tour.X[k - 1], now)
        if k > first:
            wide = 2.4 if now else 1.5
            parts.append(svg.arrow(x - 69, 268, x - 56, 268, svg.INK if now else svg.MUTED, wide))
    return parts


def _input(x, k, x_t, now):
    """One input in its box, with the arrow up to the state."""
    name, ink, wide = f"$x_{{{k}}}$", svg.INK if now else svg.MUTED, 2.4 if now else 1.5
    if len(x_t) == 1:
        parts = [svg.box(x, 334, 94, 28, COLORS["input"], strong=now)]
        parts += [svg.text(x, 339, f"{name} = {_vector(x_t)}", 13, anchor="middle")]
    else:  # on two lines, as the states
        parts = [svg.box(x, 338, 108, 40, COLORS["input"], strong=now)]
        parts += [svg.text(x, 334, name, 13, anchor="middle")]
        parts += [svg.text(x, 351, _vector(x_t), 12, anchor="middle")]
    parts.append(svg.arrow(x, 318, x, 293, ink, wide))
    return [*parts, svg.text(x + 8, 311, "$W$", 13, svg.MUTED)]


def _vector(values):
    inner = ", ".join(svg.number(v) for v in values)
    return inner if len(values) == 1 else f"({inner})"


def _sum(tour, t):
    """The step with its numbers, the weights among them."""
    W, U, b = (tour.weights[name] for name in ("W", "U", "b"))
    x_t, h_prev, h_t = tour.X[t - 1], tour.H[t - 1], tour.H[t]
    a_t = x_t @ W + h_prev @ U + b
    blue, parts = COLORS["state"], [svg.rect(12, 366, WIDE - 24, 142, "#EEF4F9", radius=6)]
    index = f"{{{t}}}"
    before = f"{{{t - 1}}}"
    line = f"$a_{index}$ = $x_{index} W$ + $h_{before} U$ + $b$"
    parts.append(svg.text(28, 390, line, 15, bold=True))
    x = 28
    pieces = (x_t, W, "+", h_prev, U, "+", b, "=", a_t)
    colors = {0: DARK, 3: blue}
    for k, piece in enumerate(pieces):
        if isinstance(piece, str):
            parts.append(svg.text(x + 4, 424, piece, 15))
            x += 20
        else:
            drawn, width = svg.matrix(x, 419, piece, colors.get(k, svg.INK), 13, digits=2)
            parts.append(drawn)
            x += width + 8
    return parts + _result(tour, t, a_t, h_t)


def _result(tour, t, a_t, h_t):
    made = "your step" if tour.own else f"tanh($a_{{{t}}}$)"
    parts = [svg.text(28, 478, f"$h_{{{t}}}$ = {made} =", 15, bold=True)]
    drawn, width = svg.matrix(176, 473, h_t, COLORS["state"], 13, digits=2)
    parts.append(drawn)
    if tour.own:
        same = np.allclose(h_t, np.tanh(a_t))
        words = "equal to" if same else "but"
        note = f"{words} tanh($a_{{{t}}}$) = {_vector(np.tanh(a_t))}"
        color = svg.MUTED if same else COLORS["gradient"]
        parts.append(svg.text(176 + width + 16, 478, note, 13, color, bold=not same))
    return parts


def _stopped(words):
    """A picture of the message that a learner's step deserves."""
    lines, line = [], ""
    for word in words.split():
        if len(line) + len(word) > 82:
            lines, line = [*lines, line], ""
        line = f"{line} {word}".strip()
    lines.append(line)
    height = 52 + 22 * len(lines)
    color = COLORS["gradient"]
    parts = [svg.rect(2, 2, WIDE - 4, height - 4, "#FFFFFF", stroke=color, radius=8)]
    parts.append(svg.text(20, 30, "✗ step", 15, color, bold=True))
    parts += [svg.text(20, 54 + 22 * k, words, 14) for k, words in enumerate(lines)]
    return svg.figure(WIDE, height, parts, words)


def stepper(X=None, W=None, U=None, b=None, *, step=None, h_0=None, unit=None):
    """Walk one cell along a sequence, step by step; returns an Explorer.

    X (T, D): 2 to 60 steps of 1 or 2 features, daily rain in Seattle if not given, and `unit` what
    it is measured in. W (D, N), U (N, N), b (N,): 1 or 2 units, all three or none. step: your own
    `rnn_step(x_t, h_prev, W, U, b)`; what it gets wrong is said in place of the picture. Raises
    ValueError if shapes do not fit.
    """
    names, given = None, X is not None
    if given:
        X = np.asarray(X, dtype=float)
        X = X[:, None] if X.ndim == 1 else X
    else:
        X, names = _rain()
        unit = unit or "rain in Seattle, cm a day"
    weights = WEIGHTS | {
        k: np.asarray(a, float) for k, a in zip("WUb", (W, U, b), strict=True) if a is not None
    }
    _check(X, weights)
    names = names or tuple(f"{k}" for k in range(1, len(X) + 1))
    try:
        H = run_steps(X, **weights, step=tanh_step if step is None else step, h_0=h_0)
    except Misstep as error:
        words = str(error)
        return Explorer(lambda: _stopped(words), {})
    tour = Tour(X, H, weights, unit or "as given", names, step is not None)
    return _explorer(tour)


def _rain():
    """Rain in cm per day, (30, 1), and the names of the days."""
    rain, dates = np.array(RAIN) / 10, FIRST_DAY + np.arange(len(RAIN))
    months = {8: "Aug", 9: "Sep"}
    names = tuple(f"{d.day} {months[d.month]}" for d in dates.tolist())
    return rain[:, None], names


def _check(X, weights):
    W, U, b = (weights[name] for name in ("W", "U", "b"))
    N = len(b) if b.ndim == 1 else 0
    if X.ndim != 2 or not 2 <= len(X) <= 60 or X.shape[1] not in (1, 2):
        raise ValueError(f"X has shape {X.shape}; give 2 to 60 steps of 1 or 2 features, (T, D).")
    want = {"W": (X.shape[1], N), "U": (N, N), "b": (N,)}
    for name, array in (("W", W), ("U", U), ("b", b)):
        if array.shape != want[name] or N not in (1, 2):
            raise ValueError(
                f"{name} has shape {array.shape}, b {b.shape}; with X {X.shape} the shapes are"
                f" W ({X.shape[1]}, N), U (N, N), b (N,), and N is 1 or 2 here."
            )


def _explorer(tour):
    T = len(tour.X)
    t = ipywidgets.IntSlider(1, min=1, max=T, description="step t")
    t.layout, t.style = ipywidgets.Layout(width="420px"), {"description_width": "60px"}
    back = ipywidgets.Button(description="back", icon="step-backward")
    forth = ipywidgets.Button(description="next step", icon="step-forward")
    for button, way in ((back, -1), (forth, 1)):
        button.layout = ipywidgets.Layout(width="120px")
        button.on_click(lambda _, way=way: setattr(t, "value", min(max(t.value + way, 1), T)))
    explorer = Explorer(
        lambda t: draw(tour, t), {"t": t}, rows=[row(t, back, forth)], still={"t": -(-T * 2 // 5)}
    )
    explorer.buttons = {"back": back, "next": forth}
    return explorer
