"""Which submissions resemble each other more than the task explains: a hint, never a verdict.

fingerprint.py cuts code into pieces, with and without names and numbers. Two comparisons are made.
Pieces without names: a few people share pieces that are rare in the class, as in a copy with other
names. Pieces with names and numbers: people share nearly all they wrote, as in a verbatim copy,
however many they are. Pieces that most of the class has are starter code and do not count.
"""

from collections import Counter, defaultdict
from itertools import combinations, pairwise
from pathlib import Path

from rnncourse.grading.classroom import submissions

__all__ = ["groups", "pairs", "prints"]

MOST_SHARE = 0.8  # of the class: pieces that more people have are starter code
NAMED_SHARE, NAMED_FEWEST = 0.9, 60  # share and least number of pieces with names
SHARE, FEWEST = 0.8, 12  # share and least number of rare pieces without names
RARE = 0.1  # of the class: pieces that more people have are not rare
CLASS = 8  # in a smaller class nothing is rare
LIMIT = 60  # owners of a piece who are compared in all pairs; of more, neighbours only


def prints(marks, root):
    """({lesson: {student: fingerprint}}, [paths that are no longer what was graded])."""
    found, gone, known = {}, [], {}
    for mark in marks:
        row = mark.row
        if row["problem"] or not row["sha"]:
            continue
        path = Path(root, row["path"])
        if path not in known:
            known[path] = submissions.fingerprint(path)
        if known[path] is None or known[path][0] != row["sha"]:
            gone.append(row["path"])
        else:
            found.setdefault(mark.notebook, {})[mark.student] = known[path][1]
    return found, gone


def groups(prints):
    """[(share, [names])] of {name: fingerprint}: those linked by `pairs`, most similar first."""
    linked, shares = {name: {name} for name in prints}, defaultdict(lambda: 1.0)
    for likeness, one, other in pairs(prints):
        both = linked[one] | linked[other]
        least = min(likeness, shares[min(linked[one])], shares[min(linked[other])])
        for name in both:
            linked[name] = both
        shares[min(both)] = least
    found = {tuple(sorted(own)) for own in linked.values() if len(own) > 1}
    return sorted(((shares[own[0]], list(own)) for own in found), key=lambda g: (-g[0], g[1]))


def pairs(prints):
    """[(share, one, other)] of {name: fingerprint}: pairs with too much code in common.

    `share` is the part of the larger one's own code that both hold. A ring of verbatim copies
    counts as one person when rare pieces are looked for; else its size would make the others'
    common code look rare.
    """
    named = _common(prints, 1, MOST_SHARE)
    found = _alike(named, named, NAMED_SHARE, NAMED_FEWEST)
    copies = {other for _, _, other in found}
    alone = {name: own for name, own in prints.items() if name not in copies}
    if len(alone) >= CLASS:
        rare = _common(alone, 0, RARE)
        found += _alike(rare, _common(alone, 0, MOST_SHARE), SHARE, FEWEST)
    return sorted(found, reverse=True)


def _common(prints, named, share):
    """{name: its pieces of one kind that at most `share` of the class, or two people, have}."""
    count = Counter(piece for own in prints.values() for piece in own if piece & 1 == named)
    most = max(2, share * len(prints))
    return {
        name: frozenset(piece for piece in own if 0 < count[piece] <= most)
        for name, own in prints.items()
    }


def _alike(compared, whole, share, fewest):
    """[(share, one, other)]: `compared` pieces of both make up `share` of the larger `whole`."""
    twins = defaultdict(list)  # people with the very same pieces are compared once
    for name in sorted(compared):
        twins[compared[name], whole[name]].append(name)
    found = []
    for names in twins.values():
        own = len(whole[names[0]])
        if own >= fewest and len(compared[names[0]]) >= share * own:
            likeness = len(compared[names[0]]) / own
            found += [(likeness, names[0], other) for other in names[1:]]
    for one, other in _candidates({names[0]: compared[names[0]] for names in twins.values()}):
        large = max(len(whole[one]), len(whole[other]))
        both = len(compared[one] & compared[other])
        if large >= fewest and both >= share * large:
            found.append((both / large, one, other))
    return found


def _candidates(own):
    """The pairs to compare: all owners of a piece that few have, else neighbours."""
    owners = defaultdict(list)
    for name in sorted(own):
        for piece in own[name]:
            owners[piece].append(name)
    shared = {tuple(names) for names in owners.values() if len(names) > 1}
    return {
        pair
        for names in shared
        for pair in (combinations(names, 2) if len(names) <= LIMIT else pairwise(names))
    }
