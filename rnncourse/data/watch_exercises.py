"""A smartwatch on ten people who do seven shoulder exercises: 140 real recordings."""

import json
import lzma
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "EXERCISES", "RATE", "SENSORS", "Recordings", "load", "to_right_arm"]

CARD = Card(
    title="Seven shoulder exercises, recorded by a smartwatch",
    source="D. Burns, as `data/watch_dataset.npy` in the Python package seglearn 1.2.5",
    licence="BSD-3-Clause (the package seglearn)",
    size="140 recordings of 19 to 52 s: 10 people, 7 exercises, both arms; 6 sensors",
    changes="50 measurements a second averaged to 12.5; rounded to hundredths; sorted by person, "
    "exercise and arm; compressed",
    citation="D. Burns et al., Shoulder physiotherapy exercise recognition: machine learning the "
    "inertial signals from a smartwatch, Physiological Measurement 39, 2018, arXiv:1802.01489",
    file="watch_exercises.xz",
    sha256="340eab5e46372c93482a2b29f5d8475a6fe258d1df57b5d7ea771adc1b680a10",
    held_back=True,
)

RATE = 12.5  # measurements a second
SENSORS = ("acceleration x", "y", "z", "rotation x", "y", "z")  # in g and in radians a second
#: As the package abbreviates them: what the arm does.
EXERCISES = {
    "PEN": "pendulum",
    "ABD": "raise sideways",
    "FEL": "raise forwards",
    "IR": "rotate inwards",
    "ER": "rotate outwards",
    "TRAP": "pull down",
    "ROW": "row",
}


@dataclass(frozen=True)
class Recordings:
    """One entry a recording: one person, one exercise, one arm, about twenty repetitions."""

    X: list  # of arrays (time, sensor) float32, of different lengths
    y: np.ndarray  # (recording,), index of EXERCISES
    person: np.ndarray  # (recording,), 1 to 10
    arm: np.ndarray  # (recording,), "left" or "right": where the watch was worn

    def __len__(self):
        return len(self.y)


def load():
    """All 140 Recordings as they were measured. Raises OSError for a changed file."""
    header, _, content = lzma.decompress(read_bytes(CARD)).partition(b"\n")
    told = json.loads(header)
    steps = np.frombuffer(content, dtype="<i2").reshape(len(SENSORS), -1).T
    values = np.cumsum(steps, axis=0, dtype="int32").astype("float32") / 100
    X = np.split(values, np.cumsum(told["lengths"])[:-1])
    return Recordings(X, *(np.array(told[name]) for name in ("y", "person", "arm")))


def to_right_arm(recordings):
    """The Recordings with each left arm mirrored, as if all had been worn on the right.

    In a mirror across the body, acceleration along x turns round, and so do the rotations around
    the two other axes.
    """
    mirror = np.array([-1, 1, 1, 1, -1, -1], dtype="float32")
    left = recordings.arm == "left"
    X = [x * mirror if is_left else x for x, is_left in zip(recordings.X, left, strict=True)]
    return Recordings(X, recordings.y, recordings.person, recordings.arm)
