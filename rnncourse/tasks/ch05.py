"""Tasks of lesson 5, the Keras project: from a series to a model that must beat persistence.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines, because each task lists its known mistakes.
"""

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.ch05_data import BAR, weather_windows

# --- warm-up: count a smaller model -----------------------------------------------------------


@value_task(
    wrong={
        "no-bias": 20 * (1 + 20) + 10 * (20 + 10) + 10,
        "no-dense": 440 + 310,
        "dense-no-bias": 440 + 310 + 10,
        "dense-from-first": 440 + 310 + 21,
        "no-recurrence": 20 * (1 + 1) + 10 * (20 + 1) + 11,
        "second-reads-one": 440 + 10 * (1 + 10 + 1) + 11,
        "times-T": 14 * (440 + 310) + 11,
        "T-as-D": 20 * (14 + 20 + 1) + 310 + 11,
        "lstm": 4 * (440 + 310) + 11,
    },
    points=1,
)
def n_parameters():
    first = 20 * (1 + 20 + 1)
    second = 10 * (20 + 10 + 1)
    return first + second + (10 + 1)


# --- windows ---------------------------------------------------------------------------------


def _window_cases(rng):
    return [(rng.normal(size=n), length) for n, length in ((11, 4), (9, 2), (8, 5))]


@function_task(
    cases=_window_cases,
    axes={"X": "window time feature", "y": "window feature"},
    wrong={
        "target-inside": edit("series[length:, None]", "series[length - 1 : -1, None]"),
        "target-inside-one-more": edit(
            *("len(series) - length", "len(series) - length + 1"),
            *("series[length:, None]", "series[length - 1 :, None]"),
        ),
        "day-skipped": edit(
            *("len(series) - length", "len(series) - length - 1"),
            *("series[length:, None]", "series[length + 1 :, None]"),
        ),
        "last-lost": edit(
            *("len(series) - length", "len(series) - length - 1"),
            *("series[length:, None]", "series[length:-1, None]"),
        ),
        "no-feature-axis": edit("X[:, :, None]", "X"),
        "y-flat": edit("series[length:, None]", "series[length:]"),
        "both-flat": edit("X[:, :, None], series[length:, None]", "X, series[length:]"),
        "feature-first": edit("X[:, :, None]", "X[:, None, :]"),
        "time-first": edit("X[:, :, None]", "X.T[:, :, None]"),
        "apart": edit(
            *("range(n)", "range(0, n, length)"),
            *("series[length:, None]", "series[length::length, None]"),
        ),
        "backwards": edit("X[:, :, None]", "X[:, ::-1, None]"),
        "first-days": edit("series[length:, None]", "series[:n, None]"),
    },
)
def make_windows(series, length):
    n = len(series) - length
    X = np.stack([series[i : i + length] for i in range(n)])
    return X[:, :, None], series[length:, None]


# --- split and scale -------------------------------------------------------------------------


def _split_cases(rng):
    return [
        (20 + 8 * rng.normal(size=n) + np.linspace(0, 9, n), n_train, n_validation)
        for n, n_train, n_validation in ((23, 12, 6), (40, 21, 8))
    ]


def _scaled_by_itself(part):
    """A part scaled by its own mean and standard deviation."""
    return (part - part.mean()) / part.std()


@function_task(
    cases=_split_cases,
    axes={"train": "day", "validation": "day", "test": "day", "mean": "", "std": ""},
    wrong={
        "whole-series": edit("[:n_train].mean()", ".mean()", "[:n_train].std()", ".std()"),
        "train-and-validation": edit(
            *("[:n_train].mean()", "[: n_train + n_validation].mean()"),
            *("[:n_train].std()", "[: n_train + n_validation].std()"),
        ),
        "each-by-itself": edit(
            *("scaled[n_train:end]", "_scaled_by_itself(series[n_train:end])"),
            *("scaled[end:]", "_scaled_by_itself(series[end:])"),
        ),
        "test-by-itself": edit("scaled[end:]", "_scaled_by_itself(series[end:])"),
        "variance": edit(".std()", ".var()"),
        "not-divided": edit("series[:n_train].std()", "1.0"),
        "not-centred": edit("series[:n_train].mean()", "0.0"),
        "sample-std": edit(".std()", ".std(ddof=1)"),
        "min-max": edit(".mean()", ".min()", "series[:n_train].std()", "np.ptp(series[:n_train])"),
        "not-scaled": edit("(series - mean) / std", "series"),
        "newest-first": edit("mean, std =", "series = series[::-1]; mean, std ="),
        "validation-in-test": edit("scaled[end:]", "scaled[n_train:]"),
    },
)
def split_and_scale(series, n_train, n_validation):
    mean, std = series[:n_train].mean(), series[:n_train].std()
    scaled = (series - mean) / std
    end = n_train + n_validation
    return scaled[:n_train], scaled[n_train:end], scaled[end:], mean, std


