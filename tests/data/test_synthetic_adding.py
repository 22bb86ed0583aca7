"""The adding problem: two marks, one a half, and their sum; and the baseline that it promises."""

import numpy as np
import pytest

from rnncourse.data import synthetic_adding


@pytest.mark.parametrize("n_steps", [2, 5, 50])
def test_two_marks_one_in_each_half_and_the_answer_is_their_sum(n_steps):
    X, y = synthetic_adding.load(np.random.default_rng(0), 200, n_steps)
    assert (X.shape, y.shape) == ((200, n_steps, 2), (200, 1))
    assert set(np.unique(X[:, :, 1])) <= {0, 1}
    assert (X[:, : n_steps // 2, 1].sum(axis=1) == 1).all()
    assert (X[:, n_steps // 2 :, 1].sum(axis=1) == 1).all()
    np.testing.assert_allclose(y, (X[:, :, 0] * X[:, :, 1]).sum(axis=1, keepdims=True))
    assert ((X[:, :, 0] >= 0) & (X[:, :, 0] < 1)).all()


def test_always_one_has_the_error_of_a_sixth():
    y = synthetic_adding.load(np.random.default_rng(1), 100_000, 10)[1]
    assert np.mean((1 - y) ** 2) == pytest.approx(1 / 6, abs=0.002)


def test_the_same_generator_gives_the_same_sequences_and_another_gives_others():
    one, again, other = (synthetic_adding.load(np.random.default_rng(s), 9, 7) for s in (3, 3, 4))
    assert (one[0] == again[0]).all()
    assert not (one[0] == other[0]).all()


def test_too_short_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="at least 2 steps"):
        synthetic_adding.load(np.random.default_rng(0), 3, 1)
