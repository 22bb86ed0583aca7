"""A mark in words: what is told of its tasks, of a file that could not be graded, of a person."""

from dataclasses import dataclass

from rnncourse import language
from rnncourse.checking.verdict import MARKS, Verdict
from rnncourse.grading import problems
from rnncourse.grading.classroom import times

__all__ = ["TaskRow", "as_text", "notes", "problem", "sentence", "stopped", "tasks", "title"]

GONE = (LookupError, OSError, TypeError, ValueError)  # a sentence that this version lacks


@dataclass(frozen=True)
class TaskRow:
    """One task of a mark, as a table shows it."""

    name: str
    status: str  # "pass", "fail" or "todo"
    sign: str
    sentence: str
    points: float
    out_of: float


def _say(code, lang, **facts):
    return language.say("grading.classroom.sentences", code, lang, **facts)


def title(mark, lang=None):
    """The lesson, its points, and which file they come from."""
    facts = {"notebook": mark.notebook, "path": mark.row["path"], "sha": mark.row["sha"][:8]}
    facts |= {"points": f"{mark.points:g}", "out_of": f"{mark.out_of:g}"}
    return _say("line", lang, **facts)


def sentence(task, lang=None):
    """The sentence of one task in the gradebook; the course may have changed since."""
    fields = {key: value for key, value in task.items() if key != "shares"}
    try:
        return Verdict(**fields).sentence(lang)
    except GONE:
        return _say("code-gone", lang, what=task["code"])


def problem(row, lang=None):
    """Why a file could not be graded, or ""."""
    if not row["problem"]:
        return ""
    code, facts = row["problem"]["code"], row["problem"]["facts"]
    try:
        return problems.of_file(code, lang, **facts)
    except GONE:
        return _say("code-gone", lang, what=code)


def stopped(error, lang=None):
    """Why a cell stopped."""
    try:
        return problems.of_cell(error, lang)
    except GONE:
        return _say("code-gone", lang, what=error.get("kind", "?"))


def notes(mark, lang=None):
    """What stands above the tasks: lateness, excuses, other attempts, what a person gave."""
    if mark.excused:
        yield _say("excused", lang)
    if mark.late:
        yield _say("late", lang, percent=f"{100 * mark.late:.0f}")
    if mark.asked:
        yield _say("zone-open", lang, zone=mark.asked)
    if mark.rule:
        yield _say(f"counts-{mark.rule}", lang, path=mark.row["path"], n=1 + len(mark.others))
    for other in mark.others:
        facts = {"path": other.path, "when": times.shown(other.submitted)}
        code = "other-broken" if other.points is None else "other"
        yield _say(code, lang, points=f"{other.points or 0:g}", **facts)
    for task, given in mark.hand.items():
        facts = {"by": given.author, "when": times.shown(given.given), "comment": given.comment}
        facts["what"] = f"{mark.notebook}.{task}".rstrip(".")
        if given.points is None:
            yield _say("comment", lang, **facts)
            continue
        computed = mark.tasks.get(task, (0, 0))[0] if task else mark.computed
        points = {"points": f"{given.points:g}", "computed": f"{computed:g}"}
        yield _say("by-hand", lang, **points, **facts).rstrip()


def tasks(mark, lang=None):
    """A TaskRow of each task, also of those that only a person marks."""
    graded = {task["task"]: task for task in mark.row["tasks"]}  # of one lesson: names differ
    for name in mark.tasks:
        points, out_of = mark.of(name)
        if name in graded:
            status, said = graded[name]["status"], sentence(graded[name], lang)
        else:
            code = "not-marked" if mark.row["sha"] else "no-notebook"
            status, said = "todo", _say("marked" if name in mark.hand else code, lang)
        yield TaskRow(name, status, MARKS.get(status, "?"), said, points, out_of)


def as_text(marks, lang=None):
    """One student's marks for a terminal: in `lang`, else in the language the student reads."""
    lines = []
    for mark in marks:
        spoken = lang or mark.lang
        lines.append(title(mark, spoken))
        lines += [f"  {note}" for note in notes(mark, spoken)]
        if mark.row["problem"]:
            lines.append("  " + problem(mark.row, spoken))
        for task in tasks(mark, spoken):
            points = f"{task.points:>4g}/{task.out_of:<4g}"
            lines.append(f"  {task.sign} {task.name:<20} {points} {task.sentence}")
        off = [f"{name} ({why})" for name, why in mark.row["layers"].items() if why]
        on = [name for name, why in mark.row["layers"].items() if not why]
        layers = {"on": ", ".join(on) or "–", "off": ", ".join(off) or "–"}
        lines.append("  " + _say("under", spoken, **layers))
    return "\n".join(lines)
