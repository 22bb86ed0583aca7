"""Folders that are thrown away go for good, whatever is in them, and whoever died before."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rnncourse.grading.isolation import scratch
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)


@pytest.fixture
def temporary():
    """A folder for temporary files in which every user may write; pytest's own is closed."""
    folder = Path(tempfile.mkdtemp(prefix="temporary-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


REMOVE = """
import os, sys, tempfile
from pathlib import Path
from rnncourse.grading.isolation import scratch
outside = Path(tempfile.mkdtemp())
outside.chmod(0o500)
(folder := Path(scratch.new())).chmod(0o700)
os.chdir(folder)
for name in ("closed/inner", "read only", "a", "b/a", "b/b", "-rf", "\\udcff", "c\\n"):
    name += "/x"
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("x")
for name in ("link", "read only/link", "closed/inner/link"):
    Path(name).symlink_to(outside)
os.mkfifo("read only/pipe")
for name in ("closed/inner", "closed", "read only", "a"):
    os.chmod(name, 0o500 if name == "read only" else 0)
for n in range(3000):
    os.mkdir("deep")
    os.chdir("deep")
    open("x", "w").close()
os.chdir("/")
os.chmod(folder, 0)
sys.setrecursionlimit(200)
scratch.remove(folder)
assert not folder.exists()
assert outside.stat().st_mode & 0o777 == 0o500
outside.rmdir()
scratch.remove(folder)  # once more does no harm
scratch.remove(tempfile.mkstemp()[1])  # nor does what is no folder
"""


@pytest.mark.parametrize("mode", modes.MODES)
def test_closed_and_deep_folders_go_and_nothing_beside_them(temporary, tmp_path, mode):
    done = modes.run(mode, [sys.executable, "-c", REMOVE], tmp_path, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr[-2000:]
    assert [path for path in temporary.iterdir() if path.is_dir()] == []


START = """
import os, sys
from rnncourse.grading.isolation import scratch
open(os.path.join(scratch.new(), "x"), "w").close()
print(flush=True)
sys.stdin.read()
"""


def start(temporary):
    """A grader that has made a folder, and waits."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    env = os.environ | {"TMPDIR": str(temporary)}
    grader = subprocess.Popen([sys.executable, "-c", START], env=env, **pipes)
    grader.stdout.readline()
    return grader


def test_what_a_killed_grader_left_goes_with_the_next_and_what_lives_stays(temporary):
    alive, killed, ended = start(temporary), start(temporary), start(temporary)
    assert len(list(temporary.iterdir())) == 3
    killed.kill()
    ended.terminate()
    killed.communicate()
    ended.communicate()
    assert len(list(temporary.iterdir())) == 3
    last = start(temporary)
    assert len(list(temporary.iterdir())) == 2
    assert len(list(temporary.glob("*/*/x"))) == 2
    for grader in (alive, last):
        grader.communicate()
        assert grader.returncode == 0
    assert list(temporary.iterdir()) == []


def test_many_graders_that_start_at_once_leave_each_other_alone(temporary):
    env = os.environ | {"TMPDIR": str(temporary)}
    source = START.replace("sys.stdin.read()", "assert os.listdir(scratch.new()) == []")
    started = [subprocess.Popen([sys.executable, "-c", source], env=env) for _ in range(9)]
    assert [one.wait() for one in started] == [0] * 9
    assert list(temporary.iterdir()) == []


def test_a_forked_process_has_a_folder_of_its_own(temporary, monkeypatch):
    source = """
import os
from rnncourse.grading.isolation import scratch
ours = os.path.dirname(scratch.new())
if (pid := os.fork()) == 0:
    theirs = os.path.dirname(scratch.new())
    os._exit(int(theirs == ours or not os.path.exists(ours)))
assert os.waitpid(pid, 0)[1] == 0
"""
    env = os.environ | {"TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", source], env=env, check=True)
    assert len(list(temporary.iterdir())) == 1  # of the fork, which ended without a word
    start(temporary).communicate()
    assert list(temporary.iterdir()) == []


def test_where_there_are_no_locks_there_is_a_folder_all_the_same(temporary, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(scratch, "_lock", lambda folder: None)
    monkeypatch.setattr(scratch, "_own", None)
    assert Path(scratch.new()).is_dir()
    scratch.close()
    assert list(temporary.glob("rnncourse-[!o]*")) == []
