"""What a submission may know of our solutions: nothing that it could call."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.grading import judge, notebook
from rnncourse.grading.classroom import grade_one
from rnncourse.grading.isolation import readable_paths

FIND = """
import gc, json, re, sys, types
from pathlib import Path
from rnncourse.grading.isolation import strip_solutions
strip_solutions.solutions()
from rnncourse import tasks
from rnncourse.checking.task import tasks_of
left = [f"{f.__module__[16:]}.{f.__qualname__}" for f in gc.get_objects()
        if isinstance(f, types.FunctionType) and str(f.__module__).startswith("rnncourse.tasks.ch")]
modules = {name: m for name, m in vars(tasks).items()
           if isinstance(m, types.ModuleType) and m.__name__.startswith("rnncourse.tasks.")}
own = [task for module in modules.values() for task in tasks_of(module)]
asked = [task.name for task in own if vars(task).keys() & {"reference", "wrong", "cases", "data"}]
text = "".join(path.read_text("utf-8") for path in Path(sys.argv[1]).glob("*.ipynb"))
used = set(re.findall(r"\\b(ch\\d\\d(?:_\\d)?)[.](\\w+)", text))
print(json.dumps({
    "tasks": [f"{task.chapter}.{task.name}" for task in own],
    "asked": asked, "left": left, "used": len(used),
    "gone": [f"{m}.{name}" for m, name in used if m in modules and not hasattr(modules[m], name)],
    "helpers": [name for name in modules if name[:2] != "ch"],
}))
"""
ROOT = Path(__file__).parents[2]


def test_a_process_that_forgot_has_what_notebooks_use_and_no_solution():
    command = [sys.executable, "-c", FIND, ROOT / "exercises"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(found["tasks"]) > 50
    assert found["asked"] == []
    assert set(found["left"]) & set(found["tasks"]) == set()
    assert found["helpers"] == []
    assert found["used"] > 50
    assert found["gone"] == []


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
    quick = [path for path in SOLUTIONS if path.name.startswith(("01", "02", "03", "04"))]
    assert len(quick) == 6
    cells = notebook.read(quick[2])
    assert judge.kind_of(notebook.sources(cells), ["ch03"]) == "numpy"  # its setup installs Keras
    for path in quick:
        result = grade_one.grade(path.read_bytes(), path.name, 3, 200)
        assert result["errors"] == [], path.name
        assert [t["task"] for t in result["tasks"] if t["status"] != "pass"] == [], path.name
