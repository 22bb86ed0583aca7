"""Held-out targets cannot be looked up in a process that meets submissions.

Review M1's attacks on the eight model tasks, handed in to the real grader in all three modes.
"""

import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnncourse.checking.held_out import HeldOut
from rnncourse.checking.task import ModelTask
from rnncourse.grading import judge, lessons
from rnncourse.grading.isolation import held_back
from tests.support import modes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere nothing is held back"
)
ROOT = Path(__file__).parents[2]
TASKS = judge.tasks_in(lessons.known()).values()
MODELS = {task.chapter: task for task in TASKS if isinstance(task, ModelTask)}

# --- what M1 did, and what one would try next ----------------------------------------------------

LOOK = """
key = lambda x: np.ascontiguousarray(x).tobytes()
look = {{key(x): y for x, y in zip(d.X_test, d.y_test)}}
def {task}(*train): return lambda X: np.stack([look[key(x)] for x in X])
"""
HEAD = "import numpy as np\nfrom rnncourse.tasks import {chapter}\n"
ASKED = HEAD + "d = {chapter}.{function}()\n" + LOOK
ERROR = HEAD + "d = {chapter}.{function}()\nd.error(np.zeros(3))"
# The module of data, pasted: it loads the dataset and cuts the windows again.
REBUILT = HEAD + "{source}\nd = {function}()\n" + LOOK


def facts_of(task):
    module = importlib.import_module(task.data.__module__)
    source = re.sub(r"(?s)\A\"\"\".*?\"\"\"", "", inspect.getsource(module))
    facts = {"chapter": task.chapter, "function": task.data.__name__, "task": task.name}
    return facts | {"source": source}


GRADE = """
import json, sys
from rnncourse.grading.classroom import grade_one
results = {}
for name, source in json.loads(sys.argv[1]).items():
    cells = [{"cell_type": "code", "source": source}]
    content = json.dumps({"nbformat": 4, "cells": cells}).encode()
    results[name] = grade_one.grade(content, "x.ipynb", 3, 60)
print(json.dumps(results))
"""


def graded(mode, sources, spare):
    """{name: result} of notebooks of one cell each."""
    done = modes.run(mode, [sys.executable, "-c", GRADE, json.dumps(sources)], spare)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def points(result):
    return sum(task["points"] for task in result["tasks"])


@pytest.mark.parametrize("mode", modes.MODES)
def test_no_model_task_is_answered_by_targets_that_are_looked_up(mode, tmp_path):
    assert len(MODELS) == 8
    facts = {chapter: facts_of(task) for chapter, task in MODELS.items()}
    sources = {f"asked {name}": ASKED.format(**one) for name, one in facts.items()}
    sources |= {f"error {name}": ERROR.format(**one) for name, one in facts.items()}
    sources |= {f"rebuilt {name}": REBUILT.format(**one) for name, one in facts.items()}
    results = graded(mode, sources, tmp_path)
    by_rule = results.pop("rebuilt ch08")  # a rule makes these targets: whoever knows it needs none
    assert points(by_rule) == 4
    for name, result in results.items():
        assert points(result) == 0, name
        said = result["errors"][0]["error"]
        if name.startswith("rebuilt"):
            assert "is held back in a graded run" in said, name
        else:
            assert re.search(r"`(X_test|y_test|error)` is not here", said), name
            assert "part of the training data" in said


