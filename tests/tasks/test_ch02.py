"""Lesson 2: the layer that a learner is given holds to what its text says."""

import numpy as np
import pytest

from rnncourse.tasks import ch02


@pytest.fixture
def given():
    """`read` and its arguments: 3 pieces or more of k steps."""
    return ch02.read_in_pieces.cases(np.random.default_rng(0))[0]


def test_a_piece_has_at_most_k_steps_and_at_least_one(given):
    read, X, h_0, k = given
    assert read(X[:, :k], h_0).shape == (len(X), k, h_0.shape[1])
    with pytest.raises(ValueError, match=rf"{k + 1} steps, wanted 1 to k = {k}"):
        read(X[:, : k + 1], h_0)
    with pytest.raises(ValueError, match="0 steps"):
        read(X[:, :0], h_0)


def test_other_axes_are_refused(given):
    read, X, h_0, k = given
    with pytest.raises(ValueError, match="X_piece has the shape"):
        read(X[:, :k].swapaxes(0, 1), h_0)
    with pytest.raises(ValueError, match="h has the shape"):
        read(X[:, :k], h_0.T)


def test_reading_in_one_go_is_told_as_what_it_is():
    verdict = ch02.read_in_pieces.grade(lambda read, X, h_0, k: read(X, h_0))
    assert "wanted 1 to k" in verdict.text("en")
