"""JFK's hours: in order, in metric units, and nothing filled in."""

import dataclasses

import numpy as np
import pytest

from rnncourse.data import jfk_weather

HOUR = np.timedelta64(1, "h")


@pytest.fixture(scope="module")
def weather():
    return jfk_weather.load()


def test_hours_are_in_order_and_their_gaps_are_left(weather):
    step = np.diff(weather.time)
    assert len(weather) == 8706
    assert (step >= HOUR).all()
    assert (step > HOUR).sum() == 14
    assert (step - HOUR).sum() == 24 * HOUR  # hours without a record
    assert (str(weather.time[0]), str(weather.time[-1])) == ("2013-01-01T06", "2013-12-30T23")


def test_every_column_has_an_entry_an_hour(weather):
    columns = dataclasses.asdict(weather)
    assert {len(column) for column in columns.values()} == {8706}
    assert all(columns[name].dtype == float for name in columns if name != "time")


def test_what_is_missing_is_nan(weather):
    missing = {
        name: int(np.isnan(column).sum())
        for name, column in dataclasses.asdict(weather).items()
        if name != "time"
    }
    expected = {"pressure": 831, "wind_gust": 7199, "wind_dir": 51, "wind_speed": 3}
    assert {name: n for name, n in missing.items() if n} == expected


def test_one_night_of_may_is_impossible_and_was_left(weather):
    at = np.searchsorted(weather.time, np.datetime64("2013-05-09T02"))
    assert weather.temp[at] < -10 < 13 < weather.temp[at - 1]


def test_units_are_metric(weather):
    within = {
        "temp": (-12, 37),
        "dew_point": (-24, 26),
        "humidity": (15, 100),
        "wind_dir": (0, 360),
        "wind_speed": (0, 20),
        "wind_gust": (7, 30),
        "precip": (0, 17),
        "pressure": (985, 1043),
        "visib": (0, 16.1),
    }
    for name, (low, high) in within.items():
        column = getattr(weather, name)
        assert low <= np.nanmin(column) <= np.nanmax(column) <= high, name
    hours = weather.time.astype(int) % 24
    by_hour = [weather.temp[hours == hour].mean() for hour in range(24)]
    assert np.argmax(by_hour) in (17, 18, 19)  # early afternoon in New York, in UTC


def test_humidity_follows_from_temperature_and_dew_point(weather):
    def vapour_pressure(t):  # hPa, Magnus's formula over water
        return 6.112 * np.exp(17.62 * t / (243.12 + t))

    relative = 100 * vapour_pressure(weather.dew_point) / vapour_pressure(weather.temp)
    off = np.abs(relative - weather.humidity)
    assert np.median(off) < 0.1
    assert (off > 1).mean() < 0.05  # extra reports round the temperature to whole degrees
