"""Two trained character models: a GRU that continues Hamlet, and one that writes Tang quatrains."""

import io
from dataclasses import dataclass

import numpy as np

from rnncourse.data import hamlet, tang_poems
from rnncourse.data.card import Card, read_bytes
from rnncourse.data.text import UNKNOWN

__all__ = ["CARD", "NAMES", "CharacterModel", "corpus", "load"]

NAMES = ("hamlet", "tang")
END = "\n"  # stands before and after each poem, and ends a line of Hamlet
HAMLET_TRAIN = 140_000  # characters: the play's first four fifths

CARD = Card(
    title="Character models of Hamlet and of Tang quatrains",
    source="trained by `tools/data/character_models.py` on the training parts of "
    "`rnncourse.data.hamlet` and `rnncourse.data.tang_poems`",
    licence="MIT, as this course; the texts are in the public domain",
    size="two networks, 0.6 million weights; 1.2 MB",
    changes="weights rounded to 16 bits",
    citation="rnncourse",
    file="character_models.npz",
    sha256="e10edf75b6d964568a5c7364a464b6a5366356f180e7c32ad68035e756d3b0c2",
)


@dataclass(frozen=True)
class CharacterModel:
    """A trained network's weights and its characters: index i is tokens[i], 0 padding, 1 unknown.

    weights: Embedding (V, D); GRU W (D, 3N), U (N, 3N), b (2, 3N); Dense (N, V), (V,). float32.
    """

    name: str
    tokens: str
    weights: tuple

    def encode(self, text):
        """(T,) indices of a text's characters. ValueError names those it does not know."""
        index = {token: i for i, token in enumerate(self.tokens) if i > UNKNOWN}
        unknown = sorted(set(text) - index.keys())
        if unknown or not text:
            what = "is empty" if not text else f"has characters it never saw: {''.join(unknown)!r}"
            some = self.tokens[2:12].replace(END, "")
            raise ValueError(
                f"The text {what}. Give the {self.name} model characters such as {some!r}."
            )
        return np.array([index[character] for character in text])

    def decode(self, indices):
        """The text of some indices, without padding."""
        return "".join(self.tokens[i] for i in indices if i)


def corpus(name):
    """(training texts, test texts): two long texts of Hamlet, or lists of poems with their ends.

    Nothing of a test text stands in a training text. Raises ValueError for another name.
    """
    if name == "hamlet":
        play = hamlet.load()
        return [play[:HAMLET_TRAIN]], [play[HAMLET_TRAIN:]]
    if name == "tang":
        poems, is_test = tang_poems.load()
        framed = [[f"{END}{poem}{END}" for poem in poems[part]] for part in (~is_test, is_test)]
        return framed[0], framed[1]
    raise ValueError(f"name={name!r} is not known; choose one of {', '.join(NAMES)}.")


def load(name):
    """The CharacterModel "hamlet" or "tang". OSError if the file was changed."""
    if name not in NAMES:
        raise ValueError(f"name={name!r} is not known; choose one of {', '.join(NAMES)}.")
    with np.load(io.BytesIO(read_bytes(CARD))) as stored:
        weights = tuple(stored[f"{name}_{i}"].astype("float32") for i in range(6))
        return CharacterModel(name, str(stored[f"{name}_tokens"]), weights)
