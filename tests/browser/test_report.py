"""The report and the feedback of a class in a real browser: wide and narrow, light and dark.

Saves pictures into RNNCOURSE_SHOTS, if that names a folder.
"""

import csv
import hashlib
import importlib
import os
import random
import shutil
from pathlib import Path

import pytest

from rnncourse import language
from rnncourse.checking.task import FunctionTask, ValueTask, tasks_of
from rnncourse.commands import main
from rnncourse.grading.classroom.feedback import file_name
from rnncourse.grading.classroom.submissions import Submission
from tests.browser import axe, lab

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
from rnncourse.grading.classroom.gradebook import Gradebook

SOLUTION = next((lab.ROOT / "solutions").glob("03_*.ipynb"))
LESSONS = ("ch01", "ch02", "ch03", "ch04_1", "ch04_2", "ch04_3", "ch05", "ch06_1", "ch08")
STUDENTS = ["ada", "李 雷", "<script>alert(1)</script>", "=1+1", "a name " * 20, "nobody%2e"]
STUDENTS += [f"student {n}" for n in range(24)]
LISTED = [name for name in STUDENTS if name == name.strip()]  # the others are strangers
VIEWS = [(1280, "light", "en"), (390, "light", "zh"), (1280, "dark", "zh"), (390, "dark", "en")]


def lessons():
    """{"ch03": its tasks} of nine lessons."""
    modules = [importlib.import_module(f"rnncourse.tasks.{name}") for name in LESSONS]
    return {name: tasks_of(module) for name, module in zip(LESSONS, modules, strict=True)}


def result(task, chance):
    """A student's result for a task, as the gradebook holds it: some mistakes are frequent."""
    status = chance.choices(["pass", "fail", "todo"], [6, 3, 1])[0]
    wrong = list(task.wrong)
    right = "pass" if isinstance(task, FunctionTask) else "above-bar"
    right = "right" if isinstance(task, ValueTask) else right
    code = {"pass": right, "todo": "todo"}.get(
        status, wrong[int(len(wrong) * chance.random() ** 3)]
    )
    facts = {"n": 3, "error": "0.1", "bar": "0.2", "baseline": "0.3"}
    own = {"chapter": task.chapter, "task": task.name, "out_of": task.points, "shares": []}
    points = task.points if status == "pass" else 0
    return own | {"status": status, "code": code, "facts": facts, "points": points}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The class's folder with its report: thirty students, nine lessons, all kinds of trouble."""
    folder, chance = tmp_path_factory.mktemp("class"), random.Random(0)
    out, subs = folder / "out", folder / "subs"
    out.mkdir()
    book, sent = Gradebook(f"sqlite:///{out / 'grades.sqlite'}"), "2026-10-12T12:00:00+00:00"
    error = {"cell": 3, "kind": "raised", "error": "NameError: name 'x' is not defined"}
    sha = hashlib.sha256(SOLUTION.read_bytes()).hexdigest()  # what is compared is what was graded
    for lesson, own in lessons().items():
        for student in STUDENTS:
            one = Submission(student, lesson, sha, f"{student}/{lesson}.ipynb", sent, b"")
            found = [result(task, chance) for task in own]
            book.put(one, {"tasks": found, "errors": [error] * (student == "ada")})
    problem = {"code": "not-json", "facts": {"path": "broken/03.ipynb"}}
    one = Submission("broken", "03", "1" * 64, "broken/03.ipynb", sent, b"")
    book.put(one, {"tasks": [], "errors": [], "problem": problem})
    book.close()
    for student in STUDENTS[:2]:
        (subs / student).mkdir(parents=True)
        shutil.copy(SOLUTION, subs / student / "ch03.ipynb")
    with (out / "students.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["student"], *([name] for name in [*LISTED, "zoe"])])
    rules = 'roster = "students.csv"\n[excused]\n"student 1" = ["ch03"]\n'
    rules += '[languages]\n"李 雷" = "zh"\nada = "en"\n'
    (out / "policy.toml").write_text(rules, "utf-8")
    words = ["--out", out, "--policy", out / "policy.toml", "--comment", "Well <b>done</b>."]
    assert main.main(["class", "set", "ada", "ch03.rnn_step", "1", *map(str, words)]) == 0
    return out, ["--out", out, "--submissions", subs, "--policy", out / "policy.toml"]


@pytest.fixture(scope="module", params=VIEWS, ids=str)
def view(request, written):
    """(a browser's page, the class's folder, the pictures' name) of one width, theme, language."""
    if lab.chromium() is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("no Chromium on this machine; Debian: apt install chromium")
    width, theme, lang = request.param
    out, words = written
    before = language._chosen
    assert main.main(["class", "report", *map(str, words), "--lang", lang]) == 0
    language._chosen = before
    with lab.browser() as context:
        size = {"width": width, "height": 900}
        page = context.browser.new_context(viewport=size, color_scheme=theme).new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("requestfailed", lambda request: page.said.append(request.url))
        page.on("dialog", lambda dialog: page.said.append(dialog.message) or dialog.dismiss())
        yield page, out, f"{width}-{theme}-{lang}"


def looked_at(page, path, name):
    """Open the page, take its picture, and hold it to what all pages keep."""
    page.goto(path.as_uri())
    if shots := os.environ.get("RNNCOURSE_SHOTS"):
        page.screenshot(path=Path(shots, f"{name}.png"), full_page=True)
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CLIPPED) == []
    assert page.locator("th:not([scope])").count() == 0
    assert axe.findings(page) == []


