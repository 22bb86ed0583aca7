"""What a student gets back: marks, sentences in their language, cells that stopped."""

import html
import re
from pathlib import Path

from rnncourse import language
from rnncourse.tasks.core import Verdict

__all__ = ["as_text", "page", "problem", "sentence", "write"]

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{padding:.35rem .6rem;text-align:left;
vertical-align:top;border-bottom:1px solid #ddd}td.n{text-align:right;white-space:nowrap}
.pass{color:#00663d}.fail{color:#a03000}.todo{color:#555}svg text{font:12px system-ui,sans-serif}
@media (prefers-color-scheme:dark){body{background:#181818;color:#ddd}.pass{color:#5fd3a0}
.fail{color:#ff9d6b}.todo{color:#aaa}td,th{border-color:#444}svg text{fill:#ddd}}
"""


def _say(code, **facts):
    return language.say("grading.classroom", code, **facts)


def page(title, body):
    """A whole HTML page that needs nothing else."""
    shown = html.escape(title)
    head = f'<!doctype html><html lang="{language.current()}"><meta charset="utf-8">'
    return f"{head}<title>{shown}</title><style>{STYLE}</style><h1>{shown}</h1>\n{body}\n</html>\n"


def sentence(task):
    """(mark, sentence) of one task as the gradebook holds it."""
    fields = {key: value for key, value in task.items() if key != "shares"}
    mark, text = Verdict(**fields).text().split(" ", 1)
    return mark, re.sub(f"^`{re.escape(task['task'])}`[:：] ?", "", text)


def problem(row):
    """Why a file could not be graded, or ""."""
    if not row["problem"]:
        return ""
    code, facts = row["problem"]["code"], row["problem"]["facts"]
    known = language.table("grading.check", language.current())
    module = "check" if code in known else "classroom"
    return language.say(f"grading.{module}", code, **facts)


def as_text(marks):
    """One student's marks for a terminal."""
    lines = []
    for mark in marks:
        lines.append(_say("line", **_facts(mark)))
        if mark.late:
            lines.append("  " + _say("late", percent=f"{100 * mark.late:.0f}"))
        if mark.row["problem"]:
            lines.append("  " + problem(mark.row))
        for task in mark.row["tasks"]:
            sign, said = sentence(task)
            points, out_of = mark.tasks[task["task"]]
            lines.append(f"  {sign} {task['task']:<20} {points:>4g}/{out_of:<4g} {said}")
        off = [f"{name} ({why})" for name, why in mark.row["layers"].items() if why]
        on = [name for name, why in mark.row["layers"].items() if not why]
        lines.append("  " + _say("under", on=", ".join(on) or "–", off=", ".join(off) or "–"))
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
        body = "\n".join(map(_lesson, own))
        Path(folder, f"{file_name(student)}.html").write_text(page(student, body), "utf-8")
    return len(students)


def file_name(student):
    """A student's name as a file's: no separators, no leading dot, two names never one file."""
    return re.sub(r"[^\w\- .]|^\.|[. ]$|%", lambda m: f"%{ord(m[0]):02x}", student)[:120]


def _lesson(mark):
    rows = [f"<h2>{html.escape(_say('line', **_facts(mark)))}</h2>"]
    if mark.late:
        rows.append(f"<p>{_say('late', percent=f'{100 * mark.late:.0f}')}</p>")
    if mark.row["problem"]:
        rows.append(f'<p class="fail">{html.escape(problem(mark.row))}</p>')
    rows.append("<table>")
    for task in mark.row["tasks"]:
        sign, said = sentence(task)
        points, out_of = mark.tasks[task["task"]]
        said = html.escape(said).replace("\n", "<br>")
        rows.append(
            f'<tr class="{task["status"]}"><td>{sign}</td><td><code>{task["task"]}</code></td>'
            f'<td class="n">{points:g} / {out_of:g}</td><td>{said}</td></tr>'
        )
    rows.append("</table>")
    for error in mark.row["errors"]:
        said = language.say("grading.check", f"cell-{error['kind']}", **error)
        rows.append(f"<p>{html.escape(said)}</p>")
    return "\n".join(rows)
