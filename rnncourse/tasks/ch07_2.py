"""Tasks of lesson 7.2, a debugging clinic: probes that treat a program as a black box.

Longer than 250 lines because each task's mistakes stand beside it.
"""

from itertools import permutations

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit, edited
from rnncourse.checking.task import function_task, value_task
from rnncourse.nn import sigmoid, softmax

# --- warm-up: the loss before training ---------------------------------------------------------


@value_task(
    wrong={
        "of-two": np.log(2),
        "base-two": np.log2(11),
        "base-ten": np.log10(11),
        "the-chance": 1 / 11,
        "the-error": 10 / 11,
        "zero": 0.0,
        "negative": -np.log(11),
        "ten-classes": np.log(10),
        "times-classes": 11 * np.log(11),
        "per-class": np.log(11) / 11,
        "of-the-error": -np.log(10 / 11),
        "squared": (10 / 11) ** 2,
    },
    points=1,
)
def first_loss():
    n_classes = 11
    return np.log(n_classes)


# --- do test windows share measurements with training windows? ---------------------------------


def _far_apart(rng, n, length):
    """n starts of training windows that are far from each other, (n,), in order."""
    return 4 * length * np.sort(1 + rng.choice(3 * n, n, replace=False)) + rng.integers(length)


def _overlap_cases(rng):
    """Training windows far apart, and test windows at every kind of distance from one of them.

    More of them share something than not, and one begins after all training windows. The first and
    the last training window share steps with test windows that no other one meets.
    """
    found = []
    n_train, n_length = rng.integers((12, 9, 4), (21, 16, 9)), rng.integers(4, 13, 3)
    for n, length, n_test in zip(n_train, n_length.tolist(), (9, 7, 2), strict=True):
        train = _far_apart(rng, n, length) + rng.integers(length, size=n)
        half = length * 3 // 2
        away = np.array([-length, length, 1, 2, 1 - length, length - 1, -half, half, 0])
        later = rng.integers(1, length - 1, size=2 * rng.integers(1, 7))
        away = np.concatenate([rng.permutation(away)[:n_test], later])
        beside = rng.integers(n - 1, size=len(away))
        beside[-2:] = 0, n - 1
        beside[away.argmax()] = n - 1
        test = train[beside] + away
        found.append((rng.permutation(train), rng.permutation(test), length))
    return found


def _overlap_edges(rng):
    """Extreme lengths and numbers of windows, in any order."""
    n, length = sizes(rng, 2, 3, 9)
    train, m = _far_apart(rng, n, length), rng.integers(3, 12)
    near = rng.integers(1 - length, length, m)
    place = rng.choice([0, n - 1])
    few = np.concatenate([train[place] + near, train[:2] + length])
    found = {
        "one training window": (train[:1], np.append(train[0] + near, train[0] - length), length),
        "one test window": (train, train[place : place + 1] + near[:1], length),
        "windows of one step": (train, rng.permutation([*train[: rng.integers(1, n)], -1, -2]), 1),
        "test windows beside the first or last training window": (train, few, length),
        "no window shares a step": (train, rng.permutation([*(train - length), train[-1] + m]), 3),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_overlap_cases,
    edges=_overlap_edges,
    axes="",
    wrong={
        "touching-counted": edit("< length", "<= length"),
        "same-start-only": edit("< length", "== 0"),
        "later-only": edit(
            "np.abs(", "(", "distance < length", "(distance >= 0) & (distance < length)"
        ),
        "earlier-only": edit(
            "np.abs(", "(", "distance < length", "(distance <= 0) & (distance > -length)"
        ),
        "one-sided": edit("np.abs(", "("),
        "one-short": edit("< length", "< length - 1"),
        "of-the-training": edit("axis=1", "axis=0"),
        "of-all-pairs": edit(".any(axis=1)", ""),
        "with-every-one": edit(".any", ".all"),
        "counted": edit(".mean()", ".sum()"),
        "in-percent": edit("return ", "return 100 * "),
        "clean-share": edit("return ", "return 1 - "),
        "yes-or-no": edit(".any(axis=1).mean()", ".any()"),
        "one-answer-each": edit(".mean()", ""),
    },
)
def overlap(start_train, start_test, length):
    distance = np.abs(start_test[:, None] - start_train[None, :])
    return (distance < length).any(axis=1).mean()


