"""Tasks of lesson 6.2, translation: attention, teacher forcing, two ways to decode, two scores.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines, because each task lists its known mistakes.
"""

from functools import cache

import numpy as np

from rnncourse.checking.cases import sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.nn import softmax
from rnncourse.tasks.ch06_2_data import build_model, date_arrays, decode

# --- warm-up: what attention costs ------------------------------------------------------------


@value_task(
    wrong={
        "one-of-48": 48 * 48 + 48 * 48 + 48,
        "matrices-only": 48 * 48 + 48 * 48,
        "two-biases": 2 * (48 * 48 + 48) + 48,
        "one-matrix": 48 * 48 + 48 + 48,
        "v-matrix": 3 * 48 * 48 + 48,
        "v-bias": 48 * 48 + 48 + 48 * 48 + 48 + 1,
        "per-position": 30 * (48 * 48 + 48 + 48 * 48 + 48),
        "pairs": 30 * 11,
    },
    points=1,
)
def n_attention():
    query = 48 * 48 + 48
    key = 48 * 48
    v = 48
    return query + key + v


# --- teacher forcing ---------------------------------------------------------------------------


def _framed(rng, *lengths):
    """(B, T): start, as many tokens as `lengths` says, end, then padding."""
    start, end, *tokens = 1 + rng.permutation(30)
    Y = np.zeros((len(lengths), max(lengths) + 2), dtype=int)
    for row, n in zip(Y, lengths, strict=True):
        row[: n + 2] = [start, *rng.choice(tokens, n), end]
    return (Y,)


def _shift_cases(rng):
    several = sizes(rng, int(rng.integers(3, 6)), 2, 9)
    return [_framed(rng, *several), _framed(rng, *sizes(rng, 1)), _framed(rng, 6, 6, 1, 3, 2)]


def _shift_edges(rng):
    return {
        "one sentence of one token": _framed(rng, 1),
        "no padding": _framed(rng, *[int(rng.integers(3, 6))] * 2),
    }


@function_task(
    level="warm-up",
    cases=_shift_cases,
    edges=_shift_edges,
    axes={"before": "batch time", "target": "batch time"},
    wrong={
        "same": edit("Y[:, 1:]", "Y[:, :-1]"),
        "same-whole": edit("Y[:, :-1], Y[:, 1:]", "Y, Y"),
        "same-late": edit("Y[:, :-1]", "Y[:, 1:]"),
        "swapped": edit("Y[:, :-1], Y[:, 1:]", "Y[:, 1:], Y[:, :-1]"),
        "whole-before": edit("Y[:, :-1]", "Y"),
        "whole-target": edit("Y[:, 1:]", "Y"),
        "two-steps": edit("Y[:, :-1], Y[:, 1:]", "Y[:, :-2], Y[:, 2:]"),
        "start-lost": edit("Y[:, :-1], Y[:, 1:]", "Y[:, 1:-1], Y[:, 2:]"),
        "rolled": edit("Y[:, :-1], Y[:, 1:]", "Y, np.roll(Y, -1, axis=1)"),
        "batch-shifted": edit("Y[:, :-1], Y[:, 1:]", "Y[:-1], Y[1:]"),
        "backwards": edit("Y[:, :-1]", "Y[:, :0:-1]"),
        "zeros-in-front": edit("Y[:, :-1]", "np.hstack([0 * Y[:, :1], Y[:, 1:-1]])"),
        "end-removed": edit("Y[:, :-1]", "np.where(Y[:, 1:] == 0, 0, Y[:, :-1])"),
    },
)
def shift(Y):
    return Y[:, :-1], Y[:, 1:]


# --- one attention step ------------------------------------------------------------------------


