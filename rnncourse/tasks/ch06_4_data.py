"""The data of lesson 6.4's model task: the volatility of two years that nobody has seen."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import stocks

__all__ = ["BAR", "volatility_windows"]

LENGTH, HORIZON = 30, 5  # days that are read, days that are forecast
BAR = 0.925


@cache
def volatility_windows():
    """Six weeks of four shares, and how much they move in the week after: 2011 and 2012 to test.

    Has X_train (n, 30, 4) and y_train (n, 1) up to 2010, whose targets end before 2011 begins;
    X_test and y_test of 2011 and 2012. Features and the logarithm of the volatility are scaled for
    each share by its training part. `train`, `error` and `baseline` are for the checker; `order` is
    the first day of each test target.
    """
    start, end = np.datetime64("2011-01-01"), np.datetime64("2013-01-01")
    parts = {"X_train": [], "y_train": [], "X_test": [], "y_test": []}
    level, first_day, last_day = {"train": [], "test": []}, [], []
    for share in stocks.load().values():
        X, y, first, last = _windows(share)
        train, test = last < start, (first >= start) & (first < end)
        month = np.log(np.mean(X[:, :, 0] ** 2, axis=1)) / 2  # of the last 30 days
        X = (X - X[train].mean(axis=(0, 1))) / X[train].std(axis=(0, 1))
        mean, std = y[train].mean(), y[train].std()
        for name, inside in {"train": train, "test": test}.items():
            parts[f"X_{name}"].append(X[inside])
            parts[f"y_{name}"].append(((y - mean) / std)[inside, None])
            level[name].append((month - mean)[inside, None] / std)
        first_day.append(first[test])
        last_day.append(last[train].max())
    data = {name: np.concatenate(arrays).astype("float32") for name, arrays in parts.items()}
    month = {name: np.concatenate(arrays) for name, arrays in level.items()}
    line = np.polyfit(month["train"][:, 0], data["y_train"][:, 0], 1)
    order = np.concatenate(first_day)
    return HeldOut(
        **data,
        train=(data["X_train"], data["y_train"]),
        measure=_rmse,
        baseline=np.polyval(line, month["test"]),
        order=order,
        first_test_day=order.min(),
        last_training_day=max(last_day),
    )


def _windows(share):
    """X (B, 30, 4), log volatility of the 5 days after each window (B,), their first and last."""
    r = stocks.log_returns(share.adjusted)
    span, volume = np.log(share.high / share.low)[1:], np.diff(np.log(share.volume))
    features = np.stack([r, np.abs(r), np.log(span), volume], axis=1)
    n = len(r) - LENGTH - HORIZON + 1
    X = np.lib.stride_tricks.sliding_window_view(features, LENGTH, axis=0)[:n].transpose(0, 2, 1)
    after = np.lib.stride_tricks.sliding_window_view(r[LENGTH:], HORIZON)
    y = np.log(np.sqrt(np.mean(after**2, axis=1)))
    day = share.date[1 + LENGTH :]
    return X, y, day[:n], day[HORIZON - 1 :]


def _rmse(y_hat, y):
    return float(np.sqrt(np.mean((y_hat - y) ** 2)))
