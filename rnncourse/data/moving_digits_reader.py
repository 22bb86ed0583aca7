"""A network that was trained to read moving digits: the weights of a small CNN and a GRU."""

import json
import lzma

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "load"]

CARD = Card(
    title="A CNN and a GRU that read moving digits",
    source="trained by `tools/data/moving_digits_reader.py` on clips of "
    "rnncourse.data.synthetic_moving_digits",
    licence="MIT, as this course",
    size="16,200 weights; 30 KB",
    changes="rounded to half precision",
    citation="rnncourse",
    file="moving_digits_reader.xz",
    sha256="2cc84f334681f11fc4f2717786d79615176b6806a7f66f7e706edcb451b98502",
)


def load():
    """{layer: [its weights, in Keras's order]} of conv_1, conv_2, dense, gru and output.

    The network reads frames (24, 24, 1) from 0 to 1: two convolutions (8 filters of 5 x 5, 16 of
    3 x 3, stride 2, relu), a dense layer of 32 (tanh), a GRU of 32 units, a softmax of the eight
    MOTIONS at every step. Raises OSError if the file was changed.
    """
    header, _, content = lzma.decompress(read_bytes(CARD)).partition(b"\n")
    numbers, weights, start = np.frombuffer(content, dtype="<f2").astype("float32"), {}, 0
    for name, shape in json.loads(header):
        stop = start + int(np.prod(shape))
        weights.setdefault(name, []).append(numbers[start:stop].reshape(shape))
        start = stop
    return weights
