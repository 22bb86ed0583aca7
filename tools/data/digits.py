"""Take the handwritten digits out of the package they were published in.

pip install --no-deps scikit-learn==1.7.2
python -m tools.data.digits
"""

from rnncourse.data.digits import CARD
from tools.data.package import file_of, keep

if __name__ == "__main__":
    path = ("datasets", "data", "digits.csv.gz")
    keep(file_of("sklearn", "1.7.2", *path, digest=CARD.sha256), CARD)
