"""What the process that runs a submission knows of our solutions: their names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import tasks
from rnncourse.grading import judge, lessons, notebook
from rnncourse.grading.classroom import grade_one
from rnncourse.grading.isolation import readable_paths
from rnncourse.grading.runner import stand_ins

ROOT = Path(__file__).parents[2]
# A process as it is when a notebook of all lessons begins: which modules it holds, and which of
# the names that our exercises use are missing.
FIND = """
import json, re, sys
from pathlib import Path
from rnncourse.grading.isolation import held_back
from rnncourse.grading.runner import serve, stand_ins
held_back.prepare()
stand_ins.install(json.loads(sys.argv[2]))
from rnncourse import tasks
text = "".join(path.read_text("utf-8") for path in Path(sys.argv[1]).glob("*.ipynb"))
used = set(re.findall(r"\\b(ch\\d\\d(?:_\\d)?)[.](\\w+)", text))
print(json.dumps({
    "files": [m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)],
    "used": len(used),
    "gone": [f"{c}.{name}" for c, name in used if not hasattr(getattr(tasks, c), name)],
}))
"""


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_a_process_that_runs_notebooks_has_what_they_use_and_no_module_with_a_key(folder):
    names = {}
    for chapter, name in judge.tasks_in(lessons.known()):
        names.setdefault(chapter, []).append(name)
    assert sum(map(len, names.values())) > 100
    command = [sys.executable, "-c", FIND, ROOT / folder, json.dumps(names)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    here = [Path(file).stem for file in found["files"] if Path(file).parent.name == "tasks"]
    assert sorted(here) == sorted([*lessons.data_modules(), "__init__"])
    assert found["used"] > 50
    assert found["gone"] == []


def test_a_stand_in_has_a_name_and_does_nothing(capsys):
    task = stand_ins.StandIn("ch03", "rnn_step")
    task.check(3)
    task.hint()
    task.hint(1)
    task.solution()
    assert capsys.readouterr().out == ""
    assert repr(task) == "<task ch03.rnn_step, which the judge grades>"
    assert not hasattr(task, "reference")


def test_a_module_of_data_is_no_lesson():
    assert "ch05_data" in lessons.data_modules()
    assert not set(lessons.known()) & lessons.data_modules()
    assert len(lessons.data_modules()) == len(list(Path(tasks.__path__[0]).glob("ch*_data.py")))


@pytest.mark.parametrize(("chapter", "kind"), [("ch05", "numpy"), ("ch07_1", "tensorflow")])
def test_data_that_make_a_keras_model_want_a_process_that_has_keras(chapter, kind):
    assert judge.kind_of([[1, "x = 1"]], [chapter]) == kind


def test_all_but_one_folder_is_what_lies_beside_it(tmp_path):
    for name in ("a/b/hidden/x", "a/b/c/x", "a/d/x", "e/x"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    hidden = tmp_path.resolve() / "a" / "b" / "hidden"
    (tmp_path / "a" / "link").symlink_to("/")
    here = tmp_path.resolve()
    read, seen = readable_paths.beside([tmp_path / "a", tmp_path / "e"], [hidden])
    assert read == [here / "a/b/c", here / "a/d", here / "e"]
    assert seen == [here / "a", here / "a/b"]
    assert readable_paths.beside([hidden], [hidden]) == ([], [])


SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is hidden")
def test_our_own_solutions_have_all_points_under_all_layers():
    quick = [path for path in SOLUTIONS if path.name.startswith(("01", "02", "03", "04", "09"))]
    assert len(quick) == 8
    cells = notebook.read(quick[2])
    assert judge.kind_of(notebook.sources(cells), ["ch03"]) == "numpy"  # its setup installs Keras
    for path in quick:
        result = grade_one.grade(path.read_bytes(), path.name, 3, 200)
        assert result["errors"] == [], path.name
        assert [t["task"] for t in result["tasks"] if t["status"] != "pass"] == [], path.name
