"""The instructor's page: the class at a glance, and which mistakes it makes."""

import html
from collections import Counter

from rnncourse import language
from rnncourse.grading import feedback

__all__ = ["html_of_mistakes", "page"]

WIDTH = 420


def _say(code, **facts):
    return html.escape(language.say("grading.classroom", code, **facts))


def page(marks, alike):
    """The whole page for [Mark] and the pairs of similar submissions."""
    parts = [_problems(marks)]
    for lesson in sorted({mark.notebook for mark in marks if mark.out_of}):
        own = [mark for mark in marks if mark.notebook == lesson]
        parts.append(f"<h2>{html.escape(lesson)}</h2>")
        parts.append(_points(own))
        parts += [html_of_mistakes(own, name) for name in own[0].tasks]
    parts.append(_pairs(alike))
    parts.append(_table(marks))
    return feedback.page(language.say("grading.classroom", "report-title"), "\n".join(parts))


def _bars(rows, label):
    """[(name, count, class)] as horizontal bars, described by `label` for screen readers."""
    most = max((count for _, count, _ in rows), default=1) or 1
    height = 24 * len(rows)
    lines = [
        f'<svg role="img" aria-label="{html.escape(label)}" width="{WIDTH + 330}" '
        f'height="{height}" viewBox="0 0 {WIDTH + 330} {height}">'
    ]
    colours = {"pass": "#1b9e77", "fail": "#d95f02", "todo": "#999999"}
    for i, (name, count, status) in enumerate(rows):
        y, width = 24 * i, max(2, round(WIDTH * count / most))
        lines.append(f'<text x="190" y="{y + 16}" text-anchor="end">{html.escape(name)}</text>')
        lines.append(
            f'<rect x="200" y="{y + 4}" width="{width}" height="16" fill="{colours[status]}"/>'
            f'<text x="{206 + width}" y="{y + 16}">{count}</text>'
        )
    return "\n".join([*lines, "</svg>"])


def _points(marks):
    """How many students have which tenth of the points."""
    tenths = Counter(min(9, int(10 * m.points / m.out_of)) for m in marks if m.out_of)
    rows = [(f"{10 * k} – {10 * k + 10} %", tenths[k], "pass") for k in range(10)]
    title = _say("points-title", n=len(marks))
    return f"<h3>{title}</h3>{_bars(rows, title)}"


def html_of_mistakes(marks, name):
    """One task: how many solved it, and a bar and a sentence for each way not to."""
    found = Counter()
    said = {}
    for mark in marks:
        for task in mark.row["tasks"]:
            if task["task"] == name:
                key = "pass" if task["status"] == "pass" else task["code"], task["status"]
                found[key] += 1
                said.setdefault(key, feedback.sentence(task)[1])
    total = sum(found.values())
    rows = [(code, count, status) for (code, status), count in found.most_common()]
    solved = sum(count for (_, status), count in found.items() if status == "pass")
    title = _say("task-title", task=name, solved=solved, total=total)
    listed = "".join(
        f"<li>{100 * count / total:.0f} % <code>{html.escape(code)}</code>: "
        f"{html.escape(said[code, status])}</li>"
        for (code, status), count in found.most_common()
        if status == "fail"
    )
    return f"<h3>{title}</h3>{_bars(rows, title)}<ul>{listed}</ul>"


def _problems(marks):
    rows = [
        f"<li>{html.escape(mark.student)}: {html.escape(feedback.problem(mark.row))}</li>"
        for mark in marks
        if mark.row["problem"]
    ]
    return f"<h2>{_say('problems-title')}</h2><ul>{''.join(rows)}</ul>" if rows else ""


def _pairs(alike):
    rows = [
        f"<li>{html.escape(a)} – {html.escape(b)}: {html.escape(lesson)}, {share:.0%}</li>"
        for share, lesson, a, b in alike
    ]
    about = f"<h2>{_say('alike-title')}</h2><p>{_say('alike-about')}</p>"
    return f"{about}<ul>{''.join(rows)}</ul>" if rows else ""


def _table(marks):
    lessons = sorted({mark.notebook for mark in marks if mark.out_of})
    cells = {(mark.student, mark.notebook): mark for mark in marks}
    head = "".join(f"<th>{html.escape(lesson)}</th>" for lesson in lessons)
    lines = [f"<h2>{_say('table-title')}</h2><table><tr><th></th>{head}</tr>"]
    for student in sorted({mark.student for mark in marks}):
        own = (cells.get((student, lesson)) for lesson in lessons)
        shown = "".join(f'<td class="n">{m.points:g}</td>' if m else "<td>–</td>" for m in own)
        name = feedback.file_name(student)
        link = f'<a href="feedback/{html.escape(name)}.html">{html.escape(student)}</a>'
        lines.append(f"<tr><td>{link}</td>{shown}</tr>")
    return "\n".join([*lines, "</table>"])
