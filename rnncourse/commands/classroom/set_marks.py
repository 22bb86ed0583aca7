"""`rnncourse class set`: points or a comment that a person gives, beside what was computed."""

from rnncourse.commands.classroom.speak import tell
from rnncourse.grading.classroom import manual_marks, marks, output_folder, policy
from rnncourse.grading.classroom.near import near
from rnncourse.grading.classroom.stop import Stop

__all__ = ["set_marks"]


def set_marks(args):
    """Keep what was given, or take it back, and print what the lesson has now."""
    rules = policy.read(args.policy)
    lesson, task, most = manual_marks.place(args.what, rules)
    points = manual_marks.points(args.points, most)
    comment, author = args.comment, manual_marks.author(args.by)
    if points is None and not comment and not args.clear:
        raise Stop("nothing-given", what=args.what)
    if args.clear:
        points, comment = None, ""
    output_folder.book(args.out, args.database, writing=False).close()  # a wrong --out makes none
    book = output_folder.book(args.out, args.database)
    try:
        student = _student(args, marks.marks(book.rows(), rules, book.given()), rules)
        book.give(student, lesson, task, points, comment, author)
        after = marks.marks(book.rows(), rules, book.given())
    finally:
        book.close()
    now = next((m for m in after if (m.student, m.notebook) == (student, lesson)), None)
    shown = {"points": f"{now.points if now else 0:g}", "out_of": f"{now.out_of if now else 0:g}"}
    tell("given", student=student, what=args.what, by=author, **shown)
    return 0


def _student(args, found, rules):
    """The student whom `args.student` means, or Stop with the nearest name."""
    student = rules.people.who(args.student)
    names = {mark.student for mark in found} | set(rules.people.listed)
    if student not in names:
        raise Stop("no-student", student=args.student, out=args.out, near=near(args.student, names))
    return student
