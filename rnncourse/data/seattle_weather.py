"""Daily weather in Seattle, 2012 to 2015: 1,461 days without a gap. Real measurements."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "Weather", "load"]

CARD = Card(
    title="Seattle weather, daily, 2012-2015",
    source="NOAA, as `seattle-weather.csv` in the Python package vega_datasets 0.9.0",
    licence="public domain (NOAA)",
    size="1,461 days; 48 KB",
    changes="none: the file is byte for byte the package's",
    citation="National Centers for Environmental Information (NOAA); vega_datasets, J. VanderPlas",
    file="seattle_weather.csv",
    sha256="62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b",
    held_back=True,
)


@dataclass(frozen=True)
class Weather:
    """One array a column, one entry a day, in the order of the days."""

    date: np.ndarray  # datetime64[D]
    precipitation: np.ndarray  # mm
    temp_max: np.ndarray  # °C
    temp_min: np.ndarray  # °C
    wind: np.ndarray  # m/s, daily mean
    weather: np.ndarray  # drizzle, fog, rain, snow or sun

    def __len__(self):
        return len(self.date)


def load():
    """The Weather of all 1,461 days, as float64 arrays. Raises OSError if the file was changed."""
    rows = list(csv.DictReader(io.StringIO(read_bytes(CARD).decode("utf-8"))))
    numbers = {
        name: np.array([float(row[name]) for row in rows])
        for name in ("precipitation", "temp_max", "temp_min", "wind")
    }
    date = np.array([row["date"].replace("/", "-") for row in rows], dtype="datetime64[D]")
    return Weather(date=date, weather=np.array([row["weather"] for row in rows]), **numbers)
