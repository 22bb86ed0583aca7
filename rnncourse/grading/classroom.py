"""`rnncourse class`: grade a folder of submissions; show, report and export what they earned."""

import argparse
import os
import secrets
import sys
import time
from pathlib import Path

from rnncourse import language
from rnncourse.grading import submissions, work
from rnncourse.grading.sandbox import KEEPING

__all__ = ["add_arguments", "run"]


def _say(code, **facts):
    return language.say("grading.classroom", code, **facts)


def add_arguments(parser):
    """The words that follow `rnncourse class`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name in ACTIONS:
        about = _say(f"actions.{name}")
        action = actions.add_parser(name, help=about, description=about)
        if name in ("grade", "regrade"):
            action.add_argument("submissions", help=_say("help-submissions"))
            action.add_argument("--timeout", type=float, default=300, help=_say("help-timeout"))
            action.add_argument("--workers", type=int, default=1, help=_say("help-workers"))
            action.add_argument("--scheduler", metavar="ADDRESS", help=_say("help-scheduler"))
            action.add_argument("--trust-submissions", action="store_true", help=_say("help-trust"))
        if name == "report":
            action.add_argument("--submissions", metavar="FOLDER", help=_say("help-alike"))
        if name == "show":
            action.add_argument("student", help=_say("help-student"))
        if name == "export":
            kinds = ("plain", "canvas", "moodle", "json")
            action.add_argument(
                "--format", choices=kinds, default="plain", help=_say("help-format")
            )
        if name == "regrade":
            action.add_argument("--student", help=_say("help-student"))
        languages = {"choices": language.LANGUAGES, "default": argparse.SUPPRESS}
        action.add_argument("--lang", **languages, help=language.say("cli", "lang"))
        action.add_argument("--out", default="grades", metavar="GRADES", help=_say("help-out"))
        action.add_argument("--database", metavar="ADDRESS", help=_say("help-database"))
        action.add_argument("--policy", metavar="TOML", help=_say("help-policy"))


def run(args):
    """Exit status: 0 done, 1 done and some submission could not be graded, 2 asked wrongly."""
    from rnncourse.grading.gradebook import Unavailable
    from rnncourse.grading.policy import WrongPolicy

    os.environ["PYTHONSAFEPATH"] = "1"  # of workers: they start where we stand, as safe_path says
    try:
        return ACTIONS[args.action](args)
    except Unavailable as closed:
        return _stop(closed.code, **closed.facts)
    except WrongPolicy as wrong:
        return _stop("wrong-policy", what=wrong)


def _stop(code, **facts):
    print(_say(code, **facts), file=sys.stderr)
    return 2


def grade(args, again=False):
    """Grade what is new, and keep every result as it comes."""
    from rnncourse.grading import scheduler

    root = Path(args.submissions)
    if not root.is_dir():
        return _stop("no-folder", path=root)
    found = submissions.find(root)
    if not found:
        return _stop("empty-folder", path=root)
    sandbox = not args.trust_submissions
    layers = work.layers_here(sandbox) if not args.scheduler else None
    missing = _missing(layers) if sandbox and layers else []
    if missing:
        return _stop("unsafe", missing="\n".join(f"  {name}: {layers[name]}" for name in missing))
    book, secret = _book(args), _secret(args)
    known = set() if again else book.keys()
    problems, todo, seen = 0, [], 0
    for student, path in found:
        one = submissions.load(student, path, root)
        wanted = not again or args.student in (None, student)
        key = one.student, one.notebook, one.sha
        if key in known or not wanted:
            seen += 1
            continue
        known.add(key)
        if one.problem:
            problems += 1
            code, facts = one.problem
            book.put(one, {"tasks": [], "errors": [], "problem": {"code": code, "facts": facts}})
            continue
        todo.append((student, path, submissions.seed_of(secret, one)))
    if layers:
        print(_say("layers", on=", ".join(name for name, why in layers.items() if not why)))
    bar = Bar(len(todo))
    jobs = ((submissions.load(s, path, root), seed) for s, path, seed in todo)
    for one, result in scheduler.results(jobs, args, sandbox):
        result = _checked(result, sandbox, bool(args.scheduler))
        problems += bool(result.get("problem"))
        book.put(one, result)
        bar.step()
    bar.end()
    print(_say("graded", new=len(todo), seen=seen, problems=problems, out=args.out))
    book.close()
    return 1 if problems else 0


def _missing(layers):
    """Layers without which secrets and neighbours are not safe."""
    lacking = [group for group in KEEPING if all(layers.get(name) for name in group)]
    return sorted({name for group in lacking for name in group})


def _checked(result, sandbox, remote):
    """A remote worker's result counts only if it, too, had the layers that keep secrets."""
    if remote and sandbox and result.get("tasks") and _missing(result["layers"]):
        facts = {"missing": ", ".join(_missing(result["layers"]))}
        return {"tasks": [], "errors": [], "problem": {"code": "unsafe-worker", "facts": facts}}
    return result


