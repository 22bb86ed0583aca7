"""Tasks of lesson 6.4, stocks: measures that do not flatter, splits that do not leak, volatility.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.ch06_4_data import BAR, volatility_windows

# --- warm-up: what does an R² of 0.97 say? ------------------------------------------------------


@value_task(wrong={"explains-changes": "a", "unseen-is-enough": "b", "must-be-leak": "d"}, points=1)
def flattered():
    return "c"


# --- skill over persistence ---------------------------------------------------------------------


def _price(rng, n):
    """A random walk like a share's price, positive, with a drift, (n,)."""
    return 50 * np.exp(np.cumsum(rng.normal(0.002, 0.03, size=n)))


def _skill_cases(rng):
    prices = [_price(rng, n) for n in (17, 30, 8)]
    return [(p[1:] - 0.6 * np.diff(p) + rng.normal(size=len(p) - 1), p) for p in prices]


@function_task(
    level="warm-up",
    cases=_skill_cases,
    axes="",
    points=1,
    wrong={
        "r2": edit("yesterday - y", "y.mean() - y"),
        "without-one": edit("1 - ", ""),
        "minus-one": edit("1 - ", "-1 + "),
        "upside-down": edit("y_hat - y", "yesterday - y", "/ np.sum((yesterday", "/ np.sum((y_hat"),
        "rooted": edit(
            "np.sum((y_hat",
            "np.sqrt(np.sum((y_hat",
            "(yesterday - y) ** 2",
            "(yesterday - y) ** 2)",
        ),
        "absolute": edit(
            "(y_hat - y) ** 2", "abs(y_hat - y)", "(yesterday - y) ** 2", "abs(yesterday - y)"
        ),
        "signed": edit("(y_hat - y) ** 2", "y_hat - y", "(yesterday - y) ** 2", "yesterday - y"),
        "sum-squared": edit(
            "((y_hat - y) ** 2)",
            "(y_hat - y) ** 2",
            "((yesterday - y) ** 2)",
            "(yesterday - y) ** 2",
        ),
        "difference": edit(
            "1 - np.sum((y_hat - y) ** 2) / np.sum((yesterday - y) ** 2)",
            "np.mean((yesterday - y) ** 2) - np.mean((y_hat - y) ** 2)",
        ),
        "against-today": edit("y_hat - y", "y_hat - yesterday"),
        "correlation": edit(
            "1 - np.sum((y_hat - y) ** 2) / np.sum((yesterday - y) ** 2)",
            "np.corrcoef(y_hat, y)[0, 1]",
        ),
        "two-days-back": edit(
            "price[1:], price[:-1]", "price[2:], price[:-2]", "y_hat - y", "y_hat[1:] - y"
        ),
        "percent": edit("1 - ", "100 - 100 * "),
        "not-summed": edit(
            "np.sum((y_hat - y) ** 2)",
            "(y_hat - y) ** 2",
            "np.sum((yesterday - y) ** 2)",
            "(yesterday - y) ** 2",
        ),
        "mean-change": edit(
            "np.sum((y_hat",
            "np.mean((y_hat",
            "np.sum((yesterday - y) ** 2)",
            "np.var(yesterday - y)",
        ),
        "against-itself": edit("yesterday - y", "y_hat - yesterday"),
    },
)
def skill(y_hat, price):
    y, yesterday = price[1:], price[:-1]
    return 1 - np.sum((y_hat - y) ** 2) / np.sum((yesterday - y) ** 2)


# --- windows that leak nothing ------------------------------------------------------------------


def _example_cases(rng):
    sizes = ((26, 5, 14), (19, 3, 11), (33, 8, 20))
    return [
        (0.3 + np.linspace(1, 3, n) * rng.normal(size=n), length, n_train)
        for n, length, n_train in sizes
    ]


