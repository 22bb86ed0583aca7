"""Compare what a learner's code returned with what was wanted. Never runs a learner's code."""

import re

import numpy as np

from rnncourse.checking.diagnose import largest, pattern, shapes, times

__all__ = ["ATOL", "RTOL", "agree", "close", "describe", "near"]

# A right answer in float32 passes, and one that adds in another order: what is left where large
# numbers cancel has the rounding of the large ones. No misconception comes so near.
RTOL, ATOL = 1e-5, 1e-7
DIGITS = (4, 6, 8, 10, 12)  # after the point: as many as tell two numbers apart


def agree(left, right):
    """True if two lists of Outcomes are equal, case by case."""
    return len(left) == len(right) and all(map(_equal, left, right))


def _equal(a, b):
    if a.kind != b.kind or a.values.keys() != b.values.keys():
        return False
    if a.kind == "raised":  # the line differs between two programs, the error does not
        ours, theirs = (outcome.facts.get("operation") for outcome in (a, b))
        if ours and theirs:
            return (ours, _type(a)) == (theirs, _type(b))
        return _uncounted(a.facts["what"]) == _uncounted(b.facts["what"])
    if a.kind != "returned":
        return a.facts == b.facts
    return all(close(a.values[name], b.values[name]) for name in a.values)


def _type(outcome):
    """The name of the exception: a product that does not fit has other words as np.dot and as @."""
    return outcome.facts["what"].partition(":")[0]


def _uncounted(what):
    """An error's text without the numbers that Keras gives its layers: simple_rnn_3."""
    return re.sub(r"_\d+\b", "", what)


def close(x, y):
    """True if `x` is the wanted `y`: text and counts exactly, other numbers within the tolerances.

    A count is what was computed as a whole number (int, not a float that is whole): 204,801 is
    not 204,800, however small the difference is beside it.
    """
    if isinstance(x, str) or isinstance(y, str):  # an array == a text would be an array
        return type(x) is type(y) and x == y
    if np.shape(x) != np.shape(y):  # before allclose, which would broadcast
        return False
    if np.array_equal(x, y):  # mostly, and five times faster
        return True
    if np.asarray(y).dtype.kind in "iu":
        return False
    atol = max(ATOL, RTOL * largest(y))
    return bool(np.allclose(x, y, rtol=RTOL, atol=atol, equal_nan=True))


def near(x, y):
    """True if `x` misses the wanted numbers `y` by 2 % at most: a slip rather than a mistake."""
    return np.shape(x) == np.shape(y) and bool(np.allclose(x, y, rtol=0.02, atol=0))


def describe(got, want, axes):
    """(code, facts) for an Outcome that is not the wanted one; `axes` is {name: axes}.

    Facts are text and numbers only, so that they survive a trip through JSON.
    """
    if got.kind != "returned":
        return got.kind, got.facts
    name = next(n for n in want.values if not close(got.values.get(n), want.values[n]))
    x, y = got.values.get(name), want.values[name]
    which = "" if name == "result" else f"{name}: "
    if name not in axes:
        return "fact", {"which": name, "got": x, "want": y}
    for other in want.values.keys() - {name}:
        if np.any(x) and close(x, want.values[other]):
            return "off-swapped", {"which": which, "other": other, "names": ", ".join(want.values)}
    return _compare(x, y, axes[name], which)


def _compare(x, y, axes, which):
    """(code, facts) for an array `x` that is not `y`."""
    found = pattern(x, y, axes, close)
    if x.shape != y.shape and not found:
        return "shape", {"which": which, **shapes(x, y, axes.split())}
    if not np.isfinite(x).all():
        return "not-finite", {"which": which}
    first = found[1].get("first", 0) if found else 0
    facts = _furthest(x, y, axes, first) if x.shape == y.shape else {}
    code, more = found or ("value" if facts["where"] else "number", {})
    return code, {"which": which, **facts, **more}


def _furthest(x, y, axes, first=0):
    """Where two arrays of one shape differ most; `first`: from this step of time on alone."""
    names = axes.split()
    off = abs(x - y)
    if first:
        off = np.where(np.indices(y.shape)[times(names)] == first, off, -1)
    at = np.unravel_index(np.argmax(off), y.shape)
    where = ", ".join(f"{a} {i}" for a, i in zip(names, at, strict=True))
    return {"where": where} | _shown_apart(x[at], y[at])


def _shown_apart(got, want):
    """Two numbers as text, with as many digits as it takes to see the difference."""
    for digits in DIGITS:
        texts = {"got": f"{got:.{digits}f}", "want": f"{want:.{digits}f}"}
        if texts["got"] != texts["want"]:
            return texts
    return {"got": repr(float(got)), "want": repr(float(want))}