# --- which output depends on which step? -------------------------------------------------------


def _steps_of(X, D):
    """X as an array (B, T, D), or an error: a program takes nothing else."""
    X = np.asarray(X)
    if X.ndim != 3 or X.shape[2] != D or not X.size:
        raise ValueError(f"this program takes X of shape (B, T, {D}), received {X.shape}")
    return X


def _layers(rng, D, N):
    """Four programs X (B, T, D) -> (B, T, N) that look at different steps."""
    W, U = rng.normal(size=(D, N)) / 2, np.linalg.qr(rng.normal(size=(N, N)))[0]

    def forward(X):
        h, found = np.zeros((len(X), N)), []
        for t in range(X.shape[1]):
            h = np.tanh(X[:, t] @ W + h @ U)
            found.append(h)
        return np.stack(found, axis=1)

    def backward(X):
        return forward(X[:, ::-1])[:, ::-1]

    def window(X):  # of its features it reads the last one
        before = np.pad(X[:, :, -1:], ((0, 0), (2, 0), (0, 0)))
        return np.tanh(before[:, 2:] @ W[:1]) + np.tanh(before[:, 1:-1] @ W[:1]) ** 2

    def late(X):  # more is less
        return np.tanh(np.pad(X, ((0, 0), (1, 0), (0, 0)))[:, :-1] @ -np.abs(W))

    return forward, backward, window, late


def _black_box(f, D, scale, still=None):
    """f times `scale`, with one more unit in front or behind that never moves."""

    def program(X):
        Y = scale * f(_steps_of(X, D))
        if still is None:
            return Y
        return np.pad(Y, ((0, 0), (0, 0), still), constant_values=scale)

    return program


def _dependence_cases(rng):
    """Programs whose outputs are large, small, and in between."""
    found = []
    D, scales = sizes(rng, 4, 2, 6), rng.permutation([1e-3, 1, 1, 50])
    lengths = rng.permutation([4, 5, 6, 7])
    for k, B, T, d, scale in zip(rng.permutation(4), (3, 2, 4, 1), lengths, D, scales, strict=True):
        still = ((0, 1), (1, 0))[rng.integers(2)]
        f = _layers(rng, d, rng.integers(2, 5))[k]
        found.append((_black_box(f, d, scale, still), rng.normal(size=(B, T, d))))
    return found


def _linear(reads):
    return lambda X: np.einsum("ts,bsd->bt", reads, X)[:, :, None]


def _rectified(reads):
    """What is below 0 moves nothing."""
    return lambda X: _linear(reads)(np.maximum(X, 0))


def _dependence_edges(rng):
    """Linear programs whose output t reads those steps s that are True in `reads`, (T, T)."""
    (B, D), T = sizes(rng, 2, 2, 4), int(rng.integers(3, 7))

    def asked(reads, B=B, D=D):
        return _black_box(_linear(reads), D, 1), rng.normal(size=(B, len(reads), D))

    some = rng.random((T, T)) < 0.5
    some[0, -1] = some[-1, 0] = True
    asleep = -rng.uniform(2, 5, (B, T, D))
    asleep[rng.integers(B)] *= -1
    found = {
        "one step": asked(rng.random((1, 1)) < 0.5),
        "one example with one feature": asked(some, 1, 1),
        "the first step reads the last one": asked(np.triu(some)),
        "each step reads the next one": asked(np.eye(T, k=1)),
        "one example alone moves": (_black_box(_rectified(some), D, 1), asleep),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_dependence_cases,
    edges=_dependence_edges,
    axes="output input",
    points=3,
    wrong={
        "transposed": edit("axis=1)", "axis=0)"),
        "changes-stay": edit(
            "    for s in range(X.shape[1]):\n        changed = X.copy()\n",
            "    changed = X.copy()\n    for s in range(X.shape[1]):\n",
        ),
        "examples-touched": edit(
            "range(X.shape[1])", "range(len(X))", "changed[:, s]", "changed[s]"
        ),
        "one-feature": edit("changed[:, s]", "changed[:, s, 0]"),
        "signed": edit("np.abs(f(changed) - Y)", "(f(changed) - Y)"),
        "from-there-on": edit("changed[:, s]", "changed[:, s:]"),
        "step-before": edit("changed[:, s]", "changed[:, s - 1]"),
        "everything-touched": edit("changed[:, s]", "changed"),
        "own-step-only": edit("axis=1)", "axis=1) & np.eye(len(columns), dtype=bool)"),
        "past-assumed": lambda f, X: np.tril(np.ones((X.shape[1],) * 2)),
        "past-cut": edit("np.stack(columns, axis=1)", "np.tril(np.stack(columns, axis=1))"),
        "not-moving": edit("> 1e-6", "<= 1e-6"),
        "any-output": edit("axis=1)", "axis=1).any(axis=0)"),
        "last-output": edit("axis=1)", "axis=1)[-1]"),
        "nothing-moves": lambda f, X: np.zeros((X.shape[1],) * 2),
    },
)
def depends_on(f, X):
    Y, columns = f(X), []
    for s in range(X.shape[1]):
        changed = X.copy()
        changed[:, s] += 1
        columns.append(np.abs(f(changed) - Y).max(axis=(0, 2)) > 1e-6)
    return np.stack(columns, axis=1)


