"""Dates as people write them in English, French and Chinese, and each as 2015-03-04.

The forms and the names are real: the Common Locale Data Repository, which computers take them
from. The dates are drawn by us, and no date of the test part occurs in training in any form.
"""

import datetime
import json
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "Dates", "forms", "load", "write"]

CARD = Card(
    title="Forms of dates in English, French and Chinese (CLDR)",
    source="the Unicode Common Locale Data Repository, as in the Python package Babel 2.18.0",
    licence="Unicode License v3 (CLDR), BSD-3-Clause (Babel)",
    size="31 forms, 114 names; 2 KB",
    changes="left out: two-digit years, and numbers that leave day and month open (3/4/2015); the "
    "dates are drawn at random by this module",
    citation="Unicode CLDR Project; Babel, the Babel Team",
    file="cldr_dates.json",
    sha256="7bab03ddd5e857c201ca0b9b027e15cc68bf84e0c6005d793ead01d246ffbbcb",
    held_back=True,
)

FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
FIELD = re.compile(r"E+|M+|d+|y")


@dataclass(frozen=True)
class Dates:
    """One entry a date."""

    source: list  # as written: "mercredi 4 mars 2015"
    target: list  # "2015-03-04"
    language: list  # en, fr or zh
    form: list  # the CLDR form: "EEEE d MMMM y"

    def __len__(self):
        return len(self.source)


def forms():
    """{language: the forms of its regions}, as the CLDR writes them."""
    return {language: entry["forms"] for language, entry in _table().items()}


def load(n_train=4000, n_test=1000, seed=0, languages=("en", "fr", "zh")):
    """Two Dates, to train and to test: no day is in both, each language equally often.

    Raises ValueError for more days than there are or a language without forms, OSError if the file
    was changed.
    """
    unknown = sorted(set(languages) - set(forms()))
    if unknown or not languages:
        raise ValueError(f"There are forms for {', '.join(forms())}, not for {unknown or 'none'}.")
    n_days = (LAST - FIRST).days + 1
    if not (n_train > 0 and n_test > 0 and n_train + n_test <= n_days):
        raise ValueError(
            f"Asked for {n_train:,} and {n_test:,} dates; there are {n_days:,} days from {FIRST} to"
            f" {LAST}, and each part wants at least one."
        )
    rng = np.random.default_rng(seed)
    days = rng.permutation(n_days)[: n_train + n_test]
    pairs = [(language, form) for language in languages for form in forms()[language]]
    share = np.array([1 / len(forms()[language]) for language, _ in pairs])
    chosen = rng.choice(len(pairs), size=len(days), p=share / share.sum())
    rows = []
    for day, (language, form) in zip(days, (pairs[i] for i in chosen), strict=True):
        date = FIRST + datetime.timedelta(int(day))
        rows.append((write(date, language, form), date.isoformat(), language, form))
    return tuple(
        Dates(*map(list, zip(*part, strict=True))) for part in (rows[:n_train], rows[n_train:])
    )


def write(date, language, form):
    """A datetime.date in one form of a language: write(date, "en", "MMMM d, y")."""
    table = _table()
    if language not in table or form not in table[language]["forms"]:
        known = ", ".join(table.get(language, table)["forms"] if language in table else table)
        raise ValueError(f"There is no form {form!r} in {language!r}; there are: {known}.")
    names = table[language]

    def field(found):
        letters = found.group()
        width = "long" if len(letters) == 4 else "short"
        if letters[0] == "E":
            return names["days"][width][date.weekday()]
        if letters[0] == "M" and len(letters) > 2:
            return names["months"][width][date.month - 1]
        number = {"y": date.year, "M": date.month, "d": date.day}[letters[0]]
        return f"{number:0{len(letters)}d}"

    return FIELD.sub(field, form)


@cache
def _table():
    return json.loads(read_bytes(CARD))
