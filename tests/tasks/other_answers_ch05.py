"""Right answers to lesson 5, written differently from ours."""

import numpy as np


def _make_windows(series, length):
    X, y = [], []
    for end in range(length, len(series)):
        X.append([[value] for value in series[end - length : end]])
        y.append([series[end]])
    return np.array(X, dtype="float32"), np.array(y, dtype="float32")


def _split_and_scale(series, n_train, n_validation):
    parts = np.split(series, np.cumsum([n_train, n_validation]))
    mean = np.sum(parts[0]) / n_train
    std = np.sqrt(np.mean((parts[0] - mean) ** 2))
    return [*((part - mean) / std for part in parts), mean, std]


def _baseline_mae(series, start, period):
    misses = [abs(series[t] - series[t - period]) for t in range(start, len(series))]
    return sum(misses) / len(misses)


def _build_model():
    import keras

    inputs = keras.Input((None, 1), name="temperatures")
    states = keras.layers.SimpleRNN(50, return_sequences=True, name="first")(inputs)
    states = keras.layers.SimpleRNN(50, name="second")(states)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="linear")(states))
    model.compile(keras.optimizers.Adam(), keras.losses.MeanSquaredError())
    return model


def _forecast(predict_one, window, n_steps):
    days = list(window)
    for step in range(n_steps):
        days.append(predict_one(np.array(days[step:])))
    return np.array(days[len(window) :], dtype="float32")


def _train(X_train, y_train):
    def constant_too(X):
        return np.hstack([X[:, :, 0], np.ones((len(X), 1))])

    weights = np.linalg.lstsq(constant_too(X_train), y_train, rcond=None)[0]
    return lambda X: constant_too(X) @ weights


ANSWERS = {
    "make_windows": _make_windows,
    "split_and_scale": _split_and_scale,
    "baseline_mae": _baseline_mae,
    "build_model": _build_model,
    "forecast": _forecast,
    "train": _train,
}
