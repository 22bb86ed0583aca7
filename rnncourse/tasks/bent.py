"""The right computations with their joints exposed: a misconception is one joint bent.

    "dU-from-h": bend(bptt, after=1)

computes everything as it should, but takes the state after the step for the one before. Lessons
3, 4.1 and 4.3 share these; what a learner sees as a solution stands in the lesson's own module.
"""

import numpy as np

from rnncourse.nn import sigmoid

__all__ = ["bend", "bptt", "gru", "gru_back", "lstm", "lstm_back", "normal", "states", "step_back"]


def normal(rng, *shapes):
    """One array of normal numbers a shape."""
    return tuple(rng.normal(size=shape) for shape in shapes)


def bend(base, **joints):
    """`base` with some of its joints replaced."""
    return lambda *arguments: base(*arguments, **joints)


# --- SimpleRNN ---------------------------------------------------------------------------------


def states(X, h_0, W, U, b):
    """X (B, T, D), h_0 (B, N) -> h_0 and all states after it, (B, T + 1, N)."""
    found = [h_0]
    for t in range(X.shape[1]):
        found.append(np.tanh(X[:, t] @ W + found[-1] @ U + b))
    return np.stack(found, axis=1)


def step_back(da_t, x_t, h_prev, W, U):
    """da_t (B, N), behind the tanh -> dx_t, dh_prev, and the shares of dW, dU, db."""
    return da_t @ W.T, da_t @ U.T, x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)


def bptt(
    dH,
    X,
    H,
    W,
    U,
    *,
    order=reversed,
    ask=lambda own, dh_next, last: own + dh_next,
    slope=lambda h_t: 1 - h_t**2,
    after=0,
    add=np.add,
    carry=lambda da_t, dh_t: da_t,
    through=np.transpose,
):
    """dH (B, T, N), H (B, T + 1, N) with h_0 in front -> dW, dU, db, dh_0."""
    dW, dU, db, dh_next = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U)), 0 * H[:, 0]
    for t in order(range(X.shape[1])):
        dh_t = ask(dH[:, t], dh_next, t == X.shape[1] - 1)
        da_t = dh_t * slope(H[:, t + 1])
        *_, share_W, share_U, share_b = step_back(da_t, X[:, t], H[:, t + after], W, U)
        dW, dU, db = add(dW, share_W), add(dU, share_U), add(db, share_b)
        dh_next = carry(da_t, dh_t) @ through(U)
    return dW, dU, db, dh_next


# --- LSTM --------------------------------------------------------------------------------------


def lstm(
    x_t,
    h_prev,
    c_prev,
    W,
    U,
    b,
    *,
    order="ifco",
    gate=sigmoid,
    squash=np.tanh,
    cell=lambda i, f, c_tilde, c_prev: f * c_prev + i * c_tilde,
    output=lambda o, c_t, c_prev: o * np.tanh(c_t),
):
    """One step: h_t, c_t."""
    a = dict(zip(order, np.split(x_t @ W + h_prev @ U + b, 4, axis=1), strict=True))
    c_t = cell(gate(a["i"]), gate(a["f"]), squash(a["c"]), c_prev)
    return output(gate(a["o"]), c_t, c_prev), c_t


def lstm_back(
    dh_t,
    dc_next,
    x_t,
    h_prev,
    c_prev,
    W,
    U,
    b,
    *,
    cell=lambda dh, dc, o, c: dc + dh * o * (1 - np.tanh(c) ** 2),
    to_i=lambda dc, c_tilde, i: dc * c_tilde,
    to_f=lambda dc, c_prev, c_t: dc * c_prev,
    to_c=lambda dc, i, c_tilde: dc * i,
    to_o=lambda dh, dc, c_t: dh * np.tanh(c_t),
    gate_slope=lambda g: g * (1 - g),
    tanh_slope=lambda g: 1 - g**2,
    kept=lambda dc, f, dc_next: dc * f,
    order=(0, 1, 2, 3),
    bias=lambda da: da.sum(axis=0),
    seen=lambda h_prev, h_t: h_prev,
):
    """One step back: dh_prev, dc_prev, dW, dU, db."""
    h_t, c_t = lstm(x_t, h_prev, c_prev, W, U, b)
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i, f, c_tilde, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_c), sigmoid(a_o)
    dc_t = cell(dh_t, dc_next, o, c_t)
    blocks = (
        to_i(dc_t, c_tilde, i) * gate_slope(i),
        to_f(dc_t, c_prev, c_t) * gate_slope(f),
        to_c(dc_t, i, c_tilde) * tanh_slope(c_tilde),
        to_o(dh_t, dc_t, c_t) * gate_slope(o),
    )
    da_t = np.concatenate([blocks[k] for k in order], axis=1)
    dU = seen(h_prev, h_t).T @ da_t
    return da_t @ U.T, kept(dc_t, f, dc_next), x_t.T @ da_t, dU, bias(da_t)


# --- GRU ---------------------------------------------------------------------------------------


def reset_after(x, r, h_prev, U_h, b_h):
    """The candidate's pre-activation as Keras computes it: the reset gate on the product."""
    return x + r * (h_prev @ U_h + b_h)


def reset_before(x, r, h_prev, U_h, b_h):
    """The candidate's pre-activation with the reset gate on the state, before the product."""
    return x + (r * h_prev) @ U_h + b_h


def gru(
    x_t,
    h_prev,
    W,
    U,
    b,
    *,
    order="zrh",
    bias=lambda b: (b[0], b[1]) if b.ndim == 2 else (b, 0 * b),
    candidate=reset_after,
    squash=np.tanh,
    blend=lambda z, r, h_prev, h_tilde: z * h_prev + (1 - z) * h_tilde,
):
    """One step: h_t. `candidate` decides where the reset gate stands."""
    b_x, b_h = bias(b)
    x = dict(zip(order, np.split(x_t @ W + b_x, 3, axis=1), strict=True))
    u = dict(zip(order, zip(np.split(U, 3, axis=1), np.split(b_h, 3), strict=True), strict=True))
    z, r = (sigmoid(x[gate] + h_prev @ u[gate][0] + u[gate][1]) for gate in "zr")
    return blend(z, r, h_prev, squash(candidate(x["h"], r, h_prev, *u["h"])))


def gru_back(
    dh_t,
    x_t,
    h_prev,
    W,
    U,
    b,
    *,
    to_z=lambda dh, h_prev, h_tilde: dh * (h_prev - h_tilde),
    to_h=lambda dh, z: dh * (1 - z),
    to_r=lambda da_h, h_h, h_prev, U_h: da_h * h_h,
    slope=lambda g: g * (1 - g),
    tanh_slope=lambda g: 1 - g**2,
    direct=lambda dh, z: dh * z,
    through=lambda da_h, r: r * da_h,
    bias=lambda da_x, da_u: np.stack([da_x.sum(axis=0), da_u.sum(axis=0)]),
):
    """One step back, reset after the product: dh_prev, dW, dU, db.

    da_x is what x_t @ W sees, da_u what h_prev @ U sees.
    """
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r * h_h)
    da_z = to_z(dh_t, h_prev, h_tilde) * slope(z)
    da_h = to_h(dh_t, z) * tanh_slope(h_tilde)
    da_r = to_r(da_h, h_h, h_prev, U[:, 2 * len(U) :]) * slope(r)
    da_x = np.concatenate([da_z, da_r, da_h], axis=1)
    da_u = np.concatenate([da_z, da_r, through(da_h, r)], axis=1)
    return direct(dh_t, z) + da_u @ U.T, x_t.T @ da_x, h_prev.T @ da_u, bias(da_x, da_u)
