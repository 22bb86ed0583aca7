"""Inputs for lessons 6.1 and 6.2: texts, and sentences from an encoder and a decoder."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import filled_rows, marks, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


def _log_softmax(a):
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


def _indices(rng, B, T, V):
    """(B, T) of 1 to V - 1, with zeros behind."""
    return rng.integers(1, V, size=(B, T)) * filled_rows(rng, B, T)


@_for("ch06_1.vectorize")
def _vectorize(rng):
    letters = [str(letter) for letter in rng.permutation(list("abcdef"))]
    known = {letter: k for k, letter in enumerate(letters[: size(rng, 1, 5)], start=2)}
    texts = [list(rng.choice(letters, rng.integers(0, 7))) for _ in range(size(rng))]
    return [[str(letter) for letter in text] for text in texts], known, size(rng)


@_for("ch06_1.last_state")
def _last_state(rng):
    B, T = size(rng), size(rng, 1, 6)
    return real(rng, B, T, size(rng)), _indices(rng, B, T, 9)


@_for("ch06_1.naive_bayes")
def _naive_bayes(rng):
    K, V = size(rng), size(rng)
    counts = rng.poisson(rng.choice([0.3, 3]), size=(K, V)).astype(float)
    n_texts = rng.integers(1, 9, size=K).astype(float)
    return counts, n_texts, float(rng.choice([0.1, 0.5, 1, 2]))


@_for("ch06_1.score_texts")
def _score_texts(rng):
    B, T, K, V = size(rng), size(rng, 1, 6), size(rng), size(rng, 2, 7)
    log_prior = _log_softmax(rng.normal(size=K))
    return _indices(rng, B, T, V), log_prior, _log_softmax(2 * rng.normal(size=(K, V)))


@_for("ch06_1.soften")
def _soften(rng):
    logits = real(rng, size(rng), size(rng)) + rng.choice([-2000, -3, 0, 3, 2000])
    return logits, float(rng.choice([0.2, 0.5, 1, 1.7, 4]))


@_for("ch06_1.perplexity")
def _perplexity(rng):
    B, T = size(rng), size(rng, 1, 6)
    mask = marks(rng, B, T)
    mask[rng.integers(B), rng.integers(T)] = True
    return -rng.uniform(0, 3, size=(B, T)), mask


@_for("ch06_2.shift")
def _shift(rng):
    lengths = [size(rng) for _ in range(size(rng))]
    Y = np.zeros((len(lengths), max(lengths) + 2), dtype=int)
    for row, n in zip(Y, lengths, strict=True):
        row[: n + 2] = [1, *rng.integers(3, 9, n), 2]
    return (Y,)


@_for("ch06_2.attention_step")
def _attention_step(rng):
    B, T, N, M, K = (size(rng) for _ in range(5))
    weights = real(rng, M, K), real(rng, K), real(rng, N, K), real(rng, K)
    return real(rng, B, M), real(rng, B, T, N), filled_rows(rng, B, T), *weights


@_for("ch06_2.masked_cross_entropy")
def _masked_cross_entropy(rng):
    B, T, K = size(rng), size(rng), size(rng, 2, 6)
    return real(rng, B, T, K) + rng.choice([-300, 0, 300]), _indices(rng, B, T, K)


def _decoder(rng, V, N):
    E, U, W = rng.normal(size=(V, N)), rng.normal(size=(N, N)), 2 * rng.normal(size=(N, V))

    def step(y_prev, s):
        s = np.tanh(E[y_prev] + s @ U)
        return _log_softmax(s @ W), s

    return step


@_for("ch06_2.greedy")
def _greedy(rng):
    B, V, N = size(rng), size(rng, 3, 7), size(rng)
    start, end = (int(token) for token in rng.choice(np.arange(1, V), 2, replace=False))
    return _decoder(rng, V, N), rng.normal(size=(B, N)), start, end, size(rng, 1, 7)


@_for("ch06_2.beam_search")
def _beam_search(rng):
    V, N = size(rng, 3, 6), size(rng)
    start, end = (int(token) for token in rng.choice(np.arange(1, V), 2, replace=False))
    width, most = size(rng, 1, 4), size(rng, 1, 5)
    return _decoder(rng, V, N), rng.normal(size=(1, N)), start, end, width, most


@_for("ch06_2.clipped_precision")
def _clipped_precision(rng):
    n, words = size(rng, 1, 4), list("abcd"[: size(rng, 1, 4)])
    hypothesis = rng.choice(words, n + rng.integers(0, 7)).tolist()
    return hypothesis, rng.choice(words, rng.integers(1, 9)).tolist(), n
