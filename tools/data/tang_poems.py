"""Take the quatrains of five-character lines out of chinese-poetry, simplified.

npm pack chinese-poetry@2.0.1
pip install --no-deps opencc-python-reimplemented==0.1.7
python -m tools.data.tang_poems chinese-poetry-2.0.1.tgz
"""

import hashlib
import json
import lzma
import re
import sys
import tarfile

from rnncourse.data.tang_poems import CARD
from tools.data.package import keep

# Of all files, one after the other.
SHA256 = "3f7d2ecd229e8f4cca51255f6cc584509e2ad481f7c13cab8b02e1c656a065a0"
FILE = re.compile(r"package/dist/quantangshi/poet\.tang\.(\d+)\.json")
POEM = re.compile(r"([\u4e00-\u9fff]{5}，[\u4e00-\u9fff]{5}。){2}")

if __name__ == "__main__":
    import opencc

    convert = opencc.OpenCC("t2s").convert
    digest, poems = hashlib.sha256(), {}
    with tarfile.open(sys.argv[1]) as archive:
        found = {int(f[1]): m for m in archive.getmembers() if (f := FILE.fullmatch(m.name))}
        contents = [archive.extractfile(found[number]).read() for number in sorted(found)]
    for content in contents:
        digest.update(content)
        for poem in json.loads(content):
            text = re.sub("[？！；]", "。", convert("".join(poem["paragraphs"])))
            if POEM.fullmatch(text):
                poems[text] = None  # a dict: each once, in the order of the collection
    if digest.hexdigest() != SHA256:
        sys.exit(f"Not the files of chinese-poetry 2.0.1: {digest.hexdigest()}")
    print(f"{len(poems):,} poems")
    keep(lzma.compress("".join(f"{p}\n" for p in poems).encode("utf-8"), preset=9), CARD)
