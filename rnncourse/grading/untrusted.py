"""Untrusted values, made short, printable and storable before they go anywhere else.

The facts of a sentence, errors, names and paths pass through here. What comes out is None, a bool,
a number that JSON knows, text without lone surrogates and control characters, or lists and
dictionaries of these: no terminal, page, file or database refuses it.
"""

import math
import os
import unicodedata

import numpy as np

__all__ = ["ITEMS", "TEXT", "facts", "shows", "spelled", "storable", "text"]

TEXT = 500  # most characters of a fact or an error
FACTS = 20  # most facts of one sentence
ITEMS, DEPTH = 1000, 6  # of lists and dictionaries
WHOLE = 1 << 53  # JSON readers that use floats round larger whole numbers
JOINERS = "\u200c\u200d"  # scripts and emoji need them


def shows(character):
    """Whether a character is shown as itself: it neither steers a terminal nor turns text round."""
    return (
        character.isprintable()
        or character in JOINERS
        or unicodedata.category(character) == "Zs"  # the wide space in a Chinese name
    )


def text(value, most=TEXT):
    """Untrusted text: at most `most` characters, line breaks kept, "?" for what is not shown."""
    if not isinstance(value, str | int | float):
        value = type(value).__name__
    try:
        shown = str(value)
    except ValueError:  # Python refuses to write out a number of more than 4,300 digits
        shown = "a number too long to be written"
    if len(shown) > most:
        shown = shown[: most - 1] + "…"
    return "".join(c if shows(c) or c == "\n" else "?" for c in shown)


def spelled(name):
    r"""A file's name as text, different for different names; what is not shown becomes \x1b."""
    read = os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return "".join(c if shows(c) else c.encode("unicode_escape").decode() for c in read)


def facts(found):
    """Untrusted facts of a sentence: a few names, each with a number or a short text."""
    pairs = list(found.items())[:FACTS]
    return {text(key, 50): storable(value, 0) for key, value in pairs}


def storable(value, depth=DEPTH):
    """`value`, whatever it is, as plain data that JSON and UTF-8 can hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < WHOLE:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, dict) and depth:
        pairs = list(value.items())[:ITEMS]
        return {text(key): storable(item, depth - 1) for key, item in pairs}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [storable(item, depth - 1) for item in list(value)[:ITEMS]]
    return text(value)
