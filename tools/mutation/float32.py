"""Does a task refuse its own reference when the inputs are float32, as Keras's are?"""

import numpy as np

__all__ = ["SEEDS", "refused", "table"]

SEEDS = (None, *range(1, 61))


def refused(task):
    """{seed: code} of the seeds at which the reference on float32 inputs is refused."""

    def in_float32(*args):
        return task.reference(*map(_narrow, args))

    verdicts = {seed: task.grade(in_float32, seed) for seed in SEEDS}
    return {seed: v.code for seed, v in verdicts.items() if v.status != "pass"}


def _narrow(value):
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype("float32")
    return value


def table(chapters):
    """One line per task that is refused at some seed, then the sum. [[(task, refused)], …]"""
    rows = [row for chapter in chapters for row in chapter]
    bad = [(name, codes) for name, codes in rows if codes]
    lines = [f"{'task':<28} refused at (of {len(SEEDS)} seeds)  codes"]
    for name, codes in bad:
        kinds = ", ".join(sorted(set(codes.values())))
        lines.append(f"{name:<28} {len(codes):>10}  {kinds}")
    total = sum(len(codes) for _, codes in bad)
    share = total / max(1, len(rows) * len(SEEDS))
    lines.append(f"{len(bad)} of {len(rows)} tasks, {share:.1%} of all task and seed pairs")
    return "\n".join(lines)
