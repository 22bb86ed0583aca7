"""Tasks of lesson 5, the Keras project: from a series to a model that must beat persistence.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

import numpy as np

from rnncourse.checking.attempt import Refused
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


def _windows(series, length, *, step=1, ahead=0, last=0):
    """The right windows with their joints exposed: each misconception bends one of them."""
    starts = range(0, len(series) - length - max(ahead, 0) - last, step)
    X = np.stack([series[i : i + length] for i in starts])[..., None]
    return X, np.stack([series[i + length + ahead] for i in starts])[:, None]


def _then(change, **joint):
    return lambda series, length: change(*_windows(series, length, **joint))


@function_task(
    cases=_window_cases,
    axes={"X": "window time feature", "y": "window feature"},
    wrong={
        "target-inside": _then(lambda X, y: (X, y), ahead=-1),
        "target-inside-one-more": lambda s, n: _windows(np.append(s, 0.0), n, ahead=-1),
        "day-skipped": _then(lambda X, y: (X, y), ahead=1),
        "last-lost": _then(lambda X, y: (X, y), last=1),
        "no-feature-axis": _then(lambda X, y: (X[..., 0], y)),
        "y-flat": _then(lambda X, y: (X, y[:, 0])),
        "both-flat": _then(lambda X, y: (X[..., 0], y[:, 0])),
        "feature-first": _then(lambda X, y: (X.transpose(0, 2, 1), y)),
        "time-first": _then(lambda X, y: (X.transpose(1, 0, 2), y)),
        "apart": lambda s, n: _windows(s, n, step=n),
        "backwards": _then(lambda X, y: (X[:, ::-1], y)),
        "first-days": lambda s, n: (_windows(s, n)[0], s[: len(s) - n, None]),
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


def _parts(series, n_train, n_validation):
    return np.split(series, (n_train, n_train + n_validation))


def _scaled_by(statistics):
    """Scale all parts by the (mean, std) that `statistics(series, train, validation)` returns."""

    def wrong(series, n_train, n_validation):
        parts = _parts(series, n_train, n_validation)
        mean, std = statistics(series, *parts[:2])
        return *((part - mean) / std for part in parts), mean, std

    return wrong


def _each_by_itself(series, n_train, n_validation, which=(0, 1, 2)):
    parts = _parts(series, n_train, n_validation)
    own = [parts[i] if i in which else parts[0] for i in range(3)]
    scaled = [(part - o.mean()) / o.std() for part, o in zip(parts, own, strict=True)]
    return *scaled, parts[0].mean(), parts[0].std()


def _min_max(series, n_train, n_validation):
    train, *others = _parts(series, n_train, n_validation)
    low, high = train.min(), train.max()
    return *((part - low) / (high - low) for part in (train, *others)), low, high - low


@function_task(
    cases=_split_cases,
    axes={"train": "day", "validation": "day", "test": "day", "mean": "", "std": ""},
    wrong={
        "whole-series": _scaled_by(lambda s, train, val: (s.mean(), s.std())),
        "train-and-validation": _scaled_by(
            lambda s, train, val: (np.append(train, val).mean(), np.append(train, val).std())
        ),
        "each-by-itself": _each_by_itself,
        "test-by-itself": lambda *a: _each_by_itself(*a, which=(2,)),
        "variance": _scaled_by(lambda s, train, val: (train.mean(), train.var())),
        "not-divided": _scaled_by(lambda s, train, val: (train.mean(), 1.0)),
        "not-centred": _scaled_by(lambda s, train, val: (0.0, train.std())),
        "sample-std": _scaled_by(lambda s, train, val: (train.mean(), train.std(ddof=1))),
        "min-max": _min_max,
        "not-scaled": lambda s, n, m: (*_parts(s, n, m), s[:n].mean(), s[:n].std()),
        "newest-first": lambda s, n, m: split_and_scale.reference(s[::-1], n, m),
        "validation-in-test": lambda s, n, m: (
            *_scaled_by(lambda s, t, v: (t.mean(), t.std()))(s, n, m)[:2],
            (s[n:] - s[:n].mean()) / s[:n].std(),
            s[:n].mean(),
            s[:n].std(),
        ),
    },
)
def split_and_scale(series, n_train, n_validation):
    mean, std = series[:n_train].mean(), series[:n_train].std()
    scaled = (series - mean) / std
    end = n_train + n_validation
    return scaled[:n_train], scaled[n_train:end], scaled[end:], mean, std


# --- baselines -------------------------------------------------------------------------------


def _baseline_cases(rng):
    sizes = ((30, 12, 7), (24, 9, 1), (41, 25, 15))  # more days to forecast than a period has
    found = [(10 + 5 * rng.normal(size=n), start, period) for n, start, period in sizes]
    found[0][0][:] -= np.arange(30)  # it falls, so that the misses of one case are negative
    return found


def _measured(measure):
    """`measure` of the right misses: the days from `start` on, less those a period before."""

    def wrong(series, start, period):
        return measure(series[start:] - series[start - period : -period], series[start:])

    return wrong


@function_task(
    cases=_baseline_cases,
    axes="",
    wrong={
        "squared": _measured(lambda e, y: np.mean(e**2)),
        "rmse": _measured(lambda e, y: np.sqrt(np.mean(e**2))),
        "signed": _measured(lambda e, y: e.mean()),
        "abs-of-mean": _measured(lambda e, y: abs(e.mean())),
        "summed": _measured(lambda e, y: abs(e).sum()),
        "not-averaged": _measured(lambda e, y: abs(e)),
        "divided-by-all": lambda s, start, p: np.abs(s[start:] - s[start - p : -p]).sum() / len(s),
        "median": _measured(lambda e, y: np.median(abs(e))),
        "percent": _measured(lambda e, y: np.mean(abs(e / y))),
        "start-ignored": lambda s, start, p: np.abs(s[p:] - s[:-p]).mean(),
        "last-day-lost": _measured(lambda e, y: abs(e[:-1]).mean()),
        "from-the-test": lambda s, start, p: np.abs(s[start + p :] - s[start:-p]).mean(),
        "always-persistence": lambda s, start, p: np.abs(s[start:] - s[start - 1 : -1]).mean(),
        "one-value": lambda s, start, p: np.abs(s[start:] - s[start - p]).mean(),
        "mean-of-past": lambda s, start, p: np.abs(s[start:] - s[:start].mean()).mean(),
    },
)
def baseline_mae(series, start, period):
    y_hat = series[start - period : -period]
    return np.abs(y_hat - series[start:]).mean()


# --- the document's model --------------------------------------------------------------------


def _facts(model, weights, X):
    """What a compiled Keras model is, as plain text and numbers, and what it answers to X.

    The answers, with these weights, cannot be written down without such a model: the facts could.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise Refused("not-keras", what=type(model).__name__)
    if not model.compiled:
        raise Refused("not-compiled")
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    facts = {"len(model.layers)": len(layers)}
    for i, layer in enumerate(layers):
        facts[f"model.layers[{i}]"] = _layer(layer)
    facts["model.input_shape"] = str(model.input_shape) if model.built else "–"
    facts["model.optimizer"] = type(model.optimizer).__name__
    facts["learning_rate"] = float(f"{float(model.optimizer.learning_rate):.4g}")
    facts["model.loss"] = _loss(keras.losses.get(model.loss))
    return facts | {"model.predict": _predicted(model, weights, X)}


