"""Explorer: backpropagation through time on paper-sized numbers, one product at a time.

Longer than 250 lines: what is computed, what is drawn and the controls are one explorer.
"""

from dataclasses import dataclass

import ipywidgets
import numpy as np

from rnncourse.plots import COLORS
from rnncourse.widgets import svg
from rnncourse.widgets.explorer import WIDE, Explorer, row

__all__ = ["PAPER", "Product", "bptt_by_hand", "unfold"]

#: The numbers of lesson 4.1: T = 3 steps, D = 1 feature, N = 2 units, K = 1 output, one example.
PAPER = {
    "X": np.array([[1.0], [0.0], [-1.0]]),
    "W": np.array([[0.6, -0.4]]),
    "U": np.array([[0.8, 0.2], [-0.3, 0.5]]),
    "b": np.array([0.1, 0.0]),
    "W_y": np.array([[0.5], [-1.0]]),
    "b_y": np.array([0.2]),
    "y": np.array([1.0]),
}


@dataclass(frozen=True)
class Product:
    """One line of the way back: `name` = `formula`, with its numbers put in, and its value."""

    name: str  # "dh_2", or "dW" for a share of a sum
    formula: str
    factors: tuple  # what stands in the formula: arrays, and signs between them as strings
    value: np.ndarray
    t: int  # the step it belongs to


def unfold(X, y, W, U, b, W_y, b_y, h_0=None):
    """Run one sequence forward and back; returns (H, y_hat, loss, products).

    X (T, D), y (K,), W (D, N), U (N, N), b (N,), W_y (N, K), b_y (K,), h_0 (N,) or zeros. H is
    (T + 1, N), h_0 first; the answer y_hat (K,) is read at the last step; loss = Σ (y_hat - y)².
    products is the list of every Product from dy_hat to dh_0. A share of dW, dU or db is added to
    those before it.
    """
    T, N = len(X), len(b)
    H = np.zeros((T + 1, N))
    H[0] = 0 if h_0 is None else h_0
    for t in range(1, T + 1):
        H[t] = np.tanh(X[t - 1] @ W + H[t - 1] @ U + b)
    y_hat = H[T] @ W_y + b_y
    dy_hat = 2 * (y_hat - y)
    dh = dy_hat @ W_y.T
    products = [
        Product("dŷ", "2 (ŷ − y)", ("2 (", y_hat, "−", y, ")"), dy_hat, T),
        Product("dW_y", f"h_{T}ᵀ dŷ", (H[T][:, None], dy_hat), np.outer(H[T], dy_hat), T),
        Product("db_y", "dŷ", (dy_hat,), dy_hat, T),
        Product(f"dh_{T}", "dŷ W_yᵀ", (dy_hat, W_y.T), dh, T),
    ]
    for t in range(T, 0, -1):
        da = dh * (1 - H[t] ** 2)
        products += [
            Product(f"da_{t}", f"dh_{t} ⊙ (1 − h_{t}²)", (dh, "⊙", 1 - H[t] ** 2), da, t),
            Product("dW", f"x_{t}ᵀ da_{t}", (X[t - 1][:, None], da), np.outer(X[t - 1], da), t),
            Product("dU", f"h_{t - 1}ᵀ da_{t}", (H[t - 1][:, None], da), np.outer(H[t - 1], da), t),
            Product("db", f"da_{t}", (da,), da, t),
            Product(f"dh_{t - 1}", f"da_{t} Uᵀ", (da, U.T), da @ U.T, t),
        ]
        dh = da @ U.T
    return H, y_hat, float(np.sum((y_hat - y) ** 2)), products


def sums(products):
    """The shares of dW, dU, db (and dW_y, db_y) among `products`, added: {name: array}."""
    total = {}
    for product in products:
        if product.name in ("dW", "dU", "db", "dW_y", "db_y"):
            total[product.name] = total.get(product.name, 0) + product.value
    return total


def draw(numbers, done, hide=False):
    """The picture after `done` products; with `hide`, the newest result is left to the reader."""
    H, y_hat, loss, products = unfold(**numbers)
    known = products[:done]
    seen = known[:-1] if hide and done else known
    parts = [svg.title(_message(known, len(products)))]
    parts += _graph(numbers["X"], H, y_hat, numbers["y"], loss, known, seen)
    parts += _formula(known, hide) if known else _start(y_hat, numbers["y"], loss)
    parts += _sums(seen, known)
    message = _message(known, len(products)).replace("$", "").replace("_", "")
    alt = f"Network unrolled over T = {len(H) - 1}. {message}. Loss {svg.number(loss, 3)}."
    for name, value in sums(seen).items():
        alt += f" {name.replace('_', '')} = {_said(value)}."
    return svg.figure(WIDE, 478, parts, alt)