@function_task(
    cases=_example_cases,
    axes={
        "X_train": "window day feature",
        "y_train": "window feature",
        "X_test": "window day feature",
        "y_test": "window feature",
    },
    points=3,
    wrong={
        "whole-series": edit(
            "series[:n_train].mean", "series.mean", "series[:n_train].std", "series.std"
        ),
        "test-by-itself": edit(
            "    return",
            "    mean, std = scaled[n_train:].mean(), scaled[n_train:].std()\n    return",
            "X[border:], y[border:]",
            "(X[border:] - mean) / std, (y[border:] - mean) / std",
        ),
        "window-by-window": edit(
            "    border =",
            "    mean, std = X.mean(axis=1), X.std(axis=1)\n"
            "    X, y = (X - mean[:, None]) / std[:, None], (y - mean) / std\n"
            "    border =",
        ),
        "of-all-windows": edit(
            "    return",
            "    mean, std = X[:border].mean(), X[:border].std()\n"
            "    X, y = (X - mean) / std, (y - mean) / std\n"
            "    return",
        ),
        "min-max": edit(".mean()", ".min()", "series[:n_train].std()", "np.ptp(series[:n_train])"),
        "variance": edit("std()", "var()"),
        "sample-std": edit("std()", "std(ddof=1)"),
        "not-centred": edit("(series - series[:n_train].mean())", "series"),
        "not-scaled": edit("(series - series[:n_train].mean()) / series[:n_train].std()", "series"),
        "target-not-scaled": edit("scaled[length:", "series[length:"),
        "target-inside": edit("scaled[length:", "scaled[length - 1 : -1"),
        "day-skipped": edit(
            "len(series))", "len(series) - 1)", "scaled[length:", "scaled[length + 1 :"
        ),
        "first-test-days-lost": edit("X[border:], y[border:]", "X[n_train:], y[n_train:]"),
        "test-in-training": edit("X[:border], y[:border]", "X[: border + 1], y[: border + 1]"),
        "training-stops-early": edit("X[:border], y[:border]", "X[: border - 1], y[: border - 1]"),
        "border-too-late": edit("n_train - length", "n_train"),
        "border-lost": edit("X[border:], y[border:]", "X[border + 1 :], y[border + 1 :]"),
        "no-feature-axis": edit("[:, :, None]", "", "length:, None]", "length:]"),
        "feature-first": edit("[:, :, None]", "[:, None, :]"),
    },
)
def examples(series, length, n_train):
    scaled = (series - series[:n_train].mean()) / series[:n_train].std()
    ends = range(length, len(series))
    X = np.stack([scaled[end - length : end] for end in ends])[:, :, None]
    y = scaled[length:, None]
    border = n_train - length
    return X[:border], y[:border], X[border:], y[border:]


# --- walk forward -------------------------------------------------------------------------------


def _walk_cases(rng):
    """Once the tests use all n days, twice a remainder is left; one embargo may be 0."""
    found = []
    kinds = zip((False, True, True), (2, 2, 0), rng.permutation([2, 4, 5]), strict=True)
    for rest, shortest, folds in kinds:
        n_test, embargo = rng.integers(4, 9), rng.integers(shortest, 6)
        n_first = rng.integers(12, 25)
        rest = rng.integers(1, n_test) if rest else 0
        n = n_first + n_test * folds + rest
        found.append(tuple(int(days) for days in (n, n_first, n_test, embargo)))
    return [found[k] for k in rng.permutation(3)]


