"""Looking inside a recurrent layer: plain arrays about states, gates, gradients and Jacobians.

    trajectories(layer, X)            every state, h_0 to h_T
    gate_values(layer, X)             every gate, by name
    saturation(values)                how often each unit is nearly shut or nearly open
    gradient_norms(layer, X, dH)      how much of the gradient reaches each step
    step_jacobians(layer, X)          how each state depends on the one before
    jacobian_products(jacobians)      how the last state depends on the k-th before it
    singular_values(matrices)         by how much these stretch and shrink

`layer` is a built SimpleRNN, LSTM or GRU; its options for outputs do not matter here, except that
with go_backwards step 1 is the last of X. Everything is computed with the readable cells, one step
after the other, because here it is the single step that we look at. The weights stay as they are.
"""

import numpy as np

from rnncourse.nn.layers.base import as_input

__all__ = [
    "gate_values",
    "gradient_norms",
    "jacobian_products",
    "principal_plane",
    "saturation",
    "singular_values",
    "state_gradients",
    "step_jacobians",
    "trajectories",
]

GATES = {"LSTM": ("i", "f", "c_tilde", "o"), "GRU": ("z", "r", "h_tilde")}


def trajectories(layer, X, initial_state=None):
    """All states on the way through X (B, T, D): a list [H], for an LSTM [H, C].

    Each is (B, T + 1, N); H[:, t] is the state after t steps, so H[:, 0] is the initial state,
    zeros unless `initial_state`, a list [h_0] or [h_0, c_0], says otherwise.
    """
    steps = _steps(layer, X)
    state = _first(layer, len(steps[0]), initial_state)
    states = [state]
    for x_t in steps:
        state = _as_list(layer.cell.step(x_t, *state))
        states.append(state)
    return [np.stack(each, axis=1) for each in zip(*states, strict=True)]


def gate_values(layer, X, initial_state=None):
    """The gates on the way through X (B, T, D): {"i": (B, T, N), …}.

    Names: i, f, c_tilde, o for an LSTM; z, r, h_tilde for a GRU. Raises TypeError for a layer
    without gates.
    """
    kind = type(layer).__name__
    if kind not in GATES:
        raise TypeError(f"{layer} has no gates; give an LSTM or a GRU.")
    names = GATES[kind]
    H = trajectories(layer, X, initial_state)[0]
    values = [layer.cell.gates(x_t, H[:, t]) for t, x_t in enumerate(_steps(layer, X))]
    return {name: np.stack([v[n] for v in values], axis=1) for n, name in enumerate(names)}


def saturation(values, low=0.1, high=0.9):
    """How often each unit lies below `low` and above `high`: two arrays (N,) from 0 to 1.

    values (…, N): gates, as Karpathy, Johnson and Fei-Fei (2015, section 4.2) read them, or with
    low=-0.9 the states of a tanh.
    """
    values = np.asarray(values)
    rows = values.reshape(-1, values.shape[-1])
    return (rows < low).mean(axis=0), (rows > high).mean(axis=0)


def state_gradients(layer, X, dH, initial_state=None):
    """The gradient of the loss with respect to every state: a list [dh], for an LSTM [dh, dc].

    dH: the gradient of the loss with respect to the states as outputs, (B, T, N), or (B, N) if
    only the last one is used. Each result is (B, T + 1, N); [:, t] belongs to the state after t
    steps and counts both its own output and all later steps. In an LSTM h_t and c_t are taken as
    two variables: dh holds c_t fixed, dc holds h_t fixed.
    """
    steps = _steps(layer, X)
    states = trajectories(layer, X, initial_state)
    dH = np.asarray(dH, layer.dtype)
    if dH.shape == states[0][:, 0].shape:
        dH_last, dH = dH, np.zeros_like(states[0][:, 1:])
        dH[:, -1] = dH_last
    if dH.shape != states[0][:, 1:].shape:
        raise ValueError(
            f"dH must be (batch, time, units) = {states[0][:, 1:].shape}, or (batch, units) for"
            f" the last step; got {dH.shape}."
        )
    carry = [np.zeros_like(states[0][:, 0]) for _ in states]
    gradients = []
    for t in reversed(range(len(steps))):
        carry[0] = carry[0] + dH[:, t]
        gradients.append(carry)
        _, *carry, _ = layer.cell.step_back(*carry, steps[t], *(s[:, t] for s in states))
    gradients.append(carry)
    return [np.stack(each[::-1], axis=1) for each in zip(*gradients, strict=True)]


