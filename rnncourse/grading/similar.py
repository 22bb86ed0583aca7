"""Which submissions resemble each other more than the task explains: a hint, never a verdict.

Code is cut into overlapping pieces of tokens, without texts, numbers and comments, in two ways.
Without names, a few people share what hardly anybody else has: a copy with other names. With names
and numbers, any number share nearly all they wrote: a copy as it is, however many have it. What
nearly the whole class has is the starter code, and counts for nothing.
"""

import hashlib
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

__all__ = ["fingerprint", "groups", "pairs", "prints"]

PIECE = 9  # tokens
FEWEST = 12  # pieces of one's own before a comparison says anything
MOST_SHARE = 0.8  # of the class: what more have is starter code
NAMED_FEWEST, NAMED_SHARE = 60, 0.9  # of pieces with names
LIMIT = 60  # owners of a piece that lead from one to the other


def prints(marks, root):
    """({lesson: {student: fingerprint}}, [paths that are no longer what was graded])."""
    from rnncourse.grading import notebook, submissions

    found, gone = {}, []
    for mark in marks:
        row = mark.row
        if row["problem"] or not row["sha"]:
            continue
        path = Path(root, row["path"])
        one = submissions.load(row["student"], path, Path(root))
        if one.problem or one.sha != row["sha"]:
            gone.append(row["path"])
            continue
        sources = [source for _, source in notebook.sources(notebook.parse(one.content, path))]
        found.setdefault(mark.notebook, {})[mark.student] = fingerprint(sources)
    return found, gone


def fingerprint(sources):
    """The pieces of a notebook's code cells as numbers; cells that do not parse are skipped.

    A number is even for a piece without names, odd for one with them.
    """
    found = set()
    for source in sources:
        words = _words(source)
        for named in (0, 1):
            own = [word[named] for word in words]
            pieces = {" ".join(own[i : i + PIECE]) for i in range(len(own) - PIECE + 1)}
            found.update(_number(piece, named) for piece in pieces)
    return found


def _number(piece, named):
    digest = hashlib.blake2b(piece.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 << 1 | named


def _words(source):
    """[(a token without its name, with it)]; texts are left out of both."""
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                known = keyword.iskeyword(token.string)
                words.append((token.string if known else "n", token.string))
            elif token.type == tokenize.OP:
                words.append((token.string, token.string))
            elif token.type == tokenize.NUMBER:
                words.append(("v", token.string))
            elif token.type == tokenize.STRING:
                words.append(("v", "v"))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):  # no Python, or half
        pass
    return words


def groups(prints, share=0.7):
    """[(share, [names])] of {name: fingerprint}: who is linked by `pairs`, the likest first."""
    linked, shares = {name: {name} for name in prints}, defaultdict(lambda: 1.0)
    for likeness, one, other in pairs(prints, share):
        both = linked[one] | linked[other]
        least = min(likeness, shares[min(linked[one])], shares[min(linked[other])])
        for name in both:
            linked[name] = both
        shares[min(both)] = least
    found = {tuple(sorted(own)) for own in linked.values() if len(own) > 1}
    return sorted(((shares[own[0]], list(own)) for own in found), key=lambda g: (-g[0], g[1]))


def pairs(prints, share=0.7):
    """[(share, one, other)] of {name: fingerprint} that hold too much of one another's code.

    Two with the same fingerprint are compared once, and pieces lead from one to the other only
    where few have them, so that the work does not grow with the square of the class.
    """
    count = Counter(piece for own in prints.values() for piece in own)
    rare, common = max(2, len(prints) // 10), max(2, MOST_SHARE * len(prints))
    own = {
        name: (
            {p for p in pieces if not p & 1 and count[p] <= rare},
            {p for p in pieces if p & 1 and count[p] <= common},
        )
        for name, pieces in prints.items()
    }
    twins = defaultdict(list)  # who wrote the very same
    for name in sorted(prints):
        twins[frozenset(own[name][1]), frozenset(own[name][0])].append(name)
    found = {}
    for names in twins.values():
        for other in names[1:]:
            likeness = _likeness(own[names[0]], own[other], share)
            if likeness:
                found[names[0], other] = likeness
    for one, other in _candidates({names[0]: own[names[0]] for names in twins.values()}):
        likeness = _likeness(own[one], own[other], share)
        if likeness:
            found[one, other] = likeness
    return sorted(((n, *pair) for pair, n in found.items()), reverse=True)


def _candidates(own):
    """The pairs that share a piece which few have."""
    owners = defaultdict(list)
    for name, (nameless, named) in own.items():
        for piece in nameless | named:
            owners[piece].append(name)
    shared = {tuple(sorted(names)) for names in owners.values() if 1 < len(names) <= LIMIT}
    return {pair for names in shared for pair in combinations(names, 2)}


def _likeness(one, other, share):
    """How much of the smaller one the other holds too, if that is too much; else 0."""
    found = 0.0
    small = min(len(one[0]), len(other[0]))
    if small >= FEWEST and (n := len(one[0] & other[0]) / small) >= share:
        found = n
    large = max(len(one[1]), len(other[1]))
    small = min(len(one[1]), len(other[1]))
    if small >= NAMED_FEWEST and (n := len(one[1] & other[1]) / large) >= NAMED_SHARE:
        found = max(found, n)
    return found