# --- does padding change the answer? -----------------------------------------------------------


def _reader(rng, masks, D=2, N=4, K=3):
    """A recurrent program X (B, T, D) -> (B, K) that asks its last state."""
    W, U, b, W_y = normal(rng, (D, N), (N, N), (N,), (N, K))

    def read(X):
        X = _steps_of(X, D)
        h, real = np.zeros((len(X), N)), (X != 0).any(axis=2) | (not masks)
        for t in range(X.shape[1]):
            h = np.where(real[:, t, None], np.tanh(X[:, t] @ W + h @ U + b), h)
        return h @ W_y

    return read


ENDS = (4, 7), (2, 6), (2, 5), (2, 5)  # how few and how many: T, D, K, n


def _padding_cases(rng):
    """Four programs in any order: one masks, the others' largest change is up, down, and up."""
    kinds = rng.permutation(["masks", "up", "down", "up"])
    shapes = zip((3, 2, 4, 1), *(sizes(rng, 4, *ends) for ends in ENDS), strict=True)
    found = []
    for kind, (B, T, D, K, n) in zip(kinds, shapes, strict=True):
        n = min(n, T - 1)
        f, X = _reader(rng, kind == "masks", D, 4, K), rng.normal(size=(B, T, D))
        change = f(_behind(X, n)) - f(X)
        if kind == ("down" if change.max() == np.abs(change).max() else "up"):
            f = _negative(f)
        order = np.argsort(np.abs(change).max(axis=1))
        found.append((f, X[order], n))  # the first example changes least
    return found


def _padding_edges(rng):
    D, K, n = sizes(rng, 3, 2, 6)
    few = rng.normal(size=(1, int(rng.integers(2, 6)), D))
    f, X = _reader(rng, False, D, 3, K), rng.normal(size=(3, n, D))
    order = np.argsort(-np.abs(f(_behind(X, n)) - f(X)).max(axis=1))
    return {
        "one example with one answer": (_reader(rng, False, D, 3, 1), few, n),
        "one step with one feature": (_reader(rng, False, 1, 4, K), rng.normal(size=(2, 1, 1)), n),
        "the first example changes most": (f, X[order], n),
        "more padding than data": (_reader(rng, False, D, 2, 2), few, few.shape[1] + n),
    }


def _negative(f):
    return lambda X: -f(X)


def _behind(X, n):
    return np.pad(X, ((0, 0), (0, n), (0, 0)))


