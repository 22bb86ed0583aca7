"""What a student gets back: marks, sentences in their language, cells that stopped."""

import hashlib
import html
import re
import zipfile
from pathlib import Path

from rnncourse import language
from rnncourse.checking.verdict import MARKS, Verdict
from rnncourse.grading import problems
from rnncourse.grading.classroom import roster, times
from rnncourse.grading.classroom.page import page

__all__ = ["as_text", "file_name", "pack", "problem", "sentence", "write"]

GONE = (LookupError, OSError, TypeError, ValueError)  # a sentence that this version lacks


def _say(code, lang, **facts):
    return language.say("grading.classroom.sentences", code, lang, **facts)


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


def _error(error, lang):
    """The sentence for a cell that stopped."""
    try:
        return problems.of_cell(error, lang)
    except GONE:
        return _say("code-gone", lang, what=error.get("kind", "?"))


def _notes(mark, lang):
    """What stands above the tasks: lateness, excuses, other attempts, words of a person."""
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
        what = f"{mark.notebook}.{task}".rstrip(".")
        if given.points is None:
            yield _say("comment", lang, what=what, **facts)
            continue
        computed = mark.tasks.get(task, (0, 0))[0] if task else mark.computed
        points = {"points": f"{given.points:g}", "computed": f"{computed:g}"}
        yield _say("by-hand", lang, what=what, **points, **facts).rstrip()


def _tasks_of(mark, lang):
    """(task's name, status, sign, points, out of, sentence) of each, also of those by hand."""
    done = {task["task"]: task for task in mark.row["tasks"]}
    for name in mark.tasks:
        points, out_of = mark.of(name)
        if name in done:
            status = done[name]["status"]
            yield name, status, MARKS.get(status, "?"), sentence(done[name], lang), points, out_of
        else:
            code = "not-marked" if mark.row["sha"] else "no-notebook"
            code = "marked" if name in mark.hand else code
            yield name, "todo", MARKS["todo"], _say(code, lang), points, out_of


def as_text(marks, lang=None):
    """One student's marks for a terminal: in `lang`, else as the student reads."""
    lines = []
    for mark in marks:
        spoken = lang or mark.lang
        lines.append(_say("line", spoken, **_facts(mark)))
        lines += [f"  {note}" for note in _notes(mark, spoken)]
        if mark.row["problem"]:
            lines.append("  " + problem(mark.row, spoken))
        for name, _, sign, said, points, out_of in _tasks_of(mark, spoken):
            lines.append(f"  {sign} {name:<20} {points:>4g}/{out_of:<4g} {said}")
        off = [f"{name} ({why})" for name, why in mark.row["layers"].items() if why]
        on = [name for name, why in mark.row["layers"].items() if not why]
        layers = {"on": ", ".join(on) or "–", "off": ", ".join(off) or "–"}
        lines.append("  " + _say("under", spoken, **layers))
    return "\n".join(lines)


def _facts(mark):
    facts = {"notebook": mark.notebook, "path": mark.row["path"], "sha": mark.row["sha"][:8]}
    return facts | {"points": f"{mark.points:g}", "out_of": f"{mark.out_of:g}"}


def write(marks, folder):
    """One page a student in `folder`; how many. A name that no file may have is spelled out."""
    students = {}
    for mark in marks:
        students.setdefault(mark.student, []).append(mark)
    for student, own in students.items():
        Path(folder, f"{file_name(student)}.html").write_text(_page(student, own), "utf-8")
    return len(students)


def _page(student, marks):
    lang = marks[0].lang or language.current()
    return page(student, "\n".join(_lesson(mark, lang) for mark in marks), lang)


def pack(marks, path):
    """Write a zip of the pages in the folders that Moodle made, to be handed back; how many.

    Moodle finds each student by the folder's name, and wants it as it gave it. A folder that it
    did not make bears the student's name.
    """
    folders = {}
    for mark in marks:
        own = mark.row["path"].partition("/")[0]
        own = own if roster.MOODLE.fullmatch(own) else file_name(mark.student)
        folders.setdefault((own, mark.student), []).append(mark)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for (folder, student), own in folders.items():
            archive.writestr(f"{folder}/feedback.html", _page(student, own))
    return len(folders)


def file_name(student):
    """A student's name as a file's: no separators, no leading dot, two names never one file."""
    name = re.sub(r"[^\w\- .]|^\.|[. ]$|%", lambda m: f"%{ord(m[0]):02x}", student)
    if len(name.encode()) > 200:  # a file's name has 255 bytes at most
        start = name.encode()[:180].decode("utf-8", "ignore")
        name = f"{start}-{hashlib.sha256(student.encode()).hexdigest()[:12]}"
    return name


def _lesson(mark, lang):
    rows = [f"<h2>{html.escape(_say('line', lang, **_facts(mark)))}</h2>"]
    rows += [f"<p>{html.escape(note)}</p>" for note in _notes(mark, lang)]
    if mark.row["problem"]:
        rows.append(f'<p class="fail">{html.escape(problem(mark.row, lang))}</p>')
    if mark.tasks:
        rows += _tasks(mark, lang)
    for error in mark.row["errors"]:
        rows.append(f"<p>{html.escape(_error(error, lang))}</p>")
    return "\n".join(rows)


def _tasks(mark, lang):
    """The table of one lesson's tasks; each row names its task as a header."""
    result, *others = (_say(f"columns.{c}", lang) for c in ("result", "task", "points", "why"))
    head = f'<th scope="col"><span class="spoken">{result}</span></th>'
    head += "".join(f'<th scope="col">{name}</th>' for name in others)
    rows = [f'<table class="fixed tasks"><thead><tr>{head}</tr></thead><tbody>']
    for task, status, sign, said, points, out_of in _tasks_of(mark, lang):
        said = html.escape(said).replace("\n", "<br>")
        name = html.escape(task).replace("_", "_<wbr>")  # where a phone may break it
        word = _say(f"status.{status}", lang)
        rows.append(
            f'<tr class="{status}"><td><span aria-hidden="true">{sign}</span>'
            f'<span class="spoken">{word}</span></td>'
            f'<th scope="row"><code>{name}</code></th>'
            f'<td class="n">{points:g} / {out_of:g}</td><td>{said}</td></tr>'
        )
    return [*rows, "</tbody></table>"]