def _attention(rng, n_real, T, N, M, K):
    """The arguments for sentences of `n_real` real positions each, padded to T."""
    mask = np.arange(T) < np.reshape(n_real, (-1, 1))  # (B, T)
    B = len(mask)
    weights = (rng.normal(size=(M, K)), rng.normal(size=K), rng.normal(size=(N, K)))
    s, H, v = rng.normal(size=(B, M)), rng.normal(size=(B, T, N)), rng.normal(size=K)
    return s, H, mask, *weights, v


def _attention_cases(rng):
    """One sentence, and batches in which one has no padding and one has a single position."""
    B, T, N, M, K = sizes(rng, 5, 3)
    T, B = max(T, B), min(T, B)  # so that all lengths can differ
    n_real = rng.permutation([1, T, *rng.integers(2, T, B - 2)])
    short = [int(rng.integers(2, T)), T]
    alone = sizes(rng, 4, 4)
    return [
        _attention(rng, n_real, T, N, M, K),
        _attention(rng, rng.integers(2, alone[0]), *alone),
        _attention(rng, short, T, *sizes(rng, 3, 3)),
    ]


def _attention_edges(rng):
    T, N, M, K = sizes(rng, 4, 3)
    return {
        "one position": _attention(rng, [1, 1], 1, N, M, K),
        "no padding": _attention(rng, [T, T], T, N, M, K),
        "all sizes are 1": _attention(rng, [1], 1, 1, 1, 1),
    }


@function_task(
    cases=_attention_cases,
    edges=_attention_edges,
    axes={"context": "batch unit", "alpha": "batch position"},
    points=3,
    wrong={
        "no-tanh": edit("np.tanh(", "("),
        "sigmoid": edit(
            "np.tanh(query[:, None] + key)", "(1 / (1 + np.exp(-query[:, None] - key)))"
        ),
        "no-bias": edit(" + b_q", ""),
        "multiplied": edit("np.tanh(query[:, None] + key)", "(query[:, None] * key)"),
        "no-v": edit(" @ v", ".sum(axis=-1)"),
        "scaled": edit(" @ v", " @ v / np.sqrt(len(v))"),
        "no-mask": edit("np.where(mask, e, -1e9)", "e"),
        "mask-turned": edit("np.where(mask, e, -1e9)", "np.where(mask, -1e9, e)"),
        "mask-zero-score": edit("np.where(mask, e, -1e9)", "e * mask"),
        "mask-after": edit(
            *("np.where(mask, e, -1e9)", "e"),
            *("alpha.sum(axis=1, keepdims=True)", "alpha.sum(axis=1, keepdims=True) * mask"),
        ),
        "no-softmax": edit(
            *("np.where(mask, e, -1e9)", "e * mask"),
            *("np.exp(e - e.max(axis=1, keepdims=True))", "e"),
            *(" / alpha.sum(axis=1, keepdims=True)", ""),
        ),
        "not-normalised": edit(
            *(" - e.max(axis=1, keepdims=True)", ""),
            *(" / alpha.sum(axis=1, keepdims=True)", ""),
        ),
        "softmax-batch": edit(
            *("e.max(axis=1, keepdims=True)", "e.max(axis=0)"),
            *("alpha.sum(axis=1, keepdims=True)", "alpha.sum(axis=0)"),
        ),
        "hard": edit(
            "np.exp(e - e.max(axis=1, keepdims=True))",
            "(e == e.max(axis=1, keepdims=True)).astype(float)",
        ),
        "keys-summed": edit("alpha[..., None] * H", "alpha[..., None] * key"),
        "mean": edit("(alpha[..., None] * H).sum(axis=1)", "H.mean(axis=1)"),
        "divided": edit(
            "(alpha[..., None] * H).sum(axis=1)", "(alpha[..., None] * H).mean(axis=1)"
        ),
        "strongest": edit(
            "(alpha[..., None] * H).sum(axis=1)", "H[np.arange(len(H)), alpha.argmax(axis=1)]"
        ),
        "swapped": edit("return context, alpha", "return alpha, context"),
        "not-summed": edit("(alpha[..., None] * H).sum(axis=1)", "alpha[..., None] * H"),
    },
)
def attention_step(s, H, mask, W_q, b_q, W_k, v):
    query = s @ W_q + b_q  # (B, K)
    key = H @ W_k  # (B, T, K)
    e = np.tanh(query[:, None] + key) @ v  # (B, T)
    e = np.where(mask, e, -1e9)
    alpha = np.exp(e - e.max(axis=1, keepdims=True))
    alpha = alpha / alpha.sum(axis=1, keepdims=True)
    context = (alpha[..., None] * H).sum(axis=1)  # (B, N)
    return context, alpha


