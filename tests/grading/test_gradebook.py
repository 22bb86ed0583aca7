"""The gradebook on SQLite and on a real PostgreSQL: the same code, the same rows."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from rnncourse.commands import main
from rnncourse.grading.classroom.submissions import Submission
from tests.grading import postgres
from tests.grading.classes import many

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
from rnncourse.grading.classroom.gradebook import Gradebook

ONE = Submission("ada", "ch03", "a" * 64, "ada/x.ipynb", "2026-10-12T12:00:00+00:00", b"")
RESULT = {"tasks": [], "errors": [], "problem": None, "layers": {"limits": ""}, "seconds": 0.5}


@pytest.fixture(scope="session")
def server():
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if sys.platform == "win32" or not all(map(postgres.program, ("initdb", "pg_ctl"))):
        pytest.skip("there is no PostgreSQL server here (Debian: apt install postgresql)")
    with postgres.server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'grades.sqlite'}"
    found = request.getfixturevalue("server")
    book = Gradebook(found)
    book.table.metadata.drop_all(book.engine)
    book.close()
    return found


def test_a_row_is_what_was_put_and_a_second_one_takes_its_place(address):
    book = Gradebook(address)
    students = ["ada", "李 雷", "=1+1", "O'Hara; DROP TABLE result", "Ädä", "..", "%s", "a\\b"]
    for student in reversed(students):
        book.put(replace(ONE, student=student), RESULT)
    assert [row["student"] for row in book.rows()] == sorted(students)
    assert book.keys() == {(student, "ch03", ONE.sha) for student in students}
    book.put(ONE, RESULT | {"problem": {"code": "symlink", "facts": {"path": "x\0"}}})
    book.put(replace(ONE, sha="b" * 64, submitted="2026-10-11T12:00:00+00:00"), RESULT)
    assert len(book.rows()) == len(students) + 1
    ada = [row for row in book.rows() if row["student"] == "ada"]
    assert [row["sha"][0] for row in ada] == ["b", "a"]  # by time of submission
    assert ada[1]["problem"]["facts"] == {"path": "x\0"}
    assert ada[0]["layers"] == {"limits": ""}
    book.close()


def test_a_book_that_is_opened_again_holds_its_rows(address):
    for n in range(2):
        book = Gradebook(address)
        assert len(book.rows()) == n
        book.put(replace(ONE, sha=str(n)), RESULT)
        book.close()


def test_what_a_person_gave_and_what_was_replaced_are_kept(address):
    book = Gradebook(address)
    book.put(ONE, RESULT)
    book.put(ONE, RESULT)  # the same again is no change
    assert book.replaced() == []
    book.put(ONE, RESULT | {"errors": [{"cell": 3}]})
    book.move_time(("ada", "ch03", ONE.sha), "2026-10-13T12:00:00+00:00")
    old = [(row["why"], row["errors"], row["submitted"][8:10]) for row in book.replaced()]
    assert old == [("regraded", [], "12"), ("time", [{"cell": 3}], "12")]
    assert [row["submitted"][8:10] for row in book.rows()] == ["13"]
    book.give("李 雷", "ch03", "bptt", 1.5, "O'Hara %s", "bo")
    book.give("李 雷", "ch03", "bptt", None, "", "cy")
    assert [(one["points"], one["comment"]) for one in book.given()] == [
        (1.5, "O'Hara %s"),
        (None, ""),
    ]
    failed = {"code": "grader-failed", "facts": {}}
    said = RESULT | {"errors": [{"error": '"problem": {"code": "grader-failed"'}]}
    book.put(replace(ONE, sha="b"), RESULT | {"problem": failed})
    book.put(replace(ONE, sha="c"), said)
    assert sorted(code for _, _, code in book.known().values()) == ["", "", "grader-failed"]
    book.drop(("ada", "ch03", "b"))
    assert len(book.rows()) == 2
    book.close()


def test_two_graders_that_keep_the_same_row_at_once_keep_one(address):
    Gradebook(address).close()
    failures = []

    def keep():
        book = Gradebook(address)
        try:
            for n in range(40):
                book.put(ONE, RESULT | {"errors": [{"cell": n}]})
        except Exception as error:  # shown by the test
            failures.append(error)
        finally:
            book.close()

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    book = Gradebook(address)
    assert len(book.rows()) == 1
    book.close()


def test_a_book_is_read_without_making_anything(address):
    book = Gradebook(address)
    book.put(ONE, RESULT)
    book.history.drop(book.engine)
    book.by_hand.drop(book.engine)
    book.close()
    for _ in range(2):
        book = Gradebook(address, writing=False)
        assert (len(book.rows()), book.given(), book.replaced()) == (1, [], [])
        book.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a class is graded on Linux")
def test_a_class_on_a_server_is_the_class_in_a_file(server, tmp_path, capsys):
    """Killed once in the middle, shown, reported, exported."""
    many(tmp_path / "subs", 20)
    book = Gradebook(server)
    book.table.metadata.drop_all(book.engine)
    book.table.metadata.create_all(book.engine)
    found = {}
    for name, more in (("file", []), ("server", ["--database", server])):
        out = tmp_path / name
        out.mkdir()
        (out / "secret").write_bytes(bytes(32))
        words = ["class", "grade", str(tmp_path / "subs"), "--out", str(out), *more]
        if more:
            process = subprocess.Popen([sys.executable, "-m", "rnncourse", *words])
            while len(book.keys()) < 5:
                assert process.poll() is None
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert 5 <= len(book.keys()) < 20
        assert main.main(words) == 0
        assert main.main(["class", "report", "--out", str(out), *more]) == 0
        capsys.readouterr()
        for way in ("plain", "canvas", "moodle", "json"):
            assert main.main(["class", "export", "--out", str(out), "--format", way, *more]) == 0
        found[name] = capsys.readouterr().out, (out / "report.html").read_text("utf-8")
    book.close()
    assert not (tmp_path / "server" / "grades.sqlite").exists()
    assert found["file"] == found["server"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "cannot be opened"),
        ("oracle9://x", "cannot be opened"),
        ("sqlite:////no/such/folder/grades.sqlite", "There is no gradebook"),
        ("postgresql://teacher:hunter2@/none?host=/no/such/folder", "/no/such/folder"),
    ],
)
def test_a_book_that_cannot_be_opened_is_a_sentence(address, says, tmp_path, capsys):
    if address.startswith("postgres"):
        pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    assert main.main(["class", "show", "ada", "--out", str(tmp_path), "--database", address]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "hunter2" not in said


def test_without_the_extra_class_its_installation_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert main.main(["class", "export", "--out", str(tmp_path)]) == 2
    assert 'pip install "rnncourse[class]"' in capsys.readouterr().err


def test_a_missing_driver_is_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    words = ["class", "export", "--out", str(tmp_path), "--database", "postgresql://host/grades"]
    assert main.main(words) == 2
    assert 'pip install "rnncourse[class,postgres]"' in capsys.readouterr().err
