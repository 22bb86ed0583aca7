"""An error that no model reaches on real data is remarked on, and costs nothing.

The held-out targets are public data: whoever types them into a notebook has them there.
"""

import importlib
import pkgutil
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

import rnncourse.tasks
from rnncourse import language
from rnncourse.checking.task import ModelTask, model_task, tasks_of
from rnncourse.checking.verdict import remark
from rnncourse.grading.classroom import report
from rnncourse.tasks import ch09_1
from tests.checking.test_task import fit_line, line

CHAPTERS = [
    importlib.import_module(f"rnncourse.tasks.{module.name}")
    for module in pkgutil.iter_modules(rnncourse.tasks.__path__)
    if module.name.startswith("ch") and not module.name.endswith("_data")
]
MODELS = [t for chapter in CHAPTERS for t in tasks_of(chapter) if isinstance(t, ModelTask)]


def looked_up(task):
    """A `train` that learns nothing: review M1's, in its three lines."""
    data = task.data()
    key = lambda x: np.ascontiguousarray(x).tobytes()  # noqa: E731 - as it was handed in
    known = {key(x): y for x, y in zip(data.X_test, data.y_test, strict=True)}
    return lambda *train: lambda X: np.stack([known[key(x)] for x in X])


@pytest.mark.parametrize("task", MODELS, ids=lambda task: task.chapter)
def test_targets_that_were_looked_up_are_remarked_on_where_no_model_is_exact(task):
    verdict = task.grade(looked_up(task), seed=5)
    assert (verdict.status, verdict.code) == ("pass", "above-bar")
    assert bool(remark(verdict.facts)) == (task.chapter not in ("ch06_2", "ch08"))


@pytest.mark.parametrize(("share", "remarked"), [(0.0, True), (0.09, True), (0.11, False)])
def test_a_tenth_of_the_bar_is_the_limit(share, remarked):
    off = share * fit_line.bar * line().baseline
    verdict = fit_line.grade(lambda X, y: lambda X_new: 2 * X_new + off)
    assert verdict.status == "pass"
    assert bool(remark(verdict.facts)) == remarked


def test_a_task_may_say_that_exactness_is_honest():
    options = {"data": line, "bar": 0.1, "axes": "example output", "symptoms": {}, "wrong": {}}
    exact = model_task(**options, exact=True)(fit_line.reference)
    assert not remark(exact.grade(fit_line.reference).facts)


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_the_author_reads_the_same_sentence_and_the_instructor_one_more(lang, monkeypatch):
    monkeypatch.setattr(language, "_chosen", lang)
    verdict = ch09_1.train.grade(looked_up(ch09_1.train))
    said = remark(verdict.facts)
    assert said
    assert said not in verdict.text()
    rows = asdict(verdict), asdict(verdict) | {"facts": {}}
    marks = [SimpleNamespace(student=f"s{k}", row={"tasks": [row]}) for k, row in enumerate(rows)]
    assert report.mistakes(marks, "train").remarks == {said: ["s0"]}


def test_a_remark_that_this_version_does_not_know_is_none():
    assert remark({"remark": "from-elsewhere"}) == ""
