"""Tasks of lesson 1, background: bags, neighbours, lags, windows, and a memory by hand.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task

# --- warm-up: which order is worth keeping? ----------------------------------------------------


@value_task(wrong={"heights": "a", "dice": "c", "table": "d"}, points=1)
def order_matters():
    return "b"


# --- a bag -------------------------------------------------------------------------------------


def _bag_cases(rng):
    def case(n_batch, n_steps, n_kinds, last):
        X = rng.integers(n_kinds - 1, size=(n_batch, n_steps))
        X[:, 1] = X[:, 0]  # at least one kind twice
        if last:  # or the last kind does not occur at all
            X[rng.integers(n_batch), -1] = n_kinds - 1
        return X, n_kinds

    one_row = 1, *sizes(rng, 2, 3, 9)
    return [case(*sizes(rng, 3, 2, 9), True), case(*one_row, False), case(*sizes(rng, 3), False)]


def _bag_edges(rng):
    n_batch, n_steps, n_kinds = sizes(rng, 3)
    return {
        "one step": (rng.integers(n_kinds, size=(n_batch, 1)), n_kinds),
        "one kind": (np.zeros((n_batch, n_steps), dtype=int), 1),
        "only the last kind": (np.full((n_batch, n_steps), n_kinds - 1), n_kinds),
    }


@function_task(
    cases=_bag_cases,
    edges=_bag_edges,
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
        "last-kind-missing": edit("return counts", "counts[:, -1] = 0\n    return counts"),
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

    return [case(rng.integers(9, 25), n_kinds) for n_kinds in sizes(rng, 3, 3, 6)]


def _neighbour_edges(rng):
    n_kinds = int(rng.integers(3, 7))
    often = np.full(rng.integers(3, 30), n_kinds - 1)  # of the other kinds nothing is known
    return {
        "one pair": (rng.integers(n_kinds, size=2), n_kinds),
        "one kind": (np.zeros(rng.integers(2, 9), dtype=int), 1),
        "two kinds": (rng.integers(2, size=rng.integers(9, 25)), 2),
        "only the last kind": (often, n_kinds),
    }


@function_task(
    cases=_neighbour_cases,
    edges=_neighbour_edges,
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
    """Of the three series one turns round at each step, which a lag that is odd sees as below 0."""
    n_steps, (k, late) = rng.integers(20, 45, size=3), sizes(rng, 2, 2, 8)
    odd = 2 * int(rng.integers(3)) + 1
    walk, other, noise = (rng.normal(size=n) for n in n_steps)
    zigzag = 2 * (-1.0) ** np.arange(len(noise)) + noise
    return [(3 + np.cumsum(walk), k), (np.cumsum(other) - 4, late), (1 + zigzag, odd)]


def _lag_edges(rng):
    n_steps, k = int(rng.integers(9, 30)), int(rng.integers(2, 7))
    return {
        "k = 1": (np.cumsum(rng.normal(size=n_steps)), 1),
        "three pairs": (rng.normal(size=k + 3), k),
        "k is more than half of T": (rng.normal(size=n_steps), n_steps // 2 + 1),
    }


@function_task(
    cases=_lag_cases,
    edges=_lag_edges,
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
        "slope": edit("np.sqrt((late**2).sum() * (early**2).sum())", "(early**2).sum()"),
        "differences": lambda x, k: np.abs(x[k:] - x[:-k]).mean(),
    },
)
def lag_correlation(x, k):
    late, early = x[k:] - x[k:].mean(), x[:-k] - x[:-k].mean()
    return (late * early).sum() / np.sqrt((late**2).sum() * (early**2).sum())


# --- windows -----------------------------------------------------------------------------------


def _window_cases(rng):
    def case(n_windows, n_features, R):
        return rng.normal(size=(n_windows + R, n_features)), R

    return [case(*sizes(rng, 3, least)) for least in (3, 2, 2)]


def _window_edges(rng):
    n_windows, n_features, R = sizes(rng, 3)
    return {
        "one window": (rng.normal(size=(R + 1, n_features)), R),
        "windows of one step": (rng.normal(size=(n_windows + 1, n_features)), 1),
        "one feature": (rng.normal(size=(n_windows + R, 1)), R),
    }


@function_task(
    cases=_window_cases,
    edges=_window_edges,
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
        "target-late": edit("len(x) - R", "len(x) - R - 1", "i + R, 0", "i + R + 1, 0"),
        "target-in-window": edit("x[i : i + R]", "x[i : i + R + 1]"),
        "first-dropped": edit("range(len(x)", "range(1, len(x)"),
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
        mark[:, 0], mark[:, 2], mark[:, 4] = False, True, True  # what was kept is replaced
        mark[0, 5:], mark[-1, -1] = False, n_batch > 1  # nothing is marked late; the last step is
        return rng.normal(size=(n_batch, n_steps)), mark

    steps = rng.integers(8, 13, size=2)
    return [case(*sizes(rng, 2, 6, 9)), case(1, steps[0]), case(rng.integers(2, 6), steps[1])]


def _memory_edges(rng):
    def case(n_batch, n_steps):
        return rng.normal(size=(n_batch, n_steps)), rng.random((n_batch, n_steps)) < 0.4

    at_first, zero, nothing = (case(*sizes(rng, 2)) for _ in range(3))
    at_first[1][:, 0] = True
    zero[1][:, -2:] = True
    zero[0][:, -1] = 0
    nothing[1][...] = False
    one_step = case(rng.integers(2, 7), 1)
    one_step[1][0] = True
    return {
        "a mark at step 0": at_first,
        "a marked value that is 0": zero,
        "no mark": nothing,
        "one step": one_step,
    }


def _across_examples(x, mark):
    """One memory for all examples, one behind the other."""
    at = np.maximum.accumulate(np.where(mark.ravel(), np.arange(x.size), -1))
    return np.where(at < 0, 0, x.ravel()[at]).reshape(x.shape)


@function_task(
    level="stretch",
    cases=_memory_cases,
    edges=_memory_edges,
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
        "across-examples": _across_examples,
    },
)
def last_marked(x, mark):
    memory, answers = np.zeros(len(x)), []
    for t in range(x.shape[1]):
        memory = np.where(mark[:, t], x[:, t], memory)
        answers.append(memory)
    return np.stack(answers, axis=1)
