"""Test examples are shown in time, and what was answered stands."""

import numpy as np
import pytest

from rnncourse.checking import showing
from rnncourse.checking.quick_predict import quick_predict
from rnncourse.checking.showing import Showing, rows_shown
from rnncourse.checking.task import model_task
from tests.checking.test_task import fit_line, line

DAYS = np.array([3, 1, 1, 2, 3, 0])


def test_rows_come_in_time_and_all_of_a_moment_together():
    shown = rows_shown(DAYS, np.random.default_rng(0))
    assert [sorted(rows) for rows in shown] == [[5], [1, 2], [3], [0, 4]]
    orders = {tuple(np.concatenate(rows_shown(DAYS, np.random.default_rng(s)))) for s in range(9)}
    assert len(orders) > 1  # within a moment any


def test_of_many_moments_some_are_drawn_from_every_part(monkeypatch):
    monkeypatch.setattr(showing, "MOMENTS", 4)
    drawn = [np.concatenate(rows_shown(np.arange(20), np.random.default_rng(s))) for s in range(9)]
    for rows in drawn:
        assert [row // 5 for row in rows] == [0, 1, 2, 3]
    assert len({tuple(rows) for rows in drawn}) > 1


def test_the_next_is_shown_once_the_last_is_answered():
    shown = Showing([("a", 1), ("b", 2)])
    assert shown() == shown() == "a"
    assert shown(np.array([[1.0]])) == "b"
    assert shown(np.array([[2.0], [3.0]])) is None
    assert shown(np.array([[9.0]])) is None  # too late
    assert shown.noted().tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("answer", ["x", np.zeros(1000), np.array(["a"]), [[1], [1, 2]], None])
def test_what_is_no_prediction_is_refused_and_not_noted(answer):
    shown = Showing([("a", 1)])
    with pytest.raises(ValueError, match=r"no prediction|inhomogeneous"):
        shown(answer)
    assert shown.noted().shape == (0,)


def test_of_odd_shapes_the_first_is_told():
    shown = Showing([("a", 1), ("b", 1)])
    shown(np.zeros((1, 1)))
    shown(np.zeros((1, 2)))
    assert shown.noted().shape == (1, 2)


def in_time(order):
    """The task of a line whose ten examples are known one after the other, as `order` says."""
    options = {"bar": 0.1, "axes": "example output", "symptoms": {}, "wrong": {}}
    return model_task(data=lambda: line(order, n=10), **options)(fit_line.reference)


class Model:
    """It notes what it is asked."""

    def __init__(self):
        self.asked = []

    def predict(self, X):
        self.asked.append(sorted(X[:, 0].tolist()))
        return 2 * X


def test_only_who_has_a_seed_shows_one_moment_after_the_other():
    task, model = in_time(np.arange(10) // 4), Model()
    assert task.grade(lambda X, y: model).status == "pass"
    assert model.asked == [[*range(10, 101, 10)]]
    assert task.grade(lambda X, y: model, seed=3).status == "pass"
    assert model.asked[1:] == [[10, 20, 30, 40], [50, 60, 70, 80], [90, 100]]


@pytest.mark.parametrize("seed", range(4))
def test_predictions_meet_the_targets_of_their_own_examples(seed):
    order = np.random.default_rng(seed).permutation(10) // 3
    assert in_time(order).grade(fit_line.reference, seed).facts["error"] == "0.000"


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (..., "todo"),
        (lambda X, y: 7, "not-a-model"),
        (lambda X, y: lambda X_new: 1.5 * X_new, "below-bar"),
        (lambda X, y: lambda X_new: X_new[:, 0], "shape"),
        (lambda X, y: lambda X_new: X_new[:1], "shape"),
        (lambda X, y: lambda X_new: np.hstack([X_new] * (1 + (X_new[0, 0] > 50))), "shape"),
        (lambda X, y: lambda X_new: X_new * np.inf, "not-finite"),
        (lambda X, y: lambda X_new: 1 / 0, "raised"),
        (lambda X, y: lambda X_new: "x", "not-numeric"),
    ],
)
def test_a_wrong_model_is_described_as_where_all_is_shown_at_once(attempt, code):
    assert in_time(np.arange(10) // 4).grade(attempt, 3).code == code


def test_a_keras_model_is_asked_without_its_pipeline_and_says_the_same(monkeypatch):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])
    few, many = np.arange(4.0)[:, None], np.arange(40.0)[:, None]
    wanted, calls = (model.predict(few, verbose=0), model.predict(many, verbose=0)), []
    monkeypatch.setattr(
        keras.Model, "predict_on_batch", lambda self, x: calls.append(len(x)) or self(x).numpy()
    )
    before = keras.Model.predict
    with quick_predict():
        assert np.allclose(model.predict(few, verbose=0), wanted[0])
        assert np.allclose(model.predict(many, verbose=0), wanted[1])
    assert calls == [4]
    assert keras.Model.predict is before
