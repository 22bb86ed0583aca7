"""Take four shares out of the package they were published in, and compress them.

pip install --no-deps bokeh_sampledata==2026.1
python -m tools.data.stocks
"""

import csv
import gzip
import io
import lzma

from rnncourse.data.stocks import CARD, TICKERS
from tools.data.package import file_of, keep

SHA256 = "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"


def line(row):
    """ticker, date, high, low, close, volume, adjusted close over close.

    The factor changes with a split or a dividend alone, so it takes next to no room.
    """
    factor = float(row["Adj Close"]) / float(row["Close"])
    volume = round(float(row["Volume"]), 4 - len(row["Volume"]))  # whole numbers: 4 digits stay
    prices = (row["High"], row["Low"], row["Close"])
    return ",".join((row["Ticker"], row["Date"], *prices, f"{volume:.0f}", f"{factor:.9g}"))


if __name__ == "__main__":
    packed = file_of("bokeh_sampledata", "2026.1", "_data", "stocks.csv.gz", digest=SHA256)
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    lines = [line(row) for row in rows if row["Ticker"] in TICKERS]
    keep(lzma.compress("\n".join(lines).encode("utf-8"), preset=9), CARD)
