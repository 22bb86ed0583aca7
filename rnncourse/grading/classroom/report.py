"""The instructor's page: the class at a glance, and which mistakes it makes."""

import html
from collections import Counter
from urllib.parse import quote

from rnncourse import language
from rnncourse.checking.verdict import remark
from rnncourse.grading.classroom import feedback
from rnncourse.grading.classroom.page import page as whole_page

__all__ = ["html_of_mistakes", "page"]


def _say(code, **facts):
    return html.escape(language.say("grading.classroom.sentences", code, **facts))


def page(marks, alike, absent=(), strangers=()):
    """The whole page for [Mark], groups of similar submissions, and who is missing or unlisted."""
    lessons = sorted({mark.notebook for mark in marks if mark.out_of})
    listed = [mark for mark in marks if mark.student not in strangers]
    parts = [_contents(lessons, marks, alike, absent, strangers), _problems(marks)]
    parts += [_absent(absent), _strangers(strangers)]
    for lesson in lessons:
        own = [mark for mark in listed if mark.notebook == lesson and not mark.excused]
        parts.append(f'<section id="{html.escape(lesson)}"><h2>{html.escape(lesson)}</h2>')
        parts.append(_points(own))
        names = dict.fromkeys(t["task"] for mark in own for t in mark.row["tasks"])
        parts += [html_of_mistakes(own, name) for name in names]
        parts.append("</section>")
    students = sorted({mark.student for mark in listed} | {student for student, _ in absent})
    parts += [_groups(alike), _table(marks, lessons, students)]
    return whole_page(language.say("grading.classroom.sentences", "report-title"), "\n".join(parts))


def _contents(lessons, marks, alike, absent, strangers):
    entries = [(lesson, html.escape(lesson)) for lesson in lessons]
    for there, name in ((strangers, "strangers"), (absent, "absent")):
        if there:
            entries.insert(0, (name, _say(f"{name}-title")))
    if any(mark.row["problem"] for mark in marks):
        entries.insert(0, ("problems", _say("problems-title")))
    if alike:
        entries.append(("alike", _say("alike-title")))
    entries.append(("marks", _say("table-title")))
    items = "".join(f'<li><a href="#{quote(at)}">{shown}</a></li>' for at, shown in entries)
    return f'<nav aria-label="{_say("contents-title")}"><ul>{items}</ul></nav>'


def _absent(absent):
    """Who on the roster handed in nothing, and for which lessons."""
    rows = [f"<li>{html.escape(name)}: {html.escape(', '.join(n))}</li>" for name, n in absent]
    title = f'<h2 id="absent">{_say("absent-title")}</h2>'
    return f"{title}<ul>{''.join(rows)}</ul>" if rows else ""


def _strangers(strangers):
    title = f'<h2 id="strangers">{_say("strangers-title")}</h2><p>{_say("strangers-about")}</p>'
    rows = [f"<li>{_link(name)}</li>" for name in strangers]
    return f"{title}<ul>{''.join(rows)}</ul>" if rows else ""


def _figure(rows, label, total):
    """[(name, count, class, sentence)] as bars; a screen reader hears `label` and all of it."""
    heard = "; ".join(f"{name}: {count} {said}".strip() for name, count, _, said in rows)
    lines = [f'<figure role="img" aria-label="{html.escape(f"{label}. {heard}")}">']
    for name, count, status, said in rows:
        width = 100 * count / (total or 1)
        lines.append(
            f'<div class="bar"><span>{html.escape(name)}</span><span class="track">'
            + (f'<i class="{status}" style="width:{width:.1f}%"></i>' if count else "")
            + f"</span><span>{count} <small>({width:.0f} %)</small></span></div>"
        )
        if said:
            lines.append(f'<div class="why">{html.escape(said)}</div>')
    return "\n".join([*lines, "</figure>"])


def _points(marks):
    """How many students have which tenth of the points."""
    tenths = Counter(min(9, int(10 * m.points / m.out_of)) for m in marks if m.out_of)
    rows = [(f"{10 * k} – {10 * k + 10} %", tenths[k], "pass", "") for k in range(10)]
    title = language.say("grading.classroom.sentences", "points-title", n=len(marks))
    return f"<h3>{html.escape(title)}</h3>{_figure(rows, title, len(marks))}"


