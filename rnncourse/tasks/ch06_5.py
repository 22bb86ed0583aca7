"""Tasks of lesson 6.5, weather: holes, windows that skip gaps, baselines, intervals, 24 hours.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.ch06_5_data import BAR, day_ahead

# --- warm-up: windows around a gap -------------------------------------------------------------


@value_task(
    wrong={
        "gap-ignored": 700 - 36 + 1,
        "holes-counted": 703 - 36 + 1,
        "one-short-each": (500 - 36) + (200 - 36),
        "one-short": (500 - 36) + (200 - 36) + 1,
        "reading-only": (500 - 24 + 1) + (200 - 24 + 1),
        "ahead-only": (500 - 12 + 1) + (200 - 12 + 1),
        "first-part-only": 500 - 36 + 1,
        "apart": 500 // 36 + 200 // 36,
        "one-a-missing-hour": 700 - 36 + 1 - 3,
        "holes-taken-twice": 700 - 36 + 1 - (36 + 3 - 1),
    },
    points=1,
)
def n_windows():
    hours = 24 + 12
    return (500 - hours + 1) + (200 - hours + 1)


# --- calendar features -------------------------------------------------------------------------


def _calendar_cases(rng):
    return [(rng.integers(0, 24, size=n), rng.integers(1, 366, size=n)) for n in (6, 3, 1)]


@function_task(
    cases=_calendar_cases,
    axes="hour feature",
    wrong={
        "half-turn": edit("2 * np.pi * hour", "np.pi * hour", "2 * np.pi * day", "np.pi * day"),
        "no-two-pi": edit("2 * np.pi * hour", "hour", "2 * np.pi * day", "day"),
        "degrees": edit("2 * np.pi * hour", "360 * hour", "2 * np.pi * day", "360 * day"),
        "cosine-first": edit(
            "np.sin(of_day), np.cos(of_day)",
            "np.cos(of_day), np.sin(of_day)",
            "np.sin(of_year), np.cos(of_year)",
            "np.cos(of_year), np.sin(of_year)",
        ),
        "sine-only": edit(" np.cos(of_day),", "", ", np.cos(of_year)", ""),
        "cosine-only": edit("np.sin(of_day), ", "", "np.sin(of_year), ", ""),
        "period-23": edit("hour / 24", "hour / 23"),
        "period-12": edit("hour / 24", "hour / 12"),
        "period-365": edit("365.25", "365"),
        "periods-swapped": edit("hour / 24", "hour / 365.25", "day / 365.25", "day / 24"),
        "day-by-hours": edit("day / 365.25", "day / 24"),
        "day-first": edit(
            "np.sin(of_day), np.cos(of_day), np.sin(of_year), np.cos(of_year)",
            "np.sin(of_year), np.cos(of_year), np.sin(of_day), np.cos(of_day)",
        ),
        "sines-together": edit(
            "np.cos(of_day), np.sin(of_year)", "np.sin(of_year), np.cos(of_day)"
        ),
        "share": edit(
            "np.sin(of_day), np.cos(of_day), np.sin(of_year), np.cos(of_year)",
            "hour / 24, day / 365.25",
        ),
        "feature-first": edit(", axis=1", ""),
        "one-line": edit("np.stack", "np.concatenate", ", axis=1", ""),
    },
)
def calendar_features(hour, day):
    of_day = 2 * np.pi * hour / 24
    of_year = 2 * np.pi * day / 365.25
    return np.stack([np.sin(of_day), np.cos(of_day), np.sin(of_year), np.cos(of_year)], axis=1)


# --- fill from the past ------------------------------------------------------------------------


def _holes(rng, n, *missing):
    series = rng.normal(12, 6, size=n)
    series[list(missing)] = np.nan
    return (series,)


def _hole_cases(rng):
    return [
        _holes(rng, 11, 2, 5, 6, 7, 10),
        _holes(rng, 8, 1, 2, 3, 6),
        _holes(rng, 14, 4, 5, 8, 12, 13),
    ]


@function_task(
    cases=_hole_cases,
    axes={"filled": "hour", "mask": "hour"},
    wrong={
        "interpolated": edit("filled[t - 1]", "np.interp(t, np.flatnonzero(~mask), series[~mask])"),
        "next-value": edit(
            "range(1, len(series))",
            "range(len(series) - 2, -1, -1)",
            "filled[t - 1]",
            "filled[t + 1]",
        ),
        "nearest": edit(
            "filled[t - 1]",
            "series[min(np.flatnonzero(~mask), key=lambda known: abs(known - t))]",
        ),
        "mean-of-all": edit("filled[t - 1]", "np.nanmean(series)"),
        "median-of-all": edit("filled[t - 1]", "np.nanmedian(series)"),
        "mean-so-far": edit("filled[t - 1]", "np.nanmean(series[:t])"),
        "zero": edit("filled[t - 1]", "0"),
        "first-value": edit("filled[t - 1]", "filled[0]"),
        "one-hour-only": edit("filled[t - 1]", "series[t - 1]"),
        "mask-turned": edit("filled, mask", "filled, ~mask"),
        "mask-after": edit("filled, mask", "filled, np.isnan(filled)"),
        "mask-late": edit("filled, mask", "filled, np.append(False, mask[:-1])"),
        "mask-of-starts": edit("filled, mask", "filled, mask & ~np.append(False, mask[:-1])"),
        "not-filled": edit("filled, mask", "series, mask"),
        "equals-nan": edit("np.isnan(series)", "series == np.nan"),
        "holes-cut-out": edit("filled, mask", "series[~mask], mask"),
        "swapped": edit("filled, mask", "mask, filled"),
    },
)
def forward_fill(series):
    mask = np.isnan(series)
    filled = series.copy()
    for t in range(1, len(series)):
        if mask[t]:
            filled[t] = filled[t - 1]
    return filled, mask


# --- windows that reach many steps ahead and skip gaps -----------------------------------------


def _window_cases(rng):
    return [
        (*_holes(rng, 19, 8), 3, 2),
        (*_holes(rng, 23, 5, 6, 16), 2, 4),
        (*_holes(rng, 17, 0, 9), 4, 3),
    ]


@function_task(
    cases=_window_cases,
    axes={"X": "window hour", "Y": "window hour"},
    points=3,
    wrong={
        "gap-closed": edit("    X, Y = ", "    series = series[~np.isnan(series)]\n    X, Y = "),
        "gap-filled": edit(
            "    X, Y = ", "    series = forward_fill.reference(series)[0]\n    X, Y = "
        ),
        "zero-filled": edit("    X, Y = ", "    series = np.nan_to_num(series)\n    X, Y = "),
        "gap-kept": edit("not np.isnan(window).any()", "True"),
        "only-X-checked": edit("isnan(window)", "isnan(window[:length])"),
        "only-Y-checked": edit("isnan(window)", "isnan(window[length:])"),
        "all-missing": edit(
            "not np.isnan(window).any()",
            "not (np.isnan(window[:length]).all() or np.isnan(window[length:]).all())",
        ),
        "one-hour-ahead": edit("window[length:]", "window[length : length + 1]"),
        "last-hour-only": edit("window[length:]", "window[-1:]"),
        "overlap": edit("length + ahead]", "length + ahead - 1]", "[length:]", "[length - 1 :]"),
        "hour-skipped": edit(
            "ahead + 1)",
            "ahead)",
            "series[start : start + length + ahead]",
            "np.delete(series[start : start + length + ahead + 1], length)",
        ),
        "last-lost": edit("ahead + 1)", "ahead)"),
        "apart": edit("range(", "range(0, ", "ahead + 1)", "ahead + 1, length + ahead)"),
        "apart-by-ahead": edit("range(", "range(0, ", "ahead + 1)", "ahead + 1, ahead)"),
        "apart-by-length": edit("range(", "range(0, ", "ahead + 1)", "ahead + 1, length)"),
        "backwards": edit("window[:length]", "window[:length][::-1]"),
        "exchanged": edit("np.array(X), np.array(Y)", "np.array(Y), np.array(X)"),
    },
)
def windows_ahead(series, length, ahead):
    X, Y = [], []
    for start in range(len(series) - length - ahead + 1):
        window = series[start : start + length + ahead]
        if not np.isnan(window).any():
            X.append(window[:length])
            Y.append(window[length:])
    return np.array(X), np.array(Y)


# --- seasonal naive, further ahead than a period -----------------------------------------------


def _seasonal_cases(rng):
    sizes = ((31, 20, 9, 6), (26, 14, 11, 4), (33, 23, 7, 8))  # n, start, ahead, period
    return [(10 + 5 * rng.normal(size=n), *others) for n, *others in sizes]


@function_task(
    cases=_seasonal_cases,
    axes="hour",
    wrong={
        "from-the-future": edit(
            "last[np.arange(ahead) % period]", "series[start - period : start - period + ahead]"
        ),
        "the-truth": edit("last[np.arange(ahead) % period]", "series[start : start + ahead]"),
        "persistence": edit("last[np.arange(ahead) % period]", "np.full(ahead, last[-1])"),
        "one-value": edit("last[np.arange(ahead) % period]", "np.full(ahead, last[0])"),
        "one-period": edit("last[np.arange(ahead) % period]", "last[:ahead]"),
        "last-hours": edit("last[np.arange(ahead) % period]", "series[start - ahead : start]"),
        "hour-early": edit("start - period : start", "start - period - 1 : start - 1"),
        "hour-late": edit("np.arange(ahead)", "np.arange(1, ahead + 1)"),
        "backwards": edit("last[np", "last[::-1][np"),
        "each-repeated": edit(
            "last[np.arange(ahead) % period]", "last.repeat(-(-ahead // period))[:ahead]"
        ),
        "held": edit("np.arange(ahead) % period", "np.minimum(np.arange(ahead), period - 1)"),
        "period-before": edit("start - period : start", "start - 2 * period : start - period"),
        "first-period": edit("start - period : start", ":period"),
        "seasonal-mean": edit(
            "[start - period : start]",
            "[start % period : start].reshape(-1, period).mean(axis=0)",
        ),
        "mean-of-period": edit("last[np.arange(ahead) % period]", "np.full(ahead, last.mean())"),
    },
)
def seasonal_naive(series, start, ahead, period):
    last = series[start - period : start]
    return last[np.arange(ahead) % period]


# --- quantile loss -----------------------------------------------------------------------------


def _loss_cases(rng):
    sizes = ((9, 0.9), (7, 0.15), (12, 0.3))
    found = [(rng.normal(size=n), rng.normal(size=n), q) for n, q in sizes]
    y, y_hat = sorted(found[0][:2], key=np.mean)  # at least one is too high on the whole
    return [(y, y_hat, 0.9), *found[1:]]


@function_task(
    cases=_loss_cases,
    axes="",
    wrong={
        "sides-swapped": edit("y - y_hat", "y_hat - y"),
        "absolute": edit("np.maximum(q * miss, (q - 1) * miss)", "abs(miss)"),
        "half-absolute": edit("np.maximum(q * miss, (q - 1) * miss)", "abs(miss / 2)"),
        "squared": edit("np.maximum(q * miss, (q - 1) * miss)", "(miss**2)"),
        "rmse": edit("np.maximum(q * miss, (q - 1) * miss).mean()", "np.sqrt((miss**2).mean())"),
        "one-side": edit("np.maximum(q * miss, (q - 1) * miss)", "(q * miss)"),
        "low-side-only": edit("(q - 1) * miss", "0"),
        "high-side-only": edit("q * miss,", "0,"),
        "same-weight": edit("np.maximum(q * miss, (q - 1) * miss)", "abs(q * miss)"),
        "sign": edit("(q - 1)", "(1 - q)"),
        "minimum": edit("maximum", "minimum"),
        "added": edit("np.maximum(q * miss, (q - 1) * miss)", "(q * miss + (q - 1) * miss)"),
        "tilted-squares": edit(
            "np.maximum(q * miss, (q - 1) * miss)", "(np.where(miss > 0, q, 1 - q) * miss**2)"
        ),
        "summed": edit(".mean()", ".sum()"),
        "not-averaged": edit(".mean()", ""),
        "doubled": edit("return ", "return 2 * "),
        "max-of-means": edit(
            "np.maximum(q * miss, (q - 1) * miss).mean()",
            "max(q * miss.mean(), (q - 1) * miss.mean())",
        ),
        "quantile-of-errors": edit(
            "np.maximum(q * miss, (q - 1) * miss).mean()", "np.quantile(miss, q)"
        ),
    },
)
def pinball_loss(y, y_hat, q):
    miss = y - y_hat
    return np.maximum(q * miss, (q - 1) * miss).mean()


# --- does an interval keep its promise? --------------------------------------------------------


def _interval_cases(rng):
    cases = []
    for n, alpha in ((14, 0.2), (11, 0.5), (17, 0.1)):
        y, middle = rng.normal(15, 4, size=(2, n))
        y[0], y[1] = middle[0] + 9, middle[1] - 9  # one above its interval and one below
        width = rng.uniform(1, 4, size=(2, n))
        cases.append((y, middle - width[0], middle + width[1], alpha))
    return cases


@function_task(
    cases=_interval_cases,
    axes={"coverage": "", "score": ""},
    points=3,
    wrong={
        "outside": edit("(low <= y) & (y <= high)", "(y < low) | (high < y)"),
        "only-above-low": edit(" & (y <= high)", ""),
        "only-below-high": edit("(low <= y) & ", ""),
        "either": edit("&", "|"),
        "counted": edit("high)).mean()", "high)).sum()"),
        "percent": edit("coverage = ", "coverage = 100 * "),
        "promised": edit("return coverage", "return 1 - alpha"),
        "width-only": edit(" + 2 / alpha * outside", ""),
        "fine-only": edit("high - low + ", ""),
        "half-width": edit("high - low + ", "(high - low) / 2 + "),
        "fine-halved": edit("2 / alpha", "1 / alpha"),
        "fine-alpha-half": edit("2 / alpha", "alpha / 2"),
        "fine-times-alpha": edit("2 / alpha", "2 * alpha"),
        "fine-one": edit("2 / alpha * ", ""),
        "fine-a-miss": edit("* outside", "* (outside > 0)"),
        "fine-above-only": edit("np.maximum(low - y, 0) + ", ""),
        "fine-below-only": edit(" + np.maximum(y - high, 0)", ""),
        "inside-rewarded": edit(
            "np.maximum(low - y, 0) + np.maximum(y - high, 0)", "np.maximum(low - y, y - high)"
        ),
        "fine-squared": edit("* outside", "* outside**2"),
        "summed": edit("outside).mean()", "outside).sum()"),
        "exchanged": edit("coverage, score", "score, coverage"),
    },
)
def coverage_and_score(y, low, high, alpha):
    coverage = ((low <= y) & (y <= high)).mean()
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    score = (high - low + 2 / alpha * outside).mean()
    return coverage, score


# --- stretch: 24 hours of days that nobody has seen --------------------------------------------

# y is in units of the spread, 3.7 °C. A model that passes varies by about 0.9 over days and hours.
SYMPTOMS = {
    "in-degrees": lambda y_hat, data: y_hat.std() > 2,
    "no-change": lambda y_hat, data: np.abs(y_hat).max() < 0.001,
    "every-day-alike": lambda y_hat, data: y_hat.std(axis=0).mean() < 0.1,
    "every-hour-alike": lambda y_hat, data: y_hat.std(axis=1).mean() < 0.1,
    "upside-down": lambda y_hat, data: (y_hat * data.y_test).mean() < 0,
    "backwards": lambda y_hat, data: data.error(y_hat[:, ::-1]) < 0.8 * data.error(y_hat),
    "hour-late": lambda y_hat, data: (
        data.error(np.roll(y_hat, 1, axis=1)) < 0.97 * data.error(y_hat)
        or data.error(np.roll(y_hat, -1, axis=1)) < 0.97 * data.error(y_hat)
    ),
    "level": lambda y_hat, data: 0 < data.error(y_hat) - BAR * data.baseline < 0.2 * data.baseline,
}


def _linear(change=lambda y_hat: y_hat, columns=slice(None)):
    """A ridge regression on `columns` of the windows, its forecasts changed by `change`."""

    def train(X_train, y_train):
        def flat(X):
            X = X[:, :, columns]
            return np.hstack([X.reshape(len(X), -1), np.ones((len(X), 1))]).astype(float)

        A = flat(X_train)
        weights = np.linalg.solve(A.T @ A + 10 * np.eye(A.shape[1]), A.T @ y_train)
        return lambda X: change(flat(X) @ weights)

    return train


@model_task(
    data=day_ahead,
    bar=BAR,
    axes="window hour",
    symptoms=SYMPTOMS,
    points=4,
    seconds=90,
    wrong={
        "in-degrees": _linear(lambda y_hat: 12 + 3.9 * y_hat),
        "no-change": lambda X_train, y_train: lambda X: np.zeros((len(X), 24)),
        "every-day-alike": lambda X_train, y_train: lambda X: np.tile(y_train.mean(0), (len(X), 1)),
        "every-hour-alike": _linear(lambda y_hat: np.tile(y_hat[:, 5:6], 24)),
        "upside-down": _linear(lambda y_hat: -y_hat),
        "backwards": _linear(lambda y_hat: y_hat[:, ::-1]),
        "hour-late": _linear(lambda y_hat: np.roll(y_hat, 2, axis=1)),
        "level": _linear(columns=slice(0, 1)),
        "below-bar": _linear(lambda y_hat: 0.4 * y_hat),
    },
)
def train(X_train, y_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((24, 13)), layers.GRU(32)])
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(24))
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mean_absolute_error")
    model.fit(X_train, y_train, batch_size=64, epochs=10, verbose=0)
    return model
