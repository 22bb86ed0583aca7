"""`rnncourse class grade`, `regrade` and `trial`: have submissions graded, tell the results."""

from types import SimpleNamespace

from rnncourse.commands.classroom import output
from rnncourse.commands.classroom.speak import some, tell, warn
from rnncourse.grading.classroom import collect, intake, output_folder, policy, submissions
from rnncourse.grading.classroom.dispatch import Options
from rnncourse.grading.classroom.near import near
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.trial import copied

__all__ = ["grade", "regrade", "trial"]


def grade(args):
    """Grade what is new, and keep every result as it comes."""
    return _grade(args, again=False)


def regrade(args):
    """Grade everything again, or what `--student` handed in, whatever the gradebook holds."""
    return _grade(args, again=True, student=args.student)


def _grade(args, again, student=None):
    options = Options(args.timeout, not args.trust_submissions, args.workers, args.scheduler)
    rules = policy.read(args.policy)
    with intake.opened(args.submissions, warn) as root:
        output_folder.keep_apart(args.out, args.submissions)
        every = submissions.find(root)
        if not every:
            raise Stop("empty-folder", path=args.submissions)
        found = _of(student, every, rules, args.submissions) if student else every
        layers = collect.layers_here(options)
        book = output_folder.book(args.out, args.database)
        try:
            secret = output_folder.secret(args.out)
            if layers:
                tell("layers", on=", ".join(name for name, why in layers.items() if not why))
            done = collect.collect(found, root, book, secret, rules, options, tell, again)
        finally:
            book.close()
    done.seen += len(every) - len(found)
    _tell_what_was_done(done, args.out, again)
    return 1 if done.problems or done.unclear else 0


def _of(student, found, rules, place):
    """Those of `found` that one student handed in, or Stop if there are none."""
    own = [(name, path) for name, path in found if student in (name, rules.people.who(name))]
    if not own:
        names = near(student, {rules.people.who(name) for name, _ in found})
        raise Stop("no-student", student=student, out=place, near=names)
    return own


def _tell_what_was_done(done, out, again):
    tell("graded", new=done.new, seen=done.seen, problems=done.problems, out=out)
    for student, lesson, old, new in done.changed:
        points = {"old": f"{old:g}", "new": f"{new:g}"}
        tell("mark-changed", student=student, lesson=lesson, **points)
    if again and not done.changed:
        tell("no-mark-changed")
    if done.waiting:
        warn("tried-again", n=len(done.waiting), names=some(done.waiting))
    output.ask_zones(done.unclear)


def trial(args):
    """Copy a class of six into a folder, grade it, and say what there is to look at."""
    place = copied(args.folder)
    shared = {"out": place / "grades", "policy": place / "rules.toml", "database": None}
    workers = {"timeout": 300, "workers": 1, "scheduler": None, "trust_submissions": False}
    own = {"submissions": place / "submitted", "format": "plain", "zip": None}
    options = SimpleNamespace(**shared, **workers, **own)
    grade(options)
    print()
    output.export_marks(options)
    print()
    output.write_report(options)
    tell("trial-look", out=options.out, policy=options.policy)
    return 0
