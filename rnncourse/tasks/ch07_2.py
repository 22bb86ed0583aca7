"""Tasks of lesson 7.2, a debugging clinic: probes that treat a program as a black box.

Longer than 250 lines because each task's mistakes stand beside it.
"""

from itertools import permutations

import numpy as np

from rnncourse.checking.cases import normal
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


def _overlap_cases(rng):
    """Training windows far apart, and test windows at every kind of distance from one of them.

    More of them share something than not, and one begins after all training windows.
    """
    found = []
    n_train, n_length = rng.integers((12, 9, 4), (21, 16, 9)), rng.integers(4, 13, 3)
    for n, length, n_test in zip(n_train, n_length.tolist(), (9, 7, 2), strict=True):
        slots = 1 + rng.choice(3 * n, n, replace=False)
        train = 4 * length * np.sort(slots) + rng.integers(length, size=n)
        half = length * 3 // 2
        away = np.array([-length, length, 1, 2, 1 - length, length - 1, -half, half, 0])
        later = rng.integers(1, length - 1, size=2 * rng.integers(1, 7))
        away = rng.permutation([*rng.permutation(away)[:n_test], *later])
        beside = rng.integers(n - 1, size=len(away))
        beside[away.argmax()] = n - 1
        found.append((train, train[beside] + away, length))
    return found


@function_task(
    cases=_overlap_cases,
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


def _layers(rng, D, N):
    """Four programs X (B, T, D) -> (B, T, N) that look at different steps."""
    W, U = rng.normal(size=(D, N)) / 2, np.linalg.qr(rng.normal(size=(N, N)))[0]

    def forward(X):
        h, found = np.zeros((len(X), N)), []
        for t in range(np.shape(X)[1]):
            h = np.tanh(X[:, t] @ W + h @ U)
            found.append(h)
        return np.stack(found, axis=1)

    def backward(X):
        return forward(np.asarray(X)[:, ::-1])[:, ::-1]

    def window(X):
        before = np.pad(X, ((0, 0), (2, 0), (0, 0)))
        return np.tanh(before[:, 2:] @ W) + np.tanh(before[:, 1:-1] @ W) ** 2

    def late(X):
        return np.tanh(np.pad(X, ((0, 0), (1, 0), (0, 0)))[:, :-1] @ W)

    return forward, backward, window, late


def _dependence_cases(rng):
    found = []
    for k, B, T in zip(
        rng.permutation(4), (3, 2, 4, 1), rng.permutation([4, 5, 6, 7]), strict=True
    ):
        found.append((_layers(rng, 3, 2)[k], rng.normal(size=(B, T, 3))))
    return found


@function_task(
    cases=_dependence_cases,
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
        X = np.asarray(X)
        h, real = np.zeros((len(X), N)), (X != 0).any(axis=2) | (not masks)
        for t in range(X.shape[1]):
            h = np.where(real[:, t, None], np.tanh(X[:, t] @ W + h @ U + b), h)
        return h @ W_y

    return read


def _padding_cases(rng):
    """Four programs in any order: one masks, the others' largest change is up, down, and up."""
    kinds = rng.permutation(["masks", "up", "down", "up"])
    found = []
    for kind, (B, T, n) in zip(kinds, ((3, 5, 4), (2, 6, 3), (4, 4, 2), (1, 7, 3)), strict=True):
        f, X = _reader(rng, kind == "masks"), rng.normal(size=(B, T, 2))
        change = f(_behind(X, n)) - f(X)
        if kind == ("down" if change.max() == np.abs(change).max() else "up"):
            f = _negative(f)
        order = np.argsort(np.abs(change).max(axis=1))
        found.append((f, X[order], n))  # the first example changes least
    return found


def _negative(f):
    return lambda X: -f(X)


def _behind(X, n):
    return np.pad(X, ((0, 0), (0, n), (0, 0)))


@function_task(
    cases=_padding_cases,
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
    sizes = [(n, B) for n, B in zip(rng.integers(7, 11, 2), rng.integers(3, 6, 2), strict=True)]
    sizes += [(rng.integers(5, 12), 1), (1, rng.integers(2, 7))]
    for n, B in rng.permutation(sizes):
        new = rng.uniform(size=(n, B)) < 0.3
        new[1:4] = np.array([False, True, False])[: n - 1, None]
        if n > 6:  # the first row begins alone, and all but the first
            new[5:7] = np.arange(B) == 0
            new[6] = ~new[6]
        source = rng.integers(5, size=(1, B)) + np.cumsum(new * rng.integers(1, 5, (n, B)), axis=0)
        found.append((source % 5 + 11,))
    return found


def _seen_first(source):
    return np.stack(
        [[s not in column[:i] for i, s in enumerate(column)] for column in source.T.tolist()],
        axis=1,
    )


@function_task(
    cases=_source_cases,
    axes="batch row",
    wrong={
        "first-batch-kept": edit("np.ones", "np.zeros"),
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
    found = [(rng.normal(size=n) * size, rng.integers(0, 2, n)) for n, size in ((7, 1), (4, 3))]
    for sign in (1, -1):  # very sure, some rightly and some not
        found.append((sign * rng.uniform(750, 900, 3), np.array([0, 1, 1])))
    found.append((rng.uniform(1, 2, 1), np.array([1])))
    return found


def _from_probabilities(logits, y):
    p = 1 / (1 + np.exp(-logits))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@function_task(
    level="stretch",
    cases=_logit_cases,
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


def _program(rng, fault, D=3, N=5, K=4):
    """X (B, T, D) -> probabilities (B, K) of a recurrent network with one fault."""
    W, U, b, V, R = normal(rng, (D, N), (N, N), (N,), (N, N), (N, N))
    W_y, b_y = normal(rng, (N, K), (K,))
    W, b, U = 0.3 * W, 0.3 * b, np.linalg.qr(U)[0]  # what a state left behind stays visible
    carried = [np.zeros(N)]

    def program(X):
        X = np.asarray(X, dtype=float)
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
        return h @ W_y + b_y if fault == "loss" else softmax(h @ W_y + b_y)

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
