"""The data of a model task: its error, its baseline, and a part of its test examples."""

import numpy as np

from rnncourse.checking.held_out import HeldOut


def mae(y_hat, y):
    return np.abs(y_hat - y).mean()


def held(baseline=None, n=6):
    X = np.arange(n)[:, None] * np.ones((1, 3))
    y = np.arange(n)[:, None] + 0.5
    baseline = X[:, -1:] if baseline is None else baseline
    return HeldOut(
        train=(X, y), X_test=X, y_test=y, measure=mae, baseline=baseline, order=np.arange(n), std=2
    )


def test_the_baseline_is_the_error_of_its_predictions_or_a_known_number():
    assert held().baseline == held().error(held().X_test[:, -1:]) == 0.5
    assert held(baseline=0.7).baseline == held(baseline=0.7).only([0]).baseline == 0.7


def test_a_part_has_its_own_targets_baseline_and_order_and_the_same_training_data():
    baseline = np.array([0.0, 1, 2, 3, 4, 9])[:, None]
    part = held(baseline).only(np.array([1, 5]))
    assert part.error(part.y_test) == 0
    assert part.baseline == (0.5 + 3.5) / 2
    assert part.order.tolist() == [1, 5]
    assert part.train[0].shape == (6, 3)
    assert part.std == 2
