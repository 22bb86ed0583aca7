"""One student's file, folder or answer stops nobody; no accident of the machine costs a mark."""

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from rnncourse.grading import submissions, work
from tests.grading.classes import IMPORT, STEP, many, write
from tests.grading.fuzz_class import graded, marks
from tests.support import HANG, modes

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
RUN = [sys.executable, "-m", "tests.grading.fuzz_class"]
OUTCOME = "from rnncourse.tasks.outcome import Outcome\nch03.carried.answer = lambda a, p: Outcome"
LESSONS = "import numpy as np\nfrom rnncourse.tasks import ch06_2, ch07_2"
ATTACKS = {
    "half a character": ["carried = '\\ud800'"],
    "an array for a choice": [OUTCOME + "('returned', {'result': np.array(['x'])})", "carried = 1"],
    "an array as a fact": [OUTCOME + "('raised', {}, {'what': np.zeros(3)})", "carried = 1"],
    "a choice of 3.9 MB": ["carried = 'x' * 3_900_000"],
    "infinite facts": [OUTCOME + "('count', {}, {'got': float('inf'), 'want': 10**400})"],
    "a thousand facts": [
        OUTCOME + "('raised', {}, {f'{k}': [[k] * 100] for k in range(1000)} | {'what': 'x'})",
        "carried = 1",
    ],
    "a raw frame": [
        "import os, struct",
        'h = b\'{"d":[["kind","returned"],["values",{"d":[["result","\\\\ud800"]]}]]}\'',
        "ch03.carried.answer = lambda *a: os.write(3, struct.pack('>IQ', len(h), 0) + h) and 1 / 0",
        "carried = 1",
    ],
    "a million lines": ["\n" * 1_000_000],
    "many words": ["x = '" + "import " * 300_000 + "'"],
    "Ctrl-C": ["raise KeyboardInterrupt"],
    "an error without words": ["class E(Exception):\n    def __str__(self): 1 / 0", "raise E"],
    "an end without words": ["class E(BaseException):\n    __str__ = None", "raise E"],
    "a long loop of ours": [
        LESSONS,
        "def diagnose(programs): programs[0](np.zeros((0, 1 << 30, 3)))",
        "def depends_on(f, X): return f(np.zeros((0, 1 << 20, 3)))",
    ],
    "a large table of ours": [
        LESSONS,
        "def greedy(step, s, *a):\n    n = s.shape[1]\n"
        "    return step(np.zeros(5000), np.zeros((4900 // n, 1, n)))",
    ],
}


