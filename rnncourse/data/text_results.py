"""What takes too long for a lesson: the networks of lesson 6.1, measured with three seeds each."""

import json

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "SIZES", "load", "subset"]

CARD = Card(
    title="Results of lesson 6.1: text networks, three seeds each",
    source="measured by `tools/data/text_results.py` on the datasets of rnncourse.data",
    licence="MIT, as this course",
    size="39 trained networks; 2 KB",
    changes="accuracies rounded to 4 digits",
    citation="rnncourse",
    file="text_results.json",
    sha256="293e24ac73bec0dfb7e8a6890282fbb2283c63f897757cbee57fe753b3e012df",
)

#: How many training texts the learning curves use; None is all of them.
SIZES = (300, 900, 2700, None)


def subset(n_texts, size=None):
    """Which of the training texts a network may see, in which order: (size,) indices, or all."""
    return np.random.default_rng(0).permutation(n_texts)[:size]


def load():
    """{"table": ..., "curves": ..., "masks": ..., "products": ..., "negation": ...}.

    table: {task: {"accuracy": [three seeds], "averaged": of the three networks' mean probability,
    "seconds", "parameters", "epochs"}}; curves: {task: {size: [three]}}; masks: {variant:
    [three]}; products: [three]; negation: {language: [three times (pairs with both sentences
    right, moved to the right side, moved down)]}. OSError if the file was changed.
    """
    return json.loads(read_bytes(CARD))
