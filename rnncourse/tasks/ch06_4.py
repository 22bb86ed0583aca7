"""Tasks of lesson 6.4, stocks: measures that do not flatter, splits that do not leak, volatility.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

import numpy as np

from rnncourse.checking.attempt import Refused, arrays
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.ch06_4_data import BAR, volatility_windows

# --- warm-up: what does an R² of 0.97 say? ------------------------------------------------------


@value_task(wrong={"explains-changes": "a", "unseen-is-enough": "b", "must-be-leak": "d"}, points=1)
def flattered():
    return "c"


# --- skill over persistence ---------------------------------------------------------------------


def _price(rng, *size):
    """A random walk like a share's price, positive, with a drift."""
    steps = rng.normal(0.002, 0.03, size=size)
    return 50 * np.exp(np.cumsum(steps, axis=0))


def _skill_cases(rng):
    prices = [_price(rng, n) for n in (17, 30, 8)]
    return [(p[1:] - 0.6 * np.diff(p) + rng.normal(size=len(p) - 1), p) for p in prices]


def _measured(measure):
    """`measure` of the forecasts' misses and of persistence's, and of the prices to forecast."""

    def wrong(y_hat, price):
        return measure(y_hat - price[1:], price[:-1] - price[1:], price[1:])

    return wrong


