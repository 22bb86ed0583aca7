"""Take the watch recordings out of the package they were published in; make them small.

pip install --no-deps seglearn==1.2.5
python -m tools.data.watch_exercises
"""

import io
import json
import lzma

import numpy as np

from rnncourse.data.watch_exercises import CARD, EXERCISES
from tools.data.package import file_of, keep

SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"
EVERY = 4  # 50 measurements a second become 12.5

if __name__ == "__main__":
    content = file_of("seglearn", "1.2.5", "data", "watch_dataset.npy", digest=SHA256)
    told = np.load(io.BytesIO(content), allow_pickle=True).item()  # checked: it is the file we know
    assert told["y_labels"] == list(EXERCISES)
    person, y, right = told["subject"], told["y"], told["side"]
    order = np.lexsort((right, y, person))
    X = [told["X"][k] for k in order]
    X = [x[: len(x) // EVERY * EVERY].reshape(-1, EVERY, 6).mean(axis=1) for x in X]
    hundredths = np.round(100 * np.concatenate(X)).astype("<i2")
    steps = np.diff(hundredths, axis=0, prepend=0).astype("<i2")  # small numbers: a smaller file
    header = {"lengths": [len(x) for x in X], "y": y[order].tolist()}
    header |= {"person": person[order].tolist()}
    header |= {"arm": [("left", "right")[int(side)] for side in right[order]]}
    content = json.dumps(header).encode() + b"\n" + steps.T.tobytes()
    keep(lzma.compress(content, preset=9), CARD)