@function_task(
    cases=_padding_cases,
    edges=_padding_edges,
    axes="",
    wrong={
        "in-front": edit(
            "[X, np.zeros((len(X), n, X.shape[2]))]", "[np.zeros((len(X), n, X.shape[2])), X]"
        ),
        "ones": edit("np.zeros", "np.ones"),
        "last-repeated": edit("np.zeros((len(X), n, X.shape[2]))", "X[:, -1:].repeat(n, axis=1)"),
        "one-step-only": edit("(len(X), n, X", "(len(X), 1, X"),
        "overwritten": edit("[X, ", "[X[:, :-n], "),
        "cut-off": edit(
            "np.concatenate([X, np.zeros((len(X), n, X.shape[2]))], axis=1)", "X[:, :-n]"
        ),
        "both-sides": edit(
            "np.concatenate([X, np.zeros((len(X), n, X.shape[2]))], axis=1)",
            "np.pad(X, ((0, 0), (n, n), (0, 0)))",
        ),
        "signed": edit("np.abs(", "("),
        "signed-min": edit("np.abs(", "(", ".max()", ".min()"),
        "mean": edit(".max()", ".mean()"),
        "summed": edit(".max()", ".sum()"),
        "squared": edit("np.abs(", "np.square("),
        "norm": edit("np.abs(f(padded) - f(X)).max()", "np.linalg.norm(f(padded) - f(X))"),
        "each-example": edit(".max()", ".max(axis=1)"),
        "first-example": edit(".max()", "[0].max()"),
        "yes-or-no": edit(".max()", ".max() > 1e-6"),
        "of-maxima": edit("np.abs(f(padded) - f(X)).max()", "abs(f(padded).max() - f(X).max())"),
    },
)
def padding_change(f, X, n):
    padded = np.concatenate([X, np.zeros((len(X), n, X.shape[2]))], axis=1)
    return np.abs(f(padded) - f(X)).max()


# --- where do states have to be reset? ---------------------------------------------------------


def _source_cases(rng):
    """Five sequences, read in any order, again and again; two rows may read the same one."""
    found = []
    named = np.append([0, 1], rng.choice(np.arange(2, 40), 3, replace=False))
    sizes = [(n, B) for n, B in zip(rng.integers(7, 11, 2), rng.integers(3, 6, 2), strict=True)]
    sizes += [(rng.integers(5, 12), 1), (1, rng.integers(2, 7))]
    for n, B in rng.permutation(sizes):
        new = rng.uniform(size=(n, B)) < 0.3
        new[1:4] = np.array([False, True, False])[: n - 1, None]
        if n > 6:  # the first row begins alone, and all but the first
            new[5:7] = np.arange(B) == 0
            new[6] = ~new[6]
        source = rng.integers(5, size=(1, B)) + np.cumsum(new * rng.integers(1, 5, (n, B)), axis=0)
        found.append((rng.permutation(named)[source % 5],))
    return found


def _source_edges(rng):
    n, B = sizes(rng, 2, 2, 6)
    return {
        "recordings 0 and 1 alone": (rng.integers(2, size=(n, B)),),
        "one recording after another": (np.repeat(rng.permutation(n), 2)[:, None],),
        "every batch reads the same": (np.arange(B) + np.zeros((n, 1), dtype=int),),
    }


def _seen_first(source):
    return np.stack(
        [[s not in column[:i] for i, s in enumerate(column)] for column in source.T.tolist()],
        axis=1,
    )


@function_task(
    cases=_source_cases,
    edges=_source_edges,
    axes="batch row",
    wrong={
        "first-batch-kept": edit("np.ones", "np.zeros"),
        "wrapped-round": edit(
            "starts[1:] = source[1:] != source[:-1]",
            "starts[:] = source != np.roll(source, 1, axis=0)",
        ),
        "after-not-before": edit("starts[1:]", "starts[:-1]"),
        "differences": lambda source: np.diff(source, axis=0, prepend=0),
        "where-it-stays": edit("!=", "=="),
        "across-the-rows": edit(
            "starts[1:] = source[1:] != source[:-1]",
            "starts[:, 1:] = source[:, 1:] != source[:, :-1]",
        ),
        "all-rows-at-once": edit(
            "source[1:] != source[:-1]", "(source[1:] != source[:-1]).any(axis=1, keepdims=True)"
        ),
        "first-row-decides": edit(
            "source[1:] != source[:-1]", "(source[1:] != source[:-1])[:, :1]"
        ),
        "only-when-all": edit(
            "source[1:] != source[:-1]", "(source[1:] != source[:-1]).all(axis=1, keepdims=True)"
        ),
        "first-seen-only": _seen_first,
        "growing-only": edit("!=", ">"),
        "every-time": edit("source[1:] != source[:-1]", "True"),
        "never": lambda source: np.zeros(source.shape),
        "first-batch-only": edit("source[1:] != source[:-1]", "False"),
        "first-batch-missing": edit("return starts", "return starts[1:]"),
        "one-batch-late": edit("return starts", "return np.roll(starts, 1, axis=0)"),
        "one-a-batch": edit("return starts", "return starts.any(axis=1)"),
    },
)
def reset_rows(source):
    starts = np.ones(source.shape, dtype=bool)
    starts[1:] = source[1:] != source[:-1]
    return starts


