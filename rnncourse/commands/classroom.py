"""`rnncourse class`: grade a folder of submissions; show, report and export what they earned."""

import argparse
import os
import sys
from pathlib import Path

from rnncourse import language, tasks
from rnncourse.grading.classroom import output_folder, roster
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.terminal import clean

__all__ = ["add_arguments", "run"]

FORMATS = ("plain", "canvas", "moodle", "json")


def _say(code, **facts):
    return language.say("grading.classroom.sentences", code, **facts)


def _tell(code, file=None, **facts):
    print(clean(_say(code, **facts)), file=file)


def _warn(code, **facts):
    _tell(code, sys.stderr, **facts)


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
            action.add_argument("--zip", metavar="FILE", help=_say("help-zip"))
        if name in ("show", "set"):
            action.add_argument("student", help=_say("help-student"))
        if name == "set":
            action.add_argument("what", metavar="LESSON[.TASK]", help=_say("help-what"))
            action.add_argument("points", nargs="?", help=_say("help-points"))
            action.add_argument("--comment", default="", help=_say("help-comment"))
            action.add_argument("--by", metavar="NAME", help=_say("help-by"))
            action.add_argument("--clear", action="store_true", help=_say("help-clear"))
        if name == "export":
            formats = {"choices": FORMATS, "default": "plain"}
            action.add_argument("--format", **formats, help=_say("help-format"))
        if name == "regrade":
            action.add_argument("--student", help=_say("help-student"))
        if name == "trial":
            trial = {"nargs": "?", "default": "trial-class"}
            action.add_argument("folder", **trial, help=_say("help-trial"))
        languages = {"choices": language.LANGUAGES, "default": argparse.SUPPRESS}
        action.add_argument("--lang", **languages, help=language.say("commands.main", "lang"))
        action.add_argument("--out", default="grades", metavar="GRADES", help=_say("help-out"))
        action.add_argument("--database", metavar="ADDRESS", help=_say("help-database"))
        action.add_argument("--policy", metavar="TOML", help=_say("help-policy"))
        action.add_argument("--tasks", metavar="FOLDER", help=_say("help-tasks"))


def run(args):
    """Exit status: 0 done, 1 done and something needs a person, 2 asked wrongly or stopped."""
    os.environ["PYTHONSAFEPATH"] = "1"  # of workers: they start where we stand, as safe_path says
    try:
        _find_tasks(args.tasks)
        return ACTIONS[args.action](args)
    except Stop as stop:
        print(clean(str(stop)), file=sys.stderr)
    except (BrokenPipeError, KeyboardInterrupt):
        raise  # of the command's own caller
    except OSError as error:  # a full disk, a folder that may not be written
        what = error.strerror or str(error)
        _warn("cannot-write", path=error.filename or args.out, what=what)
    return 2


def _find_tasks(place):
    """Find an instructor's own exercises, here and in every process that this one starts."""
    if place is None:
        return
    try:
        tasks.add(place)
    except NotADirectoryError:
        raise Stop("no-tasks-folder", path=place) from None
    os.environ["RNNCOURSE_TASKS"] = os.path.abspath(place)


def grade(args, again=False):
    """Grade what is new, and keep every result as it comes."""
    from rnncourse.grading.classroom import intake, policy
    from rnncourse.grading.classroom.collect import collect

    rules = policy.read(args.policy)
    with intake.opened(args.submissions, _warn) as root:
        output_folder.keep_apart(args.out, args.submissions)
        done = collect(args, root, rules, again, _tell)
    facts = {"new": done.new, "seen": done.seen, "problems": done.problems, "out": args.out}
    _tell("graded", **facts)
    for student, lesson, old, new in done.changed:
        points = {"old": f"{old:g}", "new": f"{new:g}"}
        _tell("mark-changed", student=student, lesson=lesson, **points)
    if again and not done.changed:
        _tell("no-mark-changed")
    if done.retried:
        names = ", ".join(done.waiting[:10]) + (" …" if len(done.waiting) > 10 else "")
        _warn("tried-again", n=done.retried, names=names)
    _ask_zones(done.unclear)
    return 1 if done.problems or done.unclear else 0


def regrade(args):
    """Grade again all, or one student's, whatever the gradebook holds."""
    return grade(args, again=True)


def _ask_zones(unclear):
    """Name the times whose zone may mean several, and the line that says which."""
    for zone, paths in sorted(unclear.items()):
        shown = ", ".join(sorted(set(paths))[:10]) + (" …" if len(set(paths)) > 10 else "")
        _warn("which-zone", zone=zone, paths=shown)


def _read(args):
    """(the rules, all marks, all rows that were replaced) of the gradebook."""
    from rnncourse.grading.classroom import manual_marks, marks, policy

    rules = policy.read(args.policy)
    book = output_folder.book(args, writing=False)
    try:
        found, replaced = marks.marks(book.rows(), rules, book.given()), book.replaced()
    finally:
        book.close()
    there = {mark.student for mark in found if mark.row["sha"]} | set(rules.people.listed)
    for name in sorted({*rules.extensions, *rules.excused, *rules.languages} - there):
        _warn("nobody", name=name, near=manual_marks.near(name, there))
    _ask_zones(marks.unclear(found))
    made = [m.student for m in found if roster.is_made(m.student)]
    if made and not rules.people.listed:
        _warn("made-names", name=made[0])
    return rules, found, replaced