# --- the loss that does not see padding ----------------------------------------------------------


def _entropy(rng, lengths, T, K):
    """Logits (B, T, K) and right tokens (B, T), padded with 0 from each sentence's length on."""
    y = rng.integers(1, K, (len(lengths), T))
    return 2 * rng.normal(size=(*y.shape, K)), y * (np.arange(T) < np.reshape(lengths, (-1, 1)))


def _entropy_cases(rng):
    """The longest sentence of a batch has no padding, or some; one sentence alone has some."""
    B, T, K = sizes(rng, 3, 2, 5)
    pair, alone = sizes(rng, 2, 1, 4), int(rng.integers(2, 4))
    return [
        _entropy(rng, [T, 1, *rng.integers(1, T, B - 2)], T, K + 4),
        _entropy(rng, [alone], alone + 1, sizes(rng, 1, 5)[0]),
        _entropy(rng, pair, max(pair) + 1, sizes(rng, 1, 6, 9)[0]),
    ]


def _entropy_edges(rng):
    large, y = _entropy(rng, [3, 1], 3, 6)
    steps = np.round(large * 64) / 64 + 2000 * rng.choice([-1, 1], size=(*y.shape, 1))
    logits, token = _entropy(rng, [1], 1, sizes(rng, 1, 3)[0])
    return {
        "one token": (logits / 4, token),  # no loss near 0
        "no padding": _entropy(rng, [3, 3], 3, 5),
        "large logits": (steps, y),  # of numbers that float32 holds exactly
    }


@function_task(
    cases=_entropy_cases,
    edges=_entropy_edges,
    axes="",
    wrong={
        "padding-too": edit("right[y != 0]", "right"),
        "divided-by-all": edit("right[y != 0]", "(right * (y != 0))"),
        "summed": edit(".mean()", ".sum()"),
        "sentence-means": edit("right[y != 0]", "right.mean(axis=1, where=y != 0)"),
        "per-sentence": edit(".mean()", ".sum() / len(y)"),
        "sign": edit("-right", "right"),
        "probability": edit("right[y != 0]", "np.exp(right[y != 0])"),
        "log-of-mean": edit("right[y != 0].mean()", "np.log(np.exp(right[y != 0]).mean())"),
        "bits": edit(".mean()", ".mean() / np.log(2)"),
        "only-padding": edit("y != 0", "y == 0"),
        "perplexity": edit("-right[y != 0].mean()", "np.exp(-right[y != 0].mean())"),
        "no-softmax": edit("take_along_axis(log_p,", "take_along_axis(logits,"),
        "softmax-over-time": edit(
            *("logits.max(axis=-1,", "logits.max(axis=1,"),
            *(".sum(axis=-1,", ".sum(axis=1,"),
        ),
        "argmax": edit("-right[y != 0]", "(logits.argmax(axis=-1) != y)[y != 0]"),
    },
)
def masked_cross_entropy(logits, y):
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    right = np.take_along_axis(log_p, y[..., None], axis=-1)[..., 0]  # (B, T)
    return -right[y != 0].mean()


# --- decoding ------------------------------------------------------------------------------------