def _predicted(model, weights, X):
    """The outputs for X with these weights; nothing where the model has other shapes."""
    before = model.get_weights()
    if [w.shape for w in before] != [w.shape for w in weights]:
        return np.zeros(0)
    model.set_weights(weights)
    try:
        return np.asarray(model(X))
    except (ValueError, TypeError):  # another length of the windows, say
        return np.zeros(0)
    finally:
        model.set_weights(before)


def _weights_and_inputs(rng):
    """Weights for the document's model, and a batch to answer: both go to `_facts`."""
    shapes = [(1, 50), (50, 50), (50,), (50, 50), (50, 50), (50,), (50, 1), (1,)]
    weights = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes]
    X = rng.normal(size=(rng.integers(1, 5), rng.integers(2, 9), 1))
    return [([w.astype("float32") for w in weights], X.astype("float32"))]


_facts.codes = ("not-keras", "not-compiled")


def _layer(layer):
    """`SimpleRNN(units=50, activation='tanh', return_sequences=True)`: what the task asks for."""
    config, names = layer.get_config(), ["units", "activation", "return_sequences"]
    names += [] if config.get("use_bias", True) else ["use_bias"]
    said = ", ".join(f"{name}={config[name]!r}" for name in names if name in config)
    return f"{type(layer).__name__}({said})"


