"""`rnncourse check NOTEBOOK`: run a notebook in a process of its own and print its marks."""

import json
import shutil
import textwrap
from pathlib import Path

from rnncourse import language
from rnncourse.checking.task import keep
from rnncourse.checking.verdict import MARKS
from rnncourse.grading import notebook, problems
from rnncourse.grading.judge import NotYet, examine, tasks_in
from rnncourse.grading.runner import workers

__all__ = ["add_arguments", "check", "run"]


def _say(code, **facts):
    return language.say("commands.check", code, **facts)


def add_arguments(parser):
    """The words that follow `rnncourse check`."""
    parser.add_argument("notebook", help=_say("help-notebook"))
    parser.add_argument("--json", action="store_true", help=_say("help-json"))
    parser.add_argument(
        "--timeout", type=float, default=300, metavar="S", help=_say("help-timeout")
    )


def run(args):
    """Exit status: 0 if every task is solved, 1 if not, 2 if the notebook cannot be graded."""
    try:
        report = check(args.notebook, args.timeout)
    except notebook.Unreadable as problem:
        sentence = problems.of_file(problem.code, **problem.facts)
        print(json.dumps({"error": sentence}, ensure_ascii=False) if args.json else sentence)
        return 2
    for verdict in report["verdicts"]:
        if "solutions" not in Path(args.notebook).resolve().parts:
            keep(verdict)
    print(as_json(report) if args.json else as_text(report))
    return 0 if report["points"] == report["out_of"] else 1


def check(path, timeout):
    """Grade the notebook at `path` within `timeout` seconds; a report, or Unreadable."""
    cells = notebook.read(path)
    tasks = tasks_in(notebook.chapters_of(cells))
    folder = str(Path(path).resolve().parent)
    try:
        found = examine(notebook.sources(cells), tasks, workers.fresh, timeout, folder=folder)
    except NotYet as error:
        raise notebook.Unreadable("not-yet", path=path, what=error) from None
    verdicts = list(found.verdicts.values())
    return {
        "notebook": str(path),
        "seconds": round(found.spent, 1),
        "points": sum(v.points for v in verdicts),
        "out_of": sum(v.out_of for v in verdicts),
        "verdicts": verdicts,
        "errors": found.errors,
    }


def as_json(report):
    """The report for machines."""
    tasks = [verdict.as_dict() for verdict in report.pop("verdicts")]
    return json.dumps(report | {"tasks": tasks}, ensure_ascii=False, indent=2)


def as_text(report):
    """The report for people: one line per task, the total, and the cells that stopped."""
    lessons = {verdict.chapter for verdict in report["verdicts"]}  # two may have a task of one name
    names = [f"{v.chapter}.{v.task}" if len(lessons) > 1 else v.task for v in report["verdicts"]]
    width = max(map(len, names))
    room = max(40, shutil.get_terminal_size((100, 24)).columns - width - 14)
    lines = [_say("title", **report), ""]
    for name, v in zip(names, report["verdicts"], strict=True):
        first, *rest = [
            part for line in v.sentence().splitlines() for part in textwrap.wrap(line, room) or [""]
        ]
        mark, points = MARKS[v.status], f"{v.points:>4g}/{v.out_of:<4g}"
        lines.append(f" {mark} {name:<{width}}  {points}  {first}")
        lines += [" " * (width + 16) + part for part in rest]
    lines.append(f"   {_say('total'):<{width}}  {report['points']:>4g}/{report['out_of']:<4g}")
    if report["errors"]:
        lines += ["", _say("errors")]
        lines += [f"  {problems.of_cell(error)}" for error in report["errors"]]
    return "\n".join(lines)