# --- baselines -------------------------------------------------------------------------------


def _baseline_cases(rng):
    sizes = ((30, 12, 7), (24, 9, 1), (41, 25, 15))  # the test part is longer than a period
    found = [(10 + 5 * rng.normal(size=n), start, period) for n, start, period in sizes]
    found[0][0][:] -= np.arange(30)  # it falls: "signed" and "abs-of-mean" differ
    return found


@function_task(
    cases=_baseline_cases,
    axes="",
    wrong={
        "squared": edit("np.abs(", "np.square("),
        "rmse": edit("np.abs(", "np.sqrt(np.square(", ".mean()", ".mean())"),
        "signed": edit("np.abs(y_hat - series[start:])", "(series[start:] - y_hat)"),
        "abs-of-mean": edit("np.abs(y_hat", "np.abs((y_hat", ".mean()", ".mean())"),
        "summed": edit(".mean()", ".sum()"),
        "not-averaged": edit(".mean()", ""),
        "divided-by-all": edit(".mean()", ".sum() / len(series)"),
        "median": edit("np.abs(", "np.median(np.abs(", ".mean()", ")"),
        "percent": edit("y_hat - series[start:]", "(y_hat - series[start:]) / series[start:]"),
        "start-ignored": edit(
            *("series[start - period : -period]", "series[:-period]"),
            *("series[start:]", "series[period:]"),
        ),
        "last-day-lost": edit("series[start:])", "series[start:])[:-1]"),
        "from-the-test": edit(
            *("series[start - period : -period]", "series[start:-period]"),
            *("series[start:]", "series[start + period :]"),
        ),
        "always-persistence": edit("series[start - period : -period]", "series[start - 1 : -1]"),
        "one-value": edit("series[start - period : -period]", "series[start - period]"),
        "mean-of-past": edit("series[start - period : -period]", "series[:start].mean()"),
    },
)
def baseline_mae(series, start, period):
    y_hat = series[start - period : -period]
    return np.abs(y_hat - series[start:]).mean()


# --- the document's model --------------------------------------------------------------------


def _weights_and_inputs(rng):
    """Weights for the document's model, and a batch to answer: both go to the observer."""
    shapes = [(1, 50), (50, 50), (50,), (50, 50), (50, 50), (50,), (50, 1), (1,)]
    weights = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes]
    X = rng.normal(size=(rng.integers(1, 5), rng.integers(2, 9), 1))
    return [([w.astype("float32") for w in weights], X.astype("float32"))]


@function_task(
    cases=_weights_and_inputs,
    axes={"model.predict": "window feature"},
    observe="keras-model",
    seconds=60,  # the first call starts TensorFlow
    points=3,
    wrong={
        "no-input": edit("model.add(keras.Input((None, 1)))", ""),
        "fixed-length": edit("(None, 1)", "(14, 1)"),
        "no-sequences": edit(", return_sequences=True", ""),
        "sequences-twice": edit("SimpleRNN(50))", "SimpleRNN(50, return_sequences=True))"),
        "one-layer": edit("model.add(layers.SimpleRNN(50, return_sequences=True))", ""),
        "lstm": edit("SimpleRNN(50, ", "LSTM(50, ", "SimpleRNN(50))", "LSTM(50))"),
        "gru": edit("SimpleRNN(50, ", "GRU(50, ", "SimpleRNN(50))", "GRU(50))"),
        "relu": edit(
            *("SimpleRNN(50, ", 'SimpleRNN(50, activation="relu", '),
            *("SimpleRNN(50))", 'SimpleRNN(50, activation="relu"))'),
        ),
        "dense-50": edit("Dense(1)", "Dense(50)"),
        "output-tanh": edit("Dense(1)", 'Dense(1, activation="tanh")'),
        "output-sigmoid": edit("Dense(1)", 'Dense(1, activation="sigmoid")'),
        "output-relu": edit("Dense(1)", 'Dense(1, activation="relu")'),
        "mae": edit("mean_squared_error", "mean_absolute_error"),
        "cross-entropy": edit("mean_squared_error", "binary_crossentropy"),
        "rate-01": edit("Adam(0.001)", "Adam(0.01)"),
        "sgd": edit("Adam(0.001)", "SGD(0.001)"),
        "sgd-default": edit("Adam(0.001)", "SGD()"),
        "dropout": edit(
            *("SimpleRNN(50, ", "SimpleRNN(50, dropout=0.2, "),
            *("SimpleRNN(50))", "SimpleRNN(50, dropout=0.2))"),
        ),
        "clipped": edit("Adam(0.001)", "Adam(0.001, clipnorm=1.0)"),
    },
)
def build_model():
    import keras
    from keras import layers

    model = keras.Sequential()
    model.add(keras.Input((None, 1)))
    model.add(layers.SimpleRNN(50, return_sequences=True))
    model.add(layers.SimpleRNN(50))
    model.add(layers.Dense(1))
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mean_squared_error")
    return model


