"""A smartwatch on people who stand, walk, run or play badminton: 80 real recordings of 10 s."""

import json
import lzma
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "RATE", "SENSORS", "Motions", "load"]

CARD = Card(
    title="BasicMotions: four activities, recorded by a smartwatch",
    source="UEA archive, as `datasets/data/BasicMotions/` in the Python package aeon 1.6.0",
    licence="BSD-3-Clause (the package aeon)",
    size="40 + 40 recordings of 100 steps, 6 sensors",
    changes="rounded to two decimals, compressed; the archive's division into training and test",
    citation="A. Bagnall et al., The UEA multivariate time series classification archive, "
    "arXiv:1811.00075, 2018; recorded by J. Clements, University of East Anglia",
    file="basic_motions.xz",
    sha256="97e3607dc6ffd0d6d269af21df165c478562207f3909a9e00442f8a1c028f69e",
)

RATE = 10  # measurements a second
SENSORS = ("acceleration x", "y", "z", "rotation x", "y", "z")


@dataclass(frozen=True)
class Motions:
    """One entry a recording; who wore the watch is not recorded."""

    X: np.ndarray  # (recording, time, sensor) float32
    y: np.ndarray  # (recording,), index of names
    names: tuple  # of the activities

    def __len__(self):
        return len(self.y)


def load():
    """(train, test), 40 Motions each: 10 of each activity. Raises OSError for a changed file."""
    header, _, content = lzma.decompress(read_bytes(CARD)).partition(b"\n")
    told = json.loads(header)
    X = np.frombuffer(content, dtype="<i2").reshape(told["shape"]).astype("float32") / 100
    y, n = np.array(told["y"]), told["n_train"]
    names = tuple(told["names"])
    return Motions(X[:n], y[:n], names), Motions(X[n:], y[n:], names)