# Text that is cut off: an element that holds more than it shows, and does not scroll.
CLIPPED = """() => [...document.querySelectorAll('main *')].filter(e =>
  e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1
  && getComputedStyle(e).overflowX === 'hidden').map(e => e.outerHTML.slice(0, 80))"""


def test_the_report_is_whole_and_its_figures_have_words(view):
    page, out, name = view
    looked_at(page, out / "report.html", f"report-{name}")
    figures = page.locator("figure[role=img]")
    per_task = sum(map(len, lessons().values()))
    assert figures.count() == per_task + len(lessons())
    for label in figures.evaluate_all("all => all.map(f => f.ariaLabel)"):
        assert len(label) > 20
    step = page.locator("details", has_text="rnn_step")
    assert not step.locator("figure").first.is_visible()
    step.locator("summary").first.click()
    figure = step.locator("figure").first
    assert figure.is_visible()
    assert "no-bias" in figure.get_attribute("aria-label")
    page.locator("details").evaluate_all("all => all.forEach(d => { d.open = true })")
    assert page.evaluate(CLIPPED) == []
    assert axe.findings(page) == []
    if shots := os.environ.get("RNNCOURSE_SHOTS"):
        page.locator("#ch03").first.screenshot(path=Path(shots, f"open-{name}.png"))


def test_links_lead_to_each_student_and_hints_say_what_they_are(view):
    page, out, _ = view
    page.goto((out / "report.html").as_uri())
    links = page.locator("#marks ~ .wide a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) == len(LISTED)
    strangers = page.locator("#strangers ~ ul").first.locator("a")
    assert strangers.count() == len(STUDENTS) + 1 - len(LISTED)
    assert "zoe" in page.locator("#absent + ul").inner_text()
    for href in links:
        assert page.goto(href) is not None
        assert page.locator("h1").count() == 1
    page.goto((out / "report.html").as_uri())
    caution = page.locator("#alike + .note").inner_text()
    assert "not a verdict" in caution or "不是结论" in caution
    assert page.locator("#alike ~ table").first.inner_text().count("100%") == 1
    assert page.said == []


@pytest.mark.parametrize(
    ("student", "lang", "says"), [("ada", "en", "Why"), ("李 雷", "zh-CN", "原因")]
)
def test_feedback_speaks_the_students_language(view, student, lang, says):
    page, out, name = view
    path = out / "feedback" / f"{file_name(student)}.html"
    looked_at(page, path, f"feedback-{lang}-{name}")
    assert page.locator("html").get_attribute("lang") == lang
    assert says in page.locator("thead").first.inner_text()
