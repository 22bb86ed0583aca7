"""Selective copying: the answer is what is marked, in order; and the two baselines' accuracies."""

import numpy as np
import pytest

from rnncourse.data import synthetic_selective_copy as selective


@pytest.mark.parametrize(("n_steps", "n_marks", "n_symbols"), [(32, 3, 6), (3, 3, 2), (9, 1, 4)])
def test_the_answer_is_the_marked_symbols_in_their_order(n_steps, n_marks, n_symbols):
    X, y = selective.load(np.random.default_rng(0), 50, n_steps, n_marks, n_symbols)
    assert (X.shape, y.shape) == ((50, n_steps, n_symbols + 1), (50, n_marks))
    assert (X[:, :, :-1].sum(axis=2) == 1).all()
    assert (X[:, :, -1].sum(axis=1) == n_marks).all()
    for sequence, answer in zip(X, y, strict=True):
        at = np.flatnonzero(sequence[:, -1])
        assert (sequence[at, :-1].argmax(axis=1) == answer).all()


def test_the_best_answer_without_order_is_right_in_the_share_that_is_promised():
    y = selective.load(np.random.default_rng(1), 20_000, 5)[1]
    most_frequent = [np.bincount(answer).argmax() for answer in y]
    share = np.mean(y == np.array(most_frequent)[:, None])
    assert share == pytest.approx(selective.best_without_order(), abs=0.01)
    assert selective.best_without_order(1, 4) == 1


def test_the_same_generator_gives_the_same_sequences_and_another_gives_others():
    one, again, other = (selective.load(np.random.default_rng(s), 9, 7) for s in (3, 3, 4))
    assert (one[0] == again[0]).all()
    assert not (one[0] == other[0]).all()


def test_too_short_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="at least 3 steps"):
        selective.load(np.random.default_rng(0), 3, 2)
