"""What every dataset says of itself, and how its file is read: offline, checked, or refused."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["Card", "read_bytes"]


@dataclass(frozen=True)
class Card:
    """Where a dataset comes from and what may be done with it.

    `file` and `sha256` name the file we ship, in data/files/. Data that a module computes has
    neither, and the module's name begins with synthetic_. `held_back` says that a model task is
    judged by a part of it: whatever runs a class's submissions does not let them read the file.
    """

    title: str
    source: str
    licence: str
    size: str
    changes: str
    citation: str
    file: str | None = None
    sha256: str | None = None
    held_back: bool = False

    def describe(self):
        """The card as text, one line a field, for a notebook."""
        shown = ("title", "source", "licence", "size", "changes", "citation")
        return "\n".join(f"{name:>9}: {getattr(self, name)}" for name in shown)


def read_bytes(card):
    """The bytes of the card's file in `data/files/`.

    Raises OSError if it is missing or changed, or in a graded run held back.
    """
    path = files("rnncourse.data").joinpath("files", card.file)
    if not path.is_file():
        raise OSError(
            f"{card.file} is missing from the rnncourse package. Install rnncourse again."
        )
    try:
        content = path.read_bytes()
    except PermissionError:
        if not card.held_back:
            raise
        raise PermissionError(
            f"{card.file} is held back in a graded run: a model task is judged by a part of it. "
            "Use what the lesson's own function gives, as ch05.weather_windows() does."
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise OSError(
            f"{card.file} is not the file we made: its SHA-256 begins with {found[:12]}, expected "
            f"{card.sha256[:12]}. Install rnncourse again, or restore the file with git."
        )
    return content
