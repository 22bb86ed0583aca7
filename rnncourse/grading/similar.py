"""Which submissions resemble each other more than the task explains: a hint, never a verdict.

Code is compared without names, texts, numbers and comments, in overlapping pieces of tokens; what
a tenth of the class shares (the starter code, the one way to write it) counts for nothing.
"""

import io
import keyword
import tokenize
from collections import Counter, defaultdict
from itertools import combinations

__all__ = ["fingerprint", "pairs"]

PIECE = 9  # tokens
FEWEST = 12  # pieces of one's own before a comparison says anything


def fingerprint(sources):
    """The set of hashed pieces of a notebook's code cells; cells that do not parse are skipped."""
    found = set()
    for source in sources:
        words = _words(source)
        found.update(tuple(words[i : i + PIECE]) for i in range(len(words) - PIECE + 1))
    return found


def _words(source):
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                words.append(token.string if keyword.iskeyword(token.string) else "n")
            elif token.type == tokenize.OP:
                words.append(token.string)
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                words.append("v")
    except (tokenize.TokenError, SyntaxError, UnicodeEncodeError):  # the last: half a character
        pass
    return words


def pairs(prints, share=0.7):
    """[(share, one, other)] of {name: fingerprint} that have `share` of their own pieces in common.

    Only pieces that at most a tenth of the class (and at least two) has are looked at, so that the
    work grows with what is rare and shared, not with the square of the class.
    """
    count = Counter(piece for own in prints.values() for piece in own)
    most = max(2, len(prints) // 10)
    rare = {name: {p for p in own if count[p] <= most} for name, own in prints.items()}
    owners = defaultdict(list)
    for name, own in rare.items():
        for piece in own:
            owners[piece].append(name)
    common = Counter()
    for names in owners.values():
        common.update(combinations(sorted(names), 2))
    found = []
    for (one, other), n in common.items():
        small = min(len(rare[one]), len(rare[other]))
        if small >= FEWEST and n / small >= share:
            found.append((n / small, one, other))
    return sorted(found, reverse=True)
