"""What takes too long for a lesson: the networks of lesson 8, with three seeds each."""

import json

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "LENGTHS", "SEEDS", "load"]

CARD = Card(
    title="Results of lesson 8: networks on selective copying, three seeds each",
    source="measured by `tools/data/outlook_results.py`, from the lesson's cells",
    licence="MIT, as this course",
    size="33 trained networks; 3 KB",
    changes="accuracies rounded to 4 digits",
    citation="rnncourse",
    file="outlook_results.json",
    sha256="622e1ae1eeb2cf02f1f78499c5a9322df3b0304edc393d6c5ad44c16d6c684e4",
)

SEEDS = (0, 1, 2)

#: The numbers of steps they were tested on; the first is the one they were trained on.
LENGTHS = (32, 64, 128)


def load():
    """{network: {"accuracy": {"32": [three seeds], "64": …, "128": …}, "parameters", "seconds"}}.

    The networks in the order of the lesson; lengths are text, as JSON wants its keys; "seconds" is
    the CPU time of each seed's training. OSError if the file was changed.
    """
    return json.loads(read_bytes(CARD))
