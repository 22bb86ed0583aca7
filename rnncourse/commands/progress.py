"""`rnncourse progress`: what is solved; saved into a file, or restored from one."""

import importlib
import json
import pkgutil

from rnncourse import language, progress, tasks
from rnncourse.checking.task import tasks_of


def _say(code, **facts):
    return language.say("commands.progress", code, **facts)


def add_arguments(parser):
    """The words that follow `rnncourse progress`."""
    for name in ("save", "restore"):
        said = _say(f"help-{name}")
        parser.add_argument(f"--{name}", metavar="FILE", help=said)
    parser.add_argument("--json", action="store_true", help=_say("help-json"))


def run(args):
    """Print one row per chapter and one mark per task; exit status 1 if the file is unreadable."""
    try:
        for verb, action in (("save", progress.save), ("restore", progress.restore)):
            if file := getattr(args, verb, None):
                print(_say(f"{verb}d", file=file, n=action(file)))
                return 0
        kept = progress.read()
    except ValueError as error:
        print(error)
        return 1
    except OSError as error:  # str(error) contains the path
        print(_say("no-file", error=error))
        return 1
    except progress.Error as error:
        print(_say("unreadable", path=progress.path(), error=error))
        return 1
    chapters = {name: _chapter(name, kept) for name in _chapters()}
    print(json.dumps(chapters, indent=2) if args.json else _table(chapters))
    return 0


def _chapters():
    names = (module.name for module in pkgutil.iter_modules(tasks.__path__))
    return [name for name in names if name.startswith("ch") and not name.endswith("_data")]


def _chapter(name, kept):
    """{task: {solved, attempts, points, out_of}} for all tasks of a chapter, tried or not."""
    rows = {}
    for task in tasks_of(importlib.import_module(f"rnncourse.tasks.{name}")):
        row = kept.get((name, task.name), {"solved": 0, "attempts": 0, "points": 0})
        facts = {"solved": bool(row["solved"]), "attempts": row["attempts"]}
        rows[task.name] = facts | {"points": row["points"], "out_of": task.points}
    return rows


def _table(chapters):
    lines = []
    for name, rows in chapters.items():
        points = sum(row["points"] for row in rows.values())
        out_of = sum(row["out_of"] for row in rows.values())
        solved = sum(row["solved"] for row in rows.values())
        facts = {"chapter": name.removeprefix("ch").replace("_", "."), "solved": solved}
        total = {"total": len(rows), "points": f"{points:g}", "out_of": f"{out_of:g}"}
        lines.append(_say("chapter", **facts, **total))
        for task, row in rows.items():
            mark = "✓" if row["solved"] else "✗" if row["attempts"] else "…"
            tried = _say("attempts", n=row["attempts"]) if row["attempts"] else ""
            lines.append(
                f"  {mark} {task:<20} {row['points']:>3g}/{row['out_of']:<3g} {tried}".rstrip()
            )
    return "\n".join([*lines, "", _say("kept-in", path=progress.path())])
