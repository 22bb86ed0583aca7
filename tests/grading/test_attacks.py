"""The real grader under attack, in all three modes: no forged mark, no leak, no loss."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from rnncourse.grading.isolation import sandbox
from tests.grading.attacks import ATTACKS, SECONDS, SOLUTIONS
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)


NAMES = ("grades.sqlite", "secret", "neighbour.ipynb")


@pytest.fixture(scope="session", params=modes.MODES)
def attacked(request, tmp_path_factory):
    """What came of all attacks: {"layers", "results"}, and what they "changed" and "left"."""
    folder = Path(tempfile.mkdtemp(prefix="secret-"))  # pytest closes its own to other users
    temporary = Path(tempfile.mkdtemp(prefix="temporary-"))
    for name in NAMES:
        (folder / name).write_text("x")
    if request.param != "as it is":  # the grader's own files, as in life
        for path in (folder, temporary, *folder.iterdir()):
            path.chmod(0o755)
            os.chown(path, modes.USER, modes.USER)
    paths = (folder, *(folder / name for name in NAMES))
    before = {path: (path.stat(), os.listxattr(path)) for path in paths}
    command = [sys.executable, "-m", "tests.grading.attacks", str(folder)]
    spare = tmp_path_factory.mktemp("base")
    extra = {"RNNCOURSE_TEST_SECRET": "x", "TMPDIR": str(temporary)}
    done = modes.run(request.param, command, spare, **extra)
    after = {path: (path.stat(), os.listxattr(path)) for path in paths}
    left = [str(path.relative_to(temporary)) for path in temporary.rglob("*")][:9]
    shutil.rmtree(folder)
    shutil.rmtree(temporary, ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = ("st_mode", "st_uid", "st_mtime_ns", "st_size")
    changed = [
        f"{path.name} {fact}"
        for path, (then, names) in before.items()
        for fact in facts
        if getattr(then, fact) != getattr(after[path][0], fact) or names != after[path][1]
    ]
    return json.loads(done.stdout) | {"changed": changed, "left": left}


def test_all_layers_that_keep_secrets_are_on(attacked):
    for group in sandbox.KEEPING:
        assert any(attacked["layers"][name] == "" for name in group), attacked["layers"]
    assert attacked["layers"]["no solutions"] == ""
    assert all(why == "" or len(why) > 5 for why in attacked["layers"].values())  # a reason each


def test_no_attack_has_a_point_it_did_not_earn(attacked):
    assert SOLUTIONS.exists()
    assert len(attacked["results"]) == len(ATTACKS) + 2 * len(NAMES) + 1
    for name, result in attacked["results"].items():
        points = {task["task"]: task["points"] for task in result["tasks"] if task["points"]}
        assert points.items() <= {"carried": 1}.items(), name
        passed = {task["task"] for task in result["tasks"] if task["status"] == "pass"}
        assert passed <= {"carried"}, name


def test_no_attack_got_at_what_it_must_not_have(attacked):
    for name, result in attacked["results"].items():
        said = [str(task["facts"].get("what")) for task in result["tasks"]]
        assert "LEAK" not in " ".join(said), name
    assert not Path("/var/tmp/rnncourse-was-here").exists()


def test_no_attack_changed_what_it_may_not_or_left_anything_behind(attacked):
    assert attacked["changed"] == []
    assert attacked["left"] == []


SPOIL_ALL = {"loop that ignores signals", "forged pass", "forged facts", "forged events"}
SPOIL_ALL |= {"patched question"}  # what answers for them all


def test_what_was_solved_beside_an_attack_still_counts(attacked):
    for name, result in attacked["results"].items():
        carried = next(task for task in result["tasks"] if task["task"] == "carried")
        spent = carried["code"] == "out-of-time-before"  # on a busy machine: their own time
        assert carried["points"] == 1 or spent or name in SPOIL_ALL, (name, carried)


@pytest.mark.parametrize(
    ("attack", "codes"),
    [
        ("loop", {"too-slow"}),
        ("loop that ignores signals", {"out-of-time"}),
        ("os._exit", {"died"}),
        ("segfault", {"died"}),
        ("1 GB result", {"raised", "died", "unusable", "too-slow", "out-of-time"}),
        ("flood", {"unusable"}),
        ("huge frame", {"unusable"}),
        ("many calls", {"unusable", "out-of-time", "too-slow"}),
        ("constants", {"value", "number"}),
        ("lying array", {"value"}),
    ],
)
def test_the_report_says_what_happened(attacked, attack, codes):
    tasks = attacked["results"][attack]["tasks"]
    assert next(t for t in tasks if t["task"] == "rnn_step")["code"] in codes


def test_a_loop_costs_no_more_than_its_time(attacked):
    most = 2 * SECONDS + 2  # of its own: two processes at most, and a tick for each
    assert all(result["seconds"] < most for result in attacked["results"].values())