@pytest.fixture
def place():
    """A folder that every user may enter; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("mode", modes.MODES)
def test_nobody_stops_the_class_in_any_mode(place, tmp_path, mode):
    for name, cells in ATTACKS.items():
        write(place / name / "03.ipynb", IMPORT, STEP, *cells)
        for path in (place / name, place / name / "03.ipynb"):
            path.chmod(0o755)
    write(place / "zoe" / "03.ipynb", IMPORT, STEP, "carried = 'b'")
    done = modes.run(mode, [*RUN, str(place), "20"], tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == len(ATTACKS) + 1
    for path, (problem, tasks, _) in found.items():
        assert problem is None, path
        points = {task: n for chapter, task, _, n in tasks if n and chapter == "ch03"}
        wanted = {"rnn_step": 2, "carried": 1} if path[:3] == "zoe" else {"rnn_step": 2}
        assert points == wanted or path.startswith("a raw frame"), (path, tasks)


def test_a_call_that_is_too_large_gets_a_sentence():
    from rnncourse.grading import served

    ours = served.Served()
    ours.export(lambda *arguments: sum(map(len, arguments)))
    assert ours.answer([0, [[1, 2], [3]]]) == {"value": 3}
    import numpy as np

    for arguments in (
        [np.zeros((0, 1 << 29))],
        [np.zeros(9000), np.zeros(1001)],
        [np.zeros(5000), np.zeros((612, 1, 8))],
        [np.zeros((1,) * 6)],
        [[[0]] * 10_001, "text", {}],
    ):
        said = ours.answer([0, arguments])["raised"]
        assert "too l" in said or "more than" in said
    for asked in (None, 3, [], [0], [1, []], [-1, []], ["0", []], [0, 3], [0, [object()]]):
        assert "raised" in ours.answer(asked)


def test_a_call_that_takes_long_is_ended():
    from rnncourse.grading import served

    ours = served.Served()
    ours.export(lambda: time.sleep(600))
    assert "more than" in ours.answer([0, []])["raised"]


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stamp", ["0001-01-01 00:00:00+23:59", "9999-12-31 23:59:59-23:59", "\0"])
def test_a_time_that_no_calendar_holds_stops_nobody(tmp_path, stamp):
    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "ada" / "timestamp.txt").write_text(stamp)
    ((one, result),) = graded(tmp_path).values()
    assert one.submitted[:4].isdigit()
    assert result["tasks"]


@pytest.mark.parametrize("seconds", [900_000_000_000, -(1 << 50), 1 << 60])
def test_a_file_of_the_year_30489_is_graded(tmp_path, monkeypatch, seconds):
    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP)
    real = Path.lstat

    def lstat(path):  # not every file system stores such a time
        found = real(path)
        return type(found)([*found[:8], seconds, *found[9:]])

    monkeypatch.setattr(Path, "lstat", lstat)
    one = submissions.load("ada", tmp_path / "ada" / "03.ipynb", tmp_path)
    assert one.problem is None
    assert one.submitted[:4].isdigit()


def test_a_folder_that_cannot_be_listed_is_told_and_tried_again(tmp_path, monkeypatch):
    for name in ("ada", "bob", "zoe"):
        write(tmp_path / name / "rnn" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "empty").mkdir()
    real, closed = os.scandir, {tmp_path / "ada" / "rnn", tmp_path / "bob", tmp_path / "empty"}

    def scandir(path):
        if not isinstance(path, int) and Path(path) in closed:  # root may list everything
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = graded(tmp_path)
    problems = {path: r["problem"]["code"] for path, (_, r) in found.items() if r.get("problem")}
    assert problems == {"ada/rnn": "unlisted", "bob": "unlisted", "empty": "unlisted"}
    assert "unlisted" in work.RETRIED
    assert all(r["problem"]["facts"]["path"] == p for p, (_, r) in found.items() if p in problems)
    assert found["zoe/rnn/03.ipynb"][1]["tasks"]


def test_the_instructor_is_told_whose_work_waits_and_the_next_run_takes_it(
    tmp_path, monkeypatch, capsys
):
    from rnncourse import cli

    for name in ("ada", "zoe"):
        write(tmp_path / "subs" / name / "rnn" / "03.ipynb", IMPORT, STEP)
    words = ["class", "grade", str(tmp_path / "subs"), "--out", str(tmp_path / "out")]
    real = os.scandir

    def scandir(path):
        if not isinstance(path, int) and str(path).endswith("ada/rnn"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        for _ in range(2):  # it does not count as graded
            assert cli.main(words) == 1
            assert "ada/rnn" in capsys.readouterr().err
    assert cli.main(words) == 0
    assert "1 graded, 1 graded before" in capsys.readouterr().out
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        assert cli.main(words) == 1
    assert cli.main(words) == 0
    assert cli.main(["class", "export", "--format", "json", "--out", words[-1]]) == 0
    assert "unlisted" not in capsys.readouterr().out


def test_folders_nested_deep_stop_nobody(tmp_path):
    write(tmp_path / "zoe" / "03.ipynb", IMPORT, STEP)
    (tmp_path / "deep").mkdir()
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "deep")
        for _ in range(2200):  # beyond recursion, and beyond what a path may have
            os.mkdir("d")
            os.chdir("d")
        found = graded(tmp_path)
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", tmp_path / "deep"], check=True)
    assert found["zoe/03.ipynb"][1]["tasks"]
    assert {one.student for one, _ in found.values()} == {"zoe", "deep"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_vanishes_while_others_are_graded_is_told_and_tried_again(tmp_path, workers):
    from rnncourse.grading import scheduler

    for name in ("ada", "bob", "zoe"):
        write(tmp_path / name / "03.ipynb", IMPORT, STEP)

    def jobs():
        for student, path in submissions.find(tmp_path):
            if student == "bob":
                path.unlink()
            yield submissions.load(student, path, tmp_path), 3

    args = type("Args", (), {"timeout": 20, "scheduler": None, "workers": workers})
    found = {one.student: result for one, result in scheduler.results(jobs(), args, True)}
    assert found["bob"]["problem"]["code"] == "vanished"
    assert found["bob"]["problem"]["facts"]["path"] == "bob/03.ipynb"
    assert "vanished" in work.RETRIED
    assert found["ada"]["tasks"]
    assert found["ada"] | {"seconds": 0} == found["zoe"] | {"seconds": 0}


def test_a_mistake_of_the_graders_own_costs_one_file_and_is_tried_again(tmp_path, monkeypatch):
    many(tmp_path, 3)
    real = work.tasks_in

    def fails(chapters, once=[True]):  # noqa: B006 - it remembers
        if once.pop() if once else False:
            raise KeyError("ours")
        return real(chapters)

    monkeypatch.setattr(work, "tasks_in", fails)
    found = [result for _, result in graded(tmp_path).values()]
    assert [bool(r.get("problem")) for r in found] == [True, False, False]
    assert found[0]["problem"]["code"] == "grader-failed"
    assert found[0]["problem"]["facts"] == {
        "path": "s0000/rnn/03.ipynb",
        "what": "KeyError: 'ours'",
    }
    assert "grader-failed" in work.RETRIED


def test_whose_a_notebook_is(tmp_path):
    for name in ("ada__x.ipynb", ".ipynb", "b__c/03.ipynb", "d.ipynb/03.ipynb", "e/.git/x.ipynb"):
        write(tmp_path / name, IMPORT)
    (tmp_path / "f__g").mkdir()
    students = [(student, path.name) for student, path in submissions.find(tmp_path)]
    assert students == [
        *((".ipynb", ".ipynb"), ("ada", "ada__x.ipynb"), ("b__c", "03.ipynb")),
        *(("d", "d.ipynb"), ("d.ipynb", "03.ipynb")),
    ]  # flat: a folder without a notebook is nobody's
    for name in ("ada__x.ipynb", ".ipynb"):
        (tmp_path / name).unlink()
    (tmp_path / "d.ipynb" / "03.ipynb").unlink()
    (tmp_path / "d.ipynb").rmdir()
    assert [student for student, _ in submissions.find(tmp_path)] == ["b__c", "e", "f__g"]


# --- lessons together, files beside --------------------------------------------------------------


def test_two_lessons_in_one_notebook_keep_all_their_tasks(tmp_path):
    write(
        tmp_path / "ada" / "x.ipynb",
        "import numpy as np\nfrom rnncourse.tasks import ch03, ch04_1, ch08, ch99  # tasks",
        STEP,
    )
    ((one, result),) = graded(tmp_path).values()
    assert one.notebook == "ch03+ch04_1+ch08"
    names = [(t["chapter"], t["task"]) for t in result["tasks"]]
    assert {("ch04_1", "kept_numbers"), ("ch08", "kept_numbers")} <= set(names)  # of one name
    assert len(names) == len(set(names))
    assert {c for c, _ in names} == {"ch03", "ch04_1", "ch08"}
    assert [t["points"] for t in result["tasks"] if t["task"] == "rnn_step"] == [2]


def test_what_lies_beside_a_notebook_is_explained(tmp_path):
    from rnncourse import language

    write(tmp_path / "ada" / "03.ipynb", IMPORT, STEP, "open('data.csv')", "import helper", "1 / 0")
    (tmp_path / "ada" / "data.csv").write_text("1")
    (tmp_path / "ada" / "helper.py").write_text("x = 1")
    ((_, result),) = graded(tmp_path).values()
    kinds = {error["cell"]: error["kind"] for error in result["errors"]}
    assert kinds == {3: "beside", 4: "beside", 5: "raised"}
    for lang, says in (("en", "into a cell"), ("zh", "单元格")):
        assert says in language.say("grading.check", "cell-beside", lang, **result["errors"][0])


PEAK = """
import resource, sys
from pathlib import Path
from rnncourse.grading import submissions
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
root, before = Path(sys.argv[1]), peak()
for student, path in submissions.find(root):
    print(submissions.load(student, path, root).problem, peak() - before)
