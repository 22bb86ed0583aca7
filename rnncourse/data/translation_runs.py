"""What takes too long for a lesson: translations of real sentences by lesson 6.2's networks."""

import json
import lzma
from dataclasses import dataclass

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "Run", "load"]

CARD = Card(
    title="What the networks of lesson 6.2 wrote: the test sentences, translated",
    source="written by `tools/data/translation_runs.py` from rnncourse.data.gettext_pairs",
    licence="as the sentences they were trained on: BSD-3-Clause and MIT",
    size="11 networks; 85 KB compressed",
    changes="none: what the networks wrote, joined to strings",
    citation="rnncourse; the programs named in rnncourse.data.gettext_pairs",
    file="translation_runs.json.xz",
    sha256="8d71f412e89bcb2767160f81b266ac1099220ba3da2c0172ff4443c76909380e",
)


@dataclass(frozen=True)
class Run:
    """One trained network, and what it wrote, greedily unless said otherwise."""

    language: str  # zh or fr
    attention: bool
    share: int  # 1: all training pairs, 2: every second, 4: every fourth
    epochs: int
    seed: int
    n_pairs: int
    parameters: int
    seconds: float  # of one processor, to train
    test: list  # translations of gettext_pairs' test part, in order
    unseen: list  # of the unseen program
    beam: list | None  # of the test part, with a beam of 4


def load():
    """All Runs, a list. Raises OSError if the file was changed."""
    return [Run(**run) for run in json.loads(lzma.decompress(read_bytes(CARD)))]
