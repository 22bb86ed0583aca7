"""Hamlet: the text is whole, and every word knows its act and its speaker."""

import numpy as np

from rnncourse.data import hamlet


def test_the_text_is_the_whole_play():
    text = hamlet.load()
    assert len(text) == 175_176
    assert "To be, or not to be: that is the question:" in text


def test_words_belong_to_the_name_above_them():
    words = hamlet.words()
    assert set(words.act) == {1, 2, 3, 4, 5}
    assert (np.diff(words.act) >= 0).all()
    assert (words.word[words.is_name] == words.speaker[words.is_name]).all()
    (at,) = (i for i in range(len(words)) if " ".join(words.word[i : i + 4]) == "to be or not")
    assert (words.speaker[at], words.act[at]) == ("HAMLET", 3)


def test_a_name_inside_a_speech_is_a_word_like_any_other():
    words = hamlet.words()
    spoken = (words.word == "hamlet") & ~words.is_name
    assert spoken.sum() > 50
    assert (words.speaker[spoken] != "").mean() > 0.9
