"""The HTML pages of a class: whatever people call themselves or write, it stays text."""

import sys
from html.parser import HTMLParser

import pytest

from rnncourse.grading.classroom import feedback, marks, pages, policy, report
from rnncourse.grading.classroom.roster import People
from rnncourse.grading.classroom.stop import Stop

pytest.importorskip("jinja2", reason="the extra `class` is not installed")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    '" onmouseover="alert(1)',
    "</td></tr></table><h1>Full marks</h1>",
    "&lt;b&gt; &#60;",
    "\u202egnirts\u2066",
    "{{ 7 * 7 }} {% raise %}",
]


class Structure(HTMLParser):
    """The elements of a page with the names of their attributes, and what is shown."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, sorted(name for name, _ in attributes)))
        self.text += " ".join(value or "" for _, value in attributes)

    def handle_endtag(self, tag):
        self.found.append(f"/{tag}")

    def handle_data(self, data):
        self.text += data


def written(said, folder):
    """[the report, a student's page] of a class in which every text is `said`."""
    when = "2026-10-12T12:00:00+00:00"
    task = {"chapter": said, "task": said, "out_of": 4, "points": 0, "shares": []}
    own = {"student": said, "notebook": said, "sha": said, "path": said, "submitted": when}
    own |= {"errors": [{"cell": 1, "kind": "raised", "error": said}], "layers": {said: said}}
    gone = task | {"status": "fail", "code": said, "facts": {"what": said}}
    known = task | {"chapter": "ch03", "task": "bptt", "status": "fail", "code": "raised"}
    known["facts"] = {"n": 1, "what": said, "line": said, "given": said, "remark": "too-good"}
    first = own | {"tasks": [gone, known], "problem": None}
    last = first | {"path": f"2 {said}", "submitted": f"2026-10-13T12:00:00 {said[:3]}"}
    problem = {"code": "grader-failed", "facts": {"path": said, "what": said}}
    broken = own | {"tasks": [], "problem": problem, "path": f"3 {said}"}
    hand = {"student": said, "lesson": said, "task": said, "points": 1, "comment": said}
    hand |= {"author": said, "given": when}
    people = People(listed={said: {}, f"{said} absent": {}})
    rules = policy.Policy(attempts="last", people=people)
    found = marks.marks([first, last, broken], rules, [hand])
    assert len(found) == 3
    stranger = marks.marks([first | {"student": f"{said} stranger"}], policy.Policy())
    away, strangers = marks.absent(found, rules), [f"{said} stranger"]
    page = report.page([*found, *stranger], [(1.0, said, [said, said])], away, strangers)
    feedback.write(found, folder)
    return [page, (folder / f"{feedback.file_name(said)}.html").read_text("utf-8")]


@pytest.mark.parametrize("said", HOSTILE)
def test_no_text_becomes_markup_wherever_it_stands(tmp_path, said):
    (tmp_path / "plain").mkdir()
    harmless = "0 y" if said < "ch03" else "x y"  # in the same place of an alphabetical list
    two = zip(written(said, tmp_path), written(harmless, tmp_path / "plain"), strict=True)
    for page, plain in two:
        assert Structure(page).found == Structure(plain).found
        assert Structure(page).text.count(said) > 9


def test_a_misspelt_name_in_a_template_is_an_error():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="lessons"):
        pages.filled("feedback.html", "ada")


def test_without_jinja_its_installation_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    pages._environment.cache_clear()
    with pytest.raises(Stop, match=r"rnncourse\[class\]"):
        pages.filled("feedback.html", "ada", lessons=[])
