"""The instructor's page: the class at a glance, and which mistakes it makes."""

from collections import Counter
from dataclasses import dataclass

from rnncourse import language
from rnncourse.checking.verdict import remark
from rnncourse.grading.classroom import feedback, mark_text, pages

__all__ = ["Bar", "Figure", "Mistakes", "mistakes", "page"]


@dataclass(frozen=True)
class Bar:
    """How many students have one result."""

    name: str
    count: int
    percent: float
    status: str  # "pass", "fail" or "todo", which gives the colour
    sentence: str = ""


@dataclass(frozen=True)
class Figure:
    """Bars below a title."""

    title: str
    bars: list

    @property
    def label(self):
        """The whole figure in words, for a screen reader."""
        bars = (f"{bar.name}: {bar.count} {bar.sentence}".strip() for bar in self.bars)
        return f"{self.title}. {'; '.join(bars)}"


@dataclass(frozen=True)
class Mistakes:
    """One task: how many solved it, and how often each mistake was made."""

    name: str
    figure: Figure
    worst: str  # the most frequent mistake in words, or ""
    remarks: dict  # what the instructor should know -> students


def _say(code, **facts):
    return language.say("grading.classroom.sentences", code, **facts)


def page(marks, alike, absent=(), strangers=()):
    """The whole page.

    `marks`: all Marks. `alike`: [(share, lesson, [students])] of similar submissions. `absent`:
    [(student, [lessons])] of those who handed in nothing. `strangers`: students who are not on the
    roster.
    """
    names = sorted({mark.notebook for mark in marks if mark.out_of})
    listed = [mark for mark in marks if mark.student not in strangers]
    problems = [
        (mark.student, mark_text.problem(mark.row)) for mark in marks if mark.row["problem"]
    ]
    sections = {"strangers": strangers, "absent": absent, "problems": problems}
    return pages.filled(
        "report.html",
        _say("report-title"),
        contents=_contents(names, sections, alike),
        lessons=[_lesson(name, listed) for name in names],
        rows=_rows(marks, listed, names, absent),
        alike=alike,
        file_name=feedback.file_name,
        **sections,
    )


def _contents(lessons, sections, alike):
    """[(id, title)] of the sections that the page has."""
    before = [(name, _say(f"{name}-title")) for name in ("problems", "absent", "strangers")]
    found = [(name, shown) for name, shown in before if sections[name]]
    found += [(lesson, lesson) for lesson in lessons]
    found += [("alike", _say("alike-title"))] if alike else []
    return [*found, ("marks", _say("table-title"))]


def _lesson(name, listed):
    own = [mark for mark in listed if mark.notebook == name and not mark.excused]
    tasks = dict.fromkeys(task["task"] for mark in own for task in mark.row["tasks"])
    return {
        "name": name,
        "points": _points(own),
        "tasks": [mistakes(own, task) for task in tasks],
    }


def _points(marks):
    """How many students have which tenth of the points."""
    tenths = Counter(min(9, int(10 * m.points / m.out_of)) for m in marks if m.out_of)
    total = len(marks) or 1
    bars = [
        Bar(f"{10 * k} – {10 * k + 10} %", tenths[k], 100 * tenths[k] / total, "pass")
        for k in range(10)
    ]
    return Figure(_say("points-title", n=len(marks)), bars)


def mistakes(marks, name):
    """The Mistakes in one task of one lesson, whose marks these are."""
    found, sentences, remarks = Counter(), {}, {}
    for mark in marks:
        for task in mark.row["tasks"]:
            if task["task"] != name:
                continue
            key = "pass" if task["status"] == "pass" else task["code"], task["status"]
            found[key] += 1
            said = mark_text.sentence(task) if task["status"] == "fail" else ""
            sentences.setdefault(key, said)
            if said := remark(task.get("facts", {})):
                remarks.setdefault(said, []).append(mark.student)
    total = sum(found.values())
    bars = [
        Bar(
            code if status == "fail" else _say(f"status.{status}"),
            n,
            100 * n / total,
            status,
            sentences[code, status],
        )
        for (code, status), n in found.most_common()
    ]
    solved = sum(bar.count for bar in bars if bar.status == "pass")
    title = _say("task-title", task=name, solved=solved, total=total)
    return Mistakes(name, Figure(title, bars), _worst(bars), remarks)


def _worst(bars):
    worst = next((bar for bar in bars if bar.status == "fail"), None)
    return _say("worst", mistake=worst.name, percent=f"{worst.percent:.0f}") if worst else ""


def _rows(marks, listed, lessons, absent):
    """[(student, whether they have a page, [a cell per lesson])]."""
    cells = {(mark.student, mark.notebook): mark for mark in listed}
    with_page = {mark.student for mark in marks}
    students = sorted({mark.student for mark in listed} | {student for student, _ in absent})
    return [
        (
            student,
            student in with_page,
            [_cell(cells.get((student, lesson))) for lesson in lessons],
        )
        for student in students
    ]


def _cell(mark):
    """A mark: a dash for none, a star where a person gave some of it."""
    if mark is None:
        return "–"
    by_hand = any(given.points is not None for given in mark.hand.values())
    return _say("excused-short") if mark.excused else f"{mark.points:g}{'*' if by_hand else ''}"
