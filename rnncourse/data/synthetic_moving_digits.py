"""Clips of a handwritten digit that moves in one of eight directions: synthetic motion."""

from dataclasses import dataclass

import numpy as np

from rnncourse.data import digits
from rnncourse.data.card import Card

__all__ = ["CARD", "MOTIONS", "Clips", "bilinear", "load", "reverse"]

CARD = Card(
    title="Moving digits: eight directions, each the reverse of another",
    source="synthetic motion, computed by this module; the digits are real (rnncourse.data.digits)",
    licence="CC BY 4.0, that of the digits",
    size="as many clips as asked for",
    changes="each digit enlarged and moved over a dark frame whose edges are joined",
    citation="digits: E. Alpaydin and C. Kaynak, 1998, doi:10.24432/C50P49",
)

#: {name: (to the right, down)}. Neighbours are each other's reverse: the motion of class y played
#: backwards is class y ^ 1.
DIRECTIONS = {
    "right": (1, 0),
    "left": (-1, 0),
    "down": (0, 1),
    "up": (0, -1),
    "down right": (0.7, 0.7),
    "up left": (-0.7, -0.7),
    "down left": (-0.7, 0.7),
    "up right": (0.7, -0.7),
}
MOTIONS = tuple(DIRECTIONS)
SMALLEST = 20  # px: a smaller frame has no room for the motion


@dataclass(frozen=True)
class Clips:
    """One entry a clip."""

    X: np.ndarray  # (clip, time, height, width, channel) uint8, the channel is one grey
    y: np.ndarray  # (clip,), index of MOTIONS
    digit: np.ndarray  # (clip,), 0 to 9
    image: np.ndarray  # (clip,), which of the part's images moves

    def __len__(self):
        return len(self.y)


def load(rng, n_clips, part="train", n_frames=8, size=24):
    """Fresh Clips of `n_frames` frames of `size` x `size` pixels, all motions equally often.

    `part` is "train" or "test": their digits are different images. The edges of a frame are joined:
    a digit that leaves on the right comes back on the left. So every motion may begin anywhere,
    and a clip is as likely as its reverse: no frame by itself, and no set of frames without their
    order, can tell a motion from its reverse. Raises ValueError for fewer than two frames and for
    a frame too small to move in.
    """
    if n_frames < 2:
        raise ValueError(f"n_frames={n_frames}: one frame shows no motion, give at least 2.")
    if size < SMALLEST:
        raise ValueError(f"size={size}: a digit needs room to move, give at least {SMALLEST}.")
    pool = digits.load().part(part)
    image = rng.integers(len(pool), size=n_clips)
    y = rng.permutation(np.arange(n_clips) % len(MOTIONS))
    paths, X = _paths(rng, y, n_frames, size), np.zeros((n_clips, n_frames, size, size, 1), "uint8")
    for start in range(0, n_clips, 100):  # all at once would need a gigabyte
        some = slice(start, start + 100)
        frames = _render(pool.image[image[some]], *(path[some] for path in paths), size)
        X[some, ..., 0] = np.round(255 * frames)
    return Clips(X, y, pool.label[image], image)


def reverse(clips):
    """The Clips played backwards, with the motions that they then show."""
    return Clips(clips.X[:, ::-1], clips.y ^ 1, clips.digit, clips.image)


def _paths(rng, y, n_frames, size):
    """(x, y) of the digit's centre in each frame, each (clip, time), and its angle and scale."""
    n, direction = len(y), np.array(list(DIRECTIONS.values()))[y]
    speed = rng.uniform(1, 2, n)  # pixels a frame
    gone = (direction * speed[:, None])[:, :, None] * np.arange(n_frames)  # (clip, 2, time)
    x, y = rng.uniform(-size / 2, size / 2, (2, n, 1)) + gone.transpose(1, 0, 2)
    return x, y, rng.uniform(-0.6, 0.6, (n, 1)), rng.uniform(1.3, 1.7, (n, 1))


def _render(images, x, y, angle, scale, size):
    """images (n, 8, 8), the others (n, T) -> frames (n, T, size, size), float32 from 0 to 1."""
    pixel = np.arange(size, dtype="float32") - (size - 1) / 2
    x, y, angle, scale = (a.astype("float32")[..., None, None] for a in (x, y, angle, scale))
    right, below = ((a + size / 2) % size - size / 2 for a in (pixel - x, pixel[:, None] - y))
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    column, row = cos * right + sin * below + 4.5, cos * below - sin * right + 4.5
    paper = np.pad(images, ((0, 0), (1, 1), (1, 1)))  # (n, 10, 10): ink ends inside
    which = np.arange(len(images))[:, None, None, None]
    return bilinear(paper, which, np.clip(row, 0, 8.999), np.clip(column, 0, 8.999))


def bilinear(images, which, row, column):
    """The value of images[which] (n, H, W) between its pixels, at `row` and `column`, any shape.

    Each place is the mean of the four pixels around it, the nearer the heavier; rows run from 0
    to less than H - 1, columns to less than W - 1.
    """
    i, j = row.astype(int), column.astype(int)
    down, right = row - i, column - j
    above = images[which, i, j] * (1 - right) + images[which, i, j + 1] * right
    below = images[which, i + 1, j] * (1 - right) + images[which, i + 1, j + 1] * right
    return above * (1 - down) + below * down
