"""Daily prices of four shares, 2000 to 2013: AAPL, GOOG, IBM, MSFT. Real prices, as traded."""

import csv
import io
import lzma
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "TICKERS", "Share", "load", "log_returns"]

CARD = Card(
    title="Daily share prices of Apple, Google, IBM and Microsoft, 2000-2013",
    source="Quandl WIKI Prices, as `_data/stocks.csv.gz` in the Python package "
    "bokeh_sampledata 2026.1",
    licence="public domain (declared by the publisher, recorded in the package)",
    size="11,958 rows (3 shares from 1 March 2000, GOOG from 19 August 2004, all to 1 March "
    "2013); 115 KB compressed",
    changes="FB (196 days) and the opening prices left out; the adjusted close kept as a factor of "
    "the close, 9 digits; volume rounded to 4 digits; compressed",
    citation="Quandl WIKI Prices; bokeh_sampledata, Bokeh contributors",
    file="stocks.csv.xz",
    sha256="d31e8a93995e878e37454f28b4fa24a553f6a7b370db17e95fe6b66b6cbc1252",
    held_back=True,
)

TICKERS = ("AAPL", "GOOG", "IBM", "MSFT")


@dataclass(frozen=True)
class Share:
    """One array a column, one entry a trading day, in the order of the days.

    high, low and close are in US dollars as traded, so they jump where a share was split. For
    returns use `adjusted`: its levels know of later splits and dividends, its changes do not.
    """

    ticker: str
    date: np.ndarray  # datetime64[D]; weekends and holidays do not occur
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray  # shares traded that day
    adjusted: np.ndarray  # the close, corrected for splits and dividends

    def __len__(self):
        return len(self.date)

    @property
    def year(self):
        """The calendar year of each day, as whole numbers."""
        return self.date.astype("datetime64[Y]").astype(int) + 1970


def load():
    """{ticker: Share} of the four shares, as float64 arrays. Raises OSError for a changed file."""
    text = lzma.decompress(read_bytes(CARD)).decode("utf-8")
    rows = {ticker: [] for ticker in TICKERS}
    for ticker, *row in csv.reader(io.StringIO(text)):
        rows[ticker].append(row)
    return {ticker: _share(ticker, rows[ticker]) for ticker in TICKERS}


def log_returns(price):
    """log(price[t] / price[t - 1]) of prices (n,) or (n, shares): one entry less.

    Raises ValueError for a price that is missing or not above zero, with the place and the remedy.
    """
    price = np.asarray(price, dtype=float)
    bad = np.argwhere(~(price > 0))  # nan > 0 is False
    if len(bad):
        raise ValueError(
            f"{len(bad)} of {price.size} prices are missing or not above zero, the first at index "
            f"{', '.join(map(str, bad[0]))}: {price[tuple(bad[0])]}. A logarithm needs positive "
            "prices. Leave those days out, or put the price of the day before in their place."
        )
    return np.diff(np.log(price), axis=0)


def _share(ticker, rows):
    date, *columns = zip(*rows, strict=True)
    high, low, close, volume, factor = (np.array(column, dtype=float) for column in columns)
    days = np.array(date, dtype="datetime64[D]")
    return Share(ticker, days, high, low, close, volume, adjusted=close * factor)