@function_task(
    cases=_walk_cases,
    axes="fold border",
    points=3,
    wrong={
        "no-embargo": edit(" - embargo", ""),
        "embargo-in-the-test": edit("start - embargo, start", "start, start + embargo"),
        "test-moved": edit("range(n_first", "range(n_first + embargo"),
        "gap-between-tests": edit("1, n_test", "1, n_test + embargo"),
        "embargo-backwards": edit("start - embargo", "start + embargo"),
        "embargo-twice": edit("embargo, start", "embargo, start + embargo"),
        "one-too-many": edit("start - embargo", "start - embargo + 1"),
        "last-day": edit("start - embargo", "start - embargo - 1", "+ n_test]", "+ n_test - 1]"),
        "stop-inclusive": edit("+ n_test]", "+ n_test - 1]"),
        "length-not-stop": edit("start + n_test", "n_test"),
        "never-grows": edit("start - embargo", "n_first - embargo"),
        "test-first": edit("start - embargo, ", "", "+ n_test]", "+ n_test, start - embargo]"),
        "remainder-kept": edit("n - n_test + 1", "n", "start + n_test", "min(start + n_test, n)"),
        "beyond-the-end": edit("n - n_test + 1", "n"),
        "last-fold-lost": edit("n_test + 1", "n_test"),
        "day-by-day": edit("1, n_test", "1"),
        "one-fold": edit("np.array(folds)", "np.array(folds[:1])"),
        "from-the-start": edit("range(n_first", "range(n_test"),
    },
)
def walk_forward(n, n_first, n_test, embargo):
    folds = []
    for start in range(n_first, n - n_test + 1, n_test):
        folds.append([start - embargo, start, start + n_test])
    return np.array(folds)


# --- an interval for a hit rate -----------------------------------------------------------------


def _hit_cases(rng):
    sizes = rng.integers((45, 18, 5), (70, 30, 18))
    return [
        ((rng.random(n) < p).astype(float),) for n, p in zip(sizes, (0.55, 0.7, 1), strict=True)
    ]


def _agresti_coull(hits, z=1.96):
    n = len(hits) + z**2
    p = (np.sum(hits) + z**2 / 2) / n
    return p + np.array([-1, 1]) * z * np.sqrt(p * (1 - p) / n)


@function_task(
    cases=_hit_cases,
    axes="end",
    wrong={
        "wald": edit(" + z**2 / (4 * n**2)", "", " + z**2 / (2 * n)", "", " / (1 + z**2 / n)", ""),
        "one-error": edit("1.96", "1.0"),
        "ninety": edit("1.96", "1.645"),
        "ninety-nine": edit("1.96", "2.576"),
        "not-divided": edit(" / (1 + z**2 / n)", ""),
        "not-moved": edit(" + z**2 / (2 * n)", ""),
        "plain-root": edit(" + z**2 / (4 * n**2)", ""),
        "without-z": edit("z * np.sqrt", "np.sqrt"),
        "not-rooted": edit("np.sqrt", ""),
        "single-forecast": edit(
            " / n + z**2 / (4 * n**2)", "", " + z**2 / (2 * n)", "", " / (1 + z**2 / n)", ""
        ),
        "agresti-coull": _agresti_coull,
        "misses": edit("np.mean(hits)", "1 - np.mean(hits)"),
        "high-first": edit("[-half, half]", "[half, -half]"),
        "percent": edit("return ", "return 100 * "),
        "counts": edit("return ", "return n * "),
        "half-only": edit("(p + z**2 / (2 * n) + np.array([-half, half]))", "half"),
    },
)
def hit_interval(hits):
    z, n, p = 1.96, len(hits), np.mean(hits)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (p + z**2 / (2 * n) + np.array([-half, half])) / (1 + z**2 / n)


# --- a leak detector ----------------------------------------------------------------------------

# What a preparation may make of a series, one column each. The first five look back only.
COLUMNS = {
    "change since yesterday": lambda x: np.diff(x, prepend=x[0]),
    "mean of three days": lambda x: np.convolve(x, np.ones(3) / 3)[: len(x)],
    "mean so far": lambda x: np.cumsum(x) / np.arange(1, len(x) + 1),
    "scaled by the first five": lambda x: (x - x[:5].mean()) / x[:5].std(),
    "five days ago": lambda x: np.roll(x, 5),
    "mean of the neighbours": lambda x: np.convolve(x, np.ones(3) / 3, mode="same"),
    "tomorrow": lambda x: np.roll(x, -1),
    "in three days": lambda x: np.roll(x, -3),
    "the change after tomorrow": lambda x: np.roll(np.diff(x, append=x[0]), -1),
    "scaled by all": lambda x: (x - x.mean()) / x.std(),
    "from 0 to 1": lambda x: (x - x.min()) / (x.max() - x.min()),
    "against the last day": lambda x: x - x[-1],
}