def html_of_mistakes(marks, name):
    """One task: how many solved it, and a bar and a sentence for each way not to."""
    found = Counter()
    said = {}
    for mark in marks:
        for task in mark.row["tasks"]:
            if task["task"] == name:
                key = "pass" if task["status"] == "pass" else task["code"], task["status"]
                found[key] += 1
                why = feedback.sentence(task) if task["status"] == "fail" else ""
                said.setdefault(key, why)
    total = sum(found.values())
    rows = [
        (code if status == "fail" else _say(f"status.{status}"), n, status, said[code, status])
        for (code, status), n in found.most_common()
    ]
    solved = sum(n for _, n, status, _ in rows if status == "pass")
    title = language.say(
        "grading.classroom.sentences", "task-title", task=name, solved=solved, total=total
    )
    worst = next(((code, n) for code, n, status, _ in rows if status == "fail"), None)
    more = ""
    if worst:
        more = " · " + _say("worst", mistake=worst[0], percent=f"{100 * worst[1] / total:.0f}")
    shown = f"<summary><strong>{html.escape(title)}</strong>{more}</summary>"
    return f"<details>{shown}{_figure(rows, title, total)}</details>{_remarked(marks, name)}"


def _remarked(marks, name):
    """Whose result for this task the instructor should look at, and why."""
    found = {}
    for mark in marks:
        for task in mark.row["tasks"]:
            if task["task"] == name and (said := remark(task.get("facts", {}))):
                found.setdefault(said, []).append(_link(mark.student))
    return "".join(
        f'<p class="note">{html.escape(name)}, {", ".join(links)}: {html.escape(said)}</p>'
        for said, links in found.items()
    )


def _problems(marks):
    rows = [
        f"<li>{_link(mark.student)}: {html.escape(feedback.problem(mark.row))}</li>"
        for mark in marks
        if mark.row["problem"]
    ]
    title = f'<h2 id="problems">{_say("problems-title")}</h2>'
    return f"{title}<ul>{''.join(rows)}</ul>" if rows else ""


def _link(student):
    """A student's name, leading to their page."""
    name = quote(feedback.file_name(student))
    return f'<a href="feedback/{name}.html">{html.escape(student)}</a>'


def _groups(alike):
    rows = [
        f'<tr><th scope="row">{html.escape(lesson)}</th>'
        f"<td>{', '.join(map(_link, names))}</td><td>{share:.0%}</td></tr>"
        for share, lesson, names in alike
    ]
    head = _head("lesson", "students", "share")
    about = f'<h2 id="alike">{_say("alike-title")}</h2><p class="note">{_say("alike-about")}</p>'
    table = f'<table class="fixed">{head}<tbody>{"".join(rows)}</tbody></table>'
    return about + table if rows else ""


def _head(*columns):
    cells = "".join(f'<th scope="col">{_say(f"columns.{name}")}</th>' for name in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def _table(marks, lessons, students):
    """A row a student, a column a lesson."""
    cells = {(mark.student, mark.notebook): mark for mark in marks}
    head = "".join(f'<th scope="col" class="n">{html.escape(lesson)}</th>' for lesson in lessons)
    title, student = _say("table-title"), _say("columns.student")
    lines = [
        f'<h2 id="marks">{title}</h2>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{title}"><table>'
        f'<thead><tr><th scope="col">{student}</th>{head}</tr></thead><tbody>'
    ]
    with_page = {mark.student for mark in marks}
    for student in students:
        own = (cells.get((student, lesson)) for lesson in lessons)
        shown = "".join(f'<td class="n">{_cell(mark)}</td>' for mark in own)
        name = _link(student) if student in with_page else html.escape(student)
        lines.append(f'<tr><th scope="row">{name}</th>{shown}</tr>')
    return "\n".join([*lines, "</tbody></table></div>"])


def _cell(mark):
    """A mark: a dash for none, a star where a person gave some of it."""
    if mark is None:
        return "–"
    by_hand = any(given.points is not None for given in mark.hand.values())
    return _say("excused-short") if mark.excused else f"{mark.points:g}{'*' if by_hand else ''}"
