"""What a wrong array has in common with the right one: turned axes, a factor, one step off.

No misconception of a task needs to know of these; they describe what nobody has thought of.
"""

from itertools import permutations

import numpy as np

__all__ = ["largest", "pattern", "shapes", "times"]

TELLING = (-2, -1, -0.5, 0.5, 2)  # factors that say something even of a single number
TIMES = ("time", "step", "day", "hour")  # axes along which a recurrence carries a mistake on
COARSE = 1e-3  # of the largest number: what is nearer was rounded, or is in a small float


def pattern(x, y, axes, close):
    """(code, facts) for what array `x` has in common with the wanted `y`, or None.

    `axes` names the axes of y, "batch time"; `close(x, y)` says whether two arrays are equal.
    """
    names = axes.split()
    looks = [_turned, _reshaped]
    if x.shape == y.shape:
        looks = [_rounded, _coarse, _turned, _reversed, _factor, _from_a_step, _part]
    return next(filter(None, (look(x, y, names, close) for look in looks)), None)


def largest(y):
    """The largest absolute value in an array, 0 where none is finite."""
    finite = np.abs(y)[np.isfinite(y)]
    return finite.max(initial=0)


def shapes(x, y, names):
    """Facts of two shapes, and what the wanted one means: batch=2, time=4."""
    meaning = ", ".join(f"{name}={n}" for name, n in zip(names, y.shape, strict=True))
    return {"got": str(x.shape), "want": str(y.shape), "meaning": meaning or "one number"}


def times(names):
    """The position of the axis of time among `names`, or None."""
    return next((k for k, name in enumerate(names) if name in TIMES), None)


def _rounded(x, y, names, close):
    for digits in range(7):
        if np.allclose(x, np.round(y, digits), rtol=0, atol=1e-12, equal_nan=True):
            return "rounded", {"digits": digits}
    return None


def _coarse(x, y, names, close):
    if not y.size or not np.isfinite(x).all() or not np.isfinite(y).all():
        return None
    off = np.abs(x - y).max() / max(largest(y), 1e-300)
    return ("coarse", {"digits": int(-np.log10(off))}) if 0 < off < COARSE else None


def _from_a_step(x, y, names, close):
    """Right up to a step of time, and wrong from there to the end."""
    axis = times(names)
    if axis is None or y.shape[axis] < 2:
        return None
    slices = zip(np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0), strict=True)
    right = [close(a, b) for a, b in slices]
    first = right.index(False) if False in right else 0
    if first == 0 or any(right[first:]):
        return None
    return "off-from", {"axis": names[axis], "first": first, "before": first - 1}


def _turned(x, y, names, close):
    for order in permutations(range(y.ndim)):
        if list(order) != sorted(order) and close(x, y.transpose(order)):
            names = _told_apart(names)
            facts = {"got": ", ".join(names[k] for k in order), "want": ", ".join(names)}
            return "off-axes", facts
    return None


def _told_apart(names):
    """Axes of the same name with numbers: unit, unit -> unit 1, unit 2."""
    return [
        f"{name} {names[:k].count(name) + 1}" if names.count(name) > 1 else name
        for k, name in enumerate(names)
    ]


def _reshaped(x, y, names, close):
    if x.size != y.size or not close(x.ravel(), y.ravel()):
        return None
    return "off-reshape", shapes(x, y, names)


def _reversed(x, y, names, close):
    for axis, name in enumerate(names):
        if y.shape[axis] > 1 and close(x, np.flip(y, axis)):
            return "off-reversed", {"axis": name}
    return None


def _factor(x, y, names, close):
    at = np.argmax(abs(y)) if y.size else 0
    if not y.size or y.flat[at] == 0:
        return None
    factor = x.flat[at] / y.flat[at]
    told = abs(factor) > 1e-3 and abs(factor - 1) > 1e-2
    if np.count_nonzero(y) < 3:
        told = told and any(abs(factor - k) < 1e-5 for k in TELLING)
    return ("off-by-factor", {"factor": f"{factor:.4g}"}) if told and close(x, factor * y) else None


def _part(x, y, names, close):
    """Right along most of an axis, wrong at some places of it."""
    found = []
    for axis, name in enumerate(names):
        slices = zip(np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0), strict=True)
        wrong = [k for k, (a, b) in enumerate(slices) if not close(a, b)]
        if 2 * len(wrong) <= y.shape[axis]:
            found.append((len(wrong) / y.shape[axis], name, wrong))
    if not found:
        return None
    _, name, wrong = min(found)
    return "off-part", {"wrong": f"{name} {', '.join(map(str, wrong))}"}
