"""`rnncourse check NOTEBOOK`: run it in a process of its own, and print what it earns."""

import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from rnncourse import language
from rnncourse.grading import notebook
from rnncourse.tasks.core import Verdict, keep, tasks_of

__all__ = ["add_arguments", "check", "run"]


def _say(code, **facts):
    return language.say("grading.check", code, **facts)


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
        sentence = _say(problem.code, **problem.facts)
        print(json.dumps({"error": sentence}, ensure_ascii=False) if args.json else sentence)
        return 2
    for verdict in report["verdicts"]:
        if "solutions" not in Path(args.notebook).resolve().parts:
            keep(verdict)
    print(as_json(report) if args.json else as_text(report))
    return 0 if report["points"] == report["out_of"] else 1


def check(path, timeout):
    """Grade the notebook at `path` within `timeout` seconds; a report, or Unreadable."""
    chapters = notebook.chapters_of(notebook.read(path))
    began = time.monotonic()
    tasks = {
        task.name: task
        for chapter in chapters
        for task in tasks_of(importlib.import_module(f"rnncourse.tasks.{chapter}"))
    }
    verdicts, errors = {}, []
    while len(verdicts) < len(tasks):  # once, and again after each task that killed the process
        left = timeout - (time.monotonic() - began)
        events, why = _run_child(path, [*verdicts], left) if left > 0 else ([], "out-of-time")
        errors = errors or [event for event in events if "kind" in event]
        for event in events:
            if "verdict" in event:
                verdicts[event["verdict"]["task"]] = Verdict(**event["verdict"])
        started = [event["task"] for event in events if "task" in event]
        if started and started[-1] not in verdicts:
            verdicts[started[-1]] = _lost(tasks[started[-1]], why)
        elif len(verdicts) < len(tasks):  # it ended outside a task: there is no use in going on
            cell = max((event["cell"] for event in events if "cell" in event), default=0)
            for task in tasks.values():
                verdicts.setdefault(task.name, _lost(task, f"{why}-before", cell=cell))
    ordered = [verdicts[name] for name in tasks]
    return {
        "notebook": str(path),
        "seconds": round(time.monotonic() - began, 1),
        "points": sum(v.points for v in ordered),
        "out_of": sum(v.out_of for v in ordered),
        "verdicts": ordered,
        "errors": [{k: e[k] for k in ("cell", "kind", "error")} for e in errors],
    }


def _lost(task, code, **facts):
    return Verdict("fail", task.chapter, task.name, code, facts, 0, task.points)


def _run_child(path, skip, timeout):
    """The events of one child, and why it ended if not by itself: "died" or "out-of-time"."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder, "events.jsonl")
        command = [sys.executable, "-m", "rnncourse.grading.child", path, events, ",".join(skip)]
        quiet = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        settings = {"MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
        child = subprocess.Popen(
            command, env=os.environ | settings, start_new_session=True, **quiet
        )
        try:
            child.wait(timeout)
            why = "died"
        except subprocess.TimeoutExpired:
            why = "out-of-time"
        finally:
            _end(child)
        lines = events.read_text("utf-8").splitlines() if events.exists() else []
        return [json.loads(line) for line in lines], why


def _end(child):
    """End the child and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL) if hasattr(os, "killpg") else child.kill()
    child.wait()


def as_json(report):
    """The report for machines."""
    tasks = [verdict.as_dict() for verdict in report.pop("verdicts")]
    return json.dumps(report | {"tasks": tasks}, ensure_ascii=False, indent=2)


def as_text(report):
    """The report for people: a line a task, the total, and the cells that stopped."""
    width = max(len(verdict.task) for verdict in report["verdicts"])
    room = max(40, shutil.get_terminal_size((100, 24)).columns - width - 14)
    lines = [_say("title", **report), ""]
    for v in report["verdicts"]:
        mark, sentence = re.sub(f"(?<=^.) `{v.task}`[:：] ?", " ", v.text()).split(" ", 1)
        first, *rest = [
            part for line in sentence.splitlines() for part in textwrap.wrap(line, room) or [""]
        ]
        lines.append(f" {mark} {v.task:<{width}}  {v.points:>4g}/{v.out_of:<4g}  {first}")
        lines += [" " * (width + 16) + part for part in rest]
    lines.append(f"   {_say('total'):<{width}}  {report['points']:>4g}/{report['out_of']:<4g}")
    if report["errors"]:
        lines += ["", _say("errors")]
        lines += [_say(f"cell-{e['kind']}", **e) for e in report["errors"]]
    return "\n".join(lines)
