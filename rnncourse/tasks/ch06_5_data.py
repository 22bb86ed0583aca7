"""The data of lesson 6.5's model task: 24 hours of days that nobody has seen."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import jfk_weather, series

__all__ = ["BAR", "day_ahead"]

BAR = 0.94
DAY, YEAR = np.timedelta64(24, "h"), 365.25  # the year in days


@cache
def day_ahead():
    """JFK, 24 hours to read and 24 to forecast: days 2 to 19 of each month to learn, 25 on to test.

    Has X_train (4336, 24, 13) and X_test (1210, 24, 13), scaled with the training hours: eight
    measured columns (the temperature first), whether the pressure was missing, and the sine and
    cosine of hour and day; y_train (4336, 24) and y_test (1210, 24), how much warmer than now each
    of the next 24 hours is, in units of `spread` °C; start_train and start_test, the first of these
    hours. `train`, `error` (°C) and `baseline` (climatology moved by today's departure) are for the
    checker; `order` is start_test.
    """
    hours, raw = _measured()
    temp, missing = raw[:, 0], np.isnan(raw[:, 2])
    filled = np.stack([series.forward_fill(column) for column in raw.T], axis=1)
    day = (hours.astype("datetime64[D]") - hours.astype("datetime64[M]")).astype(int) + 1
    hour, year_day = hours.astype(int) % 24, (hours - hours[0].astype("datetime64[Y]")) / DAY
    learn, judge = (day >= 2) & (day <= 19), day >= 25
    mean, std = filled[learn].mean(axis=0), filled[learn].std(axis=0)
    calendar = np.hstack([_waves(hour, 24), _waves(year_day, YEAR)])
    inputs = np.hstack([(filled - mean) / std, missing[:, None], calendar]).astype("float32")
    return _held_out(hours, temp, inputs, _climate_inputs(hour, year_day), learn, judge)


def _measured():
    """The hours (n,) and what was measured in them (n, 8), the temperature first, nan for holes."""
    weather = jfk_weather.load()
    towards = np.deg2rad(weather.wind_dir + 180)
    columns = [
        weather.temp,
        weather.dew_point,
        weather.pressure,
        weather.wind_speed * np.sin(towards),
        weather.wind_speed * np.cos(towards),
        np.nan_to_num(weather.wind_gust),  # no report, no gust
        np.log1p(weather.precip),
        weather.visib,
    ]
    hours = series.on_grid(weather.time, weather.temp)[0]
    raw = np.stack([series.on_grid(weather.time, column)[1] for column in columns], axis=1)
    raw[hours == np.datetime64("2013-05-09T02")] = np.nan  # -10.5 °C in a night of May
    return hours, raw


def _held_out(hours, temp, inputs, climate_inputs, learn, judge):
    """What `day_ahead` returns, from what is known of each hour."""
    usable = ~np.isnan(temp)
    parts = {"train": usable & learn, "test": usable & judge}
    start = {name: series.origins(part, length=24, ahead=24) for name, part in parts.items()}
    X = {name: inputs[s[:, None] + np.arange(-24, 0)] for name, s in start.items()}
    change = {name: _change(temp, s) for name, s in start.items()}
    spread = change["train"].std()
    y = {name: (c / spread).astype("float32") for name, c in change.items()}
    known = parts["train"]
    weights = np.linalg.lstsq(climate_inputs[known], temp[known], rcond=None)[0]
    return HeldOut(
        X_train=X["train"],
        y_train=y["train"],
        train=(X["train"], y["train"]),
        X_test=X["test"],
        y_test=y["test"],
        measure=lambda y_hat, y: float(np.abs(y_hat - y).mean() * spread),
        baseline=_change(climate_inputs @ weights, start["test"]) / spread,
        order=hours[start["test"]],
        spread=float(spread),
        start_train=hours[start["train"]],
        start_test=hours[start["test"]],
    )


def _change(temp, starts):
    """How much warmer each of 24 hours from `starts` (m,) on is than the hour before, (m, 24)."""
    return temp[starts[:, None] + np.arange(24)] - temp[starts - 1][:, None]


def _waves(time, period):
    """Sine and cosine of the time (n,) as an angle that turns once in a period, (n, 2)."""
    angle = 2 * np.pi * time / period
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _climate_inputs(hour, day):
    """(n, 17): two waves a year, two a day, and these times the first wave of the year."""
    one = np.ones((len(hour), 1))
    of_year = np.hstack([one, _waves(day, YEAR), _waves(2 * day, YEAR)])
    of_day = np.hstack([_waves(hour, 24), _waves(2 * hour, 24)])
    products = of_day[:, :, None] * of_year[:, None, :3]
    return np.hstack([of_year, products.reshape(len(hour), -1)])
