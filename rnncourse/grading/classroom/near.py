"""The name that a mistyped one most likely means, to be suggested in a sentence."""

import difflib

__all__ = ["near"]


def near(name, names, cutoff=0.4, most=10):
    """The nearest of `names` as text; if none is near, the first `most` of them."""
    found = difflib.get_close_matches(str(name), list(names), 1, cutoff)
    return ", ".join(found or sorted(names)[:most]) or "–"
