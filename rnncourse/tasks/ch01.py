"""Tasks of lesson 1, background: bags, neighbours, lags, windows, and a memory by hand."""

import numpy as np

from rnncourse.checking.task import function_task, value_task

# --- warm-up: which order is worth keeping? ----------------------------------------------------


@value_task(wrong={"heights": "a", "dice": "c", "table": "d"}, points=1)
def order_matters():
    return "b"


# --- a bag -------------------------------------------------------------------------------------


def _bag_cases(rng):
    def case(n_batch, n_steps, n_kinds):
        X = rng.integers(n_kinds - 1, size=(n_batch, n_steps))
        X[:, 1] = X[:, 0]  # at least one kind twice; the last kind never occurs
        return X, n_kinds

    return [case(2, 9, 5), case(1, 7, 4), case(3, 4, 6)]


def _one_hot(X, n_kinds):
    return np.eye(n_kinds)[X]


@function_task(
    cases=_bag_cases,
    axes="batch kind",
    wrong={
        "presence": lambda X, n: _one_hot(X, n).max(axis=1),
        "fractions": lambda X, n: _one_hot(X, n).mean(axis=1),
        "not-summed": _one_hot,
        "over-batch": lambda X, n: _one_hot(X, n).sum(axis=0),
        "one-bag": lambda X, n: _one_hot(X, n).sum(axis=(0, 1)),
        "from-one": lambda X, n: _one_hot(X, n + 1).sum(axis=1)[:, 1:],
        "positions": lambda X, n: (np.arange(X.shape[1])[:, None] * _one_hot(X, n)).sum(axis=1),
        "last-missing": lambda X, n: _one_hot(X[:, :-1], n).sum(axis=1),
        "transposed": lambda X, n: _one_hot(X, n).sum(axis=1).T,
        "too-narrow": lambda X, n: _one_hot(X, X.max() + 1).sum(axis=1),
    },
)
def bag(X, n_kinds):
    counts = np.zeros((len(X), n_kinds))
    for t in range(X.shape[1]):
        counts[np.arange(len(X)), X[:, t]] += 1
    return counts


# --- neighbours --------------------------------------------------------------------------------


def _neighbour_cases(rng):
    def case(n_steps, n_kinds):
        x = rng.choice(n_kinds, size=n_steps, p=rng.dirichlet(np.ones(n_kinds)))
        x[:3] = n_kinds - 1, 0, 0  # the pair that a wrapped end would add is never the only one
        x[-3:] = 1, 1, n_kinds - 2
        return x, n_kinds

    return [case(23, 4), case(14, 5), case(9, 3)]


def _pairs(x, n_kinds, start=1, apart=1):
    counts = np.full((n_kinds, n_kinds), float(start))
    np.add.at(counts, (x[:-apart], x[apart:]), 1)
    return counts


def _rows(counts):
    with np.errstate(invalid="ignore"):  # the unsmoothed misconception divides 0 by 0
        return counts / counts.sum(axis=1, keepdims=True)


def _counted_once(x, n_kinds):
    counts = np.ones((n_kinds, n_kinds))
    counts[x[:-1], x[1:]] += 1
    return _rows(counts)


@function_task(
    cases=_neighbour_cases,
    axes="kind next",
    points=3,
    wrong={
        "transposed": lambda x, n: _rows(_pairs(x, n)).T,
        "backwards": lambda x, n: _rows(_pairs(x, n).T),
        "columns": lambda x, n: _pairs(x, n) / _pairs(x, n).sum(axis=0),
        "all-pairs": lambda x, n: _pairs(x, n) / _pairs(x, n).sum(),
        "counts": _pairs,
        "from-zero": lambda x, n: _rows(_pairs(x, n, start=0)),
        "added-late": lambda x, n: _rows(_pairs(x, n, start=0)) + 1,
        "wrapped": lambda x, n: _rows(_pairs(np.append(x, x[0]), n)),
        "counted-once": _counted_once,
        "two-apart": lambda x, n: _rows(_pairs(x, n, apart=2)),
        "logarithm": lambda x, n: np.log2(_rows(_pairs(x, n))),
    },
)
def neighbours(x, n_kinds):
    counts = np.ones((n_kinds, n_kinds))
    for t in range(len(x) - 1):
        counts[x[t], x[t + 1]] += 1
    return counts / counts.sum(axis=1, keepdims=True)


# --- correlation at a lag ----------------------------------------------------------------------


def _lag_cases(rng):
    return [(3 + np.cumsum(rng.normal(size=n)), k) for n, k in ((30, 1), (41, 3), (25, 7))]


def _correlation(late, early):
    return np.corrcoef(late, early)[0, 1]


def _overall(x, k):
    centred = x - x.mean()
    return (centred[k:] * centred[:-k]).sum() / (centred**2).sum()


