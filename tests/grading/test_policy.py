"""The rules for marks: every wrong one is a sentence, and each lesson keeps its own mark."""

import re

import pytest

from rnncourse import language
from rnncourse.grading.classroom import manual_marks, marks, policy
from tests.grading.calls import run
from tests.grading.classes import IMPORT, STEP, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


def task(lesson, name, points, code="value"):
    status = "pass" if points else "fail"
    own = {"chapter": lesson, "task": name, "out_of": 4, "points": points, "shares": []}
    return own | {"status": status, "code": code, "facts": {}}


def row(path, submitted, *tasks, student="ada", **more):
    own = {"student": student, "notebook": "+".join(sorted({t["chapter"] for t in tasks}))}
    own |= {"sha": path, "path": path, "submitted": f"2026-10-{submitted}:00+00:00"}
    return own | {"problem": None, "tasks": list(tasks), "errors": [], "layers": {}} | more


def rules(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text, "utf-8")
    return policy.read(path)


LATE = "late_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n"


def test_a_notebook_that_imports_two_lessons_gives_a_mark_for_each_with_its_own_date(tmp_path):
    both = row("a/x.ipynb", "13T10:00", task("ch02", "a", 4), task("ch03", "b", 4))
    found = marks.marks([both], rules(tmp_path, LATE))
    assert [(m.notebook, m.points, m.late) for m in found] == [("ch02", 4, 0), ("ch03", 2, 0.5)]
    assert [t["task"] for m in found for t in m.row["tasks"]] == ["a", "b"]


def test_a_second_name_in_the_import_moves_no_mark_and_hides_none(tmp_path):
    """`note = "from rnncourse.tasks import ch02"` gave a column without a due date."""
    nothing = [task("ch02", name, 0, "not-found") for name in "ab"]
    moved = row("a/x.ipynb", "13T10:00", *nothing, task("ch03", "c", 4))
    first = row("a/2.ipynb", "01T10:00", task("ch02", "a", 4), task("ch02", "b", 4))
    late = rules(tmp_path, LATE)
    assert [(m.notebook, m.points) for m in marks.marks([moved], late)] == [("ch03", 2)]
    for attempts in ("best", "last"):  # the empty half of the later one is no attempt at ch02
        found = marks.marks([first, moved], rules(tmp_path, f'attempts = "{attempts}"\n' + LATE))
        assert [(m.notebook, m.points) for m in found] == [("ch02", 8), ("ch03", 2)]
        assert found[0].others == ()


def test_two_lessons_may_have_a_task_of_one_name(tmp_path):
    both = row("a/x.ipynb", "01T10:00", task("ch02", "a", 4), task("ch03", "a", 0))
    found = marks.marks([both], policy.Policy())
    assert [(m.notebook, m.points, m.out_of) for m in found] == [("ch02", 4, 4), ("ch03", 0, 4)]


def test_a_broken_file_with_a_lessons_name_takes_no_mark_away():
    broken = row("a/ch03.ipynb", "20T10:00", notebook="ch03", sha="b")
    broken |= {"problem": {"code": "not-json", "facts": {"path": "a/ch03.ipynb"}}}
    good = row("a/x.ipynb", "01T10:00", task("ch03", "a", 4))
    found = marks.marks([good, broken], policy.Policy(attempts="last"))
    assert [(m.points, bool(m.row["problem"])) for m in found] == [(0, True), (4, False)]


