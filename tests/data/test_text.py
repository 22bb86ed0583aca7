"""Tokens, vocabulary and padding, as lessons on text use them."""

import numpy as np
import pytest

from rnncourse.data.text import PADDING, UNKNOWN, Vocabulary, every_fifth, pad, words


def test_words_keep_apostrophes_and_set_marks_apart():
    assert words("It isn't GOOD, is it?") == ["it", "isn't", "good", ",", "is", "it", "?"]
    assert words("C'est l’été…") == ["c'est", "l’été", "…"]


def test_indices_follow_frequency_and_ties_the_token():
    vocabulary = Vocabulary(["abcb", "cab", "b"])
    assert vocabulary.tokens[2:] == ["b", "a", "c"]
    assert vocabulary.encode("abx") == [3, 2, UNKNOWN]
    assert vocabulary.decode([3, 2, UNKNOWN, PADDING]) == ["a", "b", "�"]
    assert len(vocabulary) == 5
    assert "a" in vocabulary
    assert "x" not in vocabulary


def test_rare_tokens_can_be_left_out():
    texts = [words("a good film"), words("a bad film"), words("a film")]
    assert Vocabulary(texts, least=2).tokens[2:] == ["a", "film"]
    assert Vocabulary(texts, most=1).tokens[2:] == ["a"]
    with pytest.raises(ValueError, match="No token occurs 9 times"):
        Vocabulary(texts, least=9)


def test_padding_stands_behind_and_long_texts_are_cut():
    np.testing.assert_array_equal(pad([[5, 6], [7]]), [[5, 6], [7, 0]])
    np.testing.assert_array_equal(pad([[5, 6, 7], [8]], 2), [[5, 6], [8, 0]])
    assert pad([[5]], 4).shape == (1, 4)
    assert pad([[5]]).dtype == np.int32


@pytest.mark.parametrize(
    ("sequences", "says"), [([[1], []], "Text 1 is empty"), ([], "There is no text")]
)
def test_an_empty_text_is_named(sequences, says):
    with pytest.raises(ValueError, match=says):
        pad(sequences)


def test_blocks_stay_on_one_side():
    is_test = every_fifth(100, 4)
    assert is_test.sum() == 20
    assert is_test[16:20].all()
    assert not is_test[:16].any()