# Each window of lesson 5 holds the targets of the windows before it.
NEIGHBOURS = """
def train(X_train, y_train):
    seen = {}
    def predict(X):
        seen.update({x[:-1].tobytes(): x[-1] for x in X})
        return np.stack([seen.get(x[1:].tobytes(), x[-1]) for x in X])
    return predict
"""
# All windows, by calling what shows them, before the first is answered.
AHEAD = """
import sys
def train(X_train, y_train):
    def predict(X):
        frame = sys._getframe()
        while "test" not in frame.f_locals: frame = frame.f_back
        show, seen = frame.f_locals["test"], {}
        while X is not None:
            seen.update({x[:-1].tobytes(): x[-1] for x in X})
            last, X = X, show(np.zeros((len(X), 1)))
        return np.stack([seen.get(x[1:].tobytes(), x[-1]) for x in last])
    return predict
"""
# All windows in a first process, which leaves them to the one that is started in its place.
CACHED = """
import os, pickle, sys
PLACES = [f"{place}/seen" for place in
          (".", "..", "/tmp", "/dev/shm", "/var/tmp", os.environ["HOME"], "/scratch")]
def train(X_train, y_train):
    seen = {}
    for place in PLACES:
        try: seen |= pickle.load(open(place, "rb"))
        except OSError: pass
    def predict(X):
        if seen: return np.stack([seen.get(x[1:].tobytes(), x[-1]) for x in X])
        frame = sys._getframe()
        while "test" not in frame.f_locals: frame = frame.f_back
        found, show = {}, frame.f_locals["test"]
        while X is not None:
            found.update({x[:-1].tobytes(): x[-1] for x in X})
            X = show(np.zeros((len(X), 1)))
        for place in PLACES:
            try: pickle.dump(found, open(place, "wb"))
            except OSError: pass
        os._exit(1)
    return predict
"""
# What is said of the file of a dataset, by whatever way it is read.
OPENED = """
import os, pathlib
import rnncourse.data as data
from rnncourse.data import {names}
folder = pathlib.Path(data.__file__).parent / "files"
assert (folder / "hamlet.txt.xz").read_bytes()
left = []
for module in ({names},):
    file = folder / module.CARD.file
    for read in (file.read_bytes, lambda: os.link(file, "x"), lambda: os.rename(file, "x"),
                 lambda: os.symlink(file, "y") or open("y").read()):
        try: read()
        except OSError: continue
        left.append(module.__name__)
raise ValueError(f"LEFT {{left}}")
"""


@pytest.mark.parametrize("mode", modes.MODES)
def test_no_window_tells_a_target_that_is_still_asked_for(mode, tmp_path):
    head = HEAD.format(chapter="ch05")
    names = "seattle_weather, chinese_words, cldr_dates, watch_exercises, stocks, jfk_weather"
    sources = {"neighbours": NEIGHBOURS, "ahead": AHEAD, "cached": CACHED}
    sources["opened"] = OPENED.format(names=f"{names}, digits")
    results = graded(mode, {name: head + one for name, one in sources.items()}, tmp_path)
    codes = {
        name: next(task["code"] for task in result["tasks"] if task["task"] == "train")
        for name, result in results.items()
    }
    assert codes["neighbours"] == "repeats-today"  # all that it still has
    assert codes["ahead"] == "predicts-one-value"  # the zeros that it answered on the way
    assert codes["cached"] == "died"
    assert "LEFT []" in results["opened"]["errors"][0]["error"]
    assert {name: points(result) for name, result in results.items()} == dict.fromkeys(codes, 0)


def test_a_learners_own_check_shows_all_at_once():
    """There the attack works, and earns nothing that counts."""
    namespace = {"np": np}
    exec(NEIGHBOURS, namespace)
    task = MODELS["ch05"]
    assert task.grade(namespace["train"]).facts["remark"] == "too-good"
    assert task.grade(namespace["train"], 5).code == "repeats-today"


# --- what an honest notebook needs is there ------------------------------------------------------


def test_what_our_notebooks_use_of_the_data_is_there():
    source = "\n".join(
        "".join(cell["source"])
        for folder in ("exercises", "solutions")
        for path in sorted((ROOT / folder).glob("*.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code" and "data = ch" in "".join(cell["source"])
    )
    used = set(re.findall(r"\bdata\.(\w+)", source))
    assert {"X_train", "y_train", "baseline"} <= used
    assert not used & held_back.OURS
    for task in MODELS.values():
        data = task.data()
        assert isinstance(data, HeldOut)
        known = held_back.known(data)
        assert not held_back.OURS & vars(known).keys()
        assert [name for name in vars(known) if name.endswith("_test")] == []
        assert not used & (vars(data).keys() - vars(known).keys())


READ = """
import builtins, json, os, sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
from rnncourse.tasks import {chapter}_data
opened.clear()
{chapter}_data.{function}()
print(json.dumps(sorted(path for path in opened if "/data/files/" in path)))
"""


@pytest.mark.parametrize("chapter", MODELS)
def test_each_file_that_a_model_task_is_made_of_says_that_it_is_held_back(chapter):
    code = READ.format(chapter=chapter, function=MODELS[chapter].data.__name__)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    cards = [
        module.CARD
        for path in (ROOT / "rnncourse" / "data").glob("*.py")
        if hasattr(module := importlib.import_module(f"rnncourse.data.{path.stem}"), "CARD")
    ]
    held = {card.file for card in cards if card.held_back}
    read = {Path(path).name for path in json.loads(done.stdout)}
    assert bool(read) == (chapter != "ch08")
    assert read <= held
