"""Right answers to lesson 6.1, written differently from ours."""

import numpy as np


def _vectorize(texts, vocabulary, length):
    rows = [[{"?": 1, **vocabulary}.get(t, 1) for t in text] for text in texts]
    return np.array([(row + [0] * length)[:length] for row in rows])


def _last_state(H, X):
    rows = []
    for states, tokens in zip(H, X, strict=True):
        rows.append([h for h, token in zip(states, tokens, strict=True) if token > 0][-1])
    return np.array(rows)


def _naive_bayes(counts, n_texts, alpha):
    n_classes, n_tokens = counts.shape
    table = np.empty(counts.shape)
    for k in range(n_classes):
        table[k] = np.log(counts[k] + alpha) - np.log(counts[k].sum() + alpha * n_tokens)
    return [np.log(n_texts) - np.log(np.sum(n_texts)), table]


def _score_texts(X, log_prior, log_likelihood):
    table = log_likelihood.copy()
    table[:, 0] = 0
    bags = np.stack([np.bincount(row, minlength=table.shape[1]) for row in X])
    return bags @ table.T + log_prior


def _soften(logits, temperature):
    shifted = (logits - logits.max()) / temperature
    p = np.exp(shifted)
    return p / np.sum(p, axis=-1)[:, None]


def _perplexity(log_p, mask):
    bits = -np.sum(np.where(mask, log_p, 0)) / np.log(2) / np.count_nonzero(mask)
    return 2**bits


def _train(X_train, y_train):
    """Naive Bayes on single tokens and on pairs of neighbours: no network at all."""
    base = int(X_train.max()) + 1

    def features(X):
        X = X.astype(int)
        pairs = np.where(X[:, 1:] > 0, base + base * X[:, :-1] + X[:, 1:], 0)
        return np.hstack([X, pairs])

    kinds, column = np.unique(features(X_train), return_inverse=True)
    column = column.reshape(len(X_train), -1)
    counts = np.zeros((9, len(kinds)))
    np.add.at(counts, (np.repeat(y_train, column.shape[1]), column.ravel()), 1)
    table = np.log((counts + 0.2) / (counts + 0.2).sum(axis=1, keepdims=True))
    table[:, kinds == 0] = 0

    def predict(X):
        seen = features(X)
        at = np.searchsorted(kinds, seen).clip(max=len(kinds) - 1)
        return (table.T[at] * (kinds[at] == seen)[..., None]).sum(axis=1)

    return predict


ANSWERS = {
    "vectorize": _vectorize,
    "last_state": _last_state,
    "naive_bayes": _naive_bayes,
    "score_texts": _score_texts,
    "soften": _soften,
    "perplexity": _perplexity,
    "train": _train,
}
