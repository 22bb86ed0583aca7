"""Mutation testing of the checkers: a wrong answer that a task accepts is a hole in its cases.

    python -m tools.mutation                     all chapters: two minutes of processor time
    python -m tools.mutation ch01 ch03.bptt      a chapter, a task
    python -m tools.mutation --first 3           a few mutants of each answer
    python -m tools.mutation --float32           the references on float32 inputs instead

Every right answer is changed in one place, as by a slip. What the task accepts is compared with the
right answer on inputs of all sizes that the contract allows: equal to it everywhere, it counts as
equivalent; else it is a survivor. survivors.toml explains some; the others make the exit code 1.
"""

import argparse
import dataclasses
import json
import multiprocessing
import os
import sys
import time
import tomllib
from functools import partial
from pathlib import Path

from rnncourse.grading import lessons
from tools.mutation import answers, float32, report
from tools.mutation.trial import Trial, limited, quiet

SURVIVORS = Path(__file__).with_name("survivors.toml")


def main(arguments=None):
    given = _parsed(arguments)
    names = given.what or lessons.known()
    by_chapter = {}
    for name in names:
        by_chapter.setdefault(name.partition(".")[0], []).append(name)
    if given.float32:
        print(float32.table(_map(given.workers, _refusals, by_chapter.items())))
        return 0
    return _mutate(given, by_chapter)


def _parsed(arguments):
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", nargs="*", metavar="chNN[.task]", help="default: all chapters")
    parser.add_argument("--answers", choices=("reference", "other", "both"), default="both")
    parser.add_argument("--seeds", help="grade with these, 0,1,…; default: as the notebook does")
    parser.add_argument("--first", type=int, metavar="N", help="try N mutants per answer only")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="chapters at once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all mutants")
    parser.add_argument("--survivors", type=Path, metavar="FILE", help="write the survivors")
    parser.add_argument("--float32", action="store_true", help="references on float32 inputs")
    return parser.parse_args(arguments)


def _mutate(given, by_chapter):
    which = ("reference", "other") if given.answers == "both" else (given.answers,)
    seeds = [int(seed) for seed in given.seeds.split(",")] if given.seeds else (None,)
    explained = explanations()
    found, processor = [], 0.0
    work = partial(_chapter, which=which, seeds=seeds, first=given.first)
    for part, seconds in _map(given.workers, work, by_chapter.items()):
        found, processor = found + part, processor + seconds
        if given.survivors:  # after each chapter, so that one may read while the others run
            given.survivors.write_text(report.survivors_page(found, explained), "utf-8")
        if given.json:
            rows = [dataclasses.asdict(one) for one in found]
            given.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
        print(f"{part[0].answer.partition('.')[0]}: {seconds:.0f} s", file=sys.stderr, flush=True)
    print(report.table(found, explained))
    left = report.unexplained(found, explained)
    print(f"{len(left)} survivors are not explained; {processor / 60:.1f} processor minutes")
    for name, reason in answers.LEFT_OUT.items():
        print(f"left out: {name}, {reason}")
    return 1 if left else 0


def explanations():
    """{key of a survivor: why it may live}, from survivors.toml."""
    tables = tomllib.loads(SURVIVORS.read_text("utf-8"))
    return {f"{answer}: {change}": why for answer, t in tables.items() for change, why in t.items()}


def _map(workers, work, items):
    """The results in order, each made in a process of its own where there are several workers."""
    if workers == 1:
        yield from map(work, items)
        return
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=1) as pool:
        yield from pool.imap(work, items, chunksize=1)


def _chosen(item):
    chapter, names = item
    every = answers.tasks(chapter)
    return [t for t in every if chapter in names or answers.name_of(t) in names]


def _chapter(item, which, seeds, first):
    """(list of Found, processor seconds) for the wanted tasks of one chapter."""
    os.nice(max(0, 10 - os.nice(0)))
    limited()
    start, found = time.process_time(), []
    with quiet():
        for task in _chosen(item):
            found += trials(task, which, seeds, first)
    return found, time.process_time() - start


def trials(task, which=("reference", "other"), seeds=(None,), first=None, named=True):
    """The Found of each mutant of a task's right answers; of `first` of them per answer."""
    trial = Trial(task, seeds, named)
    with trial.remembering():
        return [
            trial.find(answer, mutant)
            for answer in answers.answers(task, which)
            for mutant in _some(answer.mutants(), first)
        ]


def _some(mutants, first):
    """`first` of them, evenly spread: neighbours come from one operator and one line."""
    if first is None or first >= len(mutants):
        return mutants
    return [mutants[k * len(mutants) // first] for k in range(first)]


def _refusals(item):
    with quiet():
        return [(answers.name_of(task), float32.refused(task)) for task in _chosen(item)]


if __name__ == "__main__":
    sys.exit(main())
