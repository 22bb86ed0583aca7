"""Random arguments have random sizes, and no two of a case are equal."""

import numpy as np

from rnncourse.checking.cases import normal, sizes


def test_all_sizes_differ_and_each_is_drawn():
    drawn = [sizes(np.random.default_rng(seed), 3, 2, 5) for seed in range(50)]
    assert all(len(set(one)) == 3 for one in drawn)
    assert {size for one in drawn for size in one} == {2, 3, 4, 5}
    assert all(type(size) is int for size in drawn[0])  # a learner's loop may need an int


def test_there_is_one_array_per_shape():
    arrays = normal(np.random.default_rng(0), (2, 3), (4,))
    assert [array.shape for array in arrays] == [(2, 3), (4,)]