class _Preparation:
    """Turns a series (n,) into features (n, k), some of which look ahead."""

    def __init__(self, rng, k):
        self.names = list(rng.permutation(list(COLUMNS))[:k])

    def __call__(self, series):
        x = np.asarray(series, dtype=float)
        return np.stack([COLUMNS[name](x) for name in self.names], axis=1)

    def __repr__(self):
        return "a preparation"


def _leak_cases(rng):
    # Prices that rise: their maximum lies in the future. All columns occur in the first case.
    return [
        (_Preparation(rng, k), 20 + np.arange(n) + rng.normal(size=n), t)
        for k, n, t in ((12, 30, 17), (7, 25, 9), (5, 21, 14))
    ]


# What the reference of `leaks` adds to the days after t.
NOISE = "np.random.default_rng(0).normal(scale=50, size=len(series) - t - 1)"


@function_task(
    cases=_leak_cases,
    axes="feature",
    observe="true-or-false",
    points=3,
    wrong={
        "today-changed": edit("t + 1 :]", "t:]", "- t - 1", "- t"),
        "tomorrow-kept": edit("t + 1 :]", "t + 2 :]", "- t - 1", "- t - 2"),
        "next-day-only": edit("[t + 1 :]", "[t + 1]", NOISE, "5"),
        "last-day-only": edit("[t + 1 :]", "[-1]", NOISE, "30"),
        "today-only": edit("[t + 1 :]", "[t]", NOISE, "30"),
        "past-changed": edit("[t + 1 :]", "[:t]", NOISE, "30"),
        "everything-changed": edit("[t + 1 :]", "[:]", NOISE, "30"),
        "constant-added": edit(NOISE, "7"),
        "shuffled": edit(
            f"changed[t + 1 :] += {NOISE}", "np.random.default_rng(2).shuffle(changed[t + 1 :])"
        ),
        "too-small": edit("scale=50", "scale=1e-9"),
        "all-rows": edit(
            "(series)[t]", "(series)", "(changed)[t]", "(changed)", "after)", "after).all(axis=0)"
        ),
        "rows-before": edit(
            "(series)[t]",
            "(series)[:t]",
            "(changed)[t]",
            "(changed)[:t]",
            "after)",
            "after).all(axis=0)",
        ),
        "inverted": edit("~", ""),
        "any": edit("after)", "after).all()"),
    },
)
def leaks(features, series, t):
    changed = series.copy()
    changed[t + 1 :] += np.random.default_rng(0).normal(scale=50, size=len(series) - t - 1)
    before, after = features(series)[t], features(changed)[t]
    return ~np.isclose(before, after)


# --- realised volatility ------------------------------------------------------------------------


def _volatility_cases(rng):
    return [(_price(rng, n), horizon) for n, horizon in ((16, 5), (11, 3), (9, 2))]


