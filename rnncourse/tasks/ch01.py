"""Tasks of lesson 1, background: bags, neighbours, lags, windows, and a memory by hand."""

import numpy as np

from rnncourse.checking.mistakes import edit
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


@function_task(
    cases=_bag_cases,
    axes="batch kind",
    wrong={
        "presence": edit("+= 1", "= 1"),
        "fractions": edit("return counts", "return counts / X.shape[1]"),
        "not-summed": lambda X, n_kinds: np.eye(n_kinds)[X],
        "over-batch": lambda X, n_kinds: np.eye(n_kinds)[X].sum(axis=0),
        "one-bag": edit("return counts", "return counts.sum(axis=0)"),
        "from-one": edit("n_kinds))", "n_kinds + 1))", "return counts", "return counts[:, 1:]"),
        "positions": edit("+= 1", "+= t"),
        "last-missing": edit("X.shape[1])", "X.shape[1] - 1)"),
        "transposed": edit("return counts", "return counts.T"),
        "too-narrow": edit("n_kinds))", "X.max() + 1))"),
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


@function_task(
    cases=_neighbour_cases,
    axes="kind next",
    points=3,
    wrong={
        "transposed": edit("return counts", "return (counts", "True)", "True)).T"),
        "backwards": edit("x[t], x[t + 1]", "x[t + 1], x[t]"),
        "columns": edit("axis=1", "axis=0"),
        "all-pairs": edit("axis=1, keepdims=True", ""),
        "counts": edit(" / counts.sum(axis=1, keepdims=True)", ""),
        "from-zero": edit("np.ones", "np.zeros"),
        "added-late": edit("np.ones", "np.zeros", "True)", "True) + 1"),
        "wrapped": edit("len(x) - 1", "len(x)", "x[t + 1]", "x[(t + 1) % len(x)]"),
        "counted-once": edit(
            "    for t in range(len(x) - 1):\n        counts[x[t], x[t + 1]]",
            "    counts[x[:-1], x[1:]]",
        ),
        "two-apart": edit("len(x) - 1", "len(x) - 2", "t + 1", "t + 2"),
        "logarithm": edit("return counts", "return np.log2(counts", "True)", "True))"),
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


@function_task(
    cases=_lag_cases,
    axes="",
    wrong={
        "not-centred": edit(" - x[k:].mean()", "", " - x[:-k].mean()", ""),
        "covariance": edit("sum() / np.sqrt((late**2).sum() * (early**2).sum())", "mean()"),
        "not-divided": edit(" / np.sqrt((late**2).sum() * (early**2).sum())", ""),
        "wrapped": edit(
            "x[k:] - x[k:].mean(), x[:-k] - x[:-k].mean()",
            "x - x.mean(), np.roll(x, k) - x.mean()",
        ),
        "lag-too-small": lambda x, k: np.corrcoef(x[k - 1 :], x[: len(x) - k + 1])[0, 1],
        "lag-too-large": lambda x, k: np.corrcoef(x[k + 1 :], x[: -k - 1])[0, 1],
        "squared": lambda x, k: np.corrcoef(x[k:], x[:-k])[0, 1] ** 2,
        "whole-matrix": lambda x, k: np.corrcoef(x[k:], x[:-k]),
        "overall-mean": edit(
            *("x[k:].mean()", "x.mean()", "x[:-k].mean()", "x.mean()"),
            *("np.sqrt((late**2).sum() * (early**2).sum())", "((x - x.mean()) ** 2).sum()"),
        ),
        "one-deviation": edit(
            "sum() / np.sqrt((late**2).sum() * (early**2).sum())", "mean() / x.var()"
        ),
        "differences": lambda x, k: np.abs(x[k:] - x[:-k]).mean(),
    },
)
def lag_correlation(x, k):
    late, early = x[k:] - x[k:].mean(), x[:-k] - x[:-k].mean()
    return (late * early).sum() / np.sqrt((late**2).sum() * (early**2).sum())


# --- windows -----------------------------------------------------------------------------------


def _window_cases(rng):
    return [(rng.normal(size=(T, D)), R) for T, D, R in ((11, 3, 4), (6, 2, 5), (9, 4, 2))]


@function_task(
    cases=_window_cases,
    axes={"X": "window time feature", "y": "window"},
    points=3,
    wrong={
        "target-inside": edit("i + R, 0", "i + R - 1, 0"),
        "target-first": edit("i + R, 0", "i, 0"),
        "no-overlap": edit("len(x) - R)", "0, len(x) - R, R)"),
        "last-dropped": edit("len(x) - R", "len(x) - R - 1"),
        "axes-swapped": edit("X, y", "X.swapaxes(1, 2), y"),
        "time-first": edit("X, y", "X.swapaxes(0, 1), y"),
        "flattened": edit("X, y", "X.reshape(len(X), -1), y"),
        "newest-first": edit("X, y", "X[:, ::-1], y"),
        "all-features": edit("i + R, 0", "i + R"),
        "last-feature": edit("i + R, 0", "i + R, -1"),
        "target-column": edit("X, y", "X, y[:, None]"),
        "one-too-many": edit("starts])\n    y", "range(len(x) - R + 1)])\n    y"),
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
        mark[:, 0], mark[:, 2], mark[:, 5:] = False, True, False  # nothing marked at first, or late
        mark[:, 4] = True
        return rng.normal(size=(n_batch, n_steps)) + 2, mark

    return [case(2, 11), case(1, 9), case(3, 12)]


@function_task(
    level="stretch",
    cases=_memory_cases,
    axes="batch time",
    points=3,
    wrong={
        "not-carried": edit("x[:, t], memory)", "x[:, t], 0)"),
        "mark-ignored": edit("np.where(mark[:, t], x[:, t], memory)", "x[:, t]"),
        "added": edit("x[:, t], memory)", "memory + x[:, t], memory)"),
        "averaged": edit("x[:, t], memory)", "(memory + x[:, t]) / 2, memory)"),
        "one-late": edit(
            *("        answers.append(memory)\n", ""),
            *("        memory =", "        answers.append(memory)\n        memory ="),
        ),
        "first-only": edit("mark[:, t],", "mark[:, t] & (memory == 0),"),
        "looks-ahead": edit(
            *("range(x.shape[1])", "reversed(range(x.shape[1]))"),
            *("np.stack(answers", "np.stack(answers[::-1]"),
        ),
        "starts-with-x": edit("np.zeros(len(x))", "x[:, 0]"),
        "last-only": edit("np.stack(answers, axis=1)", "memory"),
        "time-first": edit("axis=1", "axis=0"),
        "inverted": edit("np.where(mark", "np.where(~mark"),
    },
)
def last_marked(x, mark):
    memory, answers = np.zeros(len(x)), []
    for t in range(x.shape[1]):
        memory = np.where(mark[:, t], x[:, t], memory)
        answers.append(memory)
    return np.stack(answers, axis=1)
