"""Take the Seattle weather out of the package it was published in.

pip install --no-deps vega_datasets==0.9.0
python -m tools.data.seattle_weather
"""

from rnncourse.data.seattle_weather import CARD
from tools.data.package import file_of, keep

if __name__ == "__main__":
    path = ("_data", "seattle-weather.csv")
    keep(file_of("vega_datasets", "0.9.0", *path, digest=CARD.sha256), CARD)
