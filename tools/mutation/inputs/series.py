"""Inputs for lessons 5, 6.4 and 6.5: forecasts of series."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import marks, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


@_for("ch05.make_windows")
def _make_windows(rng):
    length = size(rng)
    return real(rng, length + size(rng)), length


@_for("ch05.split_and_scale")
def _split_and_scale(rng):
    n_train, n_validation = size(rng, 2, 9), size(rng)
    n = n_train + n_validation + size(rng)
    return rng.normal(rng.integers(-9, 10), 3, size=n), n_train, n_validation


@_for("ch05.baseline_mae")
def _baseline_mae(rng):
    period = size(rng)
    start = period + size(rng, 0, 4)
    return real(rng, start + size(rng, 1, 8)), start, period


@_for("ch05.forecast")
def _forecast(rng):
    n = size(rng)
    weights = rng.normal(size=n)

    def predict_one(window):
        if np.shape(window) != (n,):
            raise ValueError(f"a window has {n} days")
        return float(np.tanh(weights @ window))

    return predict_one, rng.normal(size=n), size(rng, 1, 7)


def _price(rng, n):
    return float(rng.choice([1, 90])) * np.exp(np.cumsum(rng.normal(0, 0.1, size=n)))


@_for("ch06_4.skill")
def _skill(rng):
    price = _price(rng, size(rng, 2, 9))
    return price[1:] + rng.normal(size=len(price) - 1) * rng.choice([0, 0.1, 2]), price


@_for("ch06_4.examples")
def _examples(rng):
    length = size(rng)
    n_train = length + size(rng, 2, 8)
    return rng.normal(rng.integers(-2, 3), 2, size=n_train + size(rng)), length, n_train


@_for("ch06_4.walk_forward")
def _walk_forward(rng):
    n_first, n_test = size(rng, 1, 12), size(rng)
    n = n_first + n_test * size(rng, 1, 4) + int(rng.integers(n_test))
    return n, n_first, n_test, size(rng, 0, n_first)


@_for("ch06_4.hit_interval")
def _hit_interval(rng):
    return (marks(rng, size(rng, 1, 30)).astype(float),)


@_for("ch06_4.realised_volatility")
def _realised_volatility(rng):
    horizon = size(rng)
    return _price(rng, horizon + size(rng)), horizon


@_for("ch06_5.calendar_features")
def _calendar_features(rng):
    n = size(rng, 1, 9)
    return rng.integers(0, 24, size=n), rng.integers(1, 367, size=n)


def _with_holes(rng, n):
    series = real(rng, n)
    series[marks(rng, n)] = np.nan
    return series


@_for("ch06_5.forward_fill")
def _forward_fill(rng):
    series = _with_holes(rng, size(rng, 1, 9))
    series[0] = rng.normal()
    return (series,)


@_for("ch06_5.windows_ahead")
def _windows_ahead(rng):
    length, ahead = size(rng), size(rng)
    series = _with_holes(rng, length + ahead + size(rng, 0, 9))
    at = rng.integers(len(series) - length - ahead + 1)
    series[at : at + length + ahead] = rng.normal(size=length + ahead)  # one window at least
    return series, length, ahead


@_for("ch06_5.seasonal_naive")
def _seasonal_naive(rng):
    period, ahead = size(rng), size(rng, 1, 9)
    start = period + size(rng, 0, 4)
    return real(rng, start + ahead + size(rng, 0, 3)), start, ahead, period


@_for("ch06_5.pinball_loss")
def _pinball_loss(rng):
    n = size(rng, 1, 8)
    return real(rng, n), real(rng, n), float(rng.choice([0.05, 0.3, 0.5, 0.9]))


@_for("ch06_5.coverage_and_score")
def _coverage_and_score(rng):
    n = size(rng, 1, 8)
    low = rng.integers(-3, 3, size=n).astype(float)
    high = low + rng.integers(0, 4, size=n)
    return rng.integers(-4, 7, size=n).astype(float), low, high, float(rng.choice([0.05, 0.2, 0.5]))
