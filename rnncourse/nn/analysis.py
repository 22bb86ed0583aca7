"""Looking inside a recurrent layer: plain arrays about states, gates and gradients.

    trajectories(layer, X)            every state, h_0 to h_T
    gate_values(layer, X)             every gate, by name
    gradient_norms(layer, X, dH)      how much of the gradient reaches each step

`layer` is a built SimpleRNN, LSTM or GRU. All sequences begin with zero states; with go_backwards
step 1 is the last of X. Everything is computed with the plain loop over the layer's cell, since
it is the single step that we look at. The weights stay as they are.
"""

import numpy as np

from rnncourse.nn import plain
from rnncourse.nn.layers.checks import as_input

__all__ = ["gate_values", "gradient_norms", "trajectories"]

GATES = {"LSTM": ("i", "f", "c_tilde", "o"), "GRU": ("z", "r", "h_tilde")}


def trajectories(layer, X):
    """All states on the way through X (B, T, D): a list [H], for an LSTM [H, C].

    Each is (B, T + 1, N); H[:, t] is the state after t steps, so H[:, 0] is 0.
    """
    X = _in_order(layer, X)
    zero = np.zeros((len(X), layer.units), layer.dtype)
    return plain.forward(layer.cell, X, [zero] * layer.n_states)


def gate_values(layer, X):
    """The gates on the way through X (B, T, D): {"i": (B, T, N), …}.

    Names: i, f, c_tilde, o for an LSTM; z, r, h_tilde for a GRU. Raises TypeError for a layer
    without gates.
    """
    kind = type(layer).__name__
    if kind not in GATES:
        raise TypeError(f"{layer} has no gates; give an LSTM or a GRU.")
    H, X = trajectories(layer, X)[0], _in_order(layer, X)
    values = [layer.cell.gates(X[:, t], H[:, t]) for t in range(X.shape[1])]
    return {name: np.stack([v[n] for v in values], axis=1) for n, name in enumerate(GATES[kind])}


def gradient_norms(layer, X, dH):
    """The norm of dL/d(state) at every step, (B, T + 1); [:, 0] is that of the initial state.

    dH: the gradient of the loss with respect to the states as outputs, (B, T, N), or (B, N) if
    only the last one is used. The norm at step t includes the step's own output and all later
    steps; for an LSTM h and c count together.
    """
    states, X, dH = trajectories(layer, X), _in_order(layer, X), np.asarray(dH, layer.dtype)
    want = states[0][:, 1:].shape
    if dH.shape == states[0][:, 0].shape:
        dH_last, dH = dH, np.zeros(want, layer.dtype)
        dH[:, -1] = dH_last
    if dH.shape != want:
        raise ValueError(
            f"dH must be (batch, time, units) = {want}, or (batch, units) for the last step; got"
            f" {dH.shape}."
        )
    _, dstates, _ = plain.backward(layer.cell, dH, X, states)
    return np.linalg.norm(np.concatenate(dstates, axis=-1), axis=-1)


def _in_order(layer, X):
    """X (B, T, D) in the order in which the layer reads it."""
    X = as_input(X, ("batch", "time", "feature"), owner=layer, dtype=layer.dtype)
    return X[:, ::-1] if layer.go_backwards else X
