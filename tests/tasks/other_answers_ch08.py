"""Right answers to lesson 8, written differently from ours."""

import numpy as np


def _combine(a_1, b_1, a_2, b_2):
    def both(h):
        return a_2 * (a_1 * h + b_1) + b_2

    return [both(np.ones_like(b_1)) - both(np.zeros_like(b_1)), both(np.zeros_like(b_1))]


def _rounds(a, b):
    """Each state from the last 2, 4, 8, … steps alone, in a loop."""
    T, found, reach = b.shape[1], [], 2
    while reach < 2 * T:
        states = np.zeros_like(b)
        for t in range(T):
            for s in range(max(0, t - reach + 1), t + 1):
                states[:, t] = a[:, s] * states[:, t] + b[:, s]
        found.append(states)
        reach *= 2
    return np.array(found)


def _min_gru_step(x_t, h_prev, W_z, b_z, W_h, b_h):
    new = 1 / (1 + np.exp(x_t @ W_z + b_z))  # the share of the candidate
    return h_prev + new * (x_t @ W_h + b_h - h_prev)


def _attend(H, q, W_h, W_q, v):
    weights, means = [], []
    for states, query in zip(H, q, strict=True):
        e = np.array([np.tanh(h_t @ W_h + query @ W_q) @ v for h_t in states])
        weights.append(np.exp(e) / np.exp(e).sum())
        means.append(weights[-1] @ states)
    return np.array(weights, "float32"), np.array(means, "float32")


def _lru_parameters(nu, theta):
    lam = np.exp(-np.exp(nu) + 1j * theta)
    return lam.real, lam.imag, (1 - abs(lam) ** 2) ** 0.5


def _stable_step(i_tilde, f_tilde, o_tilde, c_tilde, c_prev, n_prev, m_prev):
    kept = m_prev - np.log1p(np.exp(-f_tilde))
    m_t = np.where(kept > i_tilde, kept, i_tilde)
    weight, fade = np.exp(i_tilde - m_t), np.exp(kept - m_t)
    c_t, n_t = weight * c_tilde + fade * c_prev, weight + fade * n_prev
    return c_t / n_t / (1 + np.exp(-o_tilde)), c_t, n_t, m_t


def _train(X_train, y_train):
    """No network: the marks themselves say where to look."""

    def predict(X):
        return np.array([x[x[:, 6] == 1, :6] for x in X])

    return predict


ANSWERS = {
    "combine": _combine,
    "rounds": _rounds,
    "min_gru_step": _min_gru_step,
    "attend": _attend,
    "lru_parameters": _lru_parameters,
    "stable_step": _stable_step,
    "train": _train,
}
