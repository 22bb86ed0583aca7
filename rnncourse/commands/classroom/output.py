"""`rnncourse class show`, `report` and `export`: what the gradebook holds, for whom it concerns."""

from pathlib import Path

from rnncourse.commands.classroom.speak import say, some, tell, warn
from rnncourse.grading.classroom import (
    export,
    feedback,
    intake,
    mark_text,
    marks,
    output_folder,
    policy,
    report,
    roster,
    similar,
    times,
)
from rnncourse.grading.classroom.near import near
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.terminal import clean

__all__ = ["ask_zones", "export_marks", "show_student", "write_report"]


def ask_zones(unclear):
    """Name the times whose zone may mean several, and the line of the policy that settles it."""
    for zone, paths in sorted(unclear.items()):
        warn("which-zone", zone=zone, paths=some(sorted(set(paths))))


def _read(args):
    """(the rules, all marks, all rows that were replaced) of the gradebook."""
    rules = policy.read(args.policy)
    book = output_folder.book(args.out, args.database, writing=False)
    try:
        found, replaced = marks.marks(book.rows(), rules, book.given()), book.replaced()
    finally:
        book.close()
    there = {mark.student for mark in found if mark.row["sha"]} | set(rules.people.listed)
    for name in sorted({*rules.extensions, *rules.excused, *rules.languages} - there):
        warn("nobody", name=name, near=near(name, there))
    ask_zones(marks.unclear(found))
    made = [mark.student for mark in found if roster.is_made(mark.student)]
    if made and not rules.people.listed:
        warn("made-names", name=made[0])
    return rules, found, replaced


def show_student(args):
    """Print what one student has, and why."""
    rules, every, replaced = _read(args)
    student = rules.people.who(args.student)
    found = [mark for mark in every if mark.student == student]
    if not found and student in rules.people.listed:
        tell("nothing-handed-in", student=student)
        return 0
    if not found:
        names = near(args.student, {mark.student for mark in every} | set(rules.people.listed))
        raise Stop("no-student", student=args.student, out=args.out, near=names)
    print(clean(mark_text.as_text(found, args.lang)))
    for row in replaced:
        for old in marks.marks([row], rules):
            if old.student == student and not row["problem"]:
                facts = {"lesson": old.notebook, "points": f"{old.points:g}"}
                facts |= {"why": say(f"why.{row['why']}"), "when": times.shown(row["replaced"])}
                tell("before", **facts)
    return 0


def write_report(args):
    """Write report.html for the instructor and feedback/STUDENT.html for each student."""
    rules, found, _ = _read(args)
    alike = _alike(args.submissions, found) if args.submissions else []
    place = Path(args.out, "feedback")
    place.mkdir(exist_ok=True, parents=bool(args.database))
    n = feedback.write(found, place)
    path = Path(args.out, "report.html")
    away, strangers = marks.absent(found, rules), marks.strangers(found, rules)
    path.write_text(report.page(found, alike, away, strangers), "utf-8")
    tell("reported", path=path, n=n, folder=place)
    if args.zip:
        tell("zipped", path=args.zip, n=feedback.pack(found, args.zip))
    return 0


def _alike(place, found):
    """[(share, lesson, [students])] of similar submissions, of the files that are at hand."""
    with intake.opened(place, warn) as root:
        prints, gone = similar.prints(found, root)
    if gone:
        warn("not-compared", n=len(gone), paths=some(sorted(gone)))
    return [
        (share, lesson, names)
        for lesson, own in sorted(prints.items())
        for share, names in similar.groups(own)
    ]


def export_marks(args):
    """Print marks as CSV (plain, Canvas, Moodle) or JSON."""
    rules, found, _ = _read(args)
    away = marks.strangers(found, rules)
    if away:
        warn("not-on-roster", n=len(away), names=some(away))
    print(export.text(found, args.format, rules), end="")
    return 0
