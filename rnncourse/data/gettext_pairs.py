"""Real sentence pairs, English to Chinese and English to French: what five programs say.

Programs keep their sentences in catalogues, one English sentence and its translation an entry,
written by people. The corpus is split by the English sentence, so that none of the test part was
seen in training, and one whole program, Wagtail, is kept aside as well.
"""

import json
import lzma
import re
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "LANGUAGES", "Pairs", "join", "licences", "load", "tokens"]

CARD = Card(
    title="Sentence pairs of five programs, English to Chinese and to French",
    source="the .mo catalogues in the Python packages Django 5.2.19, jupyterlab-language-pack-zh-CN"
    " and -fr-FR 4.5.post3, indico 3.2.9, spyder 6.1.8 and wagtail 8.0.1",
    licence="BSD-3-Clause (Django, JupyterLab, Wagtail), MIT (Indico, Spyder); see licences()",
    size="6,294 pairs in Chinese, 6,805 in French; 166 KB compressed",
    changes="kept: 2 to 10 English and at most 16 translated tokens, no markup or placeholder, the "
    "first of entries that differ in capitals or punctuation only",
    citation="Django Software Foundation; Project Jupyter; CERN; Spyder Project; Torchbox",
    file="gettext_pairs.json.xz",
    sha256="6c2482e72080a728bceb9e96d4ae7581b108830c85045366eed3527d1d17dbc2",
)

LANGUAGES = ("zh", "fr")
UNSEEN = "wagtail"  # the program of which training sees nothing
TOKEN = re.compile(r"[^\W\u3400-\u9fff_]+'?|\S")  # a word with its apostrophe, or one character


@dataclass(frozen=True)
class Pairs:
    """One entry a pair."""

    source: np.ndarray  # (n,) of str, English
    target: np.ndarray  # (n,) of str
    program: np.ndarray  # (n,) of str: django, jupyterlab, indico, spyder or wagtail
    part: np.ndarray  # (n,) of str: train, test, or unseen (a program not in train)

    def __len__(self):
        return len(self.source)

    def only(self, part):
        """The sources and the targets of one part, two lists of str."""
        inside = self.part == part
        return self.source[inside].tolist(), self.target[inside].tolist()


def load(language="zh"):
    """The Pairs of English and "zh" or "fr". OSError if the file was changed."""
    if language not in LANGUAGES:
        raise ValueError(f"There are pairs for {' and '.join(LANGUAGES)}, not for {language!r}.")
    column = {"zh": 3, "fr": 4}[language]
    rows = [row for row in _content()["rows"] if row[column]]
    program, part, source = (np.array(values) for values in list(zip(*rows, strict=True))[:3])
    return Pairs(source, np.array([row[column] for row in rows]), program, part)


def licences():
    """{program: the text of its licence}."""
    return _content()["licences"]


def _content():
    return json.loads(lzma.decompress(read_bytes(CARD)))


def tokens(text):
    """A sentence in lower case as words, marks, and Chinese characters one by one.

    Raises ValueError for a text without any.
    """
    found = TOKEN.findall(text.lower().replace("’", "'"))
    if not found:
        raise ValueError(f"There is no word in {text!r}: leave out empty sentences.")
    return found


def join(parts, language):
    """Tokens back to one string: Chinese without spaces, French with."""
    return "".join(parts) if language == "zh" else " ".join(parts).replace("' ", "'")