@function_task(
    level="warm-up",
    cases=_skill_cases,
    axes="",
    points=1,
    wrong={
        "r2": _measured(lambda e, base, y: 1 - np.sum(e**2) / np.sum((y - y.mean()) ** 2)),
        "without-one": _measured(lambda e, base, y: np.sum(e**2) / np.sum(base**2)),
        "minus-one": _measured(lambda e, base, y: np.sum(e**2) / np.sum(base**2) - 1),
        "upside-down": _measured(lambda e, base, y: 1 - np.sum(base**2) / np.sum(e**2)),
        "rooted": _measured(lambda e, base, y: 1 - np.sqrt(np.sum(e**2) / np.sum(base**2))),
        "absolute": _measured(lambda e, base, y: 1 - np.sum(abs(e)) / np.sum(abs(base))),
        "signed": _measured(lambda e, base, y: 1 - np.sum(e) / np.sum(base)),
        "sum-squared": _measured(lambda e, base, y: 1 - np.sum(e) ** 2 / np.sum(base) ** 2),
        "difference": _measured(lambda e, base, y: np.mean(base**2) - np.mean(e**2)),
        "against-today": lambda f, p: 1 - np.sum((f - p[:-1]) ** 2) / np.sum(np.diff(p) ** 2),
        "correlation": lambda f, p: np.corrcoef(f, p[1:])[0, 1],
        "two-days-back": lambda f, p: (
            1 - np.mean((f[1:] - p[2:]) ** 2) / np.mean((p[:-2] - p[2:]) ** 2)
        ),
        "percent": _measured(lambda e, base, y: 100 * (1 - np.sum(e**2) / np.sum(base**2))),
        "not-summed": _measured(lambda e, base, y: 1 - e**2 / base**2),
        "mean-change": _measured(lambda e, base, y: 1 - np.mean(e**2) / np.var(base)),
        "against-itself": lambda f, p: 1 - np.sum((f - p[1:]) ** 2) / np.sum((f - p[:-1]) ** 2),
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


def _cut(
    series,
    length,
    n_train,
    *,
    by=lambda s, n: (s[:n].mean(), s[:n].std()),
    scaled_target=True,
    ahead=0,
    extra=0,
    test_from=0,
):
    """The right parts with their joints exposed: each misconception bends one of them.

    `by` gives the two numbers of the scale, `ahead` moves the targets, `extra` moves the border,
    `test_from` leaves out the first test targets.
    """
    mean, std = by(series, n_train)
    scaled = (series - mean) / std
    target = scaled if scaled_target else series
    ends = np.arange(length, len(series) - max(ahead, 0))
    X = np.stack([scaled[end - length : end] for end in ends])[..., None]
    y = target[ends + ahead][:, None]
    train, test = ends < n_train + extra, ends >= n_train + test_from
    return X[train], y[train], X[test], y[test]


def _cut_by(**joint):
    return lambda series, length, n_train: _cut(series, length, n_train, **joint)


def _window_by_window(series, length, n_train):
    parts = _cut(series, length, n_train, by=lambda s, n: (0.0, 1.0))
    scaled = []
    for X, y in (parts[:2], parts[2:]):
        mean, std = X.mean(axis=1), X.std(axis=1)
        scaled += [(X - mean[:, None]) / std[:, None], (y - mean) / std]
    return tuple(scaled)


def _of_all_windows(series, n, length):
    windows = np.concatenate([series[i : i + length] for i in range(n - length)])
    return windows.mean(), windows.std()


def _reshaped(change):
    return lambda *arguments: tuple(change(part) for part in _cut(*arguments))


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
        "whole-series": _cut_by(by=lambda s, n: (s.mean(), s.std())),
        "test-by-itself": lambda s, length, n: (
            *_cut(s, length, n)[:2],
            *_cut(s, length, n, by=lambda s, n: (s[n:].mean(), s[n:].std()))[2:],
        ),
        "window-by-window": _window_by_window,
        "of-all-windows": lambda s, length, n: _cut(
            s, length, n, by=lambda s, n: _of_all_windows(s, n, length)
        ),
        "min-max": _cut_by(by=lambda s, n: (s[:n].min(), np.ptp(s[:n]))),
        "variance": _cut_by(by=lambda s, n: (s[:n].mean(), s[:n].var())),
        "sample-std": _cut_by(by=lambda s, n: (s[:n].mean(), s[:n].std(ddof=1))),
        "not-centred": _cut_by(by=lambda s, n: (0.0, s[:n].std())),
        "not-scaled": _cut_by(by=lambda s, n: (0.0, 1.0)),
        "target-not-scaled": _cut_by(scaled_target=False),
        "target-inside": _cut_by(ahead=-1),
        "day-skipped": _cut_by(ahead=1),
        "first-test-days-lost": lambda s, length, n: _cut(s, length, n, test_from=length),
        "test-in-training": _cut_by(extra=1),
        "training-stops-early": _cut_by(extra=-1),
        "border-too-late": lambda s, length, n: _cut(s, length, n, extra=length, test_from=length),
        "border-lost": _cut_by(test_from=1),
        "no-feature-axis": _reshaped(lambda part: part[..., 0]),
        "feature-first": _reshaped(lambda part: part.transpose(0, 2, 1) if part.ndim > 2 else part),
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
    """Days that fill their tests exactly, and days that leave a rest, twice; embargos down to 0."""
    found = []
    kinds = zip((False, True, True), (2, 2, 0), rng.permutation([2, 4, 5]), strict=True)
    for rest, shortest, folds in kinds:
        n_test, embargo = rng.integers(4, 9), rng.integers(shortest, 6)
        n_first = rng.integers(12, 25)
        rest = rng.integers(1, n_test) if rest else 0
        n = n_first + n_test * folds + rest
        found.append(tuple(int(days) for days in (n, n_first, n_test, embargo)))
    return [found[k] for k in rng.permutation(3)]


def _walk(n, n_first, n_test, embargo, *, step=None, row=None, keep=lambda stop, n: stop <= n):
    row = row or (lambda start, stop, embargo: (start - embargo, start, stop))
    starts = range(n_first, n, step or n_test)
    return np.array([row(s, s + n_test, embargo) for s in starts if keep(s + n_test, n)])


def _walked(**joint):
    return lambda *arguments: _walk(*arguments, **joint)


@function_task(
    cases=_walk_cases,
    axes="fold border",
    points=3,
    wrong={
        "no-embargo": _walked(row=lambda start, stop, embargo: (start, start, stop)),
        "embargo-in-the-test": _walked(row=lambda a, b, gap: (a, a + gap, b)),
        "test-moved": lambda n, n_first, n_test, embargo: _walk(
            n, n_first + embargo, n_test, embargo
        ),
        "gap-between-tests": lambda n, n_first, n_test, embargo: _walk(
            n, n_first, n_test, embargo, step=n_test + embargo
        ),
        "embargo-backwards": _walked(row=lambda a, b, gap: (a + gap, a, b)),
        "embargo-twice": _walked(row=lambda a, b, gap: (a - gap, a + gap, b)),
        "one-too-many": _walked(row=lambda a, b, gap: (a - gap + 1, a, b)),
        "last-day": _walked(row=lambda a, b, gap: (a - gap - 1, a, b - 1)),
        "stop-inclusive": _walked(row=lambda a, b, gap: (a - gap, a, b - 1)),
        "length-not-stop": _walked(row=lambda a, b, gap: (a - gap, a, b - a)),
        "never-grows": lambda n, n_first, n_test, embargo: _walk(
            n, n_first, n_test, embargo, row=lambda a, b, gap: (n_first - gap, a, b)
        ),
        "test-first": _walked(row=lambda a, b, gap: (a, b, a - gap)),
        "remainder-kept": lambda n, n_first, n_test, embargo: np.minimum(
            _walk(n, n_first, n_test, embargo, keep=lambda stop, n: True), n
        ),
        "beyond-the-end": _walked(keep=lambda stop, n: True),
        "last-fold-lost": _walked(keep=lambda stop, n: stop < n),
        "day-by-day": _walked(step=1),
        "one-fold": lambda *arguments: _walk(*arguments)[:1],
        "from-the-start": lambda n, n_first, n_test, embargo: _walk(n, n_test, n_test, embargo),
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


def _interval(
    hits,
    *,
    z=1.96,
    centre=lambda p, n, z: p + z**2 / (2 * n),
    half=lambda p, n, z: z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)),
    divide=lambda n, z: 1 + z**2 / n,
):
    n, p = len(hits), np.mean(hits)
    return (centre(p, n, z) + np.array([-1, 1]) * half(p, n, z)) / divide(n, z)


def _other(**joint):
    return lambda hits: _interval(hits, **joint)


def _plain_half(p, n, z):
    return z * np.sqrt(p * (1 - p) / n)


def _agresti_coull(hits, z=1.96):
    n = len(hits) + z**2
    p = (np.sum(hits) + z**2 / 2) / n
    return p + np.array([-1, 1]) * z * np.sqrt(p * (1 - p) / n)


@function_task(
    cases=_hit_cases,
    axes="end",
    wrong={
        "wald": _other(centre=lambda p, n, z: p, half=_plain_half, divide=lambda n, z: 1),
        "one-error": _other(z=1.0),
        "ninety": _other(z=1.645),
        "ninety-nine": _other(z=2.576),
        "not-divided": _other(divide=lambda n, z: 1),
        "not-moved": _other(centre=lambda p, n, z: p),
        "plain-root": _other(half=_plain_half),
        "without-z": _other(half=lambda p, n, z: np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))),
        "not-rooted": _other(half=lambda p, n, z: z * (p * (1 - p) / n + z**2 / (4 * n**2))),
        "single-forecast": _other(
            centre=lambda p, n, z: p,
            half=lambda p, n, z: z * np.sqrt(p * (1 - p)),
            divide=lambda n, z: 1,
        ),
        "agresti-coull": _agresti_coull,
        "misses": lambda hits: _interval(1 - hits),
        "high-first": lambda hits: _interval(hits)[::-1],
        "percent": lambda hits: 100 * _interval(hits),
        "counts": lambda hits: len(hits) * _interval(hits),
        "half-only": lambda hits: np.diff(_interval(hits))[0] / 2,
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


def _compare(change, rows=lambda features, t: features[t], same=np.isclose):
    """Change the series by `change(series, t)`, and compare these rows before and after."""

    def wrong(features, series, t):
        before, after = features(series), features(change(series.copy(), t))
        equal = same(rows(before, t), rows(after, t))
        return ~(equal.all(axis=0) if equal.ndim > 1 else equal)

    return wrong


def _other_future(series, t, first=1, last=None):
    last = len(series) if last is None else t + last
    noise = np.random.default_rng(1).normal(size=len(series))
    series[t + first : last] += 5 + 10 * np.abs(noise[t + first : last])
    return series


def _then(change_series):
    """A change that alters the copied series in place."""

    def change(series, t):
        change_series(series, t)
        return series

    return change


def _add(where, amount):
    def add(series, t):
        series[where(t)] += amount

    return _then(add)


def _shuffle(series, t):
    np.random.default_rng(2).shuffle(series[t + 1 :])


def _true_or_false(returned):
    """The returned array, unless it holds something else than True and False (or 1 and 0)."""
    values = arrays("feature")(returned)
    if not np.isin(values["result"], (0, 1)).all():
        raise Refused("not-true-or-false")
    return values


_true_or_false.codes = ("not-true-or-false",)


@function_task(
    cases=_leak_cases,
    axes="feature",
    observe=_true_or_false,
    points=3,
    wrong={
        "today-changed": _compare(lambda s, t: _other_future(s, t, first=0)),
        "tomorrow-kept": _compare(lambda s, t: _other_future(s, t, first=2)),
        "next-day-only": _compare(lambda s, t: _other_future(s, t, last=2)),
        "last-day-only": _compare(_add(lambda t: -1, 30.0)),
        "today-only": _compare(_add(lambda t: t, 30.0)),
        "past-changed": _compare(_add(lambda t: slice(0, t), 30.0)),
        "everything-changed": _compare(_add(lambda t: slice(None), 30.0)),
        "constant-added": _compare(_add(lambda t: slice(t + 1, None), 7.0)),
        "shuffled": _compare(_then(_shuffle)),
        "too-small": _compare(_add(lambda t: slice(t + 1, None), 1e-9)),
        "all-rows": _compare(_other_future, rows=lambda features, t: features),
        "rows-before": _compare(_other_future, rows=lambda features, t: features[:t]),
        "inverted": lambda *a: ~_compare(_other_future)(*a),
        "any": lambda *a: _compare(_other_future)(*a).any(),
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


def _volatility(
    price,
    horizon,
    *,
    change=lambda p: np.diff(np.log(p)),
    of_window=lambda r: np.sqrt(np.mean(r**2)),
    longer=0,
    step=1,
    start=0,
    last=0,
):
    """The right volatility with its joints exposed: each misconception bends one of them."""
    r, length = change(price), horizon + longer
    starts = range(start, len(r) - length + 1 - last, step)
    return np.array([of_window(r[i : i + length]) for i in starts])


def _bent(**joint):
    return lambda price, horizon: _volatility(price, horizon, **joint)


@function_task(
    cases=_volatility_cases,
    axes="day",
    wrong={
        "simple-returns": _bent(change=lambda p: p[1:] / p[:-1] - 1),
        "dollars": _bent(change=np.diff),
        "no-returns": _bent(change=lambda p: np.log(p)[1:]),
        "log10": _bent(change=lambda p: np.diff(np.log10(p))),
        "mean-subtracted": _bent(of_window=np.std),
        "sample-std": _bent(of_window=lambda r: np.std(r, ddof=1)),
        "not-rooted": _bent(of_window=lambda r: np.mean(r**2)),
        "summed": _bent(of_window=lambda r: np.sqrt(np.sum(r**2))),
        "absolute": _bent(of_window=lambda r: np.mean(abs(r))),
        "not-squared": _bent(of_window=np.mean),
        "root-inside": _bent(of_window=lambda r: abs(np.mean(r))),
        "logged": _bent(of_window=lambda r: np.log(np.sqrt(np.mean(r**2)))),
        "annual": _bent(of_window=lambda r: np.sqrt(252 * np.mean(r**2))),
        "percent": _bent(of_window=lambda r: 100 * np.sqrt(np.mean(r**2))),
        "one-too-long": _bent(longer=1),
        "one-too-short": _bent(longer=-1),
        "prices-cut": _bent(longer=-1, last=1),
        "one-number": lambda price, horizon: np.sqrt(np.mean(_volatility(price, horizon) ** 2)),
        "apart": lambda price, horizon: _volatility(price, horizon, step=horizon),
        "first-lost": _bent(start=1),
        "last-lost": _bent(last=1),
        "only-one": lambda price, horizon: _volatility(price, horizon)[-1],
    },
)
def realised_volatility(price, horizon):
    r = np.diff(np.log(price))
    windows = np.lib.stride_tricks.sliding_window_view(r, horizon)
    return np.sqrt(np.mean(windows**2, axis=1))


# --- stretch: forecast the volatility of two years that nobody has seen -------------------------


def _related(y_hat, other):
    return float(np.corrcoef(y_hat.ravel(), other.ravel())[0, 1])


SPAN = 2  # the feature that tells most
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
