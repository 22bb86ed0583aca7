"""The datasets of lesson 6.1: what they hold, and that no test text stands in a training part."""

import numpy as np
import pytest

from rnncourse.data import (
    chinese_reviews,
    chinese_words,
    english_reviews,
    surnames,
    synthetic_negation,
    tang_poems,
)
from tools.data.package import bare

DATASETS = {
    "films": (english_reviews.load, 9021),
    "products": (lambda: english_reviews.load("product"), 2367),
    "chinese reviews": (chinese_reviews.load, 10509),
    "chinese words": (chinese_words.load, 25887),
    "surnames": (surnames.load, 6808),
}


@pytest.mark.parametrize("name", DATASETS)
def test_no_test_text_stands_in_the_training_part(name):
    load, n = DATASETS[name]
    data = load()
    (train, y), (test, y_test) = data.train, data.test
    assert len(data) == n == len(train) + len(test)
    assert not {bare(text) for text in train} & {bare(text) for text in test}
    assert len({bare(text) for text in data.text}) == n
    assert 0.15 < len(test) / n < 0.25
    assert set(y) == set(y_test) == set(range(len(data.names)))
    assert all(text and text == text.strip() for text in data.text)


def test_labels_are_those_of_the_sources():
    films, words = english_reviews.load(), chinese_words.load()
    assert films.names[films.label[list(films.text).index("An enthralling, playful film that "
        "constantly frustrates our desire to know the 'truth' about this man, while "
        "deconstructing the very format of the biography in a manner that Derrida would doubtless "
        "give his blessing to.")]] == "positive"  # fmt: skip
    assert words.names[words.label[list(words.text).index("引以为荣")]] == "idiom"
    names = surnames.load()
    assert names.names[names.label[list(names.text).index("Konings")]] == "Dutch"


def test_sources_are_apart_and_an_unknown_one_is_named():
    film, product = (set(english_reviews.load(s).text) for s in ("film", "product"))
    assert not film & product
    with pytest.raises(ValueError, match="choose 'film' or 'product'"):
        english_reviews.load("hotel")


def test_every_poem_has_four_lines_of_five_simplified_characters():
    poems, is_test = tang_poems.load()
    assert len(poems) == 3666
    assert all([len(line) for line in poem.replace("。", "，").split("，")] == [5, 5, 5, 5, 0]
               for poem in poems)  # fmt: skip
    assert not set(poems[is_test]) & set(poems[~is_test])
    assert any("处处闻啼鸟" in poem for poem in poems)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pairs_differ_by_a_negation_only(lang):
    pairs = synthetic_negation.load(lang)
    assert len(pairs) == 30
    assert sum(pair.label for pair in pairs) == 15
    signs = {"en": ("not ", "never "), "zh": ("不",)}[lang]
    for pair in pairs:
        assert any(sign in pair.negated for sign in signs)
        assert not any(sign in pair.plain for sign in signs)
    assert "synthetic" in synthetic_negation.CARD.describe()


def test_a_language_without_pairs_is_named():
    with pytest.raises(ValueError, match="choose 'en' or 'zh'"):
        synthetic_negation.load("fr")


def test_the_classes_are_not_lopsided_beyond_what_the_lesson_says():
    for load, _ in DATASETS.values():
        counts = np.bincount(load().label)
        assert counts.max() < 3 * counts.min()
