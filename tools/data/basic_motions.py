"""Take BasicMotions out of the package it was published in, and compress it.

pip install --no-deps aeon==1.6.0
python -m tools.data.basic_motions
"""

import json
import lzma

import numpy as np

from rnncourse.data.basic_motions import CARD
from tools.data.package import file_of, keep

FILES = {
    "BasicMotions_TRAIN.ts": "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
    "BasicMotions_TEST.ts": "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
}
NAMES = ["Standing", "Walking", "Running", "Badminton"]


def recordings(text):
    """The file's text -> [(sensor, time)], [name]: sensors are separated by colons."""
    X, names = [], []
    for line in text.partition("@data")[2].split():
        *sensors, name = line.split(":")
        X.append([[float(value) for value in sensor.split(",")] for sensor in sensors])
        names.append(name)
    return X, names


if __name__ == "__main__":
    folder = ("aeon", "1.6.0", "datasets", "data", "BasicMotions")
    parts = [recordings(file_of(*folder, n, digest=d).decode()) for n, d in FILES.items()]
    X = np.array(parts[0][0] + parts[1][0]).transpose(0, 2, 1)  # (80, 100, 6)
    told = {"names": [name.lower() for name in NAMES], "n_train": len(parts[0][0])}
    told |= {"shape": X.shape, "y": [NAMES.index(name) for _, names in parts for name in names]}
    hundredths = np.round(100 * X)
    assert abs(hundredths).max() < 2**15
    content = json.dumps(told).encode() + b"\n" + hundredths.astype("<i2").tobytes()
    keep(lzma.compress(content, preset=9), CARD)
