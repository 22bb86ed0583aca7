"""`python -m tools.translations [--strict]`: what the Chinese sentences lack, or have wrong.

A sentence without a translation is only listed, because the course says it in English until there
is one; a release needs them all, so --strict fails there too. The rest fails always: a Chinese code
that English does not have, other placeholders, another number of hints, no Chinese in the text,
and half-width punctuation between Chinese characters.
"""

import argparse
import re
import string
import sys
import tomllib
from pathlib import Path

import rnncourse

__all__ = ["compare", "faults", "main"]

PACKAGE = Path(rnncourse.__file__).parent
MISSING = "is not translated"
CHINESE = r"[\u4e00-\u9fff]"
# The comma of a shape is another: (样本数, 特征) has a space after it, (单元,) a bracket.
HALF_WIDTH = re.compile(rf"{CHINESE}[,:;!?](?![ )）])|[,:;!?]{CHINESE}|{CHINESE}\.(?!\w)")
FULL_WIDTH = str.maketrans("，：；。（）", ",:;.()")


def flatten(table, prefix=""):
    """{dotted code: [templates]} of nested tables; a list of hints counts as its templates."""
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value if isinstance(value, list) else [value]
    return flat


def fields(template):
    """The names of the placeholders of one template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def same_anyway(english, chinese):
    """Whether there is nothing to translate: hardly a word, or the same line of code."""
    if not re.search("[A-Za-z]{3}", re.sub(r"\{.*?\}", "", english)):
        return True
    texts = [re.sub(r"\s|\.$", "", text.translate(FULL_WIDTH)) for text in (english, chinese)]
    return texts[0] == texts[1] and re.search(r"[=*/\[(]", english) is not None


def compare(english, chinese):
    """(code, what is wrong) of the Chinese templates, both as `flatten` gives them."""
    for code in english.keys() - chinese.keys():
        yield code, MISSING
    for code in chinese.keys() - english.keys():
        yield code, "is not in the English file"
    for code in english.keys() & chinese.keys():
        if list(map(fields, english[code])) != list(map(fields, chinese[code])):
            yield code, "has other placeholders, or another number of hints, than in English"
        for one, other in zip(english[code], chinese[code], strict=False):
            if not re.search(CHINESE, other) and not same_anyway(one, other):
                yield code, f"has no Chinese: {other}"
            for found in HALF_WIDTH.findall(other):
                yield code, f"needs full-width punctuation: {found}"


def faults():
    """(file, code, what is wrong) of every Chinese sentence of the package, sorted."""
    english, chinese = ({*PACKAGE.rglob(f"*.{lang}.toml")} for lang in ("en", "zh"))
    stems = {str(path).rsplit(".", 2)[0] for path in english | chinese}
    found = []
    for stem in stems:
        pair = [Path(f"{stem}.{lang}.toml") for lang in ("en", "zh")]
        texts = [path.read_text("utf-8") if path.exists() else "" for path in pair]
        name = pair[1].relative_to(PACKAGE.parent).as_posix()
        tables = (flatten(tomllib.loads(text)) for text in texts)
        found += [(name, code, what) for code, what in compare(*tables)]
    return sorted(found)


def main(arguments=None):
    """Print the faults; 1 where one must not stay."""
    parser = argparse.ArgumentParser(prog="python -m tools.translations", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--strict", action="store_true", help="a missing translation fails too")
    strict = parser.parse_args(arguments).strict
    found = faults()
    for file, code, what in found:
        print(f"{file}: {code} {what}")
    return 1 if any(strict or what != MISSING for _, _, what in found) else 0


if __name__ == "__main__":
    sys.exit(main())
