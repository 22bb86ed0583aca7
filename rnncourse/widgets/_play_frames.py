"""Explorer: a clip frame by frame, and under each frame what a trained CNN and GRU made of it.

The network is small enough to be run in NumPy for every picture; its weights are those of
rnncourse.data.moving_digits_reader, and the digits are ones that it was not trained on.
"""

from dataclasses import dataclass

import ipywidgets
import matplotlib
import numpy as np

from rnncourse.data import moving_digits_reader, synthetic_moving_digits
from rnncourse.nn import GRU
from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets._axes import Plot
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["ORDERS", "Reading", "play_frames", "read_frames"]

SIZE, MOTIONS = 24, synthetic_moving_digits.MOTIONS
ORDERS = ("as filmed", "backwards", "shuffled", "first frame only")
LEFT, SHOWN, LEVELS = 96, 72, 8  # px: the first frame's left edge, a frame's width; greys
DIVERGING = 11  # colours of the state


@dataclass(frozen=True)
class Reading:
    """What the network made of a clip; row t is after frame t + 1."""

    features: np.ndarray  # (T, 32): the CNN's summary of each frame
    H: np.ndarray  # (T, 32): the GRU's state
    p: np.ndarray  # (T, 8): a probability for each of MOTIONS


def read_frames(frames, weights):
    """frames (T, 24, 24) of 0 to 255 -> the Reading of the network with these weights.

    weights: {layer: [arrays]} as moving_digits_reader.load returns them. The CNN sees each frame
    by itself; only the GRU carries something from one to the next.
    """
    X = np.asarray(frames, dtype="float32")[..., None] / 255
    for name in ("conv_1", "conv_2"):
        X = np.maximum(0, convolve(X, *weights[name]))
    W, b = weights["dense"]
    features = np.tanh(X.reshape(len(X), -1) @ W + b)
    layer = GRU(weights["gru"][1].shape[0], return_sequences=True)
    layer.build(features.shape[1])
    layer.set_weights(weights["gru"])
    H = layer.forward(features[None])[0]
    W_y, b_y = weights["output"]
    scores = H @ W_y + b_y
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return Reading(features, H, powers / powers.sum(axis=1, keepdims=True))


def convolve(X, kernel, bias, stride=2):
    """X (B, H, W, C), kernel (h, w, C, K) -> (B, H', W', K): "valid", as Keras's Conv2D."""
    h, w = kernel.shape[:2]
    patches = np.lib.stride_tricks.sliding_window_view(X, (h, w), axis=(1, 2))
    patches = patches[:, ::stride, ::stride]  # (B, H', W', C, h, w)
    return np.tensordot(patches, kernel, axes=((4, 5, 3), (0, 1, 2))) + bias


def in_order(frames, order):
    """frames (T, H, W) in one of ORDERS; "shuffled" is the same shuffle each time."""
    T = len(frames)
    if order == "backwards":
        return frames[::-1]
    if order == "first frame only":
        return np.repeat(frames[:1], T, axis=0)
    return frames[np.random.default_rng(1).permutation(T)] if order == "shuffled" else frames


def draw(frames, weights, order, t, motion=None):
    """The picture after frame t: frames, state and probabilities, one column a frame."""
    shown = in_order(frames, order)
    reading = read_frames(shown, weights)
    message = _message(reading.p[t - 1], order, t, motion)
    parts = [svg.title(message), *_film(shown, t), *_states(reading.H, t)]
    parts += _probabilities(reading.p, t)
    best = np.argsort(-reading.p[t - 1])[:2]
    alt = f"{len(shown)} frames of a digit, {order}, up to frame {t}. {message}. Probabilities: "
    alt += ", ".join(f"{MOTIONS[k]} {reading.p[t - 1, k]:.2f}" for k in best)
    return svg.figure(WIDE, 470, parts, alt + ". Under each frame the state of 32 units.")


