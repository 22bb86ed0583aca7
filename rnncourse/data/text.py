"""From texts to indices: what every lesson on text needs, tokens, a vocabulary, padding.

    vocabulary = Vocabulary(words(text) for text in texts)
    X = pad([vocabulary.encode(words(text)) for text in texts])

Index 0 is padding (Keras's mask_zero=True skips it), 1 is every token that the vocabulary does not
know, and from 2 on the tokens follow by how often they occur.
"""

import lzma
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import read_bytes

__all__ = ["PADDING", "UNKNOWN", "Texts", "Vocabulary", "every_fifth", "pad", "read_texts", "words"]

PADDING, UNKNOWN = 0, 1
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")  # a word with its apostrophes, or one mark


@dataclass(frozen=True)
class Texts:
    """Labelled texts with their split: nothing of a test text stands in a training text."""

    text: np.ndarray  # (n,) of str
    label: np.ndarray  # (n,) of int: an index into names
    names: tuple  # of the classes
    is_test: np.ndarray  # (n,) of bool

    def __len__(self):
        return len(self.text)

    @property
    def train(self):
        """(texts, labels) to learn from."""
        return self.text[~self.is_test], self.label[~self.is_test]

    @property
    def test(self):
        """(texts, labels) to be judged on."""
        return self.text[self.is_test], self.label[self.is_test]


def read_texts(card, names, block=1):
    """The Texts in a card's file, one "label<tab>text" a line; every fifth block is for testing."""
    lines = lzma.decompress(read_bytes(card)).decode("utf-8").splitlines()
    label, text = zip(*(line.split("\t") for line in lines), strict=True)
    label = np.array([names.index(name) for name in label])
    return Texts(np.array(text), label, names, every_fifth(len(text), block))


def every_fifth(n, block=1):
    """(n,) of bool, True in the last of each five blocks of so many neighbours.

    Neighbours that may belong together, lines of one review for instance, stay on one side.
    """
    return np.arange(n) // block % 5 == 4


def words(text):
    """The words and punctuation marks of a text, in lower case."""
    return WORD.findall(text.lower())


class Vocabulary:
    """The tokens of some texts and their indices.

    texts: an iterable of token lists; a str is a list of its characters. `least`: how often a
    token has to occur. `most`: how many tokens at most, padding and unknown not counted. Ties are
    ordered by the token itself, so that the same texts always give the same indices.
    """

    def __init__(self, texts, least=1, most=None):
        counts = Counter(token for text in texts for token in text)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [token for token, n in ordered if n >= least][:most]
        if not kept:
            raise ValueError(
                f"No token occurs {least} times: give a list of texts, each a list of tokens."
            )
        self.tokens = ["", "�", *kept]
        self.index = {token: i for i, token in enumerate(self.tokens) if i > UNKNOWN}

    def __len__(self):
        return len(self.tokens)

    def __contains__(self, token):
        return token in self.index

    def encode(self, tokens):
        """The index of each token, UNKNOWN where the vocabulary does not have it."""
        return [self.index.get(token, UNKNOWN) for token in tokens]

    def decode(self, indices):
        """The token of each index, without padding."""
        return [self.tokens[i] for i in indices if i != PADDING]

    def __repr__(self):
        return f"<Vocabulary of {len(self):,} indices: {' '.join(self.tokens[2:8])} …>"


def pad(sequences, length=None):
    """Lists of indices -> (B, T) int32, zeros behind. T is the longest, or `length`.

    A sequence longer than `length` keeps its first `length` indices. Raises ValueError for an
    empty one: it has no last real step whose state could be read.
    """
    sequences = [list(sequence) for sequence in sequences]
    empty = [n for n, sequence in enumerate(sequences) if not sequence]
    if empty or not sequences:
        which = f"Text {empty[0]} is empty" if sequences else "There is no text"
        raise ValueError(f"{which}: leave out texts without a token before you pad.")
    length = length or max(map(len, sequences))
    X = np.full((len(sequences), length), PADDING, dtype=np.int32)
    for row, sequence in zip(X, sequences, strict=True):
        row[: len(sequence)] = sequence[:length]
    return X