def gradient_norms(layer, X, dH, initial_state=None):
    """The norm of dL/d(state) at every step, (B, T + 1); [:, 0] is that of the initial state.

    For an LSTM h and c count together. dH as in state_gradients.
    """
    gradients = state_gradients(layer, X, dH, initial_state)
    return np.linalg.norm(np.concatenate(gradients, axis=-1), axis=-1)


def step_jacobians(layer, X, initial_state=None):
    """∂(state after step t) / ∂(state before it): (B, T, S, S), rows the state after.

    S is N; for an LSTM 2N, h before c.
    """
    steps, N, n = _steps(layer, X), layer.units, layer.n_states
    states = trajectories(layer, X, initial_state)
    B, S = len(steps[0]), n * N
    # A row of the Jacobian is what step_back makes of a unit vector. All rows of all examples
    # go through it at once, as a batch of B · S.
    units = np.tile(np.eye(S, dtype=layer.dtype), (B, 1))
    d_after = [units[:, k * N : (k + 1) * N] for k in range(n)]
    jacobians = []
    for t, x_t in enumerate(steps):
        before = [np.repeat(s[:, t], S, axis=0) for s in states]
        _, *d_before, _ = layer.cell.step_back(*d_after, np.repeat(x_t, S, axis=0), *before)
        jacobians.append(np.concatenate(d_before, axis=-1).reshape(B, S, S))
    return np.stack(jacobians, axis=1)


def jacobian_products(jacobians):
    """∂(last state) / ∂(state k steps before it), k = 0 … T: (B, T, S, S) -> (B, T + 1, S, S).

    The product J_T J_{T-1} … of the last k step Jacobians; for k = 0 the identity. By the chain
    rule the gradient k steps back is this product applied to the gradient at the end
    (Pascanu, Mikolov and Bengio 2013, eq. 5).
    """
    B, T, S, _ = jacobians.shape
    products = [np.broadcast_to(np.eye(S, dtype=jacobians.dtype), (B, S, S))]
    for t in reversed(range(T)):
        products.append(products[-1] @ jacobians[:, t])
    return np.stack(products, axis=1)


def singular_values(matrices):
    """The singular values of each matrix, largest first: (..., S, S) -> (..., S)."""
    return np.linalg.svd(matrices, compute_uv=False)


def principal_plane(H, n_axes=2):
    """Trajectories seen in the directions in which they vary most: (B, T, N) -> (B, T, n_axes).

    Principal component analysis over all states together. The sign of an axis carries no meaning;
    here the largest entry of each direction is positive, so that pictures repeat.
    """
    rows = H.reshape(-1, H.shape[-1])
    if not 1 <= n_axes <= min(rows.shape):
        raise ValueError(f"n_axes must be from 1 to {min(rows.shape)}, got {n_axes}.")
    rows = rows - rows.mean(axis=0)
    directions = np.linalg.svd(rows, full_matrices=False)[2][:n_axes]
    largest = np.argmax(np.abs(directions), axis=1)
    directions *= np.sign(directions[np.arange(n_axes), largest])[:, None]
    return (rows @ directions.T).reshape(*H.shape[:-1], n_axes)


def _steps(layer, X):
    """The inputs x_t (B, D) in the order in which the layer reads them."""
    X = as_input(X, ("batch", "time", "feature"), owner=layer, dtype=layer.dtype)
    steps = [X[:, t] for t in range(X.shape[1])]
    return steps[::-1] if layer.go_backwards else steps


def _first(layer, n_batch, initial_state):
    if initial_state is None:
        return [np.zeros((n_batch, layer.units), layer.dtype) for _ in range(layer.n_states)]
    initial_state = [initial_state] if isinstance(initial_state, np.ndarray) else initial_state
    return [np.asarray(state, layer.dtype) for state in initial_state]


def _as_list(states):
    return list(states) if isinstance(states, tuple) else [states]