def _said(array):
    return ", ".join(svg.number(v, 3) for v in np.ravel(array))


def _message(known, n):
    if not known:
        return "Forward is done. The way back begins at the loss"
    if len(known) == n:
        return "The way back is done: the same $U$ at every step, every share added"
    return f"The way back, product {len(known)} of {n}: " + _plain(known[-1])


def _plain(product):
    share = product.name in ("dW", "dU", "db")
    return f"the share of step {product.t} in ${product.name}$" if share else f"${product.name}$"


def _columns(T):
    """Centres of h_0, h_1, …, h_T and of the output."""
    right = 516 if T > 1 else 400
    return [56, *np.linspace(186 if T > 1 else 300, right, T), 662]


def _graph(X, H, y_hat, y, loss, known, seen):
    T, newest = len(X), known[-1] if known else None
    at, blue, orange = _columns(T), COLORS["state"], COLORS["gradient"]
    parts = [
        svg.text(12, 48, "back", 13, orange, bold=True),
        svg.text(12, 128, "forward", 13, blue, bold=True),
    ]
    for t in range(T + 1):
        width = 88 if t == 0 else 120
        parts += [svg.box(at[t], 158, width, 44, blue)]
        parts += [svg.text(at[t], 154, f"$h_{t}$", 14, anchor="middle")]
        parts += [svg.text(at[t], 173, _vector(H[t]), 12, anchor="middle")]
        if t:
            before = at[t - 1] + (46 if t == 1 else 62)
            parts += [svg.arrow(before, 158, at[t] - 62, 158, svg.MUTED)]
            wide, size = (84, 13) if X.shape[1] == 1 else (148, 12)
            parts += [svg.box(at[t], 226, wide, 28, COLORS["input"])]
            name = f"$x_{t}$ = {_vector(X[t - 1])}"
            parts += [svg.text(at[t], 231, name, size, anchor="middle")]
            parts += [svg.arrow(at[t], 211, at[t], 183, svg.MUTED)]
            parts += [svg.text((before + at[t] - 62) / 2, 152, "$U$", 13, svg.MUTED, "middle")]
            parts += [svg.text(at[t] + 8, 202, "$W$", 13, svg.MUTED)]
    green, out = COLORS["output"], at[-1]
    parts += [
        svg.arrow(at[T] + 62, 158, out - 46, 158, svg.MUTED),
        svg.box(out, 158, 88, 44, green),
    ]
    parts += [svg.text(out, 154, f"$ŷ$ = {svg.number(y_hat[0], 3)}", 13, anchor="middle")]
    parts += [svg.text(out, 172, f"$y$ = {svg.number(y[0], 1)}", 13, anchor="middle")]
    parts += [svg.text(out, 200, f"loss {svg.number(loss, 3)}", 13, green, "middle", bold=True)]
    parts += [svg.text((at[T] + 62 + out - 46) / 2, 152, "$W_y$", 13, svg.MUTED, "middle")]
    for product in known:
        parts += _way_back(product, at, T, product is newest, product in seen)
    return parts


def _way_back(product, at, T, newest, seen):
    """What one product adds to the upper part of the picture, in the gradient's colour."""
    name, orange = product.name, COLORS["gradient"]
    words = _vector(product.value) if seen else "?"
    if name == "dŷ":
        return _note(at[-1], 88, f"$dŷ$ = {words}", newest)
    if name.startswith("dh"):
        t = int(name[3:])
        start = at[t + 1] - (44 if t == T else 66)
        stop = at[t] + (66 if t else 50)
        way = svg.arrow(start, 100, stop, 100, orange, 3.4 if newest else 2, 9)
        return [way, *_note(at[t], 72, f"$dh_{t}$", newest), *_note(at[t], 90, words, newest)]
    if name.startswith("da"):
        t = product.t
        return _note(at[t], 116, f"$da_{t}$ {words}", newest)
    return []


def _note(x, y, words, newest):
    return [svg.text(x, y, words, 13, COLORS["gradient"], "middle", bold=newest)]


def _vector(values):
    digits = 3 if np.any(np.round(values, 1) != np.round(values, 6)) else 1
    inner = ", ".join(svg.number(v, digits) for v in np.ravel(values))
    return inner if np.size(values) == 1 else f"({inner})"


def _start(y_hat, y, loss):
    words = f"$L$ = ($ŷ$ − $y$)² = ({svg.number(y_hat[0], 3)} − {svg.number(y[0], 1)})² = "
    words += svg.number(loss, 3)
    return [_panel(), svg.text(30, 284, "now", 12, svg.MUTED), svg.text(30, 318, words, 16)]


