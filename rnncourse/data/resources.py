"""What to read and to use next: each with what it is best for, its level, its cost, what it lacks.

for resource in resources.load():
    print(resource.title, "-", resource.best_for)

The entries are our own judgement and live in resources.toml beside this module. This is a list,
not a dataset: it has no CARD.
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["COSTS", "KINDS", "LEVELS", "Resource", "load", "of_entry"]

KINDS = ("library", "tool", "book", "course", "article", "paper")
LEVELS = ("beginner", "intermediate", "advanced")
COSTS = ("free", "free to read", "paid")


@dataclass(frozen=True)
class Resource:
    """One entry, all fields filled."""

    title: str
    by: str  # who wrote it, or who looks after it
    kind: str  # one of KINDS
    url: str  # https
    best_for: str
    begin: str  # the chapter, the page or the call to begin with
    level: str  # one of LEVELS
    cost: str  # one of COSTS
    language: str
    lacks: str
    in_document: bool = False  # one of the four that the document names


def load():
    """All entries in the order of the file, as a tuple of Resource.

    ValueError names the entry and the field where one is missing or is not what it must be.
    """
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return tuple(of_entry(entry) for entry in tomllib.loads(text)["resource"])


def of_entry(entry):
    """A Resource from a dict of its fields. ValueError says which field is not as expected."""
    name = f"resource {entry.get('title') or '(without title)'!r}"
    known = {field.name for field in fields(Resource)}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ValueError(f"{name} has the field {unknown[0]!r}: expected one of {sorted(known)}.")
    for field in sorted(known - {"in_document"}):
        value = entry.get(field)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{name} has {value!r} as {field}: expected a text. Fill it in.")
    for field, allowed in (("kind", KINDS), ("level", LEVELS), ("cost", COSTS)):
        if entry[field] not in allowed:
            raise ValueError(f"{name} has {entry[field]!r} as {field}: expected one of {allowed}.")
    address = urlsplit(entry["url"])
    if address.scheme != "https" or "." not in address.netloc or " " in entry["url"]:
        raise ValueError(f"{name} has the url {entry['url']!r}: expected https://… without spaces.")
    return Resource(**entry)