def _loss(loss):
    """A loss's name in one spelling, whether it was a string, a function or an object."""
    name = getattr(loss, "__name__", type(loss).__name__)
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def _built(
    *,
    shape=(None, 1),
    layers=("SimpleRNN", "SimpleRNN"),
    sequences=(True, False),
    units=50,
    activation="tanh",
    outputs=1,
    output_activation=None,
    optimizer="Adam",
    rate=1e-3,
    loss="mean_squared_error",
):
    """The document's model with its joints exposed: each misconception bends one of them."""
    import keras

    model = keras.Sequential([keras.Input(shape)] if shape else [])
    for kind, every in zip(layers, sequences, strict=True):
        layer = getattr(keras.layers, kind)
        model.add(layer(units, activation=activation, return_sequences=every))
    model.add(keras.layers.Dense(outputs, activation=output_activation))
    model.compile(optimizer=getattr(keras.optimizers, optimizer)(rate), loss=loss)
    return model


def _bent(**joint):
    return lambda: _built(**joint)


@function_task(
    cases=_weights_and_inputs,
    observe=_facts,
    seconds=60,  # the first call starts TensorFlow
    points=3,
    wrong={
        "no-input": _bent(shape=None),
        "fixed-length": _bent(shape=(14, 1)),
        "no-sequences": _bent(sequences=(False, False)),
        "sequences-twice": _bent(sequences=(True, True)),
        "one-layer": _bent(layers=("SimpleRNN",), sequences=(False,)),
        "lstm": _bent(layers=("LSTM", "LSTM")),
        "gru": _bent(layers=("GRU", "GRU")),
        "relu": _bent(activation="relu"),
        "dense-50": _bent(outputs=50),
        "output-tanh": _bent(output_activation="tanh"),
        "output-sigmoid": _bent(output_activation="sigmoid"),
        "output-relu": _bent(output_activation="relu"),
        "mae": _bent(loss="mean_absolute_error"),
        "cross-entropy": _bent(loss="binary_crossentropy"),
        "rate-01": _bent(rate=0.01),
        "sgd": _bent(optimizer="SGD"),
        "sgd-default": _bent(optimizer="SGD", rate=0.01),
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


def _forecasts(predict_one, window, n_steps, move=lambda w, y: np.append(w[1:], y)):
    made = []
    for _ in range(n_steps):
        made.append(predict_one(window))
        window = move(window, made[-1])
    return np.array(made)


def _moved(move):
    return lambda predict_one, window, n_steps: _forecasts(predict_one, window, n_steps, move)


@function_task(
    cases=_forecast_cases,
    axes="day",
    points=3,
    wrong={
        "window-not-moved": _moved(lambda w, y: w),
        "window-grows": _moved(lambda w, y: np.append(w, y)),
        "wrong-end": _moved(lambda w, y: np.append(y, w[:-1])),
        "newest-dropped": _moved(lambda w, y: np.append(w[:-1], y)),
        "added": _moved(lambda w, y: w[1:] + y),
        "rolled": _moved(lambda w, y: np.roll(w, -1)),
        "zero-put-in": _moved(lambda w, y: np.append(w[1:], 0.0)),
        "last-repeated": _moved(lambda w, y: np.append(w[1:], w[-1])),
        "only-last": lambda *a: _forecasts(*a)[-1:],
        "only-last-number": lambda *a: _forecasts(*a)[-1],
        "window-included": lambda f, w, n: np.append(w, _forecasts(f, w, n)),
        "one-too-many": lambda f, w, n: _forecasts(f, w, n + 1),
        "first-lost": lambda f, w, n: _forecasts(f, w, n + 1)[1:],
        "flipped": lambda *a: _forecasts(*a)[::-1],
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


# Scaled units, one is 7.4 °C. A model that passes lies 0.1 from today and spreads by 0.9.
SYMPTOMS = {
    "in-degrees": lambda y_hat, data: abs(y_hat.mean()) > 3,
    "predicts-one-value": lambda y_hat, data: y_hat.std() < 0.2,
    "repeats-today": lambda y_hat, data: _distance(y_hat, data.X_test[:, -1]) < 0.03,
    "reads-the-far-end": lambda y_hat, data: (
        _distance(y_hat, data.X_test[:, 0]) < _distance(y_hat, data.X_test[:, -1]) / 2
    ),
    "upside-down": lambda y_hat, data: (y_hat * data.y_test).mean() < 0,
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