def _panel():
    return svg.rect(12, 262, WIDE - 24, 82, "#FAF3EC", radius=6)


def _formula(known, hide):
    """The newest product: its formula, then the same with its numbers."""
    product, orange = known[-1], COLORS["gradient"]
    share = product.name in ("dW", "dU", "db")
    sign = "+=" if share else "="
    parts = [_panel()]
    words = f"${product.name}$ {sign} ${product.formula}$"
    parts += [svg.text(30, 286, words, 16, bold=True)]
    if share:
        note = f"step {product.t}: added, because the weights are the same at every step"
        parts += [svg.text(WIDE - 26, 286, note, 12, svg.MUTED, "end")]
    x = 30
    for factor in (*product.factors, "="):
        if isinstance(factor, str):
            parts.append(svg.text(x + 7, 324, factor, 15))
            x += 22 + 5 * (len(factor) - 1)
        else:
            piece, width = svg.matrix(x, 319, factor)
            parts.append(piece)
            x += width + 10
    if hide:
        return [*parts, svg.text(x + 8, 326, "?", 20, orange, bold=True)]
    return [*parts, svg.matrix(x, 319, product.value, orange)[0]]


def _sums(seen, known):
    """The gradients of the weights as far as they are added up."""
    total, newest = sums(seen), known[-1].name if known else ""
    parts, x = [svg.text(12, 372, "gradients of the weights so far", 13, svg.MUTED)], 12
    for name, width in (("dW_y", 112), ("db_y", 112), ("dW", 154), ("dU", 154), ("db", 0)):
        color = COLORS["gradient"] if name == newest else svg.INK
        label = f"${name}$ ="
        parts.append(svg.text(x, 420, label, 14, color, bold=name == newest))
        start = x + (44 if "_" in name else 38)
        if name in total:
            parts.append(svg.matrix(start, 415, total[name], color, 12)[0])
            shares = sum(product.name == name for product in seen)
            noun = "share" if shares == 1 else "shares"
            parts.append(svg.text(start, 460, f"{shares} {noun}", 12, svg.MUTED))
        else:
            parts.append(svg.text(start + 4, 420, "0", 14, svg.MUTED))
        x += width
    return parts


def bptt_by_hand(X=None, y=None, W=None, U=None, b=None, W_y=None, b_y=None, h_0=None):
    """Explore the way back product by product; returns an Explorer.

    Without arguments, the numbers of lesson 4.1 (`PAPER`). Own numbers: shapes as in `unfold`, at
    most T = 3 steps, N = 2 units, D = 2 features, and one output. Raises ValueError beyond that.
    """
    given = {"X": X, "y": y, "W": W, "U": U, "b": b, "W_y": W_y, "b_y": b_y, "h_0": h_0}
    own = {name: np.asarray(a, dtype=float) for name, a in given.items() if a is not None}
    numbers = PAPER | own
    _check(numbers)
    n = len(unfold(**numbers)[3])
    layout = ipywidgets.Layout(width="460px")
    done = ipywidgets.IntSlider(0, min=0, max=n, description="products done", layout=layout)
    done.style = {"description_width": "110px"}
    back = ipywidgets.Button(description="back", icon="step-backward")
    forth = ipywidgets.Button(description="next product", icon="step-forward")
    hide = ipywidgets.Checkbox(
        False, description="hide the result: I work it out first", indent=False
    )
    back.on_click(lambda _: setattr(done, "value", max(0, done.value - 1)))
    forth.on_click(lambda _: setattr(done, "value", min(n, done.value + 1)))
    return Explorer(
        lambda **values: draw(numbers, **values),
        {"done": done, "hide": hide},
        rows=[row(done), row(back, forth, hide)],
        still={"done": n},
    )


def _check(numbers):
    """Raise ValueError unless the shapes fit each other and the picture."""
    (T, D), N = np.shape(numbers["X"]), len(numbers["b"])
    want = {"X": (T, D), "y": (1,), "W": (D, N), "U": (N, N), "b": (N,), "W_y": (N, 1), "b_y": (1,)}
    for name, shape in want.items():
        if np.shape(numbers[name]) != shape:
            raise ValueError(f"{name} has shape {np.shape(numbers[name])}; it has to be {shape}.")
    if T > 3 or N > 2 or D > 2:
        raise ValueError(
            f"T = {T} steps, N = {N} units, D = {D} features are too many for paper;"
            " take at most 3, 2 and 2."
        )
