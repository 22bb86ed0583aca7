"""Tang poems of four lines of five characters (wujue), in simplified characters."""

import lzma

import numpy as np

from rnncourse.data.card import Card, read_bytes
from rnncourse.data.text import every_fifth

__all__ = ["CARD", "load"]

CARD = Card(
    title="Tang quatrains of five-character lines",
    source="`dist/quantangshi/poet.tang.*.json` in the npm package chinese-poetry 2.0.1",
    licence="MIT (the collection); the poems, of the 7th to 10th century, are in the public domain",
    size="3,666 poems; 121 KB compressed",
    changes="only poems of four lines of five Chinese characters, each once; question marks made "
    "full stops; simplified with OpenCC's tables (opencc-python-reimplemented 0.1.7, t2s)",
    citation="Quan Tang Shi, 1705; chinese-poetry, 2016-2019",
    file="tang_poems.txt.xz",
    sha256="a113d86dcb5912777a710a233285fa24ce2be97ec808bec166e52a23be3dc3cc",
)


def load():
    """(poems, is_test): each poem a str such as 春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。

    is_test (n,) of bool, every fifth block of ten poems: neighbours have the same poet. Raises
    OSError if the file was changed.
    """
    poems = lzma.decompress(read_bytes(CARD)).decode("utf-8").splitlines()
    return np.array(poems), every_fifth(len(poems), 10)
