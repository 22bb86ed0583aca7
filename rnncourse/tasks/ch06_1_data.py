"""The data of lesson 6.1's model task: Chinese words, and a baseline that counts characters."""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import chinese_words
from rnncourse.data.text import PADDING, Vocabulary, pad

__all__ = ["BAR", "bag_of_tokens", "word_data"]

BAR = 0.92  # of the error of the bag of tokens


@cache
def word_data():
    """Chinese words as tokens, and the nine domains: what `train` learns from and is judged on.

    Has X_train (20710, 10), y_train (20710,), X_test (5177, 10), y_test (5177, 9) one-hot, the
    `vocabulary`, `n_tokens` and `names`; a mark stands before and behind each word. `train`,
    `error` and `baseline` are for the checker; the baseline counts characters (naive Bayes). An
    error is the share of words that get a wrong domain.
    """
    data = chinese_words.load()
    (train_words, y_train), (test_words, y_test) = data.train, data.test
    vocabulary = Vocabulary(f"^{word}$" for word in train_words)
    X_train, X_test = (
        pad([vocabulary.encode(f"^{word}$") for word in part], 10)
        for part in (train_words, test_words)
    )
    n_tokens, n_classes = len(vocabulary), len(data.names)
    return HeldOut(
        train=(X_train, y_train),
        X_test=X_test,
        y_test=np.eye(n_classes)[y_test],
        measure=lambda y_hat, y: float((y_hat.argmax(axis=1) != y.argmax(axis=1)).mean()),
        baseline=bag_of_tokens(X_train, y_train, n_tokens, n_classes)(X_test),
        X_train=X_train,
        y_train=y_train,
        vocabulary=vocabulary,
        n_tokens=n_tokens,
        names=data.names,
    )


def bag_of_tokens(X, y, n_tokens, n_classes, alpha=0.5):
    """A naive Bayes on single tokens, learned from X (B, T) and classes y (B,).

    Returns a function from X (B, T) to scores (B, K). `alpha` is added to each count of a token.
    """
    counts = np.full((n_classes, n_tokens), float(alpha))
    np.add.at(counts, (y[:, None], X), 1)
    counts[:, PADDING] = 0
    counts /= counts.sum(axis=1, keepdims=True)
    counts[:, PADDING] = 1  # its logarithm is 0: padding says nothing
    prior, table = np.log(np.bincount(y, minlength=n_classes) / len(y)), np.log(counts)
    return lambda X: prior + table.T[X].sum(axis=1)
