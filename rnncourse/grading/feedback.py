"""What a student gets back: marks, sentences in their language, cells that stopped."""

import hashlib
import html
import re
from pathlib import Path

from rnncourse import language
from rnncourse.grading.page import page
from rnncourse.tasks.core import Verdict

__all__ = ["as_text", "file_name", "problem", "sentence", "write"]


def _say(code, lang, **facts):
    return language.say("grading.classroom", code, lang, **facts)


def sentence(task, lang=None):
    """(mark, sentence) of one task as the gradebook holds it."""
    fields = {key: value for key, value in task.items() if key != "shares"}
    mark, text = Verdict(**fields).text(lang).split(" ", 1)
    return mark, re.sub(f"^`{re.escape(task['task'])}`[:：] ?", "", text)


def problem(row, lang=None):
    """Why a file could not be graded, or ""."""
    if not row["problem"]:
        return ""
    code, facts = row["problem"]["code"], row["problem"]["facts"]
    known = language.table("grading.check", language.current())
    module = "check" if code in known else "classroom"
    return language.say(f"grading.{module}", code, lang, **facts)


def as_text(marks, lang=None):
    """One student's marks for a terminal: in `lang`, else as the student reads."""
    lines = []
    for mark in marks:
        spoken = lang or mark.lang
        lines.append(_say("line", spoken, **_facts(mark)))
        if mark.late:
            lines.append("  " + _say("late", spoken, percent=f"{100 * mark.late:.0f}"))
        if mark.row["problem"]:
            lines.append("  " + problem(mark.row, spoken))
        for task in mark.row["tasks"]:
            sign, said = sentence(task, spoken)
            points, out_of = mark.tasks[task["task"]]
            lines.append(f"  {sign} {task['task']:<20} {points:>4g}/{out_of:<4g} {said}")
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
        lang = own[0].lang or language.current()
        text = page(student, "\n".join(_lesson(mark, lang) for mark in own), lang)
        Path(folder, f"{file_name(student)}.html").write_text(text, "utf-8")
    return len(students)


def file_name(student):
    """A student's name as a file's: no separators, no leading dot, two names never one file."""
    name = re.sub(r"[^\w\- .]|^\.|[. ]$|%", lambda m: f"%{ord(m[0]):02x}", student)
    if len(name.encode()) > 200:  # a file's name has 255 bytes at most
        start = name.encode()[:180].decode("utf-8", "ignore")
        name = f"{start}-{hashlib.sha256(student.encode()).hexdigest()[:12]}"
    return name


def _lesson(mark, lang):
    rows = [f"<h2>{html.escape(_say('line', lang, **_facts(mark)))}</h2>"]
    if mark.late:
        rows.append(f"<p>{_say('late', lang, percent=f'{100 * mark.late:.0f}')}</p>")
    if mark.row["problem"]:
        rows.append(f'<p class="fail">{html.escape(problem(mark.row, lang))}</p>')
    if mark.row["tasks"]:
        rows += _tasks(mark, lang)
    for error in mark.row["errors"]:
        said = language.say("grading.check", f"cell-{error['kind']}", lang, **error)
        rows.append(f"<p>{html.escape(said)}</p>")
    return "\n".join(rows)


def _tasks(mark, lang):
    """The table of one lesson's tasks; each row names its task as a header."""
    result, *others = (_say(f"columns.{c}", lang) for c in ("result", "task", "points", "why"))
    head = f'<th scope="col"><span class="spoken">{result}</span></th>'
    head += "".join(f'<th scope="col">{name}</th>' for name in others)
    rows = [f'<table class="fixed tasks"><thead><tr>{head}</tr></thead><tbody>']
    for task in mark.row["tasks"]:
        sign, said = sentence(task, lang)
        points, out_of = mark.tasks[task["task"]]
        said = html.escape(said).replace("\n", "<br>")
        name = html.escape(task["task"]).replace("_", "_<wbr>")  # where a phone may break it
        word = _say(f"status.{task['status']}", lang)
        rows.append(
            f'<tr class="{task["status"]}"><td><span aria-hidden="true">{sign}</span>'
            f'<span class="spoken">{word}</span></td>'
            f'<th scope="row"><code>{name}</code></th>'
            f'<td class="n">{points:g} / {out_of:g}</td><td>{said}</td></tr>'
        )
    return [*rows, "</tbody></table>"]
