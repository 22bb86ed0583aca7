"""Tasks of lesson 9.2: weights, windows, another library's LSTM, masks, NaN, lag and skill.

Longer than 250 lines because each task's mistakes stand beside it.
"""

import numpy as np

from rnncourse.checking.cases import normal
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


def _windows_cases(rng):
    lengths = [(9, 12, 8), (7, 11), (10,)]
    settings = [(4, 2), (3, 3), (5, 2)]
    return [
        ([rng.normal(size=n) for n in sizes], length, ahead)
        for sizes, (length, ahead) in zip(lengths, settings, strict=True)
    ]


@function_task(
    cases=_windows_cases,
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


def _lstm_cases(rng):
    sizes = [(3, 2), (5, 4), (2, 1)]
    return [normal(rng, (4 * N, D), (4 * N, N), 4 * N, 4 * N) for D, N in sizes]


@function_task(
    cases=_lstm_cases,
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
    for B, T, N in ((3, 7, 2), (4, 6, 3), (1, 5, 4)):
        mask = rng.random((B, T)) < 0.6
        mask[:, 1], mask[:, -1], mask[0, 0] = True, False, False  # a gap in front, one behind
        mask[0, 2], mask[0, 3] = False, True  # and one between
        mask[1:2, 2:] = False  # a second row ends before the first
        found.append((rng.normal(size=(B, T, N)), mask))
    return found


@function_task(
    cases=_mask_cases,
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
    """One run per kind of value that is not finite, from any step on, and one finite run."""
    found = [(rng.normal(size=(rng.integers(4, 9), 3)),)]
    first = rng.choice(12, 3, replace=False)
    for N, bad, value in zip((3, 4, 5), first, (np.inf, np.nan, -np.inf), strict=True):
        steps = bad + np.append(0, rng.integers((2, 1, 1), 4).cumsum())  # all different
        run = rng.normal(size=(steps[-1] + rng.integers(1, 4), N))
        columns = rng.integers(1, N - 1), 0, N - 1, 1
        for step, column, what in zip(steps, columns, (value, np.nan, np.nan, np.inf), strict=True):
            run[step, column] = what
        found.append((run,))
    return [found[k] for k in rng.permutation(4)]


@function_task(
    cases=_nan_cases,
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
    """Forecasts late by no step, by some steps (two of them), and by `most`, in any order."""
    found = []
    for which in rng.permutation(4):
        most = int(rng.integers(5, 11))
        k = (0, *rng.integers(1, most, 2), most)[which]
        early, opposite = rng.permutation([m for m in range(2, most + 1) if m != k])[:2]
        truth = rng.normal(size=rng.integers(70, 100))
        like, before, against = (np.roll(truth, m) for m in (k, -early, opposite))
        found.append((5 + 3 * like + 1.5 * before - 2 * against, truth - 2, most))
    # On another scale the distance from the truth says nothing; the correlation still does.
    return found + [(forecast / 5000, truth, most) for forecast, truth, most in found]


@function_task(
    cases=_lag_cases,
    axes="",
    wrong={
        "other-way": edit("forecast[k:], truth[: n - k]", "truth[k:], forecast[: n - k]"),
        "lag-zero-left-out": edit(
            "range(most + 1)", "range(1, most + 1)", "int(np.argmax(r))", "int(np.argmax(r)) + 1"
        ),
        "least-correlated": edit("argmax", "argmin"),
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


def _skill_cases(rng):
    found = []
    for n, ahead in ((30, 1), (40, 3), (25, 2)):
        truth = rng.normal(size=n).cumsum() + 4
        found.append((truth + rng.normal(size=n) / 2, truth, ahead))
    return found


@function_task(
    cases=_skill_cases,
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
