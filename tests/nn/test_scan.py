"""The scan gives the loop's states, because joining steps is associative."""

import numpy as np
import pytest

from rnncourse.nn.scan import combine, linear_recurrence, scan


def steps(rng, *shape, dtype="float64"):
    a, b = rng.uniform(0, 1, shape), rng.normal(size=shape)
    return a.astype(dtype), b.astype(dtype)


def test_joining_steps_is_associative_but_the_order_counts():
    rng = np.random.default_rng(0)
    one, two, three = (steps(rng, 4) for _ in range(3))
    left, right = combine(combine(one, two), three), combine(one, combine(two, three))
    np.testing.assert_allclose(left, right)
    assert not np.allclose(combine(one, two), combine(two, one))


@pytest.mark.parametrize("n_steps", [1, 2, 3, 8, 9, 100])
@pytest.mark.parametrize(("dtype", "within"), [("float64", 1e-12), ("float32", 1e-5)])
def test_the_scan_equals_the_loop_at_any_length(n_steps, dtype, within):
    a, b = steps(np.random.default_rng(n_steps), 2, n_steps, 5, dtype=dtype)
    before = a.copy(), b.copy()
    H = scan(a, b)
    assert H.dtype == dtype
    np.testing.assert_allclose(H, linear_recurrence(a, b), atol=within)
    assert (a == before[0]).all()
    assert (b == before[1]).all()


def test_complex_numbers_turn_as_they_decay():
    a = np.full((1, 40, 1), 0.9 * np.exp(0.5j))
    b = np.zeros((1, 40, 1), complex)
    b[:, 0] = 1
    np.testing.assert_allclose(scan(a, b)[0, :, 0], a[0, 0, 0] ** np.arange(40), atol=1e-12)


@pytest.mark.parametrize("function", [scan, linear_recurrence])
def test_shapes_that_do_not_fit_are_refused_with_the_remedy(function):
    with pytest.raises(ValueError, match=r"\(3,\).*broadcast_to"):
        function(np.ones(3), np.ones((1, 2, 3)))


@pytest.mark.parametrize("function", [scan, linear_recurrence])
def test_whole_numbers_are_not_cut_off(function):
    a, b = np.full((1, 3, 1), 0.5), np.ones((1, 3, 1), int)
    np.testing.assert_array_equal(function(a, b)[0, :, 0], [1, 1.5, 1.75])
    np.testing.assert_array_equal(function(a.tolist(), b.tolist())[0, :, 0], [1, 1.5, 1.75])
