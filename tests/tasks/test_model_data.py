"""Lessons 5 and 6.1: what the baselines and the order of the model tasks rest on."""

import numpy as np

from rnncourse.tasks import ch05_data, ch06_1, ch06_1_data


def test_a_window_of_the_weather_holds_the_targets_of_the_examples_before():
    data = ch05_data.weather_windows()
    assert (np.diff(data.order) == 1).all()
    for days_before in range(1, 15):
        later, earlier = data.X_test[days_before:, -days_before], data.y_test[:-days_before]
        np.testing.assert_array_equal(later, earlier)


def test_persistence_is_measured_in_degrees():
    data = ch05_data.weather_windows()
    celsius = data.mean + data.std * data.X_test[:, -1, 0].astype(float)
    target = data.mean + data.std * data.y_test[:, 0].astype(float)
    np.testing.assert_allclose(data.baseline, np.abs(celsius - target).mean(), rtol=1e-5)


def test_the_bag_of_tokens_scores_as_the_tasks_do():
    data, alpha = ch06_1_data.word_data(), 0.5
    counts = np.zeros((len(data.names), data.n_tokens))
    np.add.at(counts, (data.y_train[:, None], data.X_train), 1)
    prior, table = ch06_1.naive_bayes.reference(counts[:, 1:], np.bincount(data.y_train), alpha)
    table = np.pad(table, ((0, 0), (1, 0)))
    want = ch06_1.score_texts.reference(data.X_test, prior, table)
    np.testing.assert_allclose(data.baseline_hat, want, rtol=1e-12)
