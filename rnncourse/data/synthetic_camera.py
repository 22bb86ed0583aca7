"""Clips of a camera that moves over a real photograph: real pictures, synthetic motion."""

from dataclasses import dataclass

import numpy as np

from rnncourse.data import photographs
from rnncourse.data.card import Card
from rnncourse.data.synthetic_moving_digits import bilinear

__all__ = ["CARD", "MOVES", "Clips", "load"]

CARD = Card(
    title="A camera over photographs: six moves, each the reverse of another",
    source="synthetic motion, computed by this module; the photographs are real "
    "(rnncourse.data.photographs)",
    licence="that of the photographs: CC0, public domain, and CC BY 2.0 for two",
    size="as many clips as asked for",
    changes="a square of each photograph, moved or zoomed from frame to frame",
    citation="as for rnncourse.data.photographs",
)

#: Neighbours are each other's reverse: the move of class y played backwards is class y ^ 1.
MOVES = ("pan right", "pan left", "pan down", "pan up", "zoom in", "zoom out")


@dataclass(frozen=True)
class Clips:
    """One entry a clip."""

    X: np.ndarray  # (clip, time, height, width, channel) uint8, the channel is one grey
    y: np.ndarray  # (clip,), index of MOVES
    photograph: np.ndarray  # (clip,), its name

    def __len__(self):
        return len(self.y)


def load(rng, n_clips, part="train", n_frames=8, size=24):
    """Fresh Clips of `n_frames` frames of `size` x `size` pixels, all moves equally often.

    `part` is "train" or "test": their photographs are different ones. Place, size of the view and
    speed are random, and a clip is as likely as its reverse. Raises ValueError for fewer than two
    frames, for a frame larger than the photographs allow, and for an unknown part.
    """
    if n_frames < 2:
        raise ValueError(f"n_frames={n_frames}: one frame shows no motion, give at least 2.")
    if size > 40:
        raise ValueError(f"size={size}: the photographs are 120 pixels high, give at most 40.")
    if part not in ("train", "test"):
        raise ValueError(f"part={part!r} is not known; choose 'train' or 'test'.")
    images = photographs.load()
    names = np.array(photographs.TRAIN if part == "train" else photographs.TEST)
    photograph = rng.choice(names, n_clips)
    y = rng.permutation(np.arange(n_clips) % len(MOVES))
    X = np.zeros((n_clips, n_frames, size, size, 1), dtype="uint8")
    for name in names:
        mine = photograph == name
        X[mine, ..., 0] = _film(rng, images[name], y[mine], n_frames, size)
    return Clips(X, y, photograph)


def _film(rng, image, y, n_frames, size):
    """image (H, W), y (n,) -> what the camera sees, (n, T, size, size)."""
    n, kind, sign = len(y), y // 2, 1 - 2 * (y % 2)
    time = np.linspace(-1, 1, n_frames)
    gone = (sign * rng.uniform(0.5, 1, n))[:, None] * time
    across, down, inwards = ((kind == k)[:, None] * gone for k in range(3))
    zoom = rng.uniform(1.3, 1.7, (n, 1)) * np.exp(-0.25 * inwards)  # photograph's pixels a pixel
    reach = 0.9 * n_frames  # one to two pixels a frame
    room = 1.7 * np.exp(0.25) * size / 2 + reach + 1  # the view never leaves the photograph
    height, width = image.shape
    y_0 = rng.uniform(min(room, height / 2 - 1), max(height - room, height / 2), (n, 1))
    x_0 = rng.uniform(min(room, width / 2 - 1), max(width - room, width / 2), (n, 1))
    pixel = np.arange(size) - (size - 1) / 2
    row = (y_0 + down * reach)[..., None, None] + zoom[..., None, None] * pixel[:, None]
    column = (x_0 + across * reach)[..., None, None] + zoom[..., None, None] * pixel[None, :]
    row, column = np.broadcast_arrays(
        np.clip(row, 0, height - 1.001), np.clip(column, 0, width - 1.001)
    )
    return np.round(bilinear(image[None].astype("float32"), 0, row, column))
