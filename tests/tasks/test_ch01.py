"""Lesson 1: a mistake as learners write it, where a case is at its limit."""

import numpy as np

from rnncourse.tasks import ch01


def test_windows_without_the_last_are_named_although_one_case_has_a_single_window():
    def windows(x, R):
        X, y = [], []
        for i in range(len(x) - R - 1):
            X.append(x[i : i + R])
            y.append(x[i + R, 0])
        return np.stack(X), np.array(y)

    assert ch01.windows.grade(windows).code == "last-dropped"