# --- a loss from logits, exact for any size ----------------------------------------------------


def _logit_cases(rng):
    some = rng.choice(np.arange(4, 13), 2, replace=False)
    found = [
        (rng.normal(size=n) * k, rng.permutation(n) % 2) for n, k in zip(some, (1, 3), strict=True)
    ]
    for sign in (1, -1):  # very sure, some rightly and some not
        n = rng.integers(3, 7)
        found.append(
            (sign * rng.uniform(750, 900, n), np.append(rng.integers(0, 2, n - 2), [0, 1]))
        )
    found.append((rng.uniform(1, 2, 1), np.array([1])))
    return found


def _logit_edges(rng):
    n = int(rng.integers(3, 9))
    y = rng.permutation(n) % 2
    return {
        "logits that are 0": (np.append(np.zeros(n), rng.normal()), np.append(y, 1)),
        "labels that are all 0": (rng.normal(size=n), np.zeros(n, dtype=int)),
        "labels that are all 1": (rng.normal(size=n), np.ones(n, dtype=int)),
        "one wrong answer, very sure": (-rng.uniform(750, 900, 1), np.array([1])),
    }


def _from_probabilities(logits, y):
    p = 1 / (1 + np.exp(-logits))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@function_task(
    level="stretch",
    cases=_logit_cases,
    edges=_logit_edges,
    axes="",
    wrong={
        "by-probabilities": np.errstate(all="ignore")(_from_probabilities),
        "clipped": edited(
            _from_probabilities,
            "1 / (1 + np.exp(-logits))",
            "np.clip(sigmoid(logits), 1e-7, 1 - 1e-7)",
        ),
        "exp-overflows": edit("np.maximum(logits, 0)", "0", "-np.abs(logits)", "logits"),
        "other-exp-overflows": edit(
            "np.maximum(logits, 0)", "logits", "-np.abs(logits)", "-logits"
        ),
        "logits-as-probabilities": edited(
            _from_probabilities, "1 / (1 + np.exp(-logits))", "np.clip(logits, 1e-7, 1 - 1e-7)"
        ),
        "sigmoid-twice": edit("    return", "    logits = sigmoid(logits)\n    return"),
        "labels-exchanged": edit("y * logits", "(1 - y) * logits"),
        "ones-only": lambda logits, y: np.mean(y * np.logaddexp(0, -logits)),
        "zeros-only": lambda logits, y: np.mean((1 - y) * np.logaddexp(0, logits)),
        "sign": edit("np.mean", "-np.mean"),
        "summed": edit("np.mean", "np.sum"),
        "not-averaged": edit("np.mean", ""),
        "label-term-missing": edit(" - y * logits", ""),
        "base-two": edit("np.mean", "1 / np.log(2) * np.mean"),
        "labels-of-the-margin": lambda logits, y: np.mean(np.logaddexp(0, -logits * y)),
        "little-added": lambda logits, y: -np.mean(np.log(sigmoid((2 * y - 1) * logits) + 1e-12)),
        "squared-error": lambda logits, y: np.mean((sigmoid(logits) - y) ** 2),
        "hinge": edit(" + np.log1p(np.exp(-np.abs(logits)))", ""),
    },
)
def loss_from_logits(logits, y):
    return np.mean(np.maximum(logits, 0) - y * logits + np.log1p(np.exp(-np.abs(logits))))


# --- three broken programs ---------------------------------------------------------------------

FAULTS = ("state", "loss", "mask", "axis", "order")


