"""The symptoms of lesson 9.1's model task: what noise shows is no mistake that we know."""

import numpy as np
import pytest

from rnncourse.tasks import ch09_1


@pytest.fixture(scope="module")
def data():
    return ch09_1.train.data()


def seen(y_hat, data):
    return {code for code, shows in ch09_1.SYMPTOMS.items() if shows(y_hat, data)}


def test_shuffled_truths_are_guessing_and_nothing_more(data):
    rng = np.random.default_rng(0)
    for _ in range(100):
        assert seen(rng.permutation(data.y_test), data) <= {"guessing"}


@pytest.mark.parametrize("noise", [0.4, 0.8, 1.2, 1.6])
def test_the_truth_with_noise_has_no_symptom_of_a_mistake(noise, data):
    rng = np.random.default_rng(1)
    for _ in range(25):
        assert seen(data.y_test + noise * rng.normal(size=(len(data.y_test), 10)), data) == set()


def test_a_network_that_saw_half_of_the_rows_is_not_called_one_of_a_single_row(data):
    W, W_y = np.random.default_rng(2).normal(size=(64, 20)), None
    hidden = [np.tanh(X.reshape(len(X), -1) @ W) for X in (data.X_train, data.X_test)]
    W_y = np.linalg.lstsq(hidden[0], data.y_train, rcond=None)[0]
    assert data.error(hidden[1] @ W_y) > 0.3
    assert seen(hidden[1] @ W_y, data) == set()