def regrade(args):
    """Grade again all, or one student's, whatever the gradebook holds."""
    return grade(args, again=True)


def _book(args):
    from rnncourse.grading.gradebook import Gradebook

    folder = Path(args.out)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Gradebook(args.database or f"sqlite:///{folder.resolve() / 'grades.sqlite'}")


def _secret(args):
    """The secret behind the hidden cases: made once, readable by the instructor alone."""
    path = Path(args.out, "secret")
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_bytes()
        if len(kept) == 32:
            return kept
        path.unlink()  # killed between making and writing it
        return _secret(args)
    with os.fdopen(fd, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _marks(args, student=None):
    from rnncourse.grading import policy

    book = _book(args)
    found = policy.marks(book.rows(student), policy.read(args.policy))
    book.close()
    return found


def show(args):
    """Print what one student has, and why."""
    from rnncourse.grading.feedback import as_text

    found = _marks(args, args.student)
    if not found:
        return _stop("no-student", student=args.student, out=args.out)
    print(as_text(found, args.lang))
    return 0


def report(args):
    """Write report.html for the instructor and feedback/STUDENT.html for each student."""
    from rnncourse.grading import feedback, report

    found = _marks(args)
    folder = Path(args.out, "feedback")
    folder.mkdir(exist_ok=True)
    n = feedback.write(found, folder)
    path = Path(args.out, "report.html")
    path.write_text(report.page(found, _alike(args, found)), "utf-8")
    print(_say("reported", path=path, n=n, folder=folder))
    return 0


def _alike(args, marks):
    """[(share, lesson, student, student)] of similar submissions, if the files are at hand."""
    from rnncourse.grading import notebook, similar

    prints = {}
    for mark in marks if args.submissions else ():
        path = Path(args.submissions, mark.row["path"])
        if mark.row["problem"] or not path.is_file():
            continue
        sources = [
            source for _, source in notebook.sources(notebook.parse(path.read_bytes(), path))
        ]
        prints.setdefault(mark.notebook, {})[mark.student] = similar.fingerprint(sources)
    return [
        (share, lesson, one, other)
        for lesson, own in sorted(prints.items())
        for share, one, other in similar.pairs(own)
    ]


def export(args):
    """Print marks as CSV (plain, Canvas, Moodle) or JSON."""
    from rnncourse.grading import export

    print(export.text(_marks(args), args.format), end="")
    return 0


ACTIONS = {"grade": grade, "show": show, "report": report, "export": export, "regrade": regrade}


class Bar:
    """How far, how fast, how much longer: one line on a terminal, ten lines in a log."""

    def __init__(self, total):
        self.total, self.done, self.began = total, 0, time.monotonic()
        self.live, self.shown = sys.stderr.isatty(), -1.0

    def step(self):
        self.done += 1
        passed = max(time.monotonic() - self.began, 1e-9)
        due = passed - self.shown > 0.1 if self.live else self.done * 10 // self.total > self.shown
        if not (due or self.done == self.total):
            return
        self.shown = passed if self.live else self.done * 10 // self.total
        rate = self.done / passed
        minutes, seconds = divmod(round((self.total - self.done) / rate), 60)
        filled = 30 * self.done // self.total
        facts = {"bar": "█" * filled + "░" * (30 - filled), "rate": f"{rate:.1f}"}
        left = f"{minutes}:{seconds:02}"
        line = _say("progress", done=self.done, total=self.total, left=left, **facts)
        print(("\r" if self.live else "") + line, end="" if self.live else "\n", file=sys.stderr)

    def end(self):
        if self.live and self.total:
            print(file=sys.stderr)