# --- what may one report? --------------------------------------------------------------------


@value_task(
    wrong={"best-seed": "a", "shuffled": "b", "loss": "d"},
    points=1,
)
def report():
    return "c"


# --- many days ahead -------------------------------------------------------------------------


class _Predictor:
    """A tiny recurrent model: it reads windows of any length, and the order of days matters."""

    def __init__(self, rng):
        self.w, self.u, self.v = rng.uniform(0.5, 1.0, size=3)

    def __call__(self, window):
        state = 0.0
        for value in np.asarray(window, dtype=float):
            state = self.w * value + self.u * state
        return float(self.v * np.sin(state))

    def __repr__(self):
        return "a function"


def _forecast_cases(rng):
    return [(_Predictor(rng), rng.normal(size=n), steps) for n, steps in ((5, 4), (3, 7), (6, 1))]


@function_task(
    cases=_forecast_cases,
    axes="day",
    points=3,
    wrong={
        "window-not-moved": edit("window = np.append(window[1:], y_hat)", ""),
        "window-grows": edit("window[1:]", "window"),
        "wrong-end": edit("window[1:], y_hat", "y_hat, window[:-1]"),
        "newest-dropped": edit("window[1:]", "window[:-1]"),
        "added": edit("np.append(window[1:], y_hat)", "window[1:] + y_hat"),
        "rolled": edit("np.append(window[1:], y_hat)", "np.roll(window, -1)"),
        "zero-put-in": edit("window[1:], y_hat", "window[1:], 0.0"),
        "last-repeated": edit("window[1:], y_hat", "window[1:], window[-1]"),
        "only-last": edit("np.array(forecasts)", "np.array(forecasts[-1:])"),
        "only-last-number": edit("np.array(forecasts)", "forecasts[-1]"),
        "window-included": edit("forecasts = []", "forecasts = list(window)"),
        "one-too-many": edit("range(n_steps)", "range(n_steps + 1)"),
        "first-lost": edit(
            *("range(n_steps)", "range(n_steps + 1)"),
            *("np.array(forecasts)", "np.array(forecasts[1:])"),
        ),
        "flipped": edit("np.array(forecasts)", "np.array(forecasts[::-1])"),
    },
)
def forecast(predict_one, window, n_steps):
    forecasts = []
    for _ in range(n_steps):
        y_hat = predict_one(window)
        forecasts.append(y_hat)
        window = np.append(window[1:], y_hat)
    return np.array(forecasts)


# --- stretch: beat persistence on a year that nobody has seen -----------------------------------


def _distance(y_hat, other):
    return float(np.abs(y_hat - other).mean())


def _correlation(y_hat, y):
    return float(np.corrcoef(y_hat.ravel(), y.ravel())[0, 1])


# In scaled units, of 7.4 °C each. The forecasts of a model that passes differ by 0.1 from the day
# before, on average, and their standard deviation is 0.9.
SYMPTOMS = {
    "in-degrees": lambda y_hat, data: abs(y_hat.mean()) > 3,
    "predicts-one-value": lambda y_hat, data: y_hat.std() < 0.2,
    "repeats-today": lambda y_hat, data: _distance(y_hat, data.X_test[:, -1]) < 0.03,
    "reads-the-far-end": lambda y_hat, data: (
        _distance(y_hat, data.X_test[:, 0]) < _distance(y_hat, data.X_test[:, -1]) / 2
    ),
    "upside-down": lambda y_hat, data: _correlation(y_hat, data.y_test) < -0.3,  # no noise is
    "level": lambda y_hat, data: 0 < data.error(y_hat) - BAR * data.baseline < 0.07 * data.baseline,
}


def _answers(predict):
    """A `train` that learns nothing and returns `predict`."""
    return lambda X_train, y_train: predict


@model_task(
    data=weather_windows,
    bar=BAR,
    axes="window feature",
    symptoms=SYMPTOMS,
    points=4,
    seconds=90,
    wrong={
        "in-degrees": _answers(lambda X: 16.6 + 7.4 * X[:, -1]),
        "predicts-one-value": lambda X_train, y_train: lambda X: 0 * X[:, -1] + y_train.mean(),
        "repeats-today": _answers(lambda X: X[:, -1]),
        "reads-the-far-end": _answers(lambda X: 0.9 * X[:, 0]),
        "upside-down": _answers(lambda X: -0.9 * X[:, -1]),
        "level": _answers(lambda X: 0.85 * X[:, -1]),
        "below-bar": _answers(lambda X: X.mean(axis=1)),
    },
)
def train(X_train, y_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((None, 1)), layers.LSTM(32), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mean_squared_error")
    model.fit(X_train, y_train, epochs=12, verbose=0)
    return model
