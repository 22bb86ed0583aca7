"""The pictures of a translator: every token is in them, weights become shades."""

import numpy as np
import pytest

from rnncourse.plots import alignment, alignment_table, encoder_decoder, figure, show


def written_in(ax):
    return [text.get_text() for text in ax.texts]


def test_the_decoder_is_fed_its_target_one_step_late():
    ax = encoder_decoder(["a", "b"], ["x", "y"], title="Two halves", looks=[(0, 1)])
    found = written_in(ax)
    assert found == ["a", "b", "<s>", "x", "x", "y", "y", "</s>", "encoder", "decoder"]
    assert ax.get_title(loc="left") or ax.get_title()


def test_an_alignment_has_a_row_a_written_token():
    alpha = np.array([[0.9, 0.1, 0.0], [0.0, 0.2, 0.8]])
    ax = alignment(alpha, ["a", " ", "b"], ["x", "y"], title="Where it looks")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "y"]
    assert np.array_equal(ax.images[0].get_array(), alpha)
    into = figure()[1]
    assert alignment(alpha, ["a", "b", "c"], ["x", "y"], title="", ax=into) is into
    show(ax, alt="Two rows.")


def test_an_alignment_table_escapes_its_tokens_and_leaves_small_weights_blank():
    table = alignment_table([[0.96, 0.04]], ["<s>", "猫"], ["只"], caption="a & b")
    assert "&lt;s&gt;" in table
    assert "a &amp; b" in table
    assert ">1.0</td>" in table
    assert "></td>" in table
    with pytest.raises(ValueError, match="shorter"):
        alignment_table([[0.9, 0.1]], ["a", "b"], ["x", "y"], caption="")