def _decoder(rng, V, N, *never):
    """step(y_prev (B,), s (B, N)) -> log-probabilities (B, V), s (B, N): a small random decoder.

    It does not write the tokens `never`. ValueError for tokens or states of another shape.
    """
    E, U, W = rng.normal(size=(V, N)), rng.normal(size=(N, N)), 1.5 * rng.normal(size=(N, V))
    never = list(never)

    def step(y_prev, s):
        y_prev, s = np.asarray(y_prev), np.asarray(s)
        if y_prev.ndim != 1 or s.shape != (len(y_prev), N):
            wanted = f"tokens (B,) and states (B, {N})"
            raise ValueError(f"step takes {wanted}; received {y_prev.shape} and {s.shape}")
        if not np.isin(y_prev, np.arange(V)).all():
            raise ValueError(f"step takes tokens from 0 to {V - 1}; received {y_prev}")
        s = np.tanh(E[y_prev.astype(int)] + s @ U)
        logits = s @ W
        logits[:, never] = -30
        return np.log(softmax(logits)), s

    return step


def _start_and_end(rng, V):
    """Two tokens other than padding. Neither the first nor the last places are theirs."""
    return (1 + rng.permutation(V - 1)[:2]).tolist()


def _greedy_args(rng, B, V, N, most):
    start, end = _start_and_end(rng, V)
    return _decoder(rng, V, N, 0, start), rng.normal(size=(B, N)), start, end, most


def _greedy_case(rng, B, V, N, most):
    """A decoder under which some sentences end early, some late, some not at all."""
    while True:
        args = _, _, _, end, _ = _greedy_args(rng, B, V, N, most)
        tokens = greedy.reference(*args)
        is_end = tokens == end
        ended, ends = is_end.any(axis=1), is_end.argmax(axis=1)  # 0 also where none ends
        if not 0 < ends.max() < most - 1 or (B > 1 and not len(set(ends)) > 1 > ended.min()):
            continue
        around = tokens[tokens > 0].min() < end < tokens.max()  # some below the end, some above
        if (B == 1 or around) and len(np.unique(greedy.wrong["writes-on"](*args))) > 2:
            return args


def _greedy_cases(rng):
    several = [_greedy_case(rng, *sizes(rng, 3, 5, 8), int(rng.integers(6, 9))) for _ in range(2)]
    return [*several, _greedy_case(rng, 1, *sizes(rng, 2, 5, 8), int(rng.integers(5, 8)))]


def _ends_at_once(rng):
    """Decoder and states: the first token of some sentences is the end, of others it is not."""
    while True:
        args = _, _, _, end, _ = _greedy_args(rng, *sizes(rng, 3, 4, 6), int(rng.integers(3, 6)))
        if 0 < np.mean(greedy.reference(*args)[:, 0] == end) < 1:
            return args


def _greedy_edges(rng):
    V, N = sizes(rng, 2, 4, 8)
    return {
        "one step": _greedy_args(rng, 3, V, N, 1),
        "one sentence, one step, one unit": _greedy_args(rng, 1, V, 1, 1),
        "the first token is the end": _ends_at_once(rng),
    }


@function_task(
    cases=_greedy_cases,
    edges=_greedy_edges,
    axes="sentence time",
    points=3,
    wrong={
        "start-fed-again": edit("step(y, s)", "step(np.full(len(s), start), s)"),
        "state-not-carried": edit("log_p, s = step", "log_p, _ = step"),
        "writes-on": edit("np.where(done, 0, log_p.argmax(axis=1))", "log_p.argmax(axis=1)"),
        "stops-all": edit("(y == end)", "(y == end).any()"),
        "end-zeroed": edit("np.where(done,", "np.where(log_p.argmax(axis=1) == end,"),
        "end-hidden": edit("tokens.append(y)", "tokens.append(np.where(done, 0, y))"),
        "start-included": edit("tokens = []", "tokens = [y]", "range(most)", "range(most - 1)"),
        "start-in-front": edit("tokens = []", "tokens = [y]"),
        "one-short": edit("range(most)", "range(most - 1)"),
        "least-likely": edit("argmax", "argmin"),
        "time-first": edit("np.stack(tokens, axis=1)", "np.stack(tokens)"),
        "end-repeated": edit("np.where(done, 0,", "np.where(done, end,"),
        "only-last": edit("np.stack(tokens, axis=1)", "y"),
    },
)
def greedy(step, s, start, end, most):
    y = np.full(len(s), start)
    done = np.zeros(len(s), dtype=bool)
    tokens = []
    for _ in range(most):
        log_p, s = step(y, s)
        y = np.where(done, 0, log_p.argmax(axis=1))
        done = done | (y == end)
        tokens.append(y)
    return np.stack(tokens, axis=1)