"""


def test_the_judge_never_holds_what_a_large_file_unpacks_to(tmp_path):
    (tmp_path / "ada.ipynb").write_bytes(b'{"cells": [], "x": [' + b"{}," * 20_000_000 + b"{}]}")
    command = [sys.executable, "-c", PEAK, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "too-costly" in done.stdout
    assert int(done.stdout.split()[-1]) < 64  # MB


def test_a_submission_holds_the_code_alone(tmp_path):
    write(tmp_path / "ada.ipynb", IMPORT, STEP)
    tree = json.loads((tmp_path / "ada.ipynb").read_text())
    (tmp_path / "ada.ipynb").write_text(json.dumps(tree | {"outputs": "x" * (20 << 20)}))
    one = submissions.load("ada", tmp_path / "ada.ipynb", tmp_path)
    assert len(one.content) < 1000
    small = submissions.load("ada", tmp_path / "ada.ipynb", tmp_path)
    assert dataclasses.replace(one) == small


# --- accidents of the machine --------------------------------------------------------------------


def test_the_warm_process_killed_at_ten_moments_changes_no_mark(tmp_path):
    many(tmp_path, 24)
    calm = marks(graded(tmp_path))
    chance, over, kills = random.Random(1), threading.Event(), []

    def end_it():
        while not over.wait(chance.random() * 0.25) and len(kills) < 10:
            warm = work.nursery(True)._warm.get("numpy")
            if warm and warm[0].poll() is None:
                kills.append(warm[0].pid)
                os.kill(warm[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=end_it)
    killer.start()
    found = []
    while len(kills) < 10:
        found.append(marks(graded(tmp_path)))
    over.set()
    killer.join()
    for disturbed in found:
        assert disturbed == calm


def test_a_submission_that_ends_twice_in_one_place_has_done_it_itself(tmp_path):
    ends = "def {}(*a):\n    import os; os._exit(0)"
    write(tmp_path / "one.ipynb", IMPORT, STEP, ends.format("last_output"), ends.format("bptt"))
    write(tmp_path / "two.ipynb", IMPORT, STEP, "import os; os._exit(0)")
    found = graded(tmp_path)
    codes = {t["task"]: t["code"] for t in found["one.ipynb"][1]["tasks"]}
    assert (codes["last_output"], codes["bptt"], codes["rnn_step"]) == ("died", "died", "pass")
    two = found["two.ipynb"][1]["tasks"]
    assert {t["code"] for t in two} == {"died-before"}
    assert {t["facts"]["cell"] for t in two} == {3}


def test_where_no_process_can_be_had_it_is_not_yet_graded(tmp_path, monkeypatch):
    from rnncourse.grading import process

    many(tmp_path, 2)
    with monkeypatch.context() as patched:
        patched.setattr(process, "START", (sys.executable, "-c", "raise SystemExit"))
        work.nursery(True)._stop("numpy")
        found = [result for _, result in graded(tmp_path).values()]
        assert [r["problem"]["code"] for r in found] == ["not-yet", "not-yet"]
        assert "not-yet" in work.RETRIED
    assert all(result["tasks"] for _, result in graded(tmp_path).values())


CALLER = """
def greedy(step, s, start, end, most):
    y, done, out = np.full(len(s), start), np.zeros(len(s), bool), []
    for _ in range(300):
        step(y, s)
    for _ in range(most):
        log_p, s = step(y, s)
        y = np.where(done, 0, log_p.argmax(axis=1))
        done |= y == end
        out.append(y)
    return np.stack(out, axis=1)
"""


def test_a_grader_that_is_stopped_for_longer_than_the_limit_costs_nobody_a_mark(tmp_path):
    for k in range(6):
        write(tmp_path / f"s{k}.ipynb", LESSONS.replace(", ch07_2", ""), CALLER)
    process = subprocess.Popen([*RUN, tmp_path, "8"], stdout=subprocess.PIPE, text=True)
    chance = random.Random(2)
    assert process.stdout.readline() == "ready\n"
    for _ in range(3):
        time.sleep(1 + chance.random())
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(9)  # longer than a call and than a notebook may take
            process.send_signal(signal.SIGCONT)
    found = json.loads(process.communicate(timeout=HANG)[0])
    for path, (problem, tasks, errors) in found.items():
        codes = {task: code for _, task, code, _ in tasks}
        assert (problem, codes["greedy"], errors) == (None, "pass", []), (path, codes)
