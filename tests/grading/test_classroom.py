"""`rnncourse class` from folder to marks: bad input, kills, workers that die, rules, exports."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from rnncourse import language
from rnncourse.grading import notebook
from rnncourse.grading.classroom import feedback, marks, policy, submissions
from rnncourse.grading.classroom.gradebook import Gradebook
from rnncourse.grading.runner import reader_client
from tests.grading.calls import LINUX, exported, run
from tests.grading.classes import IMPORT, STEP, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


def outputs(path, mb):
    """A right notebook, and `mb` MB of what it printed."""
    write(path, IMPORT, STEP)
    tree = json.loads(path.read_text("utf-8"))
    tree["cells"][1]["outputs"] = [{"output_type": "stream", "text": "x" * (mb << 20)}]
    path.write_text(json.dumps(tree), "utf-8")


@LINUX
def test_a_class_with_all_kinds_of_bad_input(tmp_path, capsys):
    subs, out = tmp_path / "subs", tmp_path / "out"
    write(subs / "ada" / "rnn" / "03.ipynb", IMPORT, STEP, "carried = 'b'")
    write(subs / "李 雷" / "rnn" / "renamed 笔记.ipynb", STEP, IMPORT, "n_parameters = 40")
    write(subs / "windows" / "rnn" / "03.ipynb", IMPORT, STEP, ends="\r\n")
    write(subs / "twice" / "a" / "03.ipynb", IMPORT, "carried = 'a'")
    write(subs / "twice" / "b" / "03.ipynb", IMPORT, "carried = 'b'")
    write(subs / "..hidden" / "rnn" / "03.ipynb", IMPORT, STEP)
    write(
        subs / "doubled" / "rnn" / "03.ipynb", IMPORT, STEP, STEP, "carried = 'a'", "carried = 'b'"
    )
    write(subs / "=1+1" / "rnn" / "03.ipynb", IMPORT)
    (subs / "empty").mkdir()
    (subs / "html").mkdir()
    (subs / "html" / "03.ipynb").write_text("<html>")
    (subs / "cells").mkdir()
    (subs / "cells" / "03.ipynb").write_text('{"cells": [7, {"cell_type": "code", "source": [1]}]}')
    (subs / "deep").mkdir()
    (subs / "deep" / "03.ipynb").write_text("[" * 200_000)
    (subs / "large").mkdir()
    with (subs / "large" / "03.ipynb").open("wb") as file:
        file.truncate(200 << 20)
    outputs(subs / "outputs" / "03.ipynb", 40)
    outputs(subs / "more outputs" / "03.ipynb", 200)
    (subs / "pipe").mkdir()
    os.mkfifo(subs / "pipe" / "03.ipynb")
    os.mkfifo(subs / "ada" / "rnn" / "timestamp.txt")
    (subs / "folder" / "03.ipynb").mkdir(parents=True)
    (subs / "linked").symlink_to(subs / "ada")
    write(Path(os.fsdecode(os.fsencode(subs) + b"/g\xfcnther")) / "03.ipynb", IMPORT, STEP)
    write(subs / "surrogate" / "03.ipynb", IMPORT, STEP.replace("@ W", "@ '\ud800\x00'"))
    (subs / "link").mkdir()
    (subs / "link" / "03.ipynb").symlink_to(subs / "ada" / "rnn" / "03.ipynb")
    assert run("grade", subs, "--out", out, "--timeout", 20) == 1
    found = exported(capsys, "--out", out)
    points = {mark["student"]: mark["points"] for mark in found}
    assert points == {
        "ada": 3, "李 雷": 2, "windows": 2, "twice": 1, "doubled": 3, "=1+1": 0, "..hidden": 2,
        "html": 0, "cells": 0, "deep": 0, "large": 0, "link": 0,
        "outputs": 2, "more outputs": 0, "pipe": 0, "folder": 0, "linked": 0, "empty": 0,
        "g\\xfcnther": 2, "surrogate": 0,
    }  # fmt: skip
    codes = {m["student"]: m["problem"]["code"] for m in found if m["problem"]}
    assert codes == {
        "html": "not-json", "deep": "not-json", "cells": "no-tasks",
        "large": "too-large", "more outputs": "too-large", "link": "symlink", "linked": "symlink",
        "pipe": "no-file", "folder": "no-file", "empty": "nothing",
    }  # fmt: skip
    assert (out / "secret").stat().st_mode & 0o077 == 0

    capsys.readouterr()
    assert run("grade", subs, "--out", out) == 0  # nothing is new
    assert "0 graded, 21 graded before" in capsys.readouterr().out

    assert run("show", "large", "--out", out) == 0
    assert "Clear the outputs" in capsys.readouterr().out
    assert run("show", "李 雷", "--out", out, "--lang", "zh") == 0
    assert "偏置" in capsys.readouterr().out
    language.use("en")
    assert run("show", "nobody", "--out", out) == 2

    assert run("export", "--out", out, "--format", "canvas") == 0
    sheet = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert sheet[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert sheet[1][-1] == "16"
    assert "'=1+1" in [row[0] for row in sheet]  # no formula for the spreadsheet

    assert run("report", "--out", out, "--submissions", subs) == 0
    page = (out / "report.html").read_text("utf-8")
    assert "rnn_step: solved by" in page
    assert "no-bias" in page
    assert (out / "feedback" / "李 雷.html").exists()
    assert "W and U are there" in (out / "feedback" / "李 雷.html").read_text("utf-8")

    assert run("regrade", subs, "--out", out, "--student", "ada") == 0
    assert "1 graded, 20 graded before" in capsys.readouterr().out


def test_what_is_asked_wrongly_is_a_sentence(tmp_path, capsys):
    assert run("grade", tmp_path / "none", "--out", tmp_path / "out") == 2
    assert "There is no folder" in capsys.readouterr().err
    (tmp_path / "subs").mkdir()
    assert run("grade", tmp_path / "subs", "--out", tmp_path / "out") == 2
    assert "holds no notebook" in capsys.readouterr().err


def test_without_the_layers_that_keep_secrets_nothing_is_graded(tmp_path, capsys, monkeypatch):
    from rnncourse.grading.classroom import grade_one
    from rnncourse.grading.isolation import sandbox

    write(tmp_path / "subs" / "ada.ipynb", IMPORT, STEP)
    off = dict.fromkeys(sandbox.LAYERS, "macOS has none")
    monkeypatch.setattr(grade_one, "layers_here", lambda sandboxed: off)
    assert run("grade", tmp_path / "subs", "--out", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "--trust-submissions" in said
    assert "seccomp: macOS has none" in said
    assert run("grade", tmp_path / "subs", "--out", tmp_path / "out", "--trust-submissions") == 0


TASK = {"chapter": "ch03", "out_of": 4, "points": 0, "status": "fail", "code": "value", "facts": {}}
ROW = {"student": "ada", "notebook": "ch03", "sha": "0", "path": "x", "problem": None}


def row(submitted, *shares):
    status = "pass" if all(shares) else "fail"
    task = TASK | {"task": "bptt", "shares": list(shares), "status": status}
    return ROW | {"submitted": submitted, "tasks": [task], "errors": []}


def test_rules_for_late_best_and_partial_are_read_from_a_file(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(
        'partial = "cases"\nlate_per_day = 0.25\ngrace_minutes = 10\n'
        "[due]\nch03 = 2026-10-12T12:00:00Z\n[points]\n'ch03.bptt' = 8\n"
    )
    rules = policy.read(path)
    early = row("2026-10-12T12:09:00+00:00", True, False)
    late = row("2026-10-13T13:00:00+00:00", True, True)
    assert [marks.marks([r], rules)[0].points for r in (early, late)] == [4, 4]  # half; two days
    assert marks.marks([early, late], policy.Policy())[0].points == 4  # best: the second solves it
    last = policy.Policy(attempts="last")
    worse = row("2026-10-14T12:00:00+00:00", True, False)
    assert marks.marks([late, worse], last)[0].points == 0
    for wrong in (
        'language = "fr"',
        "[languages]\nada = 3",
        "[points]\nx = 'a'",
        "late = 1",
        'attempts = "worst"',
        "[due]\nch03 = 2026-10-12T12:00:00",
        "a =",
    ):
        path.write_text(wrong)
        with pytest.raises(policy.WrongPolicy):
            policy.read(path)


def test_each_student_is_spoken_to_in_their_language(tmp_path, capsys):
    out, rules = tmp_path / "out", tmp_path / "rules.toml"
    out.mkdir()
    book = Gradebook(out / "grades.sqlite")
    task = TASK | {"task": "rnn_step", "code": "no-bias", "shares": []}
    for student in ("ada", "李 雷", "kim", "eve"):
        one = submissions.Submission(student, "ch03", "0", "x", "2026-10-12T12:00:00+00:00", b"")
        book.put(one, {"tasks": [task], "errors": [{"cell": 3, "kind": "exit", "error": ""}]})
        problem = {"code": "symlink", "facts": {"path": "y"}}
        failed = {"tasks": [], "errors": [], "problem": problem}
        book.put(replace(one, notebook="y", sha="1", path="y"), failed)
    book.close()
    (tmp_path / "students.csv").write_text(
        "\ufeffname, student ,language\nX,李 雷,zh_CN\nY,kim,\nZ,ada,en\n", "utf-8"
    )
    rules.write_text('language = "zh"\nroster = "students.csv"\n[languages]\neve = "en"\n')
    assert run("report", "--out", out, "--policy", rules) == 0
    pages = {path.stem: path.read_text("utf-8") for path in (out / "feedback").iterdir()}
    for student, lang, says in (
        (
            "ada",
            "en",
            ("Add it inside the tanh", "it called exit()", "symbolic link", "not solved"),
        ),
        (
            "eve",
            "en",
            ("Add it inside the tanh", "it called exit()", "symbolic link", "not solved"),
        ),
        ("李 雷", "zh-CN", ("这是缺少 b 的结果", "调用了 exit()", "符号链接", "未做对")),
        ("kim", "zh-CN", ("这是缺少 b 的结果", "调用了 exit()", "符号链接", "未做对")),
    ):
        assert f'<html lang="{lang}">' in pages[student]
        assert [words for words in says if words not in pages[student]] == []
    assert "Add it inside the tanh" in (out / "report.html").read_text("utf-8")  # the teacher's
    for words, says in (
        (["kim"], "评分时开启"),
        (["ada"], "graded under"),
        (["kim", "--lang", "en"], "graded under"),  # who asks for a language gets it
    ):
        capsys.readouterr()
        assert run("show", *words, "--out", out, "--policy", rules) == 0
        assert says in capsys.readouterr().out


def test_names_of_feedback_files_are_all_different_and_short_enough():
    names = ["ada", "a/da", "..", "%2e.", "李" * 85, "李" * 84 + "雷", "x" * 255, "=1+1", "a\nb"]
    made = [feedback.file_name(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(len(name.encode()) <= 240 and "/" not in name and name != ".." for name in made)


def test_a_file_that_could_not_be_graded_is_forgotten_once_a_better_one_takes_its_place():
    good = row("2026-10-12T12:00:00+00:00", True) | {"path": "ada/rnn/03.ipynb"}
    broken = {"notebook": "03", "problem": {"code": "not-json", "facts": {}}, "tasks": []}
    before = [good | broken | {"path": path} for path in ("ada/rnn/03.ipynb", "ada", "ada/x.ipynb")]
    found = marks.marks([*before, good], policy.Policy())
    assert [mark.row["path"] for mark in found] == ["ada/x.ipynb", "ada/rnn/03.ipynb"]


def test_the_hidden_cases_depend_on_the_secret_and_the_file(tmp_path):
    write(tmp_path / "ada.ipynb", IMPORT, STEP)
    one = submissions.load("ada", tmp_path / "ada.ipynb", tmp_path)
    assert one.notebook == "ch03"
    seeds = {submissions.seed_of(secret, one) for secret in (bytes(32), b"x" * 32)}
    assert len(seeds) == 2


def test_any_json_is_cells_or_a_sentence():
    for content in (b"null", b"3", b'{"cells": {}}', b'{"cells": [{"source": {}}]}', b"\xff"):
        with pytest.raises(notebook.Unreadable):
            reader_client.look(content, "x").checked()