@function_task(
    cases=_lag_cases,
    axes="",
    wrong={
        "not-centred": lambda x, k: (
            (x[k:] @ x[:-k]) / np.sqrt((x[k:] ** 2).sum() * (x[:-k] ** 2).sum())
        ),
        "covariance": lambda x, k: np.cov(x[k:], x[:-k], bias=True)[0, 1],
        "not-divided": lambda x, k: np.cov(x[k:], x[:-k], bias=True)[0, 1] * (len(x) - k),
        "wrapped": lambda x, k: _correlation(x, np.roll(x, k)),
        "lag-too-small": lambda x, k: _correlation(x[k - 1 :], x[: len(x) - k + 1]),
        "lag-too-large": lambda x, k: _correlation(x[k + 1 :], x[: -k - 1]),
        "squared": lambda x, k: _correlation(x[k:], x[:-k]) ** 2,
        "whole-matrix": lambda x, k: np.corrcoef(x[k:], x[:-k]),
        "overall-mean": _overall,
        "one-deviation": lambda x, k: np.cov(x[k:], x[:-k], bias=True)[0, 1] / x.var(),
        "differences": lambda x, k: np.abs(x[k:] - x[:-k]).mean(),
    },
)
def lag_correlation(x, k):
    late, early = x[k:] - x[k:].mean(), x[:-k] - x[:-k].mean()
    return (late * early).sum() / np.sqrt((late**2).sum() * (early**2).sum())


# --- windows -----------------------------------------------------------------------------------


def _window_cases(rng):
    return [(rng.normal(size=(T, D)), R) for T, D, R in ((11, 3, 4), (6, 2, 5), (9, 4, 2))]


def _windows(x, R, ahead=0, n=None):
    """Windows and targets with their joints exposed: each misconception bends one of them."""
    n = len(x) - R - max(ahead, 0) if n is None else n
    X = np.stack([x[i : i + R] for i in range(n)])
    return X, x[R + ahead : R + ahead + n, 0]


def _bent(change):
    return lambda x, R: change(*_windows(x, R), x, R)


@function_task(
    cases=_window_cases,
    axes={"X": "window time feature", "y": "window"},
    points=3,
    wrong={
        "target-inside": lambda x, R: _windows(x, R, ahead=-1),
        "target-first": _bent(lambda X, y, x, R: (X, X[:, 0, 0])),
        "no-overlap": _bent(lambda X, y, x, R: (X[::R], y[::R])),
        "last-dropped": _bent(lambda X, y, x, R: (X[:-1], y[:-1]) if len(X) > 1 else (X, y + 1)),
        "axes-swapped": _bent(lambda X, y, x, R: (X.transpose(0, 2, 1), y)),
        "time-first": _bent(lambda X, y, x, R: (X.transpose(1, 0, 2), y)),
        "flattened": _bent(lambda X, y, x, R: (X.reshape(len(X), -1), y)),
        "newest-first": _bent(lambda X, y, x, R: (X[:, ::-1], y)),
        "all-features": _bent(lambda X, y, x, R: (X, x[R:])),
        "last-feature": _bent(lambda X, y, x, R: (X, x[R:, -1])),
        "target-column": _bent(lambda X, y, x, R: (X, y[:, None])),
        "one-too-many": _bent(lambda X, y, x, R: (_windows(x, R, n=len(x) - R + 1)[0], y)),
    },
)
def windows(x, R):
    starts = range(len(x) - R)
    X = np.stack([x[i : i + R] for i in starts])
    y = np.array([x[i + R, 0] for i in starts])
    return X, y


# --- how far does a stack of convolutions see? -------------------------------------------------


@value_task(
    wrong={"multiplied": 20, "itself-forgotten": 15, "power": 4**5, "one-layer": 4, "dilated": 94},
    points=1,
)
def receptive_field():
    n_layers, width = 5, 4
    return 1 + n_layers * (width - 1)


# --- stretch: a memory by hand -----------------------------------------------------------------


def _memory_cases(rng):
    def case(n_batch, n_steps):
        mark = rng.random((n_batch, n_steps)) < 0.3
        mark[:, 0], mark[:, 2], mark[:, 5:] = False, True, False  # an empty start, a long wait
        mark[:, 4] = True
        return rng.normal(size=(n_batch, n_steps)) + 2, mark

    return [case(2, 11), case(1, 9), case(3, 12)]


def _remember(x, mark, merge=lambda old, new: new, start=0.0):
    memory, seen = np.zeros(len(x)) + start, []
    for t in range(x.shape[1]):
        memory = np.where(mark[:, t], merge(memory, x[:, t]), memory)
        seen.append(memory)
    return np.stack(seen, axis=1)


def _first_only(x, mark):
    first = mark & (mark.cumsum(axis=1) == 1)
    return _remember(x, first)


def _across_rows(x, mark):
    return _remember(x.reshape(1, -1), mark.reshape(1, -1)).reshape(x.shape)


@function_task(
    level="stretch",
    cases=_memory_cases,
    axes="batch time",
    points=3,
    wrong={
        "not-carried": lambda x, mark: np.where(mark, x, 0),
        "mark-ignored": lambda x, mark: x + 0,
        "added": lambda x, mark: _remember(x, mark, merge=lambda old, new: old + new),
        "averaged": lambda x, mark: _remember(x, mark, merge=lambda old, new: (old + new) / 2),
        "one-late": lambda x, mark: np.pad(_remember(x, mark), ((0, 0), (1, 0)))[:, :-1],
        "first-only": _first_only,
        "looks-ahead": lambda x, mark: _remember(x[:, ::-1], mark[:, ::-1])[:, ::-1],
        "starts-with-x": lambda x, mark: _remember(x, mark, start=x[:, 0]),
        "last-only": lambda x, mark: _remember(x, mark)[:, -1],
        "time-first": lambda x, mark: _remember(x, mark).T,
        "inverted": lambda x, mark: _remember(x, ~mark),
    },
)
def last_marked(x, mark):
    memory, answers = np.zeros(len(x)), []
    for t in range(x.shape[1]):
        memory = np.where(mark[:, t], x[:, t], memory)
        answers.append(memory)
    return np.stack(answers, axis=1)
