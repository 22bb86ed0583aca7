"""The data of lesson 5's model task: fourteen days of weather, and the day that follows."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import seattle_weather

__all__ = ["BAR", "weather_windows"]

BAR = 0.98  # of the error of persistence


@cache
def weather_windows():
    """Two weeks of Seattle's scaled maxima and the day after: 2012 to 2014 to learn, 2015 to test.

    Has X_train (1082, 14, 1), y_train (1082, 1), X_test (365, 14, 1), y_test, mean and std, all
    scaled with the numbers of 2012 to 2014; `train`, `error` and `baseline` are for the checker.
    An error is a mean absolute error in °C; the baseline is persistence.
    """
    weather = seattle_weather.load()
    start = int(np.searchsorted(weather.date, np.datetime64("2015-01-01")))
    past = weather.temp_max[:start]
    mean, std = past.mean(), past.std()
    scaled = ((weather.temp_max - mean) / std).astype("float32")
    X_train, y_train = _windows(scaled[:start], 14)
    X_test, y_test = _windows(scaled[start - 14 :], 14)
    return HeldOut(
        train=(X_train, y_train),
        X_test=X_test,
        y_test=y_test,
        measure=lambda y_hat, y: float(np.abs(y_hat - y).mean() * std),
        baseline=X_test[:, -1],
        order=np.arange(len(y_test)),  # the day: each window holds the targets of the days before
        X_train=X_train,
        y_train=y_train,
        mean=mean,
        std=std,
    )


def _windows(series, length):
    """(X (n, length, 1), y (n, 1)): every window of a series and the value that follows it."""
    days = np.arange(length, len(series))[:, None]
    return series[days + np.arange(-length, 0)][..., None], series[days]
