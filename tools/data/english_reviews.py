"""Take rated sentences from film and product reviews out of vaderSentiment's source archive.

pip download --no-deps --no-binary vaderSentiment vaderSentiment==3.3.2
python -m tools.data.english_reviews vaderSentiment-3.3.2.tar.gz
"""

import io
import lzma
import sys
import tarfile
from pathlib import Path

from rnncourse.data.english_reviews import CARD
from tools.data.package import bare, keep, sha256

SHA256 = "d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa"  # of the inner archive
INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
FILES = {"film": "movieReviewSnippets", "product": "amazonReviewSnippets"}


def sentences(archive, kind):
    """(kind, rating, text) of each clearly rated sentence, the first of those that repeat."""
    name = f"hutto_ICWSM_2014/{FILES[kind]}_GroundTruth.txt"
    seen = set()
    for line in archive.extractfile(name).read().decode("utf-8").splitlines():
        _, rating, text = line.split("\t")
        text = " ".join(text.replace("''", '"').split())
        if abs(float(rating)) > 1 and bare(text) not in seen:
            seen.add(bare(text))
            yield kind, f"{float(rating):.2f}", text


if __name__ == "__main__":
    with tarfile.open(Path(sys.argv[1])) as outer:
        content = outer.extractfile(INNER).read()
    if sha256(content) != SHA256:
        sys.exit(f"{INNER} is not the one of vaderSentiment 3.3.2: {sha256(content)}")
    with tarfile.open(fileobj=io.BytesIO(content)) as inner:
        rows = [row for kind in FILES for row in sentences(inner, kind)]
    print({kind: sum(row[0] == kind for row in rows) for kind in FILES})
    text = "".join("\t".join(row) + "\n" for row in rows)
    keep(lzma.compress(text.encode("utf-8"), preset=9), CARD)
