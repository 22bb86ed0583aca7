"""Every dataset: the file is the one on the card, the card is complete, the arrays are as told."""

import dataclasses
import importlib
import pkgutil

import numpy as np
import pytest

import rnncourse.data
from rnncourse.data import card, seattle_weather

NOT_DATA = {"card", "make", "resources", "series", "text"}
DATASETS = [
    importlib.import_module(f"rnncourse.data.{module.name}")
    for module in pkgutil.iter_modules(rnncourse.data.__path__)
    if module.name not in NOT_DATA
]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda module: module.__name__)
def test_a_card_is_complete_and_its_file_is_the_one_it_names(dataset):
    fields = dataclasses.asdict(dataset.CARD)
    if dataset.__name__.split(".")[-1].startswith("synthetic_"):
        assert (fields.pop("file"), fields.pop("sha256")) == (None, None)
        assert "synthetic" in dataset.CARD.describe()
    else:
        assert card.read_bytes(dataset.CARD)
    fields.pop("held_back")
    assert all(fields.values())
    assert callable(dataset.load)
    assert all(fields[name] in dataset.CARD.describe() for name in ("licence", "source"))


def test_a_changed_or_missing_file_is_refused_with_the_remedy():
    changed = dataclasses.replace(seattle_weather.CARD, sha256="0" * 64)
    with pytest.raises(OSError, match="Install rnncourse again, or restore"):
        card.read_bytes(changed)
    missing = dataclasses.replace(seattle_weather.CARD, file="absent.csv")
    with pytest.raises(OSError, match=r"absent.csv is missing"):
        card.read_bytes(missing)


def test_seattle_weather_has_every_day_of_four_years():
    weather = seattle_weather.load()
    assert len(weather) == 1461
    assert (np.diff(weather.date) == np.timedelta64(1, "D")).all()
    assert str(weather.date[0]) == "2012-01-01"
    assert (weather.temp_max >= weather.temp_min).all()
    assert (weather.precipitation >= 0).all()
    assert set(weather.weather) == {"drizzle", "fog", "rain", "snow", "sun"}
    columns = dataclasses.asdict(weather).values()
    assert all(len(column) == 1461 for column in columns)