def show(args):
    """Print what one student has, and why."""
    from rnncourse.grading.classroom import marks, times
    from rnncourse.grading.classroom.feedback import as_text
    from rnncourse.grading.classroom.manual_marks import near

    rules, every, replaced = _read(args)
    student = rules.people.who(args.student)
    found = [mark for mark in every if mark.student == student]
    if not found and student in rules.people.listed:
        _tell("nothing-handed-in", student=student)
        return 0
    if not found:
        names = near(args.student, {m.student for m in every} | set(rules.people.listed))
        raise Stop("no-student", student=args.student, out=args.out, near=names)
    print(clean(as_text(found, args.lang)))
    for row in replaced:
        for old in marks.marks([row], rules):
            if old.student == student and not row["problem"]:
                facts = {"lesson": old.notebook, "points": f"{old.points:g}"}
                facts |= {"why": _say(f"why.{row['why']}"), "when": times.shown(row["replaced"])}
                _tell("before", **facts)
    return 0


def report(args):
    """Write report.html for the instructor and feedback/STUDENT.html for each student."""
    from rnncourse.grading.classroom import feedback, marks, report

    rules, found, _ = _read(args)
    alike = _alike(args, found)
    place = Path(args.out, "feedback")
    place.mkdir(exist_ok=True, parents=bool(args.database))
    n = feedback.write(found, place)
    path = Path(args.out, "report.html")
    away, strangers = marks.absent(found, rules), marks.strangers(found, rules)
    path.write_text(report.page(found, alike, away, strangers), "utf-8")
    _tell("reported", path=path, n=n, folder=place)
    if args.zip:
        _tell("zipped", path=args.zip, n=feedback.pack(found, args.zip))
    return 0


def _alike(args, found):
    """[(share, lesson, [students])] of similar submissions, if the files are at hand."""
    if not args.submissions:
        return []
    from rnncourse.grading.classroom import intake, similar

    with intake.opened(args.submissions, _warn) as root:
        prints, gone = similar.prints(found, root)
    if gone:
        shown = ", ".join(sorted(gone)[:10]) + (" …" if len(gone) > 10 else "")
        _warn("not-compared", n=len(gone), paths=shown)
    return [
        (share, lesson, names)
        for lesson, own in sorted(prints.items())
        for share, names in similar.groups(own)
    ]


def export(args):
    """Print marks as CSV (plain, Canvas, Moodle) or JSON."""
    from rnncourse.grading.classroom import export, marks

    rules, found, _ = _read(args)
    away = marks.strangers(found, rules)
    if away:
        _warn("not-on-roster", n=len(away), names=", ".join(away[:10]))
    print(export.text(found, args.format, rules), end="")
    return 0


def give(args):
    """Keep points or a comment that a person gives, beside what was computed."""
    from rnncourse.grading.classroom import manual_marks, marks, policy

    rules = policy.read(args.policy)
    lesson, task, most = manual_marks.place(args.what, rules)
    points = manual_marks.points(args.points, most)
    if points is None and not args.comment and not args.clear:
        raise Stop("nothing-given", what=args.what)
    if args.clear:
        points, args.comment = None, ""
    output_folder.book(args, writing=False).close()  # a mistyped --out makes no new one
    book = output_folder.book(args)
    try:
        found = marks.marks(book.rows(), rules, book.given())
        student = rules.people.who(args.student)
        names = {mark.student for mark in found} | set(rules.people.listed)
        if student not in names:
            facts = {"student": args.student, "out": args.out}
            raise Stop("no-student", near=manual_marks.near(args.student, names), **facts)
        by = manual_marks.author(args.by)
        book.give(student, lesson, task, points, args.comment, by)
        after = marks.marks(book.rows(), rules, book.given())
    finally:
        book.close()
    now = next((m for m in after if (m.student, m.notebook) == (student, lesson)), None)
    shown = {"points": f"{now.points if now else 0:g}", "out_of": f"{now.out_of if now else 0:g}"}
    _tell("given", student=student, what=args.what, by=by, **shown)
    return 0


def trial(args):
    """Copy a class of six into a folder, grade it, and say what there is to be seen."""
    from rnncourse.grading.classroom.trial import copied

    place = copied(args.folder)
    args.submissions, args.policy = place / "submitted", place / "rules.toml"
    args.out = place / "grades"
    args.timeout, args.workers, args.scheduler, args.trust_submissions = 300, 1, None, False
    args.format, args.zip, args.database = "plain", None, None
    status = grade(args)
    if status == 2:
        return status
    print()
    export(args)
    print()
    report(args)
    _tell("trial-look", out=args.out, policy=args.policy)
    return 0


ACTIONS = {"grade": grade, "show": show, "report": report, "export": export, "regrade": regrade}
ACTIONS |= {"set": give, "trial": trial}
