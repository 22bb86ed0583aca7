"""Take the Seattle weather out of the package it was published in.

pip install vega_datasets==0.9.0
python -m rnncourse.data.make.seattle_weather
"""

import hashlib
import importlib.util
import sys
from pathlib import Path

from rnncourse.data.seattle_weather import CARD


def main():
    package = importlib.util.find_spec("vega_datasets")
    if package is None:
        sys.exit("vega_datasets is not installed: pip install vega_datasets==0.9.0")
    source = Path(package.submodule_search_locations[0], "_data", "seattle-weather.csv")
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != CARD.sha256:
        sys.exit(f"{source.name} is not the one of vega_datasets 0.9.0: install that version.")
    target = Path(__file__).parents[1] / "files" / CARD.file
    target.write_bytes(content)
    print(f"{target.name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