WRONG = {
    "due = 5": r"due is 5\. Write a table",
    "points = 3": r"points is 3\. Write a table",
    "languages = 'en'": r"languages is 'en'\. Write a table",
    "grace_minutes = inf": r"grace_minutes is inf\. Write a number from 0 to 1000000",
    "late_per_day = true": r"late_per_day is True\. Write a number from 0 to 1",
    "grace_minutes = true": r"grace_minutes is True\. Write a number",
    "grace_minutes = -1": r"Write a number from 0",
    "late_per_day = -0.5": r"late_per_day is -0\.5\. Write a number from 0 to 1",
    "late_per_day = nan": r"late_per_day is nan",
    f"late_per_day = 1{'0' * 400}": "late_per_day is 1000",
    "late_at_most = 5.0": r"late_at_most is 5\.0\. Write a number from 0 to 1",
    "[due]\nch3 = 2026-10-12T12:00:00Z": r"\[due\] ch3 is not a lesson.*Did you mean: ch03",
    "[due]\nch03 = 2026-10-12T12:00:00": r"\[due\] ch03.*time with its zone",
    "[due]\nch03 = 2026-10-12": r"\[due\] ch03.*time with its zone",
    "[due]\nch03 = 0001-01-01T00:00:00+14:00": r"\[due\] ch03.*time with its zone",
    '[points]\n"ch03.nosuch" = 3': r"\[points\] ch03\.nosuch is not a task",
    '[points]\n"ch03.bpt" = 3': r"Did you mean: ch03\.bptt",
    '[points]\n"ch3.bptt" = 3': r"Did you mean: ch03",
    '[points]\n"ch03.bptt" = nan': r"\[points\] ch03\.bptt is nan",
    '[points]\n"ch03.bptt" = "6"': r"\[points\] ch03\.bptt is '6'",
    "[points]\nch03 = {bptt = 6}": r"\[points\] ch03 is not a task",
    '[by_hand]\n"ch03.bptt" = 5': r"\[by_hand\] ch03\.bptt must be a lesson",
    '[by_hand]\n"ch03.essay" = -5': "Write a number from 0",
    "[extensions]\nada = 3": r"\[extensions\] ada is 3\. Write a table",
    "[extensions.ada]\nch3 = 2026-10-12T12:00:00Z": "Did you mean: ch03",
    "[excused]\nada = true": r"\[excused\] ada is True\. Write a list",
    "[excused]\nada = ['ch3']": "Did you mean: ch03",
    "[zones]\nCST = 'Asia/Nowhere'": r"\[zones\] CST.*Write a place",
    "[zones]\nCST = 8": r"\[zones\] CST is 8",
    "[zones]\nCST = '+99:00'": r"\[zones\] CST.*Write a place",
    "[zones]\nCST = '../../etc/passwd'": r"\[zones\] CST.*Write a place",
    "late_per_dya = 0.1": "Did you mean: late_per_day",
    "people = 3": "people is not a rule",
    "attempts = 'worst'": 'Write one of "best", "last"',
    "partial = ['none']": 'Write one of "none", "cases"',
    "language = 'fr'": 'Write one of "en", "zh"',
    "[languages]\nada = 3": r"\[languages\] ada is 3",
    "roster = 3": "roster is 3. Write a text",
    "a =": "is not TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_rule_is_a_sentence_before_anything_is_graded(tmp_path, capsys, text):
    write(tmp_path / "subs" / "ada" / "03.ipynb", IMPORT, STEP)
    path, out = tmp_path / "rules.toml", tmp_path / "out"
    path.write_text(text, "utf-8")
    assert run("grade", tmp_path / "subs", "--out", out, "--policy", path) == 2
    said = capsys.readouterr().err
    assert re.search(WRONG[text], said)
    assert str(path) in said
    assert not out.exists()
    language.use("zh")
    with pytest.raises(policy.WrongPolicy) as wrong:
        policy.read(path)
    assert "计分规则" in str(wrong.value)


def test_a_policy_that_is_missing_or_no_text_is_a_sentence(tmp_path, capsys):
    (tmp_path / "latin.toml").write_bytes('language = "é"'.encode("latin-1"))
    for name, says in (("none.toml", "cannot be read"), ("latin.toml", "Save it again as UTF-8")):
        assert run("export", "--out", tmp_path, "--policy", tmp_path / name) == 2
        assert says in capsys.readouterr().err


def test_an_extension_moves_one_students_date_and_an_excuse_takes_the_lesson_out(tmp_path):
    text = LATE + "[extensions]\nada = { ch03 = 2026-10-13T12:00:00Z }\n[excused]\nkim = ['ch03']\n"
    rows = [
        row(f"{who}/x.ipynb", "13T10:00", task("ch03", "a", 4), student=who)
        for who in ("ada", "eve")
    ]
    found = {m.student: m for m in marks.marks(rows, rules(tmp_path, text))}
    assert (found["ada"].points, found["eve"].points) == (4, 2)
    assert (found["kim"].excused, found["kim"].points, found["ada"].excused) == (True, 0, False)


def test_which_of_two_notebooks_counts_is_said_and_why():
    worse = row("a/1.ipynb", "01T10:00", task("ch03", "a", 0), task("ch03", "b", 4))
    better = row("a/2.ipynb", "02T10:00", task("ch03", "a", 4), task("ch03", "b", 4))
    last = row("a/3.ipynb", "03T10:00", task("ch03", "a", 0), task("ch03", "b", 0))
    found = marks.marks([worse, better, last], policy.Policy())[0]
    assert (found.row["path"], found.rule) == ("a/2.ipynb", "best")
    assert [(a.path, a.points) for a in found.others] == [("a/1.ipynb", 4), ("a/3.ipynb", 0)]
    found = marks.marks([worse, better, last], policy.Policy(attempts="last"))[0]
    assert (found.row["path"], found.rule) == ("a/3.ipynb", "last")


def test_a_broken_file_over_a_good_one_is_mentioned_and_a_mended_one_is_not():
    good = row("a/1.ipynb", "01T10:00", task("ch03", "a", 4), graded="2026-10-02")
    broken = row("a/1.ipynb", "05T10:00", notebook="1", sha="x", graded="2026-10-06")
    broken |= {"problem": {"code": "not-json", "facts": {"path": "a/1.ipynb"}}}
    found = marks.marks([good, broken], policy.Policy())
    assert [(m.notebook, m.points) for m in found] == [("1", 0), ("ch03", 4)]
    assert [(a.path, a.points) for a in found[1].others] == [("a/1.ipynb", None)]
    mended = good | {"sha": "y", "graded": "2026-10-07", "submitted": "2026-10-06T10:00:00+00:00"}
    found = marks.marks([good, broken, mended], policy.Policy())
    assert [m.notebook for m in found] == ["ch03"]


def test_points_by_hand_stand_beside_the_computed_ones(tmp_path):
    own = row("a/x.ipynb", "13T10:00", task("ch03", "a", 0), task("ch03", "b", 4))
    text = LATE + '[by_hand]\n"ch03.essay" = 6\n'

    def given(task, points, comment=""):
        own = {"student": "ada", "lesson": "ch03", "task": task, "points": points}
        return own | {"comment": comment, "author": "bo", "given": "2026-10-20T10:00:00+00:00"}

    def mark(*hands):
        return marks.marks([own], rules(tmp_path, text), hands)[0]

    assert (mark().points, mark().out_of) == (2, 14)
    found = mark(given("a", 3), given("essay", 5), given("b", None, "well done"))
    assert (found.points, found.computed, found.tasks["a"]) == (6, 2, (0, 4))  # late: a half
    assert found.of("a") == (3, 4)
    assert found.hand["b"].comment == "well done"
    assert mark(given("", 13)).points == 13  # the whole lesson, whatever the time
    assert mark(given("a", 3), given("a", 1)).of("a") == (1, 4)
    assert mark(given("a", 3), given("a", None)).of("a") == (0, 4)  # taken back


def test_a_roster_that_comes_later_takes_what_was_given_by_hand_along(tmp_path):
    folder = "Ada Lovelace_4711_assignsubmission_file_"
    own = row(f"{folder}/x.ipynb", "01T10:00", task("ch03", "a", 0), student=folder)
    del own["tasks"][0]["shares"]  # as an older version kept it
    hand = {"student": folder, "lesson": "ch03", "task": "a", "points": 3, "comment": ""}
    hand |= {"author": "bo", "given": "2026-10-20T10:00:00+00:00"}
    (tmp_path / "students.csv").write_text("student,name\nada,Ada Lovelace\n")
    late = rules(tmp_path, 'roster = "students.csv"\npartial = "cases"\n')
    found = marks.marks([own], late, [hand])
    assert [(m.student, m.points) for m in found] == [("ada", 3)]


def test_rules_and_marks_by_hand_know_an_instructors_own_lessons(tmp_path, monkeypatch):
    from rnncourse import tasks

    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "week5.py").write_text("")
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path / "own")])
    text = '[due]\nweek5 = 2026-10-12T12:00:00Z\n[by_hand]\n"week5.essay" = 5\n'
    assert manual_marks.place("week5.essay", rules(tmp_path, text)) == ("week5", "essay", 5)
