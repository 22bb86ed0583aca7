"""Sentences from English reviews, of films and of products, rated by twenty people each."""

import lzma

import numpy as np

from rnncourse.data.card import Card, read_bytes
from rnncourse.data.text import Texts, every_fifth

__all__ = ["CARD", "NAMES", "load"]

NAMES = ("negative", "positive")
BLOCK = 20  # neighbours may be about the same film, so they stay on one side

CARD = Card(
    title="Review snippets with sentiment ratings, films and products",
    source="`movieReviewSnippets_GroundTruth.txt` and `amazonReviewSnippets_GroundTruth.txt` in "
    "`hutto_ICWSM_2014.tar.gz`, source archive of the Python package vaderSentiment 3.3.2",
    licence="MIT (the package and its ratings); the snippets were written by third parties",
    size="11,388 sentences, 9,021 on films and 2,367 on products; 411 KB compressed",
    changes="only sentences whose mean rating (-4 to 4) is above 1 or below -1, made positive or "
    "negative; sentences that repeat but for punctuation left out; doubled apostrophes made "
    "quotation marks",
    citation="C. J. Hutto and E. Gilbert, VADER, ICWSM 2014; the film sentences are those of "
    "B. Pang and L. Lee, ACL 2005",
    file="english_reviews.tsv.xz",
    sha256="1d973e830a586ca587e65279b6e2ed8e2910304932063ea4699ec3956b57bedb",
)


def load(source="film"):
    """The Texts about films, or with source="product" about products.

    label 0 is negative, 1 positive. Raises ValueError for another source, OSError if the file was
    changed.
    """
    lines = lzma.decompress(read_bytes(CARD)).decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    found = [(float(rating) > 0, text) for kind, rating, text in rows if kind == source]
    if not found:
        raise ValueError(f"source={source!r} is not known; choose 'film' or 'product'.")
    label, text = zip(*found, strict=True)
    return Texts(np.array(text), np.array(label, dtype=int), NAMES, every_fifth(len(text), BLOCK))