def _program(rng, fault, D=3, K=4):
    """X (B, T, D) -> probabilities (B, K) of a recurrent network with one fault.

    Instead of probabilities a network with the fault "loss" gives logits, or one sigmoid each.
    """
    N, answer = int(rng.integers(4, 8)), softmax
    if fault == "loss":
        answer = (sigmoid, np.array)[rng.integers(2)]
    W, U, b, V, R = normal(rng, (D, N), (N, N), (N,), (N, N), (N, N))
    W_y, b_y = normal(rng, (N, K), (K,))
    W, b, U = 0.3 * W, 0.3 * b, np.linalg.qr(U)[0]  # what a state left behind stays visible
    carried = [np.zeros(N)]

    def program(X):
        X = _steps_of(X, D).astype(float)
        real = (X != 0).any(axis=2)[..., None] | (fault == "mask")
        h = np.zeros((len(X), N)) + carried[0]
        for t in range(X.shape[1]):
            h = np.where(real[:, t], np.tanh(X[:, t] @ W + h @ U + b), h)
        if fault == "state":
            carried[0] = h.mean(axis=0)
        if fault == "order":
            h = (real * np.tanh(X @ W + b)).sum(axis=1) / real.sum(axis=1).clip(1)
        if fault == "axis":  # a second layer, along the examples
            for i in range(1, len(h)):
                h[i] = np.tanh(h[i] @ V + h[i - 1] @ R)
        return answer(h @ W_y + b_y)

    return program


def _clinic_cases(rng):
    every = list(permutations(FAULTS, 3))
    chosen = rng.choice(len(every), 6, replace=False)
    return [([_program(rng, fault) for fault in every[k]],) for k in chosen]


def _never_asked(probe, fault):
    """The reference without the branch that finds this fault."""
    branch = f'        elif np.abs({probe}).max() > 1e-6:\n            found.append("{fault}")\n'
    return edit(branch, "")


def _exchanged(a, b):
    """The reference that calls fault a by the name of b, and b by the name of a."""
    names = f'{{"{a}": "{b}", "{b}": "{a}"}}'
    return edit("return found", f"return [{names}.get(fault, fault) for fault in found]")


@function_task(
    cases=_clinic_cases,
    observe=("three-faults", {"faults": list(FAULTS)}),
    points=4,
    seconds=20,
    wrong={
        "state-asked-last": edit(
            "        if np.abs(f(X) - f(X)).max() > 1e-6:"
            "  # first of all: no other probe can be trusted\n"
            '            found.append("state")\n',
            "",
            "elif np.abs(f(X).sum",
            "if np.abs(f(X).sum",
            "else:  # and turning the time round changes nothing\n"
            '            found.append("order")',
            "elif np.abs(f(X[:, ::-1]) - f(X)).max() <= 1e-6:\n"
            '            found.append("order")\n'
            "        else:\n"
            '            found.append("state")',
        ),
        "loss-never-asked": _never_asked("f(X).sum(axis=1) - 1", "loss"),
        "mask-never-asked": _never_asked("f(padded) - f(X)", "mask"),
        "axis-never-asked": _never_asked("f(touched)[-1] - f(X)[-1]", "axis"),
        "padded-with-ones": edit("np.zeros", "np.ones"),
        "own-answer-watched": edit("f(touched)[-1] - f(X)[-1]", "f(touched)[0] - f(X)[0]"),
        "order-mask-exchanged": _exchanged("order", "mask"),
        "order-axis-exchanged": _exchanged("order", "axis"),
        "mask-axis-exchanged": _exchanged("mask", "axis"),
        "state-loss-exchanged": _exchanged("state", "loss"),
        "first-for-all": edit("return found", "return 3 * found[:1]"),
        "back-to-front": edit("return found", "return found[::-1]"),
        "guessed": lambda programs: ["state", "loss", "mask"],
    },
)
def diagnose(programs):
    X, found = np.random.default_rng(7).normal(size=(4, 6, 3)), []
    padded = np.concatenate([X, np.zeros((4, 3, 3))], axis=1)
    touched = X.copy()
    touched[0] += 1  # the first example; the last one's answer is watched
    for f in programs:
        if np.abs(f(X) - f(X)).max() > 1e-6:  # first of all: no other probe can be trusted
            found.append("state")
        elif np.abs(f(X).sum(axis=1) - 1).max() > 1e-6:
            found.append("loss")
        elif np.abs(f(padded) - f(X)).max() > 1e-6:
            found.append("mask")
        elif np.abs(f(touched)[-1] - f(X)[-1]).max() > 1e-6:
            found.append("axis")
        else:  # and turning the time round changes nothing
            found.append("order")
    return found