def _search(rng, width, most, V=None, never=()):
    """The arguments of one search; the decoder writes all tokens except `never`."""
    V, N = (V or int(rng.integers(4, 8))), int(rng.integers(2, 5))
    start, end = _start_and_end(rng, V)
    return _decoder(rng, V, N, *never), rng.normal(size=(1, N)), start, end, width, most


# What finds the same sentence as beam search often, or as one another.
LOOKS_RIGHT = ("greedy", "per-token", "finished-dropped", "worst", "writes-on")


def _found(f, args):
    return tuple(f(*args)[0].tolist())


def _ends_in_time(rng):
    """A search that ends with `end`, and not as common mistakes do."""
    while True:
        args = *_, end, _, most = _search(rng, *rng.integers((2, 4), (4, 7)).tolist())
        right = _found(beam_search.reference, args)
        if right[-1] != end or not 1 < len(right) < most or max(right) == end:
            continue
        if all(_found(beam_search.wrong[code], args) != right for code in LOOKS_RIGHT):
            return args


def _never_ends(rng):
    """A search whose best sentence has no end yet; one beam more would find a better one."""
    while True:
        args = *same, end, width, most = _search(rng, *rng.integers((2, 3), (5, 7)).tolist())
        right = _found(beam_search.reference, args)
        wider = _found(beam_search.reference, (*same, end, width + 1, most))
        if end not in right and right != wider:
            return args


def _pads(rng):
    """A search whose best sentence holds token 0, which is no padding before the end."""
    while True:
        args = _search(rng, *rng.integers((2, 3), (5, 7)).tolist())
        if 0 in _found(beam_search.reference, args)[:-1]:
            return args


@cache
def _searches(seed):
    """(cases, edges): the cases tell all of LOOKS_RIGHT apart."""
    rng = np.random.default_rng(seed)
    variants = (beam_search.reference, *(beam_search.wrong[code] for code in LOOKS_RIGHT))
    cases = [_ends_in_time(rng), _never_ends(rng), _pads(rng)]
    while len({tuple(_found(f, args) for args in cases) for f in variants}) < len(variants):
        cases[2] = _pads(rng)
    edges = {
        "one step": _search(rng, 2, 1),
        "one beam": _search(rng, 1, 5),
        "more beams than tokens": _search(rng, 7, 3, V=5),
    }
    return cases, edges


def _searched(rng):
    """(cases, edges), found once per seed: that takes a tenth of a second."""
    cases, edges = _searches(int(rng.integers(2**31)))

    def fresh(args):
        step, s, *rest = args
        return step, s.copy(), *rest

    return list(map(fresh, cases)), {name: fresh(args) for name, args in edges.items()}


