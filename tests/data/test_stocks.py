"""Four shares: every day in order, prices that can be, splits that the adjusted close undoes."""

import numpy as np
import pytest

from rnncourse.data import stocks
from rnncourse.tasks import ch06_4

SHARES = stocks.load()


def test_there_are_four_shares_and_11958_rows():
    assert tuple(SHARES) == stocks.TICKERS
    assert {name: len(share) for name, share in SHARES.items()} == {
        "AAPL": 3270,
        "GOOG": 2148,
        "IBM": 3270,
        "MSFT": 3270,
    }
    assert all(share.ticker == name for name, share in SHARES.items())


@pytest.mark.parametrize("share", SHARES.values(), ids=lambda share: share.ticker)
def test_days_follow_each_other_and_every_price_can_be(share):
    steps = np.diff(share.date).astype(int)
    assert steps.min() == 1
    assert steps.max() <= 7  # the exchange was closed for a week in September 2001
    assert str(share.date[-1]) == "2013-03-01"
    assert set((share.date.astype(int) + 3) % 7) == {0, 1, 2, 3, 4}  # Monday to Friday
    assert (share.low > 0).all()
    assert (share.low <= share.close).all()
    assert (share.close <= share.high).all()
    assert (share.low < share.high).all()
    assert (share.volume > 0).all()
    assert (share.adjusted > 0).all()


def test_the_shares_have_their_days_in_common():
    for name in ("IBM", "MSFT"):
        assert np.array_equal(SHARES[name].date, SHARES["AAPL"].date)
    assert np.array_equal(SHARES["GOOG"].date, SHARES["AAPL"].date[-2148:])


@pytest.mark.parametrize(
    ("name", "day"), [("MSFT", "2003-02-18"), ("AAPL", "2000-06-21"), ("AAPL", "2005-02-28")]
)
def test_a_split_halves_the_close_and_not_the_adjusted_close(name, day):
    share = SHARES[name]
    at = int(np.flatnonzero(share.date == np.datetime64(day))[0])
    assert np.log(share.close[at] / share.close[at - 1]) < -0.55
    assert abs(np.log(share.adjusted[at] / share.adjusted[at - 1])) < 0.11


def test_the_adjusted_close_is_the_close_times_a_factor_that_changes_at_events_only():
    events = {}
    for name, share in SHARES.items():
        factor = share.adjusted / share.close
        events[name] = int((np.abs(np.diff(np.log(factor))) > 1e-7).sum())
    assert events == {"AAPL": 5, "GOOG": 0, "IBM": 52, "MSFT": 38}


@pytest.mark.parametrize("name", stocks.TICKERS)
def test_years_split_into_a_past_and_a_future_without_a_common_day(name):
    for first_test_year in range(2008, 2013):
        share = SHARES[name]
        past = share.date[share.year < first_test_year]
        future = share.date[share.year == first_test_year]
        assert len(past) > 500
        assert len(future) > 245
        assert past.max() < future.min()


def test_returns_add_up_to_the_whole_change():
    price = SHARES["IBM"].adjusted
    returns = stocks.log_returns(price)
    assert returns.shape == (3269,)
    assert np.isclose(returns.sum(), np.log(price[-1] / price[0]))
    both = np.stack([SHARES["IBM"].adjusted, SHARES["MSFT"].adjusted], axis=1)
    assert np.array_equal(stocks.log_returns(both)[:, 0], returns)


@pytest.mark.parametrize("hole", [np.nan, 0.0, -3.0])
def test_a_hole_in_the_prices_is_named_with_its_place_and_the_remedy(hole):
    with pytest.raises(ValueError, match=r"1 of 4 prices .* index 2: .* Leave those days out"):
        stocks.log_returns([20.0, 21.0, hole, 22.0])


def test_the_windows_of_the_exercise_end_before_its_test_begins():
    data = ch06_4.volatility_windows()
    assert data.last_training_day < data.first_test_day
    assert (data.X_train.shape, data.X_test.shape) == ((9646, 30, 4), (2008, 30, 4))
    assert np.isfinite(data.X_train).all()
    assert np.isfinite(data.y_train).all()
    # A window may reach back over the border; no target of the test occurs in the training.
    assert not set(data.y_test.ravel()) & set(data.y_train.ravel())


def test_the_four_shares_windows_of_one_day_may_be_seen_together():
    data = ch06_4.volatility_windows()
    days, windows = np.unique(data.order, return_counts=True)
    assert data.order.shape == (2008,)
    assert (days[0], days[-1]) == (np.datetime64("2011-01-03"), np.datetime64("2012-12-31"))
    assert set(windows) == {4}
