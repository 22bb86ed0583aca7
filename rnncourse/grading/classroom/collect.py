"""`rnncourse class grade` and `regrade`: put what is new to workers, keep results."""

from dataclasses import replace

from rnncourse.grading.classroom import (
    dispatch,
    grade_one,
    marks,
    output_folder,
    submissions,
    times,
)
from rnncourse.grading.classroom.manual_marks import near
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.terminal import Bar
from rnncourse.grading.isolation.sandbox import KEEPING

__all__ = ["Collected", "collect"]


class Collected:
    """What a run found and did."""

    def __init__(self):
        self.new = self.seen = self.problems = 0
        self.moved = []  # (path, time before, time now)
        self.retried = 0  # problems of the grader's own kind that the next run looks at again
        self.waiting = []  # the paths of those
        self.changed = []  # marks.changes
        self.unclear = {}  # a zone's name -> paths


def collect(args, root, rules, again, say):
    """Grade what is new below `root`, or `again` what is known too; a Collected.

    `say(code, **facts)` prints a sentence.
    """
    found = submissions.find(root)
    if not found:
        raise Stop("empty-folder", path=args.submissions)
    sandbox = not args.trust_submissions
    layers = grade_one.layers_here(sandbox) if not args.scheduler else None
    missing = _missing(layers) if sandbox and layers else []
    if missing:
        raise Stop("unsafe", missing="\n".join(f"  {name}: {layers[name]}" for name in missing))
    book = output_folder.book(args)
    try:
        return _collect(args, root, rules, again, say, book, found, layers)
    finally:
        book.close()


def _collect(args, root, rules, again, say, book, found, layers):
    done, secret, before = Collected(), output_folder.secret(args.out), None
    todo = _sift(args, root, rules, again, book, found, done)
    if again or done.moved or done.retried:
        before = marks.marks(book.rows(), rules, book.given())
    for key, path, old, new in done.moved:
        book.move_time(key, new)
        say("time-moved", path=path, old=times.shown(old), new=times.shown(new))
    done.retried = 0
    if layers:
        say("layers", on=", ".join(name for name, why in layers.items() if not why))
    for one, code, facts in todo["problems"]:
        _keep(book, one, {"problem": {"code": code, "facts": facts}}, done)
    bar = Bar(len(todo["grade"]))
    jobs = (
        (submissions.load(student, path, root), submissions.seed_of(secret, key))
        for student, path, key in todo["grade"]
    )
    sandbox = not args.trust_submissions
    for one, result in dispatch.results(jobs, args, sandbox):
        _keep(book, one, _checked(result, sandbox, bool(args.scheduler)), done)
        bar.step()
    bar.end()
    book.still_there()
    done.new = len(todo["grade"])
    if before is not None:
        done.changed = marks.changes(before, marks.marks(book.rows(), rules, book.given()))
    return done


def _keep(book, one, result, done):
    problem = result.get("problem")
    done.problems += bool(problem)
    if problem and problem["code"] in grade_one.RETRIED:
        done.retried += 1
        done.waiting.append(one.path)
    book.put(one, {"tasks": [], "errors": []} | result)


def _sift(args, root, rules, again, book, found, done):
    """{"grade": [...], "problems": [...]}: what is to be done of what was found."""
    if again and args.student:
        found, everybody = [], found
        for student, path in everybody:
            if args.student in (student, rules.people.who(student)):
                found.append((student, path))
        if not found:
            names = near(args.student, {rules.people.who(student) for student, _ in everybody})
            raise Stop("no-student", student=args.student, out=args.submissions, near=names)
        done.seen = len(everybody) - len(found)
    known = book.known()
    broken = {(key[0], path): key for key, (path, _, code) in known.items() if code}
    todo, taken = {"grade": [], "problems": []}, set()
    for student, path in found:
        one = submissions.load(student, path, root)
        key = one.student, one.notebook, one.sha
        if key in taken:
            done.seen += 1
            continue
        taken.add(key)
        if " " in one.submitted and times.moment(one.submitted, rules.zones)[1]:
            done.unclear.setdefault(one.submitted.partition(" ")[2], []).append(one.path)
        before, submitted, code = known.get(key, ("", "", ""))
        done.retried += code in grade_one.RETRIED
        if key in known and not again and code not in grade_one.RETRIED:
            done.seen += 1
            if before == one.path and submitted != one.submitted and times.stamp(path):
                done.moved.append((key, one.path, submitted, one.submitted))
            for place in marks.places(one.path) if not code else ():
                if key_there := broken.pop((student, place), None):
                    book.drop(key_there)  # the good file stands there again
        elif one.problem:
            todo["problems"].append((one, *one.problem))
        else:
            todo["grade"].append((student, path, replace(one, content=b"")))
    return todo


def _missing(layers):
    """Layers without which secrets and neighbours are not safe."""
    lacking = [group for group in KEEPING if all(layers.get(name) for name in group)]
    return sorted({name for group in lacking for name in group})


def _checked(result, sandbox, remote):
    """A remote worker's result counts only if it, too, had the layers that keep secrets."""
    if remote and sandbox and result.get("tasks") and _missing(result["layers"]):
        facts = {"missing": ", ".join(_missing(result["layers"]))}
        return {"problem": {"code": "unsafe-worker", "facts": facts}}
    return result
