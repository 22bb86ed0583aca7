"""Tasks of lesson 2, core concepts: weights, shapes, one-hot, padding, masks, states carried.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
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


def _generate_case(rng, n_batch, n_steps, n_features, n_units):
    D, N = n_features, n_units  # the outputs are the next inputs, so there are D of them
    x_t, h_t, b, b_y = normal(rng, (n_batch, D), (n_batch, N), (N,), (D,))
    W, U, W_y = (0.6 * A for A in normal(rng, (D, N), (N, N), (N, D)))  # more grows rounding
    return x_t, h_t, W, U, b, W_y, b_y, n_steps


def _generate_cases(rng):
    cases = [sizes(rng, 4), [1, *sizes(rng, 3)], sizes(rng, 4)]
    return [_generate_case(rng, *case) for case in cases]


def _generate_edges(rng):
    B, T, D, N = sizes(rng, 4)
    edges = {"one step": (B, 1, D, N), "one feature": (B, T, 1, N), "one unit": (B, T, D, 1)}
    return {name: _generate_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_generate_cases,
    edges=_generate_edges,
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
        "first-in-front": edit("y_hat = []", "y_hat = [x_t]"),
        "output-of-old-state": edit(
            *("        h_t =", "        h_prev = h_t\n        h_t ="),
            *("h_t @ W_y", "h_prev @ W_y"),
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
    def case(n_batch, n_steps, n_kinds, last):
        numbers = rng.integers(-1, n_kinds - 1, size=(n_batch, n_steps))
        numbers[0, :3] = rng.permutation([-1, 0, 1])
        numbers[-1, -1] = n_kinds - 1 if last else 0  # or else the last kind does not occur
        return numbers, n_kinds

    one_row = 1, *sizes(rng, 2, 4, 8)
    return [case(*sizes(rng, 3, 3, 7), False), case(*one_row, False), case(*sizes(rng, 3, 3), True)]


def _one_hot_edges(rng):
    n_batch, n_steps, n_kinds = sizes(rng, 3)
    return {
        "one step": (rng.integers(-1, n_kinds, size=(n_batch, 1)), n_kinds),
        "one kind": (rng.integers(-1, 1, size=(n_batch, n_steps)), 1),
        "nothing but padding": (np.full((n_batch, n_steps), -1), n_kinds),
    }


@function_task(
    cases=_one_hot_cases,
    edges=_one_hot_edges,
    axes="batch time kind",
    wrong={
        "minus-one-is-last": lambda numbers, n_kinds: np.eye(n_kinds)[numbers],
        "minus-one-is-zero": lambda numbers, n_kinds: np.eye(n_kinds)[np.maximum(numbers, 0)],
        "zero-is-padding": edit("astype(float)", "astype(float) * (numbers > 0)[..., None]"),
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
    def case(n_batch, longest, n_features, first):
        lengths = rng.integers(1, longest + 1, size=n_batch)
        lengths[:2] = (1, longest) if first == "short" else (longest, longest - 1)
        return rng.normal(size=(lengths.sum(), n_features)), lengths

    kinds = "short", "long", "short"
    return [case(*sizes(rng, 3, least), kind) for least, kind in zip((3, 2, 2), kinds, strict=True)]


def _pad_edges(rng):
    def case(lengths, n_features):
        return rng.normal(size=(sum(lengths), n_features)), np.array(lengths)

    n_batch, n_steps, n_features = sizes(rng, 3)
    lengths = rng.integers(2, 7, size=n_batch)
    with_zeros = case(lengths, n_features)
    with_zeros[0][lengths[0] - 1] = 0
    return {
        "one sequence": case([n_steps], n_features),
        "all equally long": case([n_steps] * n_batch, n_features),
        "one step per sequence": case([1] * n_batch, n_features),
        "one feature": case(lengths, 1),
        "a real step that is all zeros": with_zeros,
    }


@function_task(
    cases=_pad_cases,
    edges=_pad_edges,
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
        "longest-first": edit(
            "return X, mask", "order = np.argsort(-lengths)\n    return X[order], mask[order]"
        ),
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
    def case(n_batch, n_steps, n_units):
        mask = rng.random((n_batch, n_steps)) < 0.5
        for row in mask:
            row[np.sort(rng.permutation(n_steps)[:3])] = False, True, True  # a hole in front
        if n_batch > 1:  # rows with different numbers of real steps
            mask[0], mask[-1] = np.arange(n_steps) > 0, np.isin(np.arange(n_steps), (1, 2))
        return rng.normal(size=(n_batch, n_steps, n_units)), mask

    return [case(*sizes(rng, 3, 4, 8)), case(1, *sizes(rng, 2, 4)), case(*sizes(rng, 3, 4, 8))]


def _mean_edges(rng):
    n_batch, n_steps, n_units = sizes(rng, 3)
    H, step = rng.normal(size=(n_batch, n_steps, n_units)), np.arange(n_steps)
    some = rng.random((n_batch, n_steps)) < 0.5
    some[:, rng.integers(n_steps)] = True
    return {
        "every step is real": (H, np.ones((n_batch, n_steps), dtype=bool)),
        "only step 0 is real": (H, np.tile(step == 0, (n_batch, 1))),
        "only the last step is real": (H, np.tile(step == n_steps - 1, (n_batch, 1))),
        "one unit": (H[:, :, :1], some),
        "one step": (H[:, :1], np.ones((n_batch, 1), dtype=bool)),
    }


@function_task(
    cases=_mean_cases,
    edges=_mean_edges,
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


def _recurrent_layer(rng, n_batch, n_features, n_units, k):
    """The `read` of an exercise: it refuses pieces longer than k, and arrays of other axes."""
    W, U, b = normal(rng, (n_features, n_units), (n_units, n_units), (n_units,))

    def read(X_piece, h):
        X_piece, h = np.asarray(X_piece), np.asarray(h)
        if X_piece.ndim != 3 or X_piece.shape[::2] != (n_batch, n_features):
            want = f"(batch={n_batch}, time, feature={n_features})"
            raise ValueError(f"read: X_piece has the shape {X_piece.shape}, wanted {want}")
        if not 0 < X_piece.shape[1] <= k:
            raise ValueError(f"read: X_piece has {X_piece.shape[1]} steps, wanted 1 to k = {k}")
        if h.shape not in ((n_batch, n_units), (1, n_units), (n_units,)):  # these NumPy can add
            raise ValueError(f"read: h has the shape {h.shape}, wanted {(n_batch, n_units)}")
        states = []
        for t in range(X_piece.shape[1]):
            h = np.tanh(X_piece[:, t] @ W + h @ U + b)
            states.append(h)
        return np.stack(states, axis=1)

    return read


def _piece_case(rng, n_batch, n_features, n_units, n_steps, k):
    read = _recurrent_layer(rng, n_batch, n_features, n_units, k)
    return read, *normal(rng, (n_batch, n_steps, n_features), (n_batch, n_units)), int(k)


def _piece_cases(rng):
    def case(n_pieces, k, rest, n_batch):
        _, D, N = sizes(rng, 3)
        return _piece_case(rng, n_batch, D, N, (n_pieces - 1) * k + rest, k)

    k, longer, other = (int(rng.integers(least, 6)) for least in (2, 3, 2))
    return [
        case(rng.integers(3, 5), k, rng.integers(1, k), 2 + rng.integers(3)),
        case(rng.integers(2, 5), longer, rng.integers(2, longer), 1),
        case(rng.integers(2, 4), other, other, 2 + rng.integers(3)),  # k divides T
    ]


def _piece_edges(rng):
    B, D, N, T = sizes(rng, 4)
    edges = {
        "k = 1": (B, D, N, T, 1),
        "k = T": (B, D, N, T, T),
        "k is more than T": (B, D, N, T, T + rng.integers(1, 4)),
        "the last piece has one step": (B, D, N, 2 * T + 1, T),
        "one unit": (B, D, 1, T + 1, T),
    }
    return {name: _piece_case(rng, *shape) for name, shape in edges.items()}


@function_task(
    cases=_piece_cases,
    edges=_piece_edges,
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


def _record(rng, n_rows, n, n_steps, n_features, rest):
    return rng.normal(size=(n * n_rows * n_steps + rest, n_features)), n_rows, n_steps


def _stream_cases(rng):
    def case():
        n_rows, n, n_steps, D = sizes(rng, 4, 2, 6)
        rest = rng.integers(n_rows, n_rows * n_steps)  # each row could have a step more
        return _record(rng, n_rows, n, n_steps, D, rest)

    return [case() for _ in range(3)]


def _stream_edges(rng):
    n_rows, n, n_steps, D = sizes(rng, 4, 2, 6)
    edges = {
        "nothing is left over": (n_rows, n, n_steps, D, 0),
        "one step short of another batch": (n_rows, n, n_steps, D, n_rows * n_steps - 1),
        "one row": (1, n, n_steps, D, 1),
        "one batch": (n_rows, 1, n_steps, D, 1),
        "pieces of one step": (n_rows, n, 1, D, 1),
        "one feature": (n_rows, n, n_steps, 1, 1),
    }
    return {name: _record(rng, *shape) for name, shape in edges.items()}


@function_task(
    level="stretch",
    cases=_stream_cases,
    edges=_stream_edges,
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
