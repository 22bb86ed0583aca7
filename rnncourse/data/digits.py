"""Handwritten digits: 1,797 small real images, eight by eight, in the order of the file."""

import gzip
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "Digits", "load"]

CARD = Card(
    title="Optical recognition of handwritten digits (test part)",
    source="E. Alpaydin and C. Kaynak, UCI repository, as `datasets/data/digits.csv.gz` in the "
    "Python package scikit-learn 1.7.2",
    licence="CC BY 4.0 (UCI repository); the package: BSD-3-Clause",
    size="1,797 images of 8 x 8; 57 KB compressed",
    changes="none: the file is byte for byte the package's; `load` divides by 16",
    citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
    "Learning Repository, 1998, doi:10.24432/C50P49",
    file="digits.csv.gz",
    sha256="09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    held_back=True,
)

N_TRAIN = 1200


@dataclass(frozen=True)
class Digits:
    """One entry an image."""

    image: np.ndarray  # (n, 8, 8), 0 is paper, 1 is ink
    label: np.ndarray  # (n,), 0 to 9

    def __len__(self):
        return len(self.label)

    def part(self, name):
        """The Digits of the "train" part, the first 1,200 images, or of "test", the others."""
        if name not in ("train", "test"):
            raise ValueError(f"part={name!r} is not known; choose 'train' or 'test'.")
        chosen = slice(N_TRAIN) if name == "train" else slice(N_TRAIN, None)
        return Digits(self.image[chosen], self.label[chosen])


def load():
    """All 1,797 Digits, images as float32 from 0 to 1. Raises OSError if the file was changed."""
    lines = gzip.decompress(read_bytes(CARD)).decode("ascii").split()
    rows = np.array([line.split(",") for line in lines], dtype="float32")
    return Digits(rows[:, :64].reshape(-1, 8, 8) / 16, rows[:, 64].astype(int))
