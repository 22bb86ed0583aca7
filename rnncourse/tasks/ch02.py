"""Tasks of lesson 2, core concepts: weights, shapes, one-hot, padding, masks, states carried."""

import numpy as np

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
        return *(rng.normal(size=shape) for shape in shapes), n_steps

    return [case(2, 4), case(1, 6), case(2, 1)]


def _generate(x_t, h_t, W, U, b, W_y, b_y, n_steps, *, feed=None, carry=True, squash=None):
    """The loop with its joints exposed: each misconception bends one of them."""
    y_hat, h_0 = [], h_t
    for _ in range(n_steps):
        h_t = np.tanh(x_t @ W + (h_t if carry else h_0) @ U + b)
        y_t = h_t @ W_y + b_y
        y_hat.append(squash(y_t) if squash else y_t)
        x_t = feed(x_t, y_t) if feed else y_hat[-1]
    return np.stack(y_hat, axis=1)


def _first_comes_out(x_t, *rest):
    return np.concatenate([x_t[:, None], _generate(x_t, *rest)[:, :-1]], axis=1)


def _one_skipped(*arguments):
    return _generate(*arguments[:-1], arguments[-1] + 1)[:, 1:]


@function_task(
    cases=_generate_cases,
    axes="batch time feature",
    points=3,
    wrong={
        "not-fed-back": lambda *a: _generate(*a, feed=lambda x, y: x),
        "zeros-fed": lambda *a: _generate(*a, feed=lambda x, y: 0 * x),
        "added-up": lambda *a: _generate(*a, feed=lambda x, y: x + y),
        "state-not-carried": lambda *a: _generate(*a, carry=False),
        "from-zero": lambda x, h, *rest: _generate(x, 0 * h, *rest),
        "tanh-output": lambda *a: _generate(*a, squash=np.tanh),
        "no-output-bias": lambda *a: _generate(*a[:6], 0 * a[6], a[7]),
        "no-bias": lambda *a: _generate(*a[:4], 0 * a[4], *a[5:]),
        "first-comes-out": _first_comes_out,
        "one-skipped": _one_skipped,
        "only-last": lambda *a: _generate(*a)[:, -1],
        "time-first": lambda *a: _generate(*a).swapaxes(0, 1),
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


def _coded(numbers, n_kinds):
    return (numbers[..., None] == np.arange(n_kinds)).astype(float)


@function_task(
    cases=_one_hot_cases,
    axes="batch time kind",
    wrong={
        "minus-one-is-last": lambda x, n: np.eye(n)[x],
        "minus-one-is-zero": lambda x, n: np.eye(n)[np.maximum(x, 0)],
        "place-for-nothing": lambda x, n: _coded(x + 1, n + 1),
        "from-one": lambda x, n: _coded(x - 1, n),
        "too-narrow": lambda x, n: _coded(x, x.max() + 1),
        "numbers": lambda x, n: _coded(x, n) * x[..., None],
        "bag": lambda x, n: _coded(x, n).sum(axis=1),
        "thermometer": lambda x, n: (x[..., None] >= np.arange(n)).astype(float),
        "inverted": lambda x, n: 1 - _coded(x, n),
        "kinds-first": lambda x, n: _coded(x, n).swapaxes(1, 2),
        "time-first": lambda x, n: _coded(x, n).swapaxes(0, 1),
        "flattened": lambda x, n: _coded(x, n).reshape(len(x), -1),
    },
)
def one_hot(numbers, n_kinds):
    return (numbers[..., None] == np.arange(n_kinds)).astype(float)


# --- padding and mask --------------------------------------------------------------------------


def _pad_cases(rng):
    def case(*lengths):
        return rng.normal(size=(sum(lengths), D)) + 3, np.array(lengths)

    return [case(4, 2, 5, 1), case(3, 6), case(2, 2, 4)]


def _pad(steps, lengths, *, fill=lambda part, n: np.zeros((n, D)), front=False, advance=True):
    """Padding with its joints exposed: each misconception bends one of them."""
    X, start = [], 0
    for n in lengths:
        part = steps[start : start + n]
        filling = fill(part, lengths.max() - n)
        X.append(np.concatenate([filling, part] if front else [part, filling]))
        start += n if advance else 0
    return np.stack(X), _mask(lengths)


def _mask(lengths):
    return np.arange(lengths.max()) < lengths[:, None]


def _bent(change):
    return lambda steps, lengths: change(*_pad(steps, lengths), lengths)


@function_task(
    cases=_pad_cases,
    axes={"X": "batch time feature", "mask": "batch time"},
    points=3,
    wrong={
        "in-front": lambda s, n: (_pad(s, n, front=True)[0], _mask(n)[:, ::-1]),
        "mask-at-wrong-end": lambda s, n: (_pad(s, n)[0], _mask(n)[:, ::-1]),
        "mask-inverted": _bent(lambda X, mask, n: (X, ~mask)),
        "mask-all-true": _bent(lambda X, mask, n: (X, np.ones_like(mask))),
        "mask-too-short": _bent(lambda X, mask, n: (X, np.arange(n.max()) < n[:, None] - 1)),
        "mask-too-long": _bent(lambda X, mask, n: (X, np.arange(n.max()) <= n[:, None])),
        "cut-to-shortest": _bent(lambda X, mask, n: (X[:, : n.min()], mask[:, : n.min()])),
        "last-repeated": lambda s, n: _pad(s, n, fill=lambda part, k: np.repeat(part[-1:], k, 0)),
        "filled-with-ones": lambda s, n: _pad(s, n, fill=lambda part, k: np.ones((k, D))),
        "same-start": lambda s, n: _pad(s, n, advance=False),
        "box-of-steps": _bent(lambda X, mask, n: (X, np.repeat(mask[..., None], D, axis=2))),
        "time-first": _bent(lambda X, mask, n: (X.swapaxes(0, 1), mask.T)),
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


def _real(H, mask):
    return H * mask[:, :, None]


def _last_real(H, mask):
    last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    return H[np.arange(len(H)), last]


def _from_the_start(H, mask):
    return np.stack([h[:n].mean(axis=0) for h, n in zip(H, mask.sum(axis=1), strict=True)])


@function_task(
    cases=_mean_cases,
    axes="batch unit",
    wrong={
        "plain": lambda H, mask: H.mean(axis=1),
        "divided-by-T": lambda H, mask: _real(H, mask).mean(axis=1),
        "sum": lambda H, mask: _real(H, mask).sum(axis=1),
        "all-summed": lambda H, mask: H.sum(axis=1) / mask.sum(axis=1, keepdims=True),
        "inverted": lambda H, mask: _real(H, ~mask).sum(axis=1) / (~mask).sum(axis=1)[:, None],
        "counted-together": lambda H, mask: _real(H, mask).sum(axis=1) / mask.sum(),
        "one-mean": lambda H, mask: H[mask].mean(axis=0),
        "from-the-start": _from_the_start,
        "last-real": _last_real,
        "over-units": lambda H, mask: (H.mean(axis=2) * mask).sum(axis=1) / mask.sum(axis=1),
    },
)
def masked_mean(H, mask):
    total = (H * mask[:, :, None]).sum(axis=1)
    return total / mask.sum(axis=1)[:, None]


# --- the state, carried from piece to piece ----------------------------------------------------


def _piece_cases(rng):
    def case(n_batch, n_steps, k):
        W, U, b = (rng.normal(size=shape) for shape in ((D, N), (N, N), (N,)))

        def read(X_piece, h):
            states = []
            for t in range(X_piece.shape[1]):
                h = np.tanh(X_piece[:, t] @ W + h @ U + b)
                states.append(h)
            return np.stack(states, axis=1)

        return read, rng.normal(size=(n_batch, n_steps, D)), rng.normal(size=(n_batch, N)), k

    return [case(2, 7, 3), case(1, 8, 4), case(3, 5, 2)]


def _pieces(read, X, h_0, k, *, start=1, carry=lambda H, h: H[:, -1], order=iter, drop=False):
    """All pieces read, with the joints exposed: each misconception bends one of them."""
    h, read_so_far = start * h_0, []
    for first in order(range(0, X.shape[1] - (k - 1 if drop else 0), k)):
        read_so_far.append(read(X[:, first : first + k], h))
        h = carry(read_so_far[-1], h)
    return read_so_far


def _joined(**joints):
    return lambda *arguments: np.concatenate(_pieces(*arguments, **joints), axis=1)


@function_task(
    cases=_piece_cases,
    axes="batch time unit",
    wrong={
        "reset-to-zero": _joined(carry=lambda H, h: 0 * h),
        "h0-again": _joined(carry=lambda H, h: h),
        "from-zero": _joined(start=0),
        "first-state": _joined(carry=lambda H, h: H[:, 0]),
        "one-early": _joined(carry=lambda H, h: H[:, -2] if H.shape[1] > 1 else h),
        "mean-state": _joined(carry=lambda H, h: H.mean(axis=1)),
        "summed": _joined(carry=lambda H, h: h + H[:, -1]),
        "last-example": _joined(carry=lambda H, h: 0 * h + H[-1, -1]),
        "only-last-piece": lambda *a: _pieces(*a)[-1],
        "last-states": lambda *a: np.stack([H[:, -1] for H in _pieces(*a)], axis=1),
        "end-dropped": _joined(drop=True),
        "backwards": _joined(order=reversed),
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


def _kept(record, n_rows, n_steps):
    """The part that fits, the number of batches, and the sizes."""
    n = len(record) // (n_rows * n_steps)
    return record[: n * n_rows * n_steps], n


def _streams(record, n_rows, n_steps):
    kept, n = _kept(record, n_rows, n_steps)
    return kept.reshape(n_rows, n, n_steps, -1).swapaxes(0, 1)


def _consecutive(record, n_rows, n_steps):
    kept, n = _kept(record, n_rows, n_steps)
    return kept.reshape(n, n_rows, n_steps, -1)


def _interleaved(record, n_rows, n_steps):
    kept, n = _kept(record, n_rows, n_steps)
    return kept.reshape(n, n_steps, n_rows, -1).swapaxes(1, 2)


def _own_starts(record, n_rows, n_steps):
    """Every row starts at its share of the whole record, leftovers included."""
    n = len(record) // (n_rows * n_steps)
    starts = np.arange(n_rows) * (len(record) // n_rows)
    return np.stack([record[starts[:, None] + k * n_steps + np.arange(n_steps)] for k in range(n)])


def _end_kept(record, n_rows, n_steps):
    n = len(record) // (n_rows * n_steps)
    return _streams(record[len(record) - n * n_rows * n_steps :], n_rows, n_steps)


@function_task(
    level="stretch",
    cases=_stream_cases,
    axes="piece row time feature",
    points=3,
    wrong={
        "consecutive": _consecutive,
        "rows-first": lambda *a: _streams(*a).swapaxes(0, 1),
        "interleaved": _interleaved,
        "own-starts": _own_starts,
        "end-kept": _end_kept,
        "time-before-row": lambda *a: _streams(*a).swapaxes(1, 2),
        "pieces-reversed": lambda *a: _streams(*a)[::-1],
        "rows-reversed": lambda *a: _streams(*a)[:, ::-1],
        "joined": lambda *a: np.concatenate(list(_streams(*a)), axis=1),
        "last-dropped": lambda *a: _streams(*a)[:-1],
    },
)
def streams(record, n_rows, n_steps):
    n = len(record) // (n_rows * n_steps)
    rows = record[: n * n_rows * n_steps].reshape(n_rows, n, n_steps, -1)
    return rows.swapaxes(0, 1)
