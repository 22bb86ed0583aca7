"""The data of lesson 6.5's model task: days that nobody has seen, and a baseline worth beating."""

import numpy as np
import pytest

from rnncourse.tasks import ch06_5


@pytest.fixture(scope="module")
def data():
    return ch06_5.day_ahead()


def hours_of(starts):
    """All 48 hours that each window reads or forecasts."""
    return np.unique(starts[:, None] + np.arange(-24, 24))


def test_no_hour_of_the_test_is_within_a_day_of_training(data):
    train, test = hours_of(data.start_train), hours_of(data.start_test)
    apart = np.abs(train[:, None] - test).astype(int)
    assert apart.min() > 24


def test_shapes_and_units_are_as_told(data):
    assert data.X_train.shape == (len(data.start_train), 24, 13) == (4336, 24, 13)
    assert data.X_test.shape == (len(data.start_test), 24, 13) == (1210, 24, 13)
    assert data.y_train.shape == (4336, 24)
    assert data.y_test.shape == (1210, 24)
    assert data.y_train.std() == pytest.approx(1, abs=1e-3)
    assert np.isfinite(data.X_train).all()
    assert np.isfinite(data.X_test).all()
    assert np.abs(data.X_train[:, :, :8].mean(axis=(0, 1))).max() < 0.1  # scaled by training hours


def test_a_window_is_followed_by_what_it_is_to_forecast(data):
    after = np.searchsorted(data.start_train, data.start_train + 24)
    chained = after < len(data.start_train)
    chained[chained] = data.start_train[after[chained]] == (data.start_train + 24)[chained]
    temp = data.X_train[:, :, 0]
    change = temp[after[chained]] - temp[chained, -1:]  # scaled by the spread of the temperature
    y = data.y_train[chained]
    ratio = (change * y).sum() / (y**2).sum()
    np.testing.assert_allclose(change, ratio * y, atol=1e-4)


def test_the_baseline_is_better_than_no_change_and_leaves_room(data):
    assert data.baseline < 0.7 * data.error(np.zeros_like(data.y_test))
    linear = ch06_5._linear()(*data.train)
    assert data.error(linear(data.X_test)) < 0.97 * ch06_5.BAR * data.baseline


def test_each_test_forecast_may_be_seen_from_its_first_hour_on(data):
    np.testing.assert_array_equal(data.order, data.start_test)
