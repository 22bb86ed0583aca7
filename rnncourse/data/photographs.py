"""Twelve real photographs in grey, made small: what a synthetic camera may look at."""

import json
import lzma

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "TEST", "TRAIN", "load"]

CARD = Card(
    title="Twelve photographs, grey and small",
    source="`data/` of the Python package scikit-image 0.25.2; china and flower: "
    "`datasets/images/` of scikit-learn 1.7.2",
    licence="CC0: brick, camera, chelsea, coffee, grass, gravel; public domain or no known "
    "restrictions: astronaut, coins, hubble, rocket; CC BY 2.0: china (danielbuechele, Flickr), "
    "flower (vultilion, Flickr)",
    size="12 images, the shorter side 120 pixels",
    changes="turned to grey and shrunk until the shorter side has 120 pixels",
    citation="S. van der Walt et al., scikit-image, PeerJ 2:e453, 2014; photographs: NASA "
    "(astronaut, hubble), SpaceX (rocket), Brooklyn Museum (coins), L. Varshney (camera), S. van "
    "der Walt (chelsea), R. Michetti (coffee), CC0Textures (brick, gravel), linolafett (grass)",
    file="photographs.xz",
    sha256="2d0359979a787fee86f8f8be419d9bee68a3732158a4f5e4738d03556f18fe98",
)

TRAIN = ("astronaut", "brick", "camera", "chelsea", "china", "coins", "gravel", "hubble")
TEST = ("coffee", "flower", "grass", "rocket")  # never seen in training


def load():
    """{name: image (height, width) uint8}, all twelve. Raises OSError for a changed file."""
    header, _, pixels = lzma.decompress(read_bytes(CARD)).partition(b"\n")
    images, start = {}, 0
    for name, shape in json.loads(header):
        stop = start + shape[0] * shape[1]
        images[name] = np.frombuffer(pixels[start:stop], dtype="uint8").reshape(shape)
        start = stop
    return images
