"""Right answers to lesson 6.5, written differently from ours."""

import numpy as np


def _calendar_features(hour, day):
    turn = np.exp(2j * np.pi * np.array([hour / 24, day / 365.25]))  # (2, n) points on a circle
    return np.array([[h.imag, h.real, d.imag, d.real] for h, d in turn.T])


def _forward_fill(series):
    mask = np.isnan(series)
    last = np.maximum.accumulate(np.where(mask, 0, np.arange(len(series))))
    return [series[last], mask.astype(int)]


def _windows_ahead(series, length, ahead):
    every = np.lib.stride_tricks.sliding_window_view(series, length + ahead)
    whole = every[np.isfinite(every.sum(axis=1))]
    return whole[:, :length].astype("float32"), whole[:, length:].astype("float32")


def _seasonal_naive(series, start, ahead, period):
    forecasts = list(series[:start])
    for _ in range(ahead):
        forecasts.append(forecasts[-period])
    return np.array(forecasts[start:])


def _pinball_loss(y, y_hat, q):
    cost = [q * (a - f) if a > f else (1 - q) * (f - a) for a, f in zip(y, y_hat, strict=True)]
    return sum(cost) / len(cost)


def _coverage_and_score(y, low, high, alpha):
    nearest = np.clip(y, low, high)
    score = high - low + 2 * np.abs(y - nearest) / alpha
    return np.sum(nearest == y) / len(y), np.mean(score)


def _train(X_train, y_train):
    def flat(X):
        return np.hstack([X.reshape(len(X), -1), np.ones((len(X), 1))]).astype(float)

    A = flat(X_train)
    weights = np.linalg.solve(A.T @ A + 10 * np.eye(A.shape[1]), A.T @ y_train)
    return lambda X: flat(X) @ weights


ANSWERS = {
    "calendar_features": _calendar_features,
    "forward_fill": _forward_fill,
    "windows_ahead": _windows_ahead,
    "seasonal_naive": _seasonal_naive,
    "pinball_loss": _pinball_loss,
    "coverage_and_score": _coverage_and_score,
    "train": _train,
}
