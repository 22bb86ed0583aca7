"""Tasks of lesson 9.2: weights, windows, another library's LSTM, masks, NaN, lag and skill."""

import numpy as np

from rnncourse.checking.task import function_task, value_task
from rnncourse.tasks.bent import bend

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


def _cut(v, length, ahead, step=1, short=0, backwards=False):
    start = np.arange(0, len(v) - length - ahead + 1 - short, step)
    X = v[start[:, None] + np.arange(length)]
    return X[:, ::-1] if backwards else X, v[start + length + ahead - 1]


def _windows(series, length, ahead, axis=True, scale=False, **bent):
    parts = []
    for v in series:
        v = (v - v.mean()) / v.std() if scale else v
        parts.append(_cut(v, length, ahead, **bent))
    X, y = (np.concatenate([p[k] for p in parts]) for k in (0, 1))
    return X[:, :, None] if axis else X, y


def _glued(series, length, ahead):
    return _windows([np.concatenate(series)], length, ahead)


def _next(series, length, ahead):
    return _windows([v[: len(v) - ahead + 1] for v in series], length, 1)


def _last_as_target(series, length, ahead):
    X, _ = windows_of_many.reference(series, length, ahead)
    return X, X[:, -1, 0]


def _next_all(series, length, ahead):
    return _windows(series, length, 1)


def _time_last(series, length, ahead):
    X, y = _windows(series, length, ahead)
    return X.transpose(0, 2, 1), y


