"""Take lists of surnames out of Faker, by reading its source.

pip install --no-deps Faker==40.54.0
python -m tools.data.surnames
"""

import ast
import lzma
import random
from collections import Counter

from rnncourse.data.surnames import CARD, LOCALES
from tools.data.package import bare, file_of, keep

SHA256 = {
    "hr_HR": "723e1e6c5a4e1be414229c9b8c31bbb2f165af017ce13788c4148a34f6ca6007",
    "nl_NL": "054ba4b04f4d9c40c58315c689d5b3c2f9a529de136678672bf240ef5924a4aa",
    "en_GB": "bf9f2e9160c0a7aa6981d39e8c56aec3a1ac262431b3e95d619a21bb0d62aabe",
    "fi_FI": "70ef5044d206618fc109bc83af960a4a64bac17de2c8eb92324fdb4de2408d4f",
    "fr_FR": "157a646f0d6b68eae1a785c9bb9b2e225e1af4854f96c7281264bacf2876bee7",
    "de_DE": "42e20fb0daf2ccd4210fedfc94cb6274410cc2e04a8021f5f53ad178b24ed602",
    "ga_IE": "fb888cbbb8186b9b93adb3f4c7a43ece40d137f3102a6a5195dd5db55bdac15f",
    "it_IT": "ad7684dc9255ba5de7549158eafb22cb2f19029584d4bd6c2b7e89e7726a0717",
    "sk_SK": "c442f10dea7b3ee41400cdfda3e053971592a2bc9c725faf16abdd907e48deef",
    "es_ES": "f37eb83dad277784785de028cc5971c24976f643bf20b695507a0cb8c49b3b40",
    "sv_SE": "46789170256d15f145de3fb6474fb7b51be0c99ba184fc922d2dffb13ec274e8",
}
LISTS = {"last_names", "last_names_male", "last_names_female"}
MOST = 800  # names of one language


def surnames(locale):
    """The surnames that the provider of a locale lists."""
    path = ("providers", "person", locale, "__init__.py")
    source = file_of("faker", "40.54.0", *path, digest=SHA256[locale])
    found = set()
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(getattr(target, "id", None) in LISTS for target in targets):
            strings = (n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant))
            found |= {s.strip() for s in strings if isinstance(s, str)}
    return {name for name in found if name and "-" not in name}


if __name__ == "__main__":
    lists = {language: surnames(locale) for language, locale in LOCALES.items()}
    times = Counter(key for names in lists.values() for key in {bare(name) for name in names})
    dice, rows = random.Random(0), []
    for language, names in lists.items():
        once = {bare(name): name for name in sorted(names) if times[bare(name)] == 1}
        kept = sorted(once.values())
        kept = dice.sample(kept, min(MOST, len(kept)))
        print(f"{language}: {len(kept):,} of {len(names):,}")
        rows += [f"{language}\t{name}\n" for name in kept]
    dice.shuffle(rows)
    keep(lzma.compress("".join(rows).encode("utf-8"), preset=9), CARD)
