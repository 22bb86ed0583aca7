"""Tasks of lesson 2, core concepts: weights, shapes, one-hot, padding, masks, states carried.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task

# --- warm-up: the weights of a whole model -----------------------------------------------------


@value_task(
    wrong={
        "times-T": 20 * 66 + 21,
        "every-step-output": 66 + 20 * 21,
        "no-recurrence": 30 + 21,
        "no-output": 66,
        "no-biases": 24 + 36 + 18,
        "U-as-W": 24 + 24 + 6 + 21,
        "no-recurrent-bias": 66 - 6 + 21,
        "no-output-bias": 66 + 18,
        "T-as-D": 20 * 6 + 36 + 6 + 21,
        "lstm": 4 * 66 + 21,
    },
    points=1,
)
def n_weights():
    n_features, n_units, n_outputs = 4, 6, 3
    recurrent = n_features * n_units + n_units * n_units + n_units
    return recurrent + n_units * n_outputs + n_outputs


# --- warm-up: which shape? ---------------------------------------------------------------------


@value_task(
    wrong={"one-to-one": "a", "one-to-many": "b", "many-to-one": "c", "many-to-many": "d"},
    points=1,
)
def which_shape():
    return "e"


# --- one to many: outputs fed back -------------------------------------------------------------

D, N = 3, 5  # the outputs are the next inputs, so there are D of them


def _generate_cases(rng):
    def case(n_batch, n_steps):
        shapes = ((n_batch, D), (n_batch, N), (D, N), (N, N), (N,), (N, D), (D,))
        return *normal(rng, *shapes), n_steps

    return [case(2, 4), case(1, 6), case(2, 1)]


@function_task(
    cases=_generate_cases,
    axes="batch time feature",
    points=3,
    wrong={
        "not-fed-back": edit("x_t = h_t", "y_t = h_t", "append(x_t)", "append(y_t)"),
        "zeros-fed": edit("append(x_t)", "append(x_t)\n        x_t = 0 * x_t"),
        "added-up": edit(
            *("x_t = h_t", "y_t = h_t"),
            *("append(x_t)", "append(y_t)\n        x_t = x_t + y_t"),
        ),
        "state-not-carried": edit("h_t = np.tanh", "h_new = np.tanh", "h_t @ W_y", "h_new @ W_y"),
        "from-zero": edit("y_hat = []", "y_hat, h_t = [], 0 * h_t"),
        "tanh-output": edit("h_t @ W_y + b_y", "np.tanh(h_t @ W_y + b_y)"),
        "no-output-bias": edit(" + b_y", ""),
        "no-bias": edit(" + b)", ")"),
        "first-comes-out": edit(
            *("        y_hat.append(x_t)\n", ""),
            *("        h_t =", "        y_hat.append(x_t)\n        h_t ="),
        ),
        "one-skipped": edit("(n_steps)", "(n_steps + 1)", "axis=1)", "axis=1)[:, 1:]"),
        "only-last": edit("np.stack(y_hat, axis=1)", "x_t"),
        "time-first": edit("axis=1", "axis=0"),
    },
)
def generate(x_t, h_t, W, U, b, W_y, b_y, n_steps):
    y_hat = []
    for _ in range(n_steps):
        h_t = np.tanh(x_t @ W + h_t @ U + b)
        x_t = h_t @ W_y + b_y
        y_hat.append(x_t)
    return np.stack(y_hat, axis=1)


# --- one-hot -----------------------------------------------------------------------------------


def _one_hot_cases(rng):
    def case(n_batch, n_steps, n_kinds):
        numbers = rng.integers(n_kinds - 1, size=(n_batch, n_steps))  # the last kind is absent
        numbers[:, 1], numbers[:, -1] = 0, -1
        return numbers, n_kinds

    return [case(2, 4, 6), case(1, 7, 5), case(3, 5, 4)]


@function_task(
    cases=_one_hot_cases,
    axes="batch time kind",
    wrong={
        "minus-one-is-last": lambda numbers, n_kinds: np.eye(n_kinds)[numbers],
        "minus-one-is-zero": lambda numbers, n_kinds: np.eye(n_kinds)[np.maximum(numbers, 0)],
        "place-for-nothing": edit("np.arange(n_kinds)", "np.arange(-1, n_kinds)"),
        "from-one": edit("np.arange(n_kinds)", "np.arange(1, n_kinds + 1)"),
        "too-narrow": edit("np.arange(n_kinds)", "np.arange(numbers.max() + 1)"),
        "numbers": edit("astype(float)", "astype(float) * numbers[..., None]"),
        "bag": edit("astype(float)", "sum(axis=1)"),
        "thermometer": edit("==", ">="),
        "inverted": edit("==", "!="),
        "kinds-first": edit("astype(float)", "astype(float).swapaxes(1, 2)"),
        "time-first": edit("astype(float)", "astype(float).swapaxes(0, 1)"),
        "flattened": edit("astype(float)", "astype(float).reshape(len(numbers), -1)"),
    },
)
def one_hot(numbers, n_kinds):
    return (numbers[..., None] == np.arange(n_kinds)).astype(float)


# --- padding and mask --------------------------------------------------------------------------


def _pad_cases(rng):
    def case(*lengths):
        return rng.normal(size=(sum(lengths), D)) + 3, np.array(lengths)

    return [case(4, 2, 5, 1), case(3, 6), case(2, 2, 4)]


@function_task(
    cases=_pad_cases,
    axes={"X": "batch time feature", "mask": "batch time"},
    points=3,
    wrong={
        "in-front": edit("X[i, :n]", "X[i, -n:]", "mask[i, :n]", "mask[i, -n:]"),
        "mask-at-wrong-end": edit("mask[i, :n]", "mask[i, -n:]"),
        "mask-inverted": edit("X, mask", "X, ~mask"),
        "mask-all-true": edit("mask = np.zeros", "mask = np.ones"),
        "mask-too-short": edit("mask[i, :n]", "mask[i, : n - 1]"),
        "mask-too-long": edit("mask[i, :n]", "mask[i, : n + 1]"),
        "cut-to-shortest": edit("X, mask", "X[:, : min(lengths)], mask[:, : min(lengths)]"),
        "last-repeated": edit("        mask[i", "        X[i, n:] = X[i, n - 1]\n        mask[i"),
        "filled-with-ones": edit("X = np.zeros", "X = np.ones"),
        "same-start": edit("        start += n\n", ""),
        "box-of-steps": edit("X.shape[:2]", "X.shape"),
        "time-first": edit("X, mask", "X.swapaxes(0, 1), mask.T"),
    },
)
def pad(steps, lengths):
    X = np.zeros((len(lengths), max(lengths), steps.shape[1]))
    mask = np.zeros(X.shape[:2], dtype=bool)
    start = 0
    for i, n in enumerate(lengths):
        X[i, :n] = steps[start : start + n]
        mask[i, :n] = True
        start += n
    return X, mask


# --- the mean over real steps ------------------------------------------------------------------


def _mean_cases(rng):
    def case(n_batch, n_steps):
        mask = rng.random((n_batch, n_steps)) < 0.5
        mask[:, 0], mask[:, 1], mask[:, 3] = False, True, True  # holes, and never all or nothing
        mask[0, -1] = False
        if n_batch > 1:
            mask[0, 2], mask[1, 2:] = False, True  # rows with different numbers of real steps
        return rng.normal(size=(n_batch, n_steps, N)) + 1, mask

    return [case(2, 6), case(1, 7), case(3, 8)]


@function_task(
    cases=_mean_cases,
    axes="batch unit",
    wrong={
        "plain": lambda H, mask: H.mean(axis=1),
        "divided-by-T": edit("mask.sum(axis=1)[:, None]", "mask.shape[1]"),
        "sum": edit(" / mask.sum(axis=1)[:, None]", ""),
        "all-summed": edit("H * mask[:, :, None]", "H"),
        "inverted": edit("H * mask", "H * ~mask", "mask.sum", "(~mask).sum"),
        "counted-together": edit("mask.sum(axis=1)[:, None]", "mask.sum()"),
        "one-mean": lambda H, mask: H[mask].mean(axis=0),
        "from-the-start": lambda H, mask: np.stack(
            [h[: m.sum()].mean(axis=0) for h, m in zip(H, mask, strict=True)]
        ),
        "last-real": lambda H, mask: np.stack([h[m][-1] for h, m in zip(H, mask, strict=True)]),
        "over-units": edit("H * mask[:, :, None]", "H.mean(axis=2) * mask", ")[:, None]", ")"),
    },
)
def masked_mean(H, mask):
    total = (H * mask[:, :, None]).sum(axis=1)
    return total / mask.sum(axis=1)[:, None]


# --- the state, carried from piece to piece ----------------------------------------------------


def _piece_cases(rng):
    def case(n_batch, n_steps, k):
        W, U, b = normal(rng, (D, N), (N, N), (N,))

        def read(X_piece, h):
            states = []
            for t in range(X_piece.shape[1]):
                h = np.tanh(X_piece[:, t] @ W + h @ U + b)
                states.append(h)
            return np.stack(states, axis=1)

        return read, rng.normal(size=(n_batch, n_steps, D)), rng.normal(size=(n_batch, N)), k

    return [case(2, 7, 3), case(1, 8, 4), case(3, 5, 2)]


@function_task(
    cases=_piece_cases,
    axes="batch time unit",
    wrong={
        "reset-to-zero": edit("h = pieces[-1][:, -1]", "h = 0 * h"),
        "h0-again": edit("        h = pieces[-1][:, -1]\n", ""),
        "from-zero": edit("= h_0, []", "= 0 * h_0, []"),
        "first-state": edit("[:, -1]", "[:, 0]"),
        "one-early": edit("[:, -1]", "[:, -2:][:, 0]"),  # the last piece may have one step only
        "mean-state": edit("[:, -1]", ".mean(axis=1)"),
        "summed": edit("h = pieces", "h = h + pieces"),
        "last-example": edit("[:, -1]", "[-1, -1]"),
        "only-last-piece": edit("np.concatenate(pieces, axis=1)", "pieces[-1]"),
        "last-states": edit(
            "np.concatenate(pieces, axis=1)", "np.stack([H[:, -1] for H in pieces], axis=1)"
        ),
        "end-dropped": edit("X.shape[1], k", "X.shape[1] - k + 1, k"),
        "backwards": edit("range(0, X.shape[1], k)", "reversed(range(0, X.shape[1], k))"),
    },
)
def read_in_pieces(read, X, h_0, k):
    h, pieces = h_0, []
    for first in range(0, X.shape[1], k):
        pieces.append(read(X[:, first : first + k], h))
        h = pieces[-1][:, -1]
    return np.concatenate(pieces, axis=1)


# --- stretch: streams for a stateful layer -----------------------------------------------------


def _stream_cases(rng):
    def case(T, n_rows, n_steps):
        return rng.normal(size=(T, D)), n_rows, n_steps

    return [case(27, 2, 4), case(35, 3, 5), case(23, 4, 2)]


@function_task(
    level="stretch",
    cases=_stream_cases,
    axes="piece row time feature",
    points=3,
    wrong={
        "consecutive": edit("(n_rows, n,", "(n, n_rows,", ".swapaxes(0, 1)", ""),
        "rows-first": edit(".swapaxes(0, 1)", ""),
        "interleaved": edit("(n_rows, n, n_steps,", "(n, n_steps, n_rows,", "(0, 1)", "(1, 2)"),
        "own-starts": edit(
            *("    rows =", "    share = len(record) // n_rows\n    rows ="),
            *("record[: n", "np.stack([record[i * share :][: n"),
            *("* n_rows * n_steps].", "* n_steps] for i in range(n_rows)])."),
        ),
        "end-kept": edit("[: n * n_rows * n_steps]", "[-n * n_rows * n_steps :]"),
        "time-before-row": edit("swapaxes(0, 1)", "transpose(1, 2, 0, 3)"),
        "pieces-reversed": edit("(0, 1)", "(0, 1)[::-1]"),
        "rows-reversed": edit("(0, 1)", "(0, 1)[:, ::-1]"),
        "joined": edit("n, n_steps, -1", "n * n_steps, -1", ".swapaxes(0, 1)", ""),
        "last-dropped": edit("(0, 1)", "(0, 1)[:-1]"),
    },
)
def streams(record, n_rows, n_steps):
    n = len(record) // (n_rows * n_steps)
    rows = record[: n * n_rows * n_steps].reshape(n_rows, n, n_steps, -1)
    return rows.swapaxes(0, 1)