@function_task(
    cases=_windows_cases,
    axes={"X": "sample time feature", "y": "sample"},
    points=3,
    wrong={
        "across-borders": _glued,
        "always-next": _next,
        "ahead-ignored": _next_all,
        "target-inside": _last_as_target,
        "last-window-lost": bend(_windows, short=1),
        "no-overlap": lambda s, length, ahead: _windows(s, length, ahead, step=length),
        "no-feature-axis": bend(_windows, axis=False),
        "time-last": _time_last,
        "newest-first": bend(_windows, backwards=True),
        "scaled": bend(_windows, scale=True),
        "one-too-late": lambda s, length, ahead: _windows(s, length, ahead + 1),
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
    return [
        tuple(rng.normal(size=s) for s in ((4 * N, D), (4 * N, N), 4 * N, 4 * N)) for D, N in sizes
    ]


def _convert(W_ih, W_hh, b_ih, b_hh, order=(0, 2, 3, 1), bias=np.add, forget=0.0):
    """Blocks i, o, f, g in another order, 0 for i, 1 for o, and so on; two biases as one."""

    def blocks(v):
        parts = np.split(v, 4)
        return np.concatenate([parts[k] for k in order])

    b = blocks(bias(b_ih, b_hh))
    n = len(b) // 4
    b[n : 2 * n] += forget
    return blocks(W_ih).T, blocks(W_hh).T, b


def _square_turned(*arrays):
    W, U, b = _convert(*arrays)
    return W, np.hstack([block.T for block in np.split(U, 4, axis=1)]), b


def _bias_in_other_order(*arrays):
    *kernels, _ = _convert(*arrays)
    return *kernels, _convert(*arrays, order=(0, 2, 1, 3))[2]


def _untransposed(*arrays):
    W, U, b = _convert(*arrays)
    return W.T, U.T, b


def _reshaped(*arrays):
    W, U, b = _convert(*arrays)
    return W.T.reshape(W.shape), U.T.reshape(U.shape), b


@function_task(
    cases=_lstm_cases,
    axes={"W": "feature gate·unit", "U": "unit gate·unit", "b": "gate·unit"},
    points=3,
    wrong={
        "gates-swapped": bend(_convert, order=(0, 2, 1, 3)),
        "forget-first": bend(_convert, order=(2, 0, 3, 1)),
        "first-bias-only": bend(_convert, bias=lambda b, other: b.copy()),
        "second-bias-only": bend(_convert, bias=lambda b, other: other.copy()),
        "mean-of-biases": bend(_convert, bias=lambda b, other: (b + other) / 2),
        "forget-bias-again": bend(_convert, forget=1.0),
        "not-transposed": _untransposed,
        "reshaped": _reshaped,
        "recurrent-blocks-turned": _square_turned,
        "bias-not-reordered": _bias_in_other_order,
        "order-kept": bend(_convert, order=(0, 1, 2, 3)),
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


def _at(H, index):
    return H[np.arange(len(H)), index]


@function_task(
    cases=_mask_cases,
    axes="batch unit",
    wrong={
        "last-step": lambda H, mask: H[:, -1],
        "first-valid": lambda H, mask: _at(H, mask.argmax(axis=1)),
        "first-padded": lambda H, mask: _at(H, (~mask).argmax(axis=1)),
        "counted": lambda H, mask: _at(H, mask.sum(axis=1) - 1),
        "counted-one-late": lambda H, mask: _at(H, mask.sum(axis=1)),
        "first-gap": lambda H, mask: _at(H, (~mask).argmax(axis=1) - 1),
        "mean-of-valid": lambda H, mask: (H * mask[:, :, None]).sum(1) / mask.sum(1)[:, None],
        "sum-of-valid": lambda H, mask: (H * mask[:, :, None]).sum(axis=1),
        "zeroed": lambda H, mask: H[:, -1] * mask[:, -1:],
        "longest-for-all": lambda H, mask: H[:, np.flatnonzero(mask.any(axis=0))[-1]],
        "from-the-end": lambda H, mask: _at(H, mask[:, ::-1].argmax(axis=1)),
    },
)
def last_valid_state(H, mask):
    steps = np.arange(mask.shape[1])
    last = np.where(mask, steps, -1).max(axis=1)
    return H[np.arange(len(H)), last]


# --- the first place that is not finite -----------------------------------------------------------


def _nan_cases(rng):
    """A run for each value that is not finite, from any step on, and one that is finite."""
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


def _first(bad):
    return int(bad.argmax()) if bad.any() else -1


@function_task(
    cases=_nan_cases,
    axes="",
    wrong={
        "nan-only": lambda run: _first(np.isnan(run).any(axis=1)),
        "inf-only": lambda run: _first(np.isinf(run).any(axis=1)),
        "whole-row": lambda run: _first((~np.isfinite(run)).all(axis=1)),
        "first-column-only": lambda run: _first(~np.isfinite(run[:, 0])),
        "last-column-only": lambda run: int((~np.isfinite(run[:, -1])).argmax()),
        "last-bad": lambda run: (
            int(np.flatnonzero(~np.isfinite(run).all(axis=1))[-1])
            if not np.isfinite(run).all()
            else -1
        ),
        "zero-if-none": lambda run: int((~np.isfinite(run).all(axis=1)).argmax()),
        "length-if-none": lambda run: (
            _first(~np.isfinite(run).all(axis=1)) if not np.isfinite(run).all() else len(run)
        ),
        "how-many": lambda run: int((~np.isfinite(run)).any(axis=1).sum()),
        "flat-place": lambda run: _first(~np.isfinite(run).ravel()),
        "last-good": lambda run: (
            _first(~np.isfinite(run).all(axis=1)) - 1 if not np.isfinite(run).all() else -1
        ),
        "counted-from-one": lambda run: (
            _first(~np.isfinite(run).all(axis=1)) + 1 if not np.isfinite(run).all() else -1
        ),
    },
)
def first_nan(run):
    bad = ~np.isfinite(run).all(axis=1)
    return int(np.argmax(bad)) if bad.any() else -1


# --- how late is a forecast, and is it any good? --------------------------------------------------


def _lag_cases(rng):
    """Forecasts that are late by nothing, by some steps, twice, and by the most, in any order."""
    found = []
    for which in rng.permutation(4):
        most = int(rng.integers(5, 11))
        k = (0, *rng.integers(1, most, 2), most)[which]
        early, opposite = rng.permutation([m for m in range(2, most + 1) if m != k])[:2]
        truth = rng.normal(size=rng.integers(70, 100))
        like, before, against = (np.roll(truth, m) for m in (k, -early, opposite))
        found.append((5 + 3 * like + 1.5 * before - 2 * against, truth - 2, most))
    # The same on another scale: there the distance says nothing, the correlation all.
    return found + [(forecast / 5000, truth, most) for forecast, truth, most in found]


def _lags(forecast, truth, most, score=lambda f, y: np.corrcoef(f, y)[0, 1], swap=False, first=0):
    f, y = (truth, forecast) if swap else (forecast, truth)
    n = len(y)
    return first + int(np.argmax([score(f[k:], y[: n - k]) for k in range(first, most + 1)]))


@function_task(
    cases=_lag_cases,
    axes="",
    wrong={
        "other-way": bend(_lags, swap=True),
        "lag-zero-left-out": bend(_lags, first=1),
        "least-correlated": bend(_lags, score=lambda f, y: -np.corrcoef(f, y)[0, 1]),
        "negative": lambda f, y, most: -_lags(f, y, most),
        "largest-size": bend(_lags, score=lambda f, y: abs(f.mean() - y.mean())),
        "squared-distance": bend(_lags, score=lambda f, y: -np.mean((f - y) ** 2)),
        "one-too-many": lambda f, y, most: _lags(f, y, most) + 1,
        "correlation-itself": lambda f, y, most: max(
            np.corrcoef(f[k:], y[: len(y) - k])[0, 1] for k in range(most + 1)
        ),
        "not-shifted": lambda f, y, most: 0,
        "always-one": lambda f, y, most: 1,
        "position-from-one": lambda f, y, most: _lags(f, y, most, first=1) - 1,
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


def _mse(e):
    return np.mean(e**2)


def _skill(forecast, truth, ahead, measure=_mse, old=None, combine=lambda f, p: 1 - f / p):
    f, y = forecast[ahead:], truth[ahead:]
    p = truth[:-ahead] if old is None else old(forecast, truth, ahead)
    return float(combine(measure(f - y), measure(p - y)))


@function_task(
    cases=_skill_cases,
    axes="",
    wrong={
        "ratio": bend(_skill, combine=lambda f, p: f / p),
        "upside-down": bend(_skill, combine=lambda f, p: 1 - p / f),
        "difference": bend(_skill, combine=lambda f, p: p - f),
        "root": bend(_skill, measure=lambda e: np.sqrt(_mse(e))),
        "absolute": bend(_skill, measure=lambda e: np.abs(e).mean()),
        "against-mean": bend(_skill, old=lambda f, y, a: y[a:].mean()),
        "always-yesterday": bend(_skill, old=lambda f, y, a: y[a - 1 : -1]),
        "old-forecast": bend(_skill, old=lambda f, y, a: f[:-a]),
        "future-as-baseline": bend(_skill, old=lambda f, y, a: np.roll(y, -1)[a:]),
        "all-steps": lambda f, y, a: float(1 - _mse(f - y) / _mse(y[:-a] - y[a:])),
        "correlation": lambda f, y, a: float(np.corrcoef(f[a:], y[a:])[0, 1]),
        "percent": lambda f, y, a: 100 * _skill(f, y, a),
    },
)
def skill(forecast, truth, ahead):
    error = np.mean((forecast[ahead:] - truth[ahead:]) ** 2)
    persistence = np.mean((truth[:-ahead] - truth[ahead:]) ** 2)
    return float(1 - error / persistence)
