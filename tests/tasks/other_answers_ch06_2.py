"""Right answers to lesson 6.2, written differently from ours."""

from collections import Counter

import numpy as np


def _shift(Y):
    steps = Y.shape[1] - 1
    return np.array([row[:steps] for row in Y]), np.delete(Y, 0, axis=1)


def _attention_step(s, H, mask, W_q, b_q, W_k, v):
    context, alpha = np.zeros((len(H), H.shape[2])), np.zeros(mask.shape)
    for i in range(len(H)):
        scores = [np.tanh(s[i] @ W_q + b_q + h @ W_k) @ v for h in H[i]]
        real = np.flatnonzero(mask[i])
        weights = np.exp([scores[j] for j in real])
        alpha[i, real] = weights / weights.sum()
        for j in real:
            context[i] += alpha[i, j] * H[i, j]
    return context.astype("float32"), alpha.astype("float32")


def _masked_cross_entropy(logits, y):
    total, n = 0.0, 0
    for row, tokens in zip(logits, y, strict=True):
        for scores, token in zip(row, tokens, strict=True):
            if token:
                over = scores - scores.max()
                total += np.log(np.exp(over).sum()) - over[token]
                n += 1
    return total / n


def _greedy(step, s, start, end, most):
    out = np.zeros((len(s), most), dtype=int)
    for i in range(len(s)):
        y, state = np.array([start]), s[i : i + 1]
        for t in range(most):
            log_p, state = step(y, state)
            y = np.argmax(log_p, axis=-1)
            out[i, t] = y[0]
            if y[0] == end:
                break
    return out


def _beam_search(step, s, start, end, width, most):
    live, tokens, totals = s, np.full((1, 0), start), np.zeros(1)
    for _ in range(most):
        y_prev = tokens[:, -1] if tokens.shape[1] else np.full(1, start)
        log_p, after = step(y_prev, live)
        done = y_prev == end
        log_p[done] = -np.inf  # a finished one only ...
        log_p[done, 0] = 0  # ... grows by padding, at no cost
        scores = (totals[:, None] + log_p).ravel()
        best = np.argsort(-scores)[:width]
        parent, y = np.divmod(best, log_p.shape[1])
        y = np.where(done[parent], end, y)
        tokens = np.hstack([tokens[parent], y[:, None]])
        totals, live = scores[best], after[parent]
    first = tokens[totals.argmax()]
    stop = np.flatnonzero(first == end)
    return first[: stop[0] + 1] if len(stop) else first, np.float64(totals.max())


def _clipped_precision(hypothesis, reference, n):
    made, wanted = (
        Counter(zip(*(tokens[i:] for i in range(n)), strict=False))
        for tokens in (hypothesis, reference)
    )
    return (made & wanted).total() / made.total()


def _train(X_train, Y_train):
    import keras
    from keras import layers

    from rnncourse.tasks.ch06_2_data import decode

    keras.utils.set_random_seed(1)
    source = keras.Input((None,), dtype="int32")
    before = keras.Input((None,), dtype="int32")
    x = layers.Embedding(int(X_train.max()) + 1, 64, mask_zero=True)(source)
    H = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(x)
    y = layers.Embedding(12 + 4, 64)(before)
    S = layers.LSTM(64, return_sequences=True)(y)
    context = layers.AdditiveAttention()([layers.Dense(64)(S), H, layers.Dense(64)(H)])
    logits = layers.Dense(int(Y_train.max()) + 1)(layers.Concatenate()([S, context]))
    model = keras.Model([source, before], logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit([X_train, Y_train[:, :-1]], Y_train[:, 1:], batch_size=32, epochs=6, verbose=0)
    return lambda X: decode(model, X, int(Y_train[0, 0]), 11)


ANSWERS = {
    "shift": _shift,
    "attention_step": _attention_step,
    "masked_cross_entropy": _masked_cross_entropy,
    "greedy": _greedy,
    "beam_search": _beam_search,
    "clipped_precision": _clipped_precision,
    "train": _train,
}
