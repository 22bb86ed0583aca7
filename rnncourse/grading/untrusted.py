"""What a stranger wrote, made short, printable and storable before it goes anywhere else.

Facts of a sentence, errors, names and paths pass through here. What comes out is None, a bool, a
number that JSON knows, text without half characters and control characters, or lists and
dictionaries of these: no terminal, page, file or database refuses it.
"""

import math
import os
import unicodedata

import numpy as np

__all__ = ["ITEMS", "TEXT", "facts", "spelled", "storable", "text"]

TEXT = 500  # characters of a fact or an error
FACTS = 20  # of one sentence
ITEMS, DEPTH = 1000, 6
WHOLE = 1 << 53  # beyond this, programs that read JSON round a whole number
JOINERS = "\u200c\u200d"  # scripts and emoji need them


def _shows(character):
    return (
        character.isprintable()
        or character in JOINERS
        or unicodedata.category(character) == "Zs"  # the wide space in a Chinese name
    )


def text(value, most=TEXT):
    """`value` as at most `most` characters; a line break stays, what cannot be shown is "?"."""
    if not isinstance(value, str | int | float):
        value = type(value).__name__
    try:
        shown = str(value)
    except ValueError:  # Python refuses to write out a number of more than 4,300 digits
        shown = "a number too long to be written"
    if len(shown) > most:
        shown = shown[: most - 1] + "…"
    return "".join(c if _shows(c) or c == "\n" else "?" for c in shown)


def spelled(name):
    r"""A file's name as text, two names never one text: what cannot be shown is written \x1b."""
    read = os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return "".join(c if _shows(c) else c.encode("unicode_escape").decode() for c in read)


def facts(found):
    """What fills a sentence: a few names, each with a number or a short text."""
    pairs = list(found.items())[:FACTS]
    return {text(key, 50): storable(value, 0) for key, value in pairs}


def storable(value, depth=DEPTH):
    """`value`, whatever it is, as plain data that JSON and UTF-8 take."""
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