@function_task(
    cases=lambda rng: _searched(rng)[0],
    edges=lambda rng: _searched(rng)[1],
    axes={"tokens": "time", "log_p": ""},
    points=4,
    wrong={
        "greedy": edit("[:width]", "[:1]"),
        "per-token": edit("beams[0]", "max(beams, key=lambda b: b[0] / len(b[1]))"),
        "start-fed-again": edit("tokens[-1] if tokens else start", "start"),
        "state-not-carried": edit("[*tokens, y], after)", "[*tokens, y], state)"),
        "last-step-only": edit("total + p", "p"),
        "probability": edit("total + p", "total + np.exp(p)"),
        "worst": edit("beams[0]", "beams[-1]"),
        "writes-on": edit("if tokens and tokens[-1] == end:", "if False:"),
        "finished-dropped": edit(
            *("candidates.append((total, tokens, state))", ""),
            *("[:width]", "[:width] or beams"),
        ),
        "start-included": edit("np.array(tokens)", "np.array([start, *tokens])"),
        "end-lost": edit("np.array(tokens)", "np.array(tokens[:-1])"),
        "not-log": edit("np.array(tokens), total", "np.array(tokens), np.exp(total)"),
        "mean-log": edit("np.array(tokens), total", "np.array(tokens), total / len(tokens)"),
        "sign": edit("np.array(tokens), total", "np.array(tokens), -total"),
    },
)
def beam_search(step, s, start, end, width, most):
    beams = [(0.0, [], s)]  # total log-probability, tokens, state (1, N)
    for _ in range(most):
        candidates = []
        for total, tokens, state in beams:
            if tokens and tokens[-1] == end:
                candidates.append((total, tokens, state))
                continue
            log_p, after = step(np.array([tokens[-1] if tokens else start]), state)
            candidates += [(total + p, [*tokens, y], after) for y, p in enumerate(log_p[0])]
        beams = sorted(candidates, key=lambda c: c[0], reverse=True)[:width]
    total, tokens, _ = beams[0]
    return np.array(tokens), total


# --- a score: how much of a translation stands in the reference -----------------------------------


def _precision_cases(rng):
    """Sentences with repeated words that share some n-grams with their reference."""
    cases = []
    codes = ("not-clipped", "sets", "first-lost", "last-lost")
    for length, n in zip(rng.integers(9, 15, 3), sizes(rng, 3, 1, 3), strict=True):
        while True:
            reference = rng.integers(0, 5, length + 2).tolist()
            hypothesis = reference[1 : length - 2] + rng.integers(0, 4, 3).tolist()
            hypothesis = [*hypothesis[:3], *hypothesis[:3], *hypothesis[5:]]
            args = ([f"w{i}" for i in hypothesis], [f"w{i}" for i in reference], n)
            found = [clipped_precision.wrong[code](*args) for code in codes]
            right = clipped_precision.reference(*args)
            if right > 0 and not np.isclose(found, right).any() and abs(found[2] - found[3]) > 0.01:
                break
        cases.append(args)
    return cases


@function_task(
    cases=_precision_cases,
    axes="",
    wrong={
        "not-clipped": edit(
            "min(made.count(gram), wanted.count(gram)) for gram in set(made)",
            "gram in wanted for gram in made",
        ),
        "recall": edit("/ len(made)", "/ len(wanted)"),
        "over-tokens": edit("/ len(made)", "/ len(hypothesis)"),
        "over-different": edit("/ len(made)", "/ len(set(made))"),
        "sets": edit(
            *("grams(hypothesis)", "set(grams(hypothesis))"),
            *("grams(reference)", "set(grams(reference))"),
            *("min(made.count(gram), wanted.count(gram))", "gram in wanted"),
        ),
        "same-place": edit(
            "min(made.count(gram), wanted.count(gram)) for gram in set(made)",
            "a == b for a, b in zip(made, wanted)",
        ),
        "f-score": edit("hits / len(made)", "2 * hits / (len(made) + len(wanted))"),
        "last-lost": edit("grams(hypothesis), ", "grams(hypothesis)[:-1], "),
        "first-lost": edit("grams(hypothesis), ", "grams(hypothesis)[1:], "),
        "single-words": edit(
            "tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)",
            "token for token in tokens",
        ),
        "one-more": edit("i + n]", "i + n + 1]", "- n + 1)", "- n)"),
        "count": edit("hits / len(made)", "hits"),
        "percent": edit("hits / len(made)", "100 * hits / len(made)"),
    },
)
def clipped_precision(hypothesis, reference, n):
    def grams(tokens):
        return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]

    made, wanted = grams(hypothesis), grams(reference)
    hits = sum(min(made.count(gram), wanted.count(gram)) for gram in set(made))
    return hits / len(made)


