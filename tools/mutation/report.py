"""What a mutation run found, as tables: per task, and each survivor with an input that shows it."""

from collections import Counter

from tools.mutation.trial import Fate

__all__ = ["survivors_page", "table", "unexplained"]

REFUSED = (Fate.REFUSED, Fate.NAMED, Fate.PATTERN, Fate.TECHNICAL, Fate.GENERIC)
HEAD = (
    f"{'task':<30} {'mutants':>7} {'refused':>7} {'named':>6} {'pattern':>7} {'techn.':>6} "
    f"{'generic':>7} {'equiv.':>6} {'surv.':>5} {'unexpl.':>7}"
)


def unexplained(found, explained):
    """The survivors that survivors.toml does not explain."""
    return [f for f in found if f.fate == Fate.SURVIVOR and f.key not in explained]


def table(found, explained):
    """One line per task and answer, then the sum, then what was said of those that ran."""
    groups = {}
    for one in found:
        groups.setdefault(one.answer, []).append(one)
    lines = [HEAD, *(_line(name, group, explained) for name, group in groups.items())]
    lines.append(_line("all", found, explained))
    ran = Counter(f.fate for f in found if f.right_shape and f.fate in REFUSED)
    if n := ran.total():
        special = ran[Fate.NAMED] + ran[Fate.PATTERN]
        lines.append(
            f"of {n} refused with the right shape: {ran[Fate.NAMED] / n:.1%} named, "
            f"{ran[Fate.PATTERN] / n:.1%} by pattern, together {special / n:.1%}"
        )
    names = {one.answer.partition("/")[0] for one in found}
    holes = {one.answer.partition("/")[0] for one in unexplained(found, explained)}
    lines.append(f"{len(holes)} of {len(names)} tasks have an unexplained survivor")
    return "\n".join(lines)


def _line(name, found, explained):
    n = Counter(f.fate for f in found)
    refused = sum(n[fate] for fate in REFUSED)
    return (
        f"{name:<30} {len(found):>7} {refused:>7} {n[Fate.NAMED]:>6} {n[Fate.PATTERN]:>7} "
        f"{n[Fate.TECHNICAL]:>6} {n[Fate.GENERIC]:>7} {n[Fate.EQUIVALENT]:>6} "
        f"{n[Fate.SURVIVOR]:>5} {len(unexplained(found, explained)):>7}"
    )


def survivors_page(found, explained):
    """Markdown: each unexplained survivor, the line changed, and an input on which it is wrong."""
    lines, last = [], None
    for one in unexplained(found, explained):
        if one.answer != last:
            lines += ["", f"## {one.answer}", ""]
            last = one.answer
        lines += [f"* `{one.change}` ({one.operator})", f"  {one.witness}"]
    return "\n".join(lines) + "\n"