@function_task(
    cases=_volatility_cases,
    axes="day",
    wrong={
        "simple-returns": edit("np.diff(np.log(price))", "price[1:] / price[:-1] - 1"),
        "dollars": edit("np.log(price)", "price"),
        "no-returns": edit("np.diff(np.log(price))", "np.log(price)[1:]"),
        "log10": edit("np.log", "np.log10"),
        "mean-subtracted": edit("np.sqrt(np.mean(windows**2, axis=1))", "np.std(windows, axis=1)"),
        "sample-std": edit(
            "np.sqrt(np.mean(windows**2, axis=1))", "np.std(windows, axis=1, ddof=1)"
        ),
        "not-rooted": edit("np.sqrt", ""),
        "summed": edit("np.mean", "np.sum"),
        "absolute": edit("np.sqrt(np.mean(windows**2, axis=1))", "np.mean(abs(windows), axis=1)"),
        "not-squared": edit("np.sqrt(np.mean(windows**2, axis=1))", "np.mean(windows, axis=1)"),
        "root-inside": edit("windows**2, axis=1)", "windows, axis=1) ** 2"),
        "logged": edit("np.sqrt(", "np.log(np.sqrt(", "axis=1))", "axis=1)))"),
        "annual": edit("np.mean", "252 * np.mean"),
        "percent": edit("np.sqrt", "100 * np.sqrt"),
        "one-too-long": edit("(r, horizon)", "(r, horizon + 1)"),
        "one-too-short": edit("(r, horizon)", "(r, horizon - 1)"),
        "prices-cut": edit("(r, horizon)", "(r[:-1], horizon - 1)"),
        "one-number": edit(", axis=1", ""),
        "apart": edit("(r, horizon)", "(r, horizon)[::horizon]"),
        "first-lost": edit("(r, horizon)", "(r[1:], horizon)"),
        "last-lost": edit("(r, horizon)", "(r[:-1], horizon)"),
        "only-one": edit("axis=1))", "axis=1))[-1]"),
    },
)
def realised_volatility(price, horizon):
    r = np.diff(np.log(price))
    windows = np.lib.stride_tricks.sliding_window_view(r, horizon)
    return np.sqrt(np.mean(windows**2, axis=1))


# --- stretch: forecast the volatility of two years that nobody has seen -------------------------


def _related(y_hat, other):
    return float(np.corrcoef(y_hat.ravel(), other.ravel())[0, 1])


SPAN = 2  # the column that says most of the target: the logarithm of high over low
SYMPTOMS = {
    "not-scaled": lambda y_hat, data: abs(y_hat.mean()) > 1.5,
    "predicts-one-value": lambda y_hat, data: y_hat.std() < 0.1,
    "upside-down": lambda y_hat, data: _related(y_hat, data.y_test) < -0.2,
    "direction": lambda y_hat, data: abs(_related(y_hat, data.X_test[:, -1, 0])) > 0.8,
    "reads-the-far-end": lambda y_hat, data: (
        _related(y_hat, data.X_test[:, :3, SPAN].mean(axis=1))
        > _related(y_hat, data.X_test[:, -3:, SPAN].mean(axis=1)) + 0.1
    ),
    "level": lambda y_hat, data: BAR * data.baseline < data.error(y_hat) <= 1.02 * data.baseline,
    "too-wild": lambda y_hat, data: y_hat.std() > data.y_test.std(),
}


def _answers(predict):
    """A `train` that learns nothing and returns `predict`."""
    return lambda X_train, y_train: predict


def _month(X):
    return X[:, -22:, SPAN].mean(axis=1, keepdims=True)


@model_task(
    data=volatility_windows,
    bar=BAR,
    axes="window feature",
    symptoms=SYMPTOMS,
    points=4,
    seconds=90,
    wrong={
        "not-scaled": _answers(lambda X: -4 + 0.6 * _month(X)),
        "predicts-one-value": lambda X_train, y_train: lambda X: 0 * _month(X) + y_train.mean(),
        "upside-down": _answers(lambda X: -0.7 * _month(X)),
        "direction": _answers(lambda X: X[:, -1, :1]),
        "reads-the-far-end": _answers(lambda X: 0.6 * X[:, :3, SPAN].mean(axis=1, keepdims=True)),
        "level": _answers(_month),
        "too-wild": _answers(lambda X: 2 * X[:, -1, 1:2]),
        "below-bar": _answers(lambda X: 0.2 * X[:, -1, 1:2]),
    },
)
def train(X_train, y_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((30, 4)), layers.GRU(16), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mean_squared_error")
    model.fit(X_train, y_train, epochs=3, batch_size=128, verbose=0)
    return model
