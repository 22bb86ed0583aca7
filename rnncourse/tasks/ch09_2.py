"""Tasks of lesson 9.2: weights, windows, another library's LSTM, masks, NaN, lag and skill.

Longer than 250 lines because each task's mistakes stand beside it.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task

# --- warm-up: how many weights? ----------------------------------------------------------------


@value_task(
    wrong={
        "steps-counted": 30 * 4 * (8 * 20 + 20 * 20 + 20),
        "one-block": 8 * 20 + 20 * 20 + 20,
        "three-blocks": 3 * (8 * 20 + 20 * 20 + 20),
        "no-bias": 4 * (8 * 20 + 20 * 20),
        "two-biases": 4 * (8 * 20 + 20 * 20 + 40),
        "no-recurrence": 4 * (8 * 20 + 20),
        "steps-as-features": 4 * (30 * 20 + 20 * 20 + 20),
        "steps-as-units": 4 * (8 * 30 + 30 * 30 + 30),
    },
    points=1,
)
def lstm_weights():
    D, N = 8, 20
    return 4 * (D * N + N * N + N)


# --- windows that cross no border --------------------------------------------------------------


def _series(rng, lengths):
    return [rng.normal(size=n) for n in lengths]


def _windows_cases(rng):
    found = []
    for n, least in ((3, 2), (2, 3), (1, 2)):
        length, ahead = sizes(rng, 2, least, 5)
        lengths = [length + ahead + more for more in sizes(rng, n, 1, 6)]
        found.append((_series(rng, lengths), length, ahead))
    return found


def _windows_edges(rng):
    length, ahead, more = sizes(rng, 3, 2, 6)
    whole = length + ahead
    return {
        "one window in all": (_series(rng, [whole]), length, ahead),
        "windows of one value": (_series(rng, [more + 1, more + 2]), 1, 1),
        "series that are too short": (
            _series(rng, [whole - 1, whole + 2, 1, whole]),
            length,
            ahead,
        ),
        "the next value": (_series(rng, [length + 3, length + 1]), length, 1),
        "far ahead": (_series(rng, [9 + more, 12 + more]), 2, 8),
    }


@function_task(
    cases=_windows_cases,
    edges=_windows_edges,
    axes={"X": "sample time feature", "y": "sample"},
    points=3,
    wrong={
        "across-borders": edit("in series:", "in [np.concatenate(series)]:"),
        "always-next": edit("length + ahead - 1]", "length]"),
        "ahead-ignored": edit("X, y = [], []", "X, y, ahead = [], [], 1"),
        "target-inside": edit("length + ahead - 1]", "length - 1]"),
        "last-window-lost": edit("ahead + 1):", "ahead):"),
        "no-overlap": edit(
            "range(len(values) - length - ahead + 1)",
            "range(0, len(values) - length - ahead + 1, length)",
        ),
        "no-feature-axis": edit("[:, :, None]", ""),
        "time-last": edit("[:, :, None]", "[:, None, :]"),
        "newest-first": edit("[:, :, None]", "[:, ::-1, None]"),
        "scaled": edit(
            "        for start",
            "        values = (values - values.mean()) / values.std()\n        for start",
        ),
        "one-too-late": edit("X, y = [], []", "X, y, ahead = [], [], ahead + 1"),
    },
)
def windows_of_many(series, length, ahead):
    X, y = [], []
    for values in series:  # each by itself: no window crosses a border
        for start in range(len(values) - length - ahead + 1):
            X.append(values[start : start + length])
            y.append(values[start + length + ahead - 1])
    return np.array(X)[:, :, None], np.array(y)


# --- another library's LSTM -> Keras's ------------------------------------------------------------


def _lstm(rng, D, N):
    return normal(rng, (4 * N, D), (4 * N, N), 4 * N, 4 * N)


def _lstm_cases(rng):
    return [_lstm(rng, *sizes(rng, 2, 2, most)) for most in (4, 5, 6)]


def _lstm_edges(rng):
    D, N = sizes(rng, 2)
    edges = {"one feature": _lstm(rng, 1, N), "one unit": _lstm(rng, D, 1)}
    return edges | {"as many features as units": _lstm(rng, N, N)}


@function_task(
    cases=_lstm_cases,
    edges=_lstm_edges,
    axes={"W": "feature gate·unit", "U": "unit gate·unit", "b": "gate·unit"},
    points=3,
    wrong={
        "gates-swapped": edit("[i, f, g, o]", "[i, f, o, g]"),
        "forget-first": edit("[i, f, g, o]", "[f, i, g, o]"),
        "first-bias-only": edit("b_ih + b_hh", "b_ih"),
        "second-bias-only": edit("b_ih + b_hh", "b_hh"),
        "mean-of-biases": edit("b_ih + b_hh", "(b_ih + b_hh) / 2"),
        "forget-bias-again": edit(
            "reordered(b_ih + b_hh)",
            "reordered(b_ih + b_hh) + np.repeat([0, 1, 0, 0], len(b_ih) // 4)",
        ),
        "not-transposed": edit(
            "reordered(W_ih).T, reordered(W_hh).T", "reordered(W_ih), reordered(W_hh)"
        ),
        "reshaped": edit(
            "reordered(W_ih).T",
            "reordered(W_ih).reshape(W_ih.T.shape)",
            "reordered(W_hh).T",
            "reordered(W_hh).reshape(W_hh.T.shape)",
        ),
        "recurrent-blocks-turned": edit(
            "reordered(W_hh).T", "np.hstack(np.split(reordered(W_hh), 4))"
        ),
        "bias-not-reordered": edit(
            "reordered(b_ih + b_hh)",
            "np.reshape(b_ih + b_hh, (4, -1))[[0, 2, 1, 3]].ravel()",
        ),
        "order-kept": edit("[i, f, g, o]", "[i, o, f, g]"),
    },
)
def to_keras_lstm(W_ih, W_hh, b_ih, b_hh):
    def reordered(v):
        i, o, f, g = np.split(v, 4)
        return np.concatenate([i, f, g, o])

    return reordered(W_ih).T, reordered(W_hh).T, reordered(b_ih + b_hh)


# --- the last state that counts -------------------------------------------------------------------


def _mask_cases(rng):
    found = []
    for B, T, N in zip((3, 4, 1), sizes(rng, 3, 5, 9), sizes(rng, 3, 2, 6), strict=True):
        mask = rng.random((B, T)) < 0.6
        mask[:, 1], mask[:, -1], mask[0, 0] = True, False, False  # a gap in front, one behind
        mask[0, 2], mask[0, 3] = False, True  # and one between
        mask[1:2, 2:] = False  # a second row ends before the first
        found.append((rng.normal(size=(B, T, N)), mask))
    return found


def _mask_edges(rng):
    B, T, N = sizes(rng, 3)

    def asked(mask, N=N):
        return rng.normal(size=(*mask.shape, N)), mask

    steps = np.arange(T)
    return {
        "step 0 alone is real": asked(np.tile(steps == 0, (B, 1))),
        "the last step alone is real": asked(np.tile(steps == T - 1, (B, 1))),
        "every step is real": asked(np.ones((B, T), dtype=bool)),
        "one real step, anywhere": asked(steps == rng.integers(T, size=(B, 1))),
        "one step of one number": asked(np.ones((B, 1), dtype=bool), 1),
        "one sequence": asked(steps[None] <= rng.integers(T)),
    }


@function_task(
    cases=_mask_cases,
    edges=_mask_edges,
    axes="batch unit",
    wrong={
        "last-step": lambda H, mask: H[:, -1],
        "first-valid": edit("np.where(mask, steps, -1).max(axis=1)", "mask.argmax(axis=1)"),
        "first-padded": edit("np.where(mask, steps, -1).max(axis=1)", "(~mask).argmax(axis=1)"),
        "counted": edit("np.where(mask, steps, -1).max(axis=1)", "mask.sum(axis=1) - 1"),
        "counted-one-late": edit("np.where(mask, steps, -1).max(axis=1)", "mask.sum(axis=1)"),
        "first-gap": edit("np.where(mask, steps, -1).max(axis=1)", "(~mask).argmax(axis=1) - 1"),
        "mean-of-valid": lambda H, mask: (H * mask[:, :, None]).sum(1) / mask.sum(1)[:, None],
        "sum-of-valid": lambda H, mask: (H * mask[:, :, None]).sum(axis=1),
        "zeroed": lambda H, mask: H[:, -1] * mask[:, -1:],
        "longest-for-all": edit("np.arange(len(H)), last", ":, last.max()"),
        "from-the-end": edit(
            "np.where(mask, steps, -1).max(axis=1)", "mask[:, ::-1].argmax(axis=1)"
        ),
    },
)
def last_valid_state(H, mask):
    steps = np.arange(mask.shape[1])
    last = np.where(mask, steps, -1).max(axis=1)
    return H[np.arange(len(H)), last]


# --- the first place that is not finite -----------------------------------------------------------


def _nan_cases(rng):
    """One run per kind of value that is not finite, from any step on, and one finite run.

    In one later step all numbers are bad, but not in the first bad one and not in the last.
    """
    found = [(rng.normal(size=(rng.integers(4, 9), 3)),)]
    first = rng.choice(12, 3, replace=False)
    widths = sizes(rng, 3, 3, 7)
    for N, bad, value in zip(widths, first, (np.inf, np.nan, -np.inf), strict=True):
        steps = bad + np.append(0, rng.integers((2, 1, 1, 1), 4).cumsum())  # all different
        run = rng.normal(size=(steps[-1] + rng.integers(1, 4), N))
        columns = rng.integers(1, N - 1), 0, N - 1, slice(None), 1
        values = value, np.nan, np.nan, -value, np.inf
        for step, column, what in zip(steps, columns, values, strict=True):
            run[step, column] = what
        found.append((run,))
    return [found[k] for k in rng.permutation(4)]


def _nan_edges(rng):
    T, N = sizes(rng, 2, 3, 9)

    def asked(*bad, N=N):
        run = rng.normal(size=(T, N))
        for step in bad:
            run[step, rng.integers(N)] = rng.choice([np.nan, np.inf, -np.inf])
        return (run,)

    found = {
        "the first step is bad": asked(0, 1),
        "the last step alone is bad": asked(T - 1),
        "one finite step": (rng.normal(size=(1, N)),),
        "one number per step": asked(T // 2, N=1),
        "every number is bad": (np.full((T, N), -np.inf),),
        "zeros and large numbers": (1e9 * rng.integers(-1, 2, (T, N)),),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_nan_cases,
    edges=_nan_edges,
    axes="",
    wrong={
        "nan-only": edit("~np.isfinite(run).all(axis=1)", "np.isnan(run).any(axis=1)"),
        "inf-only": edit("~np.isfinite(run).all(axis=1)", "np.isinf(run).any(axis=1)"),
        "whole-row": edit("~np.isfinite(run).all(axis=1)", "(~np.isfinite(run)).all(axis=1)"),
        "first-column-only": edit("(run).all(axis=1)", "(run[:, 0])"),
        "last-column-only": edit("(run).all(axis=1)", "(run[:, -1])", " if bad.any() else -1", ""),
        "last-bad": edit("np.argmax(bad)", "np.flatnonzero(bad)[-1]"),
        "zero-if-none": edit(" if bad.any() else -1", ""),
        "length-if-none": edit("else -1", "else len(run)"),
        "how-many": edit("int(np.argmax(bad)) if bad.any() else -1", "int(bad.sum())"),
        "flat-place": edit(".all(axis=1)", ".ravel()"),
        "last-good": edit("int(np.argmax(bad))", "int(np.argmax(bad)) - 1"),
        "counted-from-one": edit("int(np.argmax(bad))", "int(np.argmax(bad)) + 1"),
    },
)
def first_nan(run):
    bad = ~np.isfinite(run).all(axis=1)
    return int(np.argmax(bad)) if bad.any() else -1


# --- how late is a forecast, and is it any good? --------------------------------------------------


def _lag_cases(rng):
    """Forecasts late by no step, by some steps (two of them), and by `most`, in any order.

    In two of them an opposite series is the stronger one, and in all of them one that is later than
    `most`. On another scale the distance from the truth says nothing; the correlation still does.
    """
    found = []
    for which in rng.permutation(4):
        most = int(rng.integers(5, 11))
        k = (0, *rng.integers(1, most, 2), most)[which]
        early, opposite = rng.permutation([m for m in range(2, most + 1) if m != k])[:2]
        truth = rng.normal(size=rng.integers(70, 100))
        rolled = [np.roll(truth, m) for m in (k, -early, opposite, most + 1)]
        weights = 3, 1.5, -4 if which % 2 else -2, 3.8
        found.append((5 + np.dot(weights, rolled), truth - 2, most))
    scaled = [(forecast / 5000, truth, most) for forecast, truth, most in found]
    return [*found, *scaled, *(_uneven(rng, left_out) for left_out in ((3, 4), (2,), (1, 5)))]


def _uneven(rng, left_out):
    """Short series of uneven size: means and lengths of the pieces decide which lag it is.

    Drawn until whoever leaves something out finds another lag: `left_out` are columns of _lags.
    """
    while True:
        most, n = int(rng.integers(3, 7)), int(rng.integers(14, 22))
        truth, forecast = rng.normal(size=(2, n)) * np.exp(rng.normal(size=(2, n))) + 1
        forecast += np.roll(truth, rng.integers(most + 1)) / 2
        lags = _lags(forecast, truth, most)
        if lags[0] not in lags[[*left_out]]:
            return forecast, truth, most


def _lags(forecast, truth, most):
    """The lag by the correlation, by its size, without both lengths or one, without the means."""
    found = []
    for k in range(most + 1):
        raw_f, raw_y = forecast[k:], truth[: len(truth) - k]
        f, y = raw_f - raw_f.mean(), raw_y - raw_y.mean()
        length_f, length_y = np.linalg.norm(f), np.linalg.norm(y)
        r = f @ y / (length_f * length_y)
        raw = raw_f @ raw_y / (np.linalg.norm(raw_f) * np.linalg.norm(raw_y))
        found.append((r, abs(r), f @ y, f @ y / length_f, f @ y / length_y, raw))
    best = np.argmax(found, axis=0)
    clear = np.diff(np.sort([row[0] for row in found])[-2:])[0] > 0.02
    return best if clear else np.zeros_like(best)


def _lag_edges(rng):
    n, k = rng.integers(30, 50), rng.integers(2, 6)
    truth = rng.normal(size=n)
    noise = rng.normal(size=n) / 4
    return {
        "nothing but 0 and 1 is asked for": (np.roll(truth, rng.integers(2)) + noise, truth, 1),
        "forecasts that are all negative": (np.roll(truth, k) + noise - 50, truth - 30, 6),
        "later than most": (noise + np.roll(truth, 4) + np.roll(truth, k - 2) / 2, truth, 3),
        "the other sign alone": (noise - np.roll(truth, k), truth, 6),
    }


@function_task(
    cases=_lag_cases,
    edges=_lag_edges,
    axes="",
    wrong={
        "other-way": edit("forecast[k:], truth[: n - k]", "truth[k:], forecast[: n - k]"),
        "lag-zero-left-out": edit(
            "range(most + 1)", "range(1, most + 1)", "int(np.argmax(r))", "int(np.argmax(r)) + 1"
        ),
        "least-correlated": edit("argmax", "argmin"),
        "either-sign": edit("argmax(r)", "argmax(np.abs(r))"),
        "negative": edit("int(np.argmax(r))", "-int(np.argmax(r))"),
        "largest-size": edit(
            "np.corrcoef(forecast[k:], truth[: n - k])[0, 1]",
            "abs(forecast[k:].mean() - truth[: n - k].mean())",
        ),
        "squared-distance": edit(
            "np.corrcoef(forecast[k:], truth[: n - k])[0, 1]",
            "-np.mean((forecast[k:] - truth[: n - k]) ** 2)",
        ),
        "one-too-many": edit("int(np.argmax(r))", "int(np.argmax(r)) + 1"),
        "correlation-itself": edit("int(np.argmax(r))", "max(r)"),
        "not-shifted": lambda forecast, truth, most: 0,
        "always-one": lambda forecast, truth, most: 1,
        "position-from-one": edit("range(most + 1)", "range(1, most + 1)"),
    },
)
def lag_of_forecast(forecast, truth, most):
    n = len(truth)
    r = [np.corrcoef(forecast[k:], truth[: n - k])[0, 1] for k in range(most + 1)]
    return int(np.argmax(r))


def _walk(rng, n):
    """A random walk in steps of 1/64, which float32 holds exactly."""
    return _exact(rng.normal(size=n).cumsum() + 4)


def _exact(x):
    return np.round(64 * x) / 64


def _skill_cases(rng):
    """One forecast is worse than persistence; none is so near to it that a float32 loses that."""
    found = []
    for ahead, worse in zip(sizes(rng, 3, 1, 5), rng.permutation(3) == 0, strict=True):
        size = np.inf
        while not (-4 < size < -0.2 if worse else 0.2 < size < 0.9):
            truth = _walk(rng, int(rng.integers(20, 45)))
            forecast = _exact(truth + rng.normal(size=len(truth)) * rng.uniform(0.3, 3))
            size = skill.reference(forecast, truth, ahead)
        found.append((forecast, truth, ahead))
    return found


def _skill_edges(rng):
    ahead, n = int(rng.integers(2, 6)), int(rng.integers(12, 20))
    truth, other = _walk(rng, n), _walk(rng, n)
    start = rng.integers(-3, 3, ahead)
    short = np.append(truth[:ahead], truth[0] + rng.choice([-1, 1]))
    found = {
        "a perfect forecast": (np.append(start, truth[ahead:]), truth, ahead),
        "persistence itself": (np.append(start, truth[:-ahead]), truth, ahead),
        "one step to compare": (short + rng.choice([-2, 2, 3, 0.5]), short, ahead),
        "a forecast of something else": (other - 9, truth, ahead),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_skill_cases,
    edges=_skill_edges,
    axes="",
    wrong={
        "ratio": edit("1 - error", "error"),
        "upside-down": edit("error / persistence", "persistence / error"),
        "difference": edit("1 - error / persistence", "persistence - error"),
        "root": edit("error / persistence", "np.sqrt(error / persistence)"),
        "absolute": edit(
            "(forecast[ahead:] - truth[ahead:]) ** 2",
            "np.abs(forecast[ahead:] - truth[ahead:])",
            "(truth[:-ahead] - truth[ahead:]) ** 2",
            "np.abs(truth[:-ahead] - truth[ahead:])",
        ),
        "against-mean": edit("truth[:-ahead]", "truth[ahead:].mean()"),
        "always-yesterday": edit("truth[:-ahead]", "truth[ahead - 1 : -1]"),
        "wrapped-round": edit(
            "forecast[ahead:] - truth[ahead:]",
            "forecast - truth",
            "truth[:-ahead] - truth[ahead:]",
            "np.roll(truth, ahead) - truth",
        ),
        "parentheses": edit("1 - error / persistence", "(1 - error) / persistence"),
        "old-forecast": edit("truth[:-ahead]", "forecast[:-ahead]"),
        "future-as-baseline": edit("truth[:-ahead]", "np.roll(truth, -1)[ahead:]"),
        "all-steps": edit("forecast[ahead:] - truth[ahead:]", "forecast - truth"),
        "correlation": lambda f, y, a: float(np.corrcoef(f[a:], y[a:])[0, 1]),
        "percent": edit("1 - error / persistence", "100 * (1 - error / persistence)"),
    },
)
def skill(forecast, truth, ahead):
    error = np.mean((forecast[ahead:] - truth[ahead:]) ** 2)
    persistence = np.mean((truth[:-ahead] - truth[ahead:]) ** 2)
    return float(1 - error / persistence)