def _message(p, order, t, motion):
    best = int(p.argmax())
    frames = "1 frame" if t == 1 else f"{t} frames"
    says = f"it reads “{MOTIONS[best]}”, {p[best]:.2f}" if p[best] > 0.6 else "it cannot tell"
    if motion is None or order == "as filmed":
        return f"After {frames} {says}"
    return f"“{motion}”, {order}: after {frames} {says}"


def _column(T):
    """Width of a column, and of the frame in it, in px."""
    wide = min(SHOWN + 4, (WIDE - LEFT - 8) // T)
    return wide, (wide - 4) // SIZE * SIZE


def _film(frames, t):
    """The frames as squares of grey: one path a grey for all, so that the page stays light."""
    wide, side = _column(len(frames))
    parts = [svg.text(LEFT - 12, 80, "frame $x_t$", 14, svg.INK, "end")]
    pixel = side / SIZE
    for k in range(len(frames)):
        parts.append(svg.rect(LEFT + k * wide, 38, side, side, "#000000"))
    level = np.round(np.asarray(frames, dtype=float) / 255 * (LEVELS - 1)).astype(int)
    for grey in range(1, LEVELS):
        d = "".join(
            f"M{svg.px(LEFT + k * wide + j * pixel)} {svg.px(38 + i * pixel)}"
            f"h{svg.px(pixel)}v{svg.px(pixel)}h{svg.px(-pixel)}z"
            for k, i, j in np.argwhere(level == grey)
        )
        if d:
            color = "#" + 3 * f"{round(255 * grey / (LEVELS - 1)):02x}"
            parts.append(svg.path(d, color, 0, fill=color))
    for k in range(len(frames)):
        x = LEFT + k * wide
        if k >= t:
            parts.append(svg.rect(x, 38, side, side, "#FFFFFF", opacity=0.75))
        if k == t - 1:
            parts.append(svg.rect(x - 2, 36, side + 4, side + 4, "none", stroke=COLORS["input"]))
        parts.append(svg.text(x + side / 2, 126, f"{k + 1}", 12, svg.MUTED, "middle", bold=k < t))
    return parts


def _states(H, t):
    """Each unit a row, each step a column; blue below zero, red above."""
    (wide, side), colormap = _column(len(H)), matplotlib.colormaps["RdBu_r"]
    colors = [matplotlib.colors.to_hex(colormap(k / (DIVERGING - 1))) for k in range(DIVERGING)]
    level = np.clip(np.round((H + 1) / 2 * (DIVERGING - 1)), 0, DIVERGING - 1).astype(int)
    high = 128 / H.shape[1]
    parts = [svg.text(LEFT - 12, 196, "state $h_t$", 14, svg.INK, "end")]
    parts += [svg.text(LEFT - 12, 214, f"{H.shape[1]} units", 12, svg.MUTED, "end")]
    for k, color in enumerate(colors):
        d = "".join(
            f"M{svg.px(LEFT + step * wide)} {svg.px(136 + unit * high)}"
            f"h{side}v{svg.px(high)}h{-side}z"
            for step, unit in np.argwhere(level[:t] == k)
        )
        if d:
            parts.append(svg.path(d, color, 0.3, fill=color))
    return parts


def _probabilities(p, t):
    """One line a class up to frame t; those that ever matter carry their names."""
    T, (wide, side) = len(p), _column(len(p))
    start = LEFT + side / 2
    plot = Plot((LEFT, 296, wide * (T - 1) + side, 140), (0, 1), (0, 1))
    parts = [
        plot.frame([], [0, 0.5, 1]),
        svg.text(LEFT, 286, "probability of each motion", 13, svg.MUTED),
    ]
    xs = start + wide * np.arange(t)
    order = np.argsort(p[:t].max(axis=0))
    best, names = int(p[t - 1].argmax()), []
    for k in order:
        ys = [float(plot.y(v)) for v in p[:t, k]]
        color = COLORS["output"] if k == best else COLORS["baseline"]
        parts.append(svg.polyline(xs, ys, color, 3 if k == best else 1.2))
        parts.append(svg.circle(float(xs[-1]), ys[-1], 3.5 if k == best else 2, color))
        if k == best or (p[t - 1, k] > 0.12 and p[t - 1, best] < 0.85):
            names.append((ys[-1], f"{MOTIONS[k]} {p[t - 1, k]:.2f}", color, k == best))
    left = t > T / 2  # then names stand before the point
    x, anchor = float(xs[-1]) + (-10 if left else 10), "end" if left else "start"
    last = 446.0
    for y, words, color, bold in sorted(names, reverse=True):
        last = min(y + (20 if y < 315 else 4), last - 15)
        color = color if bold else svg.MUTED
        parts.append(svg.text(x, last, words, 12, color, anchor, bold=bold, halo=True))
    return [*parts, svg.text(LEFT + plot.width, 456, "frame", 12, svg.MUTED, "end")]


def _examples():
    """{motion: frames (T, 24, 24)}: one clip of each motion, of digits kept from training."""
    clips = synthetic_moving_digits.load(np.random.default_rng(12), 160, "test")
    X = clips.X[..., 0]
    at_edge = sum(
        X[:, :, edge].sum(axis=(1, 2)) + X[..., edge].sum(axis=(1, 2)) for edge in (0, -1)
    )
    chosen = {}
    for i in np.argsort(at_edge):  # those that stay inside are read with the least effort
        chosen.setdefault(MOTIONS[clips.y[i]], X[i])
    return {motion: chosen[motion] for motion in MOTIONS}


def play_frames(X=None):
    """Play a clip and watch state and probabilities under its frames; returns an Explorer.

    X (T, 24, 24), 2 to 12 frames of 0 (dark) to 255: a clip of your own; without it, one clip for
    each of the eight motions is there to choose. Raises ValueError for other input.
    """
    clips = _examples() if X is None else {None: _own(X)}
    T, weights = len(next(iter(clips.values()))), moving_digits_reader.load()
    style, wide = {"description_width": "60px"}, ipywidgets.Layout(width="230px")
    order = ipywidgets.Dropdown(options=list(ORDERS), description="order")
    t = ipywidgets.IntSlider(1, min=1, max=T, description="frame t")
    t.layout, t.style = ipywidgets.Layout(width="330px"), style
    play = ipywidgets.Play(value=1, min=1, max=T, interval=500, description="play")
    ipywidgets.jslink((play, "value"), (t, "value"))
    controls, rows = {"order": order, "t": t}, [row(t, play)]
    if X is None:
        motion = ipywidgets.Dropdown(options=list(MOTIONS), description="motion")
        motion.layout, motion.style = wide, style
        controls = {"motion": motion} | controls
    order.layout, order.style = wide, style

    def show(order, t, motion=None):
        return draw(clips[motion], weights, order, t, motion)

    rows.insert(0, row(*(c for name, c in controls.items() if name != "t")))
    explorer = Explorer(show, controls, rows=rows, still={"order": "backwards", "t": T})
    explorer.play = play
    return explorer


def _own(X):
    X = np.asarray(X)
    X = X[..., 0] if X.ndim == 4 and X.shape[-1] == 1 else X
    if X.ndim != 3 or X.shape[1:] != (SIZE, SIZE):
        raise ValueError(f"X has shape {X.shape}; give one clip of frames, (T, {SIZE}, {SIZE}).")
    if not 2 <= len(X) <= 12:
        raise ValueError(f"X has {len(X)} frame(s); one shows no motion, and 12 fit the page.")
    if X.min() < 0 or not 1 < X.max() <= 255:
        raise ValueError(f"X runs from {X.min()} to {X.max()}; pixels are 0 (dark) to 255.")
    return X
