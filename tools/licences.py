"""`make sync`: LICENSES-DATA.md, from the cards of all datasets.

    python -m tools.licences [--check]

The page says of each dataset where it comes from and what may be done with it, and carries the
lines of copyright and the licence texts that go with copies (licences.toml beside this module, and
`licences()` of a dataset that has its own). --check writes nothing and says whether it is stale.
"""

import argparse
import importlib
import pkgutil
import sys
import tomllib
from pathlib import Path

import rnncourse.data
from rnncourse.environment import course_folder

__all__ = ["datasets", "main", "page"]

NAME = "LICENSES-DATA.md"
KEPT = Path(__file__).with_suffix(".toml")
HEAD = """\
# Data and their licences

The code and the texts of this course are under the MIT licence ([LICENSE](LICENSE)). Most of its
data was made by others and keeps their terms. Everything below is small, travels with the course,
and was taken out of the named package by the script of the same name in `tools/data/`.

*`make sync` makes this page from the cards in `rnncourse/data/`: change the cards, not the page.*
"""
TAIL = """\
## Licence texts

CC0 is at <https://creativecommons.org/publicdomain/zero/1.0/>, CC BY 4.0 at
<https://creativecommons.org/licenses/by/4.0/>, CC BY 2.0 at
<https://creativecommons.org/licenses/by/2.0/>. The others ask to be copied in full:
"""
PARTS = {
    "others": "## Made by others",
    "ours": "## Measured or trained by this course",
    "computed": "## Computed when asked for",
}


def datasets():
    """{module's name: its Card} of every dataset of rnncourse.data."""
    names = sorted(module.name for module in pkgutil.iter_modules(rnncourse.data.__path__))
    modules = {name: importlib.import_module(f"rnncourse.data.{name}") for name in names}
    return {name: module.CARD for name, module in modules.items() if hasattr(module, "CARD")}


def part(card):
    """Which part of the page a dataset belongs to."""
    if card.file is None:
        return "computed"
    return "ours" if "as this course" in card.licence else "others"


def entry(name, card, notices):
    """The paragraph of one dataset."""
    lines = [f"### {card.title}", "", f"`rnncourse.data.{name}`", ""]
    lines += [f"- **Licence:** {card.licence}"]
    lines += [f"- {notice}" for notice in notices.get(name, [])]
    lines += [f"- **Source:** {card.source}", f"- **Size:** {card.size}"]
    lines += [f"- **Changed:** {card.changes}", f"- **Cite:** {card.citation}"]
    if card.file:
        lines += [f"- **File:** `{card.file}`, SHA-256 `{card.sha256}`"]
    return "\n".join(lines) + "\n"


def texts(names, kept):
    """The licence texts: those that many share, then those of single programs."""
    blocks = [f"### {name}\n\n```\n{text.strip()}\n```\n" for name, text in kept.items()]
    for name in names:
        own = getattr(importlib.import_module(f"rnncourse.data.{name}"), "licences", dict)()
        blocks += [
            f"### {program}, in `{name}`\n\n```\n{text.strip()}\n```\n"
            for program, text in own.items()
        ]
    return blocks


def page():
    """The text of LICENSES-DATA.md as it must be."""
    cards, kept = datasets(), tomllib.loads(KEPT.read_text("utf-8"))
    rows = ["| data | licence | file |", "|---|---|---|"]
    for card in sorted(cards.values(), key=lambda card: list(PARTS).index(part(card))):
        rows.append(f"| {card.title} | {card.licence} | {card.file or 'none'} |")
    blocks = [HEAD, "\n".join(rows) + "\n"]
    for kind, title in PARTS.items():
        chosen = {name: card for name, card in cards.items() if part(card) == kind}
        if chosen:
            blocks += [title + "\n"]
            blocks += [entry(name, card, kept["notices"]) for name, card in chosen.items()]
    return "\n".join([*blocks, TAIL, *texts(cards, kept["texts"])])


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.licences", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="write nothing, say whether stale")
    check = parser.parse_args(arguments).check
    path = course_folder() / NAME
    right = path.exists() and path.read_text("utf-8") == page()
    if not right and not check:
        path.write_text(page(), "utf-8", newline="\n")
    if not right:
        print("stale" if check else "wrote", NAME)
    return 1 if check and not right else 0


if __name__ == "__main__":
    sys.exit(main())
