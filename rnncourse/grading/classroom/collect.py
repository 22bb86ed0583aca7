"""Find the submissions that are new, have them graded, and keep each result as it comes."""

from dataclasses import dataclass, field

from rnncourse.grading.classroom import dispatch, grade_one, marks, submissions, times
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.classroom.terminal import Bar
from rnncourse.grading.isolation.sandbox import KEEPING

__all__ = ["Collected", "collect", "layers_here"]


@dataclass
class Collected:
    """What one run found and did."""

    new: int = 0
    seen: int = 0  # graded before, or handed in twice
    problems: int = 0
    waiting: list = field(default_factory=list)  # paths that the next run tries again
    changed: list = field(default_factory=list)  # as marks.changes gives them
    unclear: dict = field(default_factory=dict)  # a zone's name -> paths


def collect(found, root, book, secret, rules, options, say, again=False):
    """Grade those of `found` that are new, or all of them `again`; a Collected.

    `found`: [(student, path)] below the folder `root`. `options`: dispatch.Options. Each result is
    put into `book` as it comes. `say(code, **facts)` prints a sentence.
    """
    run = _Run(root, book, rules, options, say)
    todo = run.sift(found, again)
    before = run.marks() if again or run.moved or run.retrying else None
    run.move_times()
    run.grade(todo, secret)
    if before is not None:
        run.done.changed = marks.changes(before, run.marks())
    return run.done


def layers_here(options):
    """{layer: "" or why it is off} of this machine, None for a cluster; Stop if it is not safe."""
    if options.scheduler:
        return None
    layers = grade_one.layers_here(options.sandbox)
    if options.sandbox and (missing := _missing(layers)):
        raise Stop("unsafe", missing="\n".join(f"  {name}: {layers[name]}" for name in missing))
    return layers


def _missing(layers):
    """The layers that are off where a whole group of them is: nothing keeps secrets then."""
    off = [group for group in KEEPING if all(layers.get(name) for name in group)]
    return sorted({name for group in off for name in group})


class _Run:
    def __init__(self, root, book, rules, options, say):
        self.root, self.book, self.rules, self.options, self.say = root, book, rules, options, say
        self.done = Collected()
        self.problems = []  # Submissions that cannot be graded, not yet in the gradebook
        self.moved = []  # (key, path, time before, time now)
        self.retrying = False  # whether something that failed through the grader is tried again

    def marks(self):
        return marks.marks(self.book.rows(), self.rules, self.book.given())

    def sift(self, found, again):
        """[(student, path)] of `found` that are to be graded."""
        known = self.book.known()
        broken = {(key[0], path): key for key, (path, _, code) in known.items() if code}
        todo, taken = [], set()
        for student, path in found:
            one = submissions.load(student, path, self.root)
            key = one.student, one.notebook, one.sha
            if key in taken:
                self.done.seen += 1
                continue
            taken.add(key)
            self._note_zone(one)
            before, submitted, code = known.get(key, ("", "", ""))
            retried = code in grade_one.RETRIED
            self.retrying |= retried
            if key in known and not again and not retried:
                self.done.seen += 1
                if before == one.path and submitted != one.submitted and times.stamp(path):
                    self.moved.append((key, one.path, submitted, one.submitted))
                for place in marks.places(one.path) if not code else ():
                    if key_there := broken.pop((student, place), None):
                        self.book.drop(key_there)  # the good file stands there again
            elif one.problem:
                self.problems.append(one)
            else:
                todo.append((student, path))
        return todo

    def _note_zone(self, one):
        if " " in one.submitted and times.moment(one.submitted, self.rules.zones)[1]:
            zone = one.submitted.partition(" ")[2]
            self.done.unclear.setdefault(zone, []).append(one.path)

    def move_times(self):
        """Correct the times of submission of what was graded before."""
        for key, path, old, new in self.moved:
            self.book.move_time(key, new)
            self.say("time-moved", path=path, old=times.shown(old), new=times.shown(new))

    def grade(self, todo, secret):
        """Have [(student, path)] graded, and keep the results."""
        for one in self.problems:
            code, facts = one.problem
            self._keep(one, {"problem": {"code": code, "facts": facts}})
        bar = Bar(len(todo))
        for one, result in dispatch.results(self._jobs(todo, secret), self.options):
            self._keep(one, self._checked(result))
            bar.step()
        bar.end()
        self.book.still_there()
        self.done.new = len(todo)

    def _jobs(self, todo, secret):
        """(Submission, seed) of each, read again now: all contents at once may be too many.

        Content, seed and key come from this one reading. The file may have been replaced since.
        """
        for student, path in todo:
            one = submissions.load(student, path, self.root)
            yield one, submissions.seed_of(secret, one)

    def _keep(self, one, result):
        if problem := result.get("problem"):
            self.done.problems += 1
            if problem["code"] in grade_one.RETRIED:
                self.done.waiting.append(one.path)
        self.book.put(one, {"tasks": [], "errors": []} | result)

    def _checked(self, result):
        """A remote worker's result counts only if it, too, had the layers that protect secrets."""
        remote = self.options.scheduler and self.options.sandbox
        if remote and result.get("tasks") and (missing := _missing(result["layers"])):
            return grade_one.problem("unsafe-worker", missing=", ".join(missing))
        return result
