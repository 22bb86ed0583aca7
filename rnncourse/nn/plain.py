"""A recurrent layer as a plain loop over its cell, forward and backward through time.

Read it after cells.py. The state s_t is h_t, for an LSTM h_t and c_t. All steps share one cell:

    forward     s_t = step(x_t, s_{t-1})                          t = 1, …, T

    backward    ds_t = what step t + 1 returned for s_t; dH_t is added to its dh_t
                dx_t, ds_{t-1}, dW_t = step_back(ds_t, x_t, s_{t-1})          t = T, …, 1
                dW = Σ_t dW_t, because every step uses the same W; U and b likewise

A masked step keeps the state, s_t = s_{t-1}. So its gradient goes on unchanged to s_{t-1}, and
neither x_t nor the weights receive anything.

`layers/` computes the same numbers faster; a test keeps the two equal. One thing differs, because
Keras does so: a layer's output before the first real step of a sequence is 0, even if h_0 is not.
"""

import numpy as np

__all__ = ["backward", "forward"]


def forward(cell, X, first, mask=None):
    """X (B, T, D) and first, [h_0] or [h_0, c_0], each (B, N) -> all states, [H] or [H, C].

    H and C are (B, T + 1, N): H[:, t] is the state after t steps. mask: (B, T) of bool, False
    where the step is masked.
    """
    states = [first]
    for t in range(X.shape[1]):
        after = cell.step(X[:, t], *states[-1])
        after = after if isinstance(after, tuple) else (after,)
        if mask is not None:
            pairs = zip(after, states[-1], strict=True)
            after = [np.where(mask[:, [t]], new, old) for new, old in pairs]
        states.append(after)
    return [np.stack(each, axis=1) for each in zip(*states, strict=True)]


def backward(cell, dH, X, states, mask=None):
    """Backpropagation through time (BPTT), after states = forward(cell, X, first, mask).

    dH (B, T, N): the gradient of the loss with respect to the outputs h_1, …, h_T.
    Returns dX (B, T, D); the gradients of `states`, a list of the same shapes, in which [:, 0]
    belongs to h_0 (and c_0); and {"W": dW, "U": dU, "b": db}.
    """
    real = np.ones(X.shape[:2], bool) if mask is None else mask
    dX, grads = np.empty_like(X), {name: 0 for name in ("W", "U", "b")}
    ds, dstates = [np.zeros_like(s[:, 0]) for s in states], []
    for t in reversed(range(X.shape[1])):
        ds = [ds[0] + dH[:, t], *ds[1:]]
        dstates.append(ds)
        taken, passed = ([d * rows[:, [t]] for d in ds] for rows in (real, ~real))
        dX[:, t], *through, share = cell.step_back(*taken, X[:, t], *(s[:, t] for s in states))
        ds = [a + b for a, b in zip(through, passed, strict=True)]
        grads = {name: grads[name] + share[name] for name in grads}
    dstates.append(ds)
    return dX, [np.stack(each[::-1], axis=1) for each in zip(*dstates, strict=True)], grads