# --- stretch: dates that nobody has shown ---------------------------------------------------------


def _answers(predict):
    """A `train` that learns nothing and returns `predict(X, data)`."""
    return lambda X_train, Y_train: lambda X: predict(X, date_arrays())


def _spoiled(change):
    """A `train` whose model returns the right answers, changed by `change(y, data)`."""
    return _answers(lambda X, data: change(data.y_test.copy(), data))


def _put(y, columns, values):
    y[:, columns] = values
    return y


def _nearest(X, data):
    """The target of the training date whose source has most characters in common, by position."""
    near = [(data.X_train == x).mean(axis=1).argmax() for x in X]
    return data.Y_train[near][:, 1:]


def _right(y_hat, data, columns):
    return (y_hat == data.y_test)[:, columns].all(axis=1).mean()


YEAR, MONTH, DAY = slice(0, 4), slice(5, 7), slice(8, 10)
SYMPTOMS = {
    "start-included": lambda y_hat, data: (y_hat[:, 0] == data.Y_train[0, 0]).mean() > 0.9,
    "shifted": lambda y_hat, data: (y_hat[:, :-1] == data.y_test[:, 1:]).mean() > 0.9,
    "repeats": lambda y_hat, data: (y_hat == y_hat[:, :1]).mean() > 0.9,
    "one-answer": lambda y_hat, data: len(np.unique(y_hat, axis=0)) < 5,
    "by-heart": lambda y_hat, data: (
        len({*map(tuple, y_hat)} - {*map(tuple, data.Y_train[:, 1:].tolist())}) < 5
    ),
    "no-end": lambda y_hat, data: (
        _right(y_hat, data, slice(0, 10)) > 0.9 and _right(y_hat, data, slice(10, 11)) < 0.1
    ),
    "day-wrong": lambda y_hat, data: (
        _right(y_hat, data, YEAR) > 0.9 and _right(y_hat, data, DAY) < 0.5
    ),
    "nearly": lambda y_hat, data: 0.05 < data.error(y_hat) < 0.3,
}


@model_task(
    data=date_arrays,
    bar=0.05,
    axes="sentence time",
    symptoms=SYMPTOMS,
    exact=True,  # dates follow rules
    points=4,
    seconds=120,
    wrong={
        "start-included": _spoiled(
            lambda y, d: np.hstack([0 * y[:, :1] + d.Y_train[0, 0], y[:, :-1]])
        ),
        "shifted": _spoiled(lambda y, d: np.hstack([y[:, 1:], 0 * y[:, :1]])),
        "repeats": _spoiled(lambda y, d: 0 * y + y[:, :1]),
        "one-answer": _spoiled(lambda y, d: 0 * y + d.Y_train[0, 1:]),
        "by-heart": _answers(_nearest),
        "no-end": _spoiled(lambda y, d: _put(y, slice(10, 11), 0)),
        "day-wrong": _spoiled(lambda y, d: _put(y, DAY, y[::-1, DAY])),
        "nearly": _spoiled(lambda y, d: np.where(np.arange(len(y))[:, None] % 5 == 0, y[::-1], y)),
        "below-bar": _spoiled(lambda y, d: _put(y, YEAR, y[::-1, YEAR])),
    },
)
def train(X_train, Y_train):
    import keras

    keras.utils.set_random_seed(0)
    model = build_model(X_train.max() + 1, Y_train.max() + 1, attention=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.005), loss)
    model.fit([X_train, Y_train[:, :-1]], Y_train[:, 1:], batch_size=32, epochs=5, verbose=0)
    return lambda X: decode(model, X, start=Y_train[0, 0], n_steps=Y_train.shape[1] - 1)
