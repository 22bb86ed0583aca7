"""Tasks of lesson 4.3, LSTM and GRU: counts, steps, gates to read, and the steps back."""

import numpy as np

from rnncourse.nn import sigmoid
from rnncourse.tasks.core import function_task, value_task

B, D, N = 2, 3, 5  # all different, so that a swapped axis cannot hide


def _draw(rng, *shapes):
    return tuple(rng.normal(size=shape) for shape in shapes)


def _bend(base, **joint):
    """`base` with one of its joints replaced: a misconception."""
    return lambda *arguments: base(*arguments, **joint)


# --- warm-up: how many numbers are learned? ---------------------------------------------------


@value_task(
    wrong={
        "simple-rnn": 170,
        "three-gates": 510,
        "no-bias": 640,
        "two-biases": 720,
        "no-recurrence": 280,
    },
    points=1,
)
def lstm_parameters():
    n_features, n_units = 6, 10
    return 4 * (n_features * n_units + n_units * n_units + n_units)


@value_task(
    wrong={
        "one-bias": 510,
        "no-bias": 480,
        "lstm": 680,
        "two-blocks": 360,
        "one-extra-bias": 520,
    },
    points=1,
)
def gru_parameters():
    n_features, n_units = 6, 10
    return 3 * (n_features * n_units + n_units * n_units + 2 * n_units)


# --- one step of an LSTM ----------------------------------------------------------------------


def _lstm_cases(rng):
    return [_draw(rng, (n, D), (n, N), (n, N), (D, 4 * N), (N, 4 * N), (4 * N,)) for n in (B, 3, 1)]


def _lstm(
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
    """The LSTM's step with its joints exposed."""
    a = dict(zip(order, np.split(x_t @ W + h_prev @ U + b, 4, axis=1), strict=True))
    c_t = cell(gate(a["i"]), gate(a["f"]), squash(a["c"]), c_prev)
    return output(gate(a["o"]), c_t, c_prev), c_t


@function_task(
    cases=_lstm_cases,
    axes={"h_t": "batch unit", "c_t": "batch unit"},
    points=3,
    wrong={
        "returned-swapped": lambda *a: _lstm(*a)[::-1],
        "order-forget-first": _bend(_lstm, order="fico"),
        "order-candidate-last": _bend(_lstm, order="ifoc"),
        "order-candidate-second": _bend(_lstm, order="icfo"),
        "no-forget": _bend(_lstm, cell=lambda i, f, g, c: c + i * g),
        "no-input-gate": _bend(_lstm, cell=lambda i, f, g, c: f * c + g),
        "forget-inverted": _bend(_lstm, cell=lambda i, f, g, c: (1 - f) * c + i * g),
        "coupled": _bend(_lstm, cell=lambda i, f, g, c: f * c + (1 - f) * g),
        "cell-squashed": _bend(_lstm, cell=lambda i, f, g, c: np.tanh(f * c + i * g)),
        "no-tanh-out": _bend(_lstm, output=lambda o, c_t, c_prev: o * c_t),
        "old-cell-shown": _bend(_lstm, output=lambda o, c_t, c_prev: o * np.tanh(c_prev)),
        "candidate-sigmoid": _bend(_lstm, squash=sigmoid),
        "gates-tanh": _bend(_lstm, gate=np.tanh),
        "reads-cell": lambda x, h, c, W, U, b: _lstm(x, c, c, W, U, b),
        "no-bias": lambda x, h, c, W, U, b: _lstm(x, h, c, W, U, 0 * b),
    },
)
def lstm_step(x_t, h_prev, c_prev, W, U, b):
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i_t, f_t, o_t = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    c_tilde = np.tanh(a_c)
    c_t = f_t * c_prev + i_t * c_tilde
    h_t = o_t * np.tanh(c_t)
    return h_t, c_t


# --- reading gates ----------------------------------------------------------------------------


@value_task(wrong={"forgets": "b", "dead": "c", "copies": "d"}, points=1)
def closed_door():
    return "a"


# --- one step of a GRU, reset after the product and before it ----------------------------------


def _gru_cases(rng):
    return [_draw(rng, (n, D), (n, N), (D, 3 * N), (N, 3 * N), (2, 3 * N)) for n in (B, 3, 1)]


def _gru_before_cases(rng):
    return [_draw(rng, (n, D), (n, N), (D, 3 * N), (N, 3 * N), (3 * N,)) for n in (B, 3, 1)]


def _after(x, r, h_prev, U_h, b_h):
    return x + r * (h_prev @ U_h + b_h)


def _before(x, r, h_prev, U_h, b_h):
    return x + (r * h_prev) @ U_h + b_h


def _blend(z, r, h_prev, h_tilde):
    return z * h_prev + (1 - z) * h_tilde


def _gru(
    x_t,
    h_prev,
    W,
    U,
    b,
    *,
    order="zrh",
    bias=lambda b: (b[0], b[1]) if b.ndim == 2 else (b, 0 * b),
    candidate=_after,
    squash=np.tanh,
    blend=_blend,
):
    """The GRU's step with its joints exposed; `candidate` decides where the reset gate stands."""
    names = ["z", "r", "h"]
    b_x, b_h = bias(b)
    x = dict(zip(order, np.split(x_t @ W + b_x, 3, axis=1), strict=True))
    u = dict(zip(order, zip(np.split(U, 3, axis=1), np.split(b_h, 3), strict=True), strict=True))
    z, r = (sigmoid(x[n] + h_prev @ u[n][0] + u[n][1]) for n in names[:2])
    return blend(z, r, h_prev, squash(candidate(x["h"], r, h_prev, *u["h"])))


_SHARED = {  # what goes wrong in both forms
    "keep-swapped": {"blend": lambda z, r, h, g: (1 - z) * h + z * g},
    "order-reset-first": {"order": "rzh"},
    "order-candidate-first": {"order": "hzr"},
    "no-reset": {"candidate": lambda x, r, h, U_h, b_h: x + h @ U_h + b_h},
    "reset-input-too": {"candidate": lambda x, r, h, U_h, b_h: r * (x + h @ U_h + b_h)},
    "candidate-sigmoid": {"squash": sigmoid},
    "not-blended": {"blend": lambda z, r, h, g: g},
    "reset-in-blend": {"blend": lambda z, r, h, g: z * r * h + (1 - z) * g},
}


@function_task(
    cases=_gru_cases,
    axes="batch unit",
    points=3,
    wrong={
        "reset-before": _bend(_gru, candidate=_before),
        "bias-outside-reset": _bend(_gru, candidate=lambda x, r, h, U, b: x + r * (h @ U) + b),
        "no-recurrent-bias": _bend(_gru, bias=lambda b: (b[0], 0 * b[1])),
        "no-input-bias": _bend(_gru, bias=lambda b: (0 * b[0], b[1])),
        "biases-swapped": _bend(_gru, bias=lambda b: (b[1], b[0])),
        **{code: _bend(_gru, **joint) for code, joint in _SHARED.items()},
    },
)
def gru_step(x_t, h_prev, W, U, b):
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z_t, r_t = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r_t * h_h)
    return z_t * h_prev + (1 - z_t) * h_tilde


@function_task(
    cases=_gru_before_cases,
    axes="batch unit",
    points=2,
    wrong={
        "reset-after": _bend(_gru),
        "no-bias": lambda x, h, W, U, b: _gru(x, h, W, U, 0 * b, candidate=_before),
        "u-transposed": _bend(_gru, candidate=lambda x, r, h, U_h, b_h: x + (r * h) @ U_h.T),
        **{code: _bend(_gru, **{"candidate": _before, **joint}) for code, joint in _SHARED.items()},
    },
)
def gru_step_before(x_t, h_prev, W, U, b):
    N = len(U)
    x_z, x_r, x_h = np.split(x_t @ W + b, 3, axis=1)
    U_z, U_r, U_h = U[:, :N], U[:, N : 2 * N], U[:, 2 * N :]
    z_t, r_t = sigmoid(x_z + h_prev @ U_z), sigmoid(x_r + h_prev @ U_r)
    h_tilde = np.tanh(x_h + (r_t * h_prev) @ U_h)
    return z_t * h_prev + (1 - z_t) * h_tilde


# --- one step of an LSTM back -------------------------------------------------------------------


def _lstm_back_cases(rng):
    def case(n):
        states = ((n, N),) * 2, (n, D), ((n, N),) * 2
        return _draw(rng, *states[0], states[1], *states[2], (D, 4 * N), (N, 4 * N), (4 * N,))

    return [case(B), case(3), case(1)]


def _lstm_back(
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
    shares=lambda dh, dc, i, g, c_prev, c: (dc * g, dc * c_prev, dc * i, dh * np.tanh(c)),
    gate_slope=lambda g: g * (1 - g),
    tanh_slope=lambda g: 1 - g**2,
    kept=lambda dc, f: dc * f,
    order=(0, 1, 2, 3),
    bias=lambda da: da.sum(axis=0),
    seen=lambda h_prev, h_t: h_prev,
):
    """The LSTM's step back with its joints exposed."""
    h_t, c_t = lstm_step.reference(x_t, h_prev, c_prev, W, U, b)
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_c), sigmoid(a_o)
    dc_t = cell(dh_t, dc_next, o, c_t)
    slopes = gate_slope(i), gate_slope(f), tanh_slope(g), gate_slope(o)
    d = [s * k for s, k in zip(shares(dh_t, dc_t, i, g, c_prev, c_t), slopes, strict=True)]
    da_t = np.concatenate([d[k] for k in order], axis=1)
    return da_t @ U.T, kept(dc_t, f), x_t.T @ da_t, seen(h_prev, h_t).T @ da_t, bias(da_t)


@function_task(
    cases=_lstm_back_cases,
    axes={
        "dh_prev": "batch unit",
        "dc_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "column",
    },
    points=4,
    wrong={
        "dc-next-dropped": _bend(
            _lstm_back, cell=lambda dh, dc, o, c: dh * o * (1 - np.tanh(c) ** 2)
        ),
        "dh-not-in-cell": _bend(_lstm_back, cell=lambda dh, dc, o, c: dc),
        "no-tanh-of-c": _bend(_lstm_back, cell=lambda dh, dc, o, c: dc + dh * o),
        "c-for-tanh-c": _bend(_lstm_back, cell=lambda dh, dc, o, c: dc + dh * o * (1 - c**2)),
        "no-output-gate": _bend(
            _lstm_back, cell=lambda dh, dc, o, c: dc + dh * (1 - np.tanh(c) ** 2)
        ),
        "kept-whole": _bend(_lstm_back, kept=lambda dc, f: dc),
        "only-dc-next-kept": lambda dh, dc, *a: _only_dc_next(dh, dc, *a),
        "c-t-for-c-prev": _bend(
            _lstm_back, shares=lambda dh, dc, i, g, p, c: (dc * g, dc * c, dc * i, dh * np.tanh(c))
        ),
        "partners-swapped": _bend(
            _lstm_back, shares=lambda dh, dc, i, g, p, c: (dc * i, dc * p, dc * g, dh * np.tanh(c))
        ),
        "output-gate-from-dc": _bend(
            _lstm_back, shares=lambda dh, dc, i, g, p, c: (dc * g, dc * p, dc * i, dc * np.tanh(c))
        ),
        "output-gate-without-tanh": _bend(
            _lstm_back, shares=lambda dh, dc, i, g, p, c: (dc * g, dc * p, dc * i, dh * c)
        ),
        "gates-not-undone": _bend(_lstm_back, gate_slope=np.ones_like),
        "gates-as-tanh": _bend(_lstm_back, gate_slope=lambda g: 1 - g**2),
        "candidate-as-sigmoid": _bend(_lstm_back, tanh_slope=lambda g: g * (1 - g)),
        "order": _bend(_lstm_back, order=(0, 1, 3, 2)),
        "dU-from-h": _bend(_lstm_back, seen=lambda h_prev, h_t: h_t),
        "bias-mean": _bend(_lstm_back, bias=lambda da: da.mean(axis=0)),
        "bias-not-summed": _bend(_lstm_back, bias=lambda da: da),
    },
)
def lstm_step_back(dh_t, dc_next, x_t, h_prev, c_prev, W, U, b):
    a_i, a_f, a_c, a_o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    i_t, f_t, c_tilde, o_t = sigmoid(a_i), sigmoid(a_f), np.tanh(a_c), sigmoid(a_o)
    tanh_c = np.tanh(f_t * c_prev + i_t * c_tilde)

    dc_t = dc_next + dh_t * o_t * (1 - tanh_c**2)
    da_i = dc_t * c_tilde * i_t * (1 - i_t)
    da_f = dc_t * c_prev * f_t * (1 - f_t)
    da_c = dc_t * i_t * (1 - c_tilde**2)
    da_o = dh_t * tanh_c * o_t * (1 - o_t)

    da_t = np.concatenate([da_i, da_f, da_c, da_o], axis=1)
    return da_t @ U.T, dc_t * f_t, x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)


def _only_dc_next(dh_t, dc_next, x_t, h_prev, c_prev, W, U, b):
    """dc_prev from what the later step asked, without what h_t asked."""
    f_t = sigmoid(np.split(x_t @ W + h_prev @ U + b, 4, axis=1)[1])
    dh_prev, _, *rest = _lstm_back(dh_t, dc_next, x_t, h_prev, c_prev, W, U, b)
    return dh_prev, dc_next * f_t, *rest


# --- stretch: one step of a GRU back ------------------------------------------------------------


def _gru_back_cases(rng):
    shapes = ((D, 3 * N), (N, 3 * N), (2, 3 * N))
    return [_draw(rng, (n, N), (n, D), (n, N), *shapes) for n in (B, 3, 1)]


def _gru_back(
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
    """The GRU's step back with its joints exposed: da_x is what W sees, da_u what U sees."""
    n = len(U)
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r * h_h)
    da_z = to_z(dh_t, h_prev, h_tilde) * slope(z)
    da_h = to_h(dh_t, z) * tanh_slope(h_tilde)
    da_r = to_r(da_h, h_h, h_prev, U[:, 2 * n :]) * slope(r)
    da_x = np.concatenate([da_z, da_r, da_h], axis=1)
    da_u = np.concatenate([da_z, da_r, through(da_h, r)], axis=1)
    return direct(dh_t, z) + da_u @ U.T, x_t.T @ da_x, h_prev.T @ da_u, bias(da_x, da_u)


@function_task(
    cases=_gru_back_cases,
    axes={
        "dh_prev": "batch unit",
        "dW": "feature column",
        "dU": "unit column",
        "db": "row column",
    },
    points=4,
    wrong={
        "no-direct-path": _bend(_gru_back, direct=lambda dh, z: 0),
        "direct-whole": _bend(_gru_back, direct=lambda dh, z: dh),
        "direct-swapped": _bend(_gru_back, direct=lambda dh, z: dh * (1 - z)),
        "z-sign": _bend(_gru_back, to_z=lambda dh, h_prev, g: dh * (g - h_prev)),
        "z-only-old": _bend(_gru_back, to_z=lambda dh, h_prev, g: dh * h_prev),
        "candidate-ungated": _bend(_gru_back, to_h=lambda dh, z: dh),
        "no-reset-share": _bend(_gru_back, to_r=lambda da_h, h_h, h_prev, U_h: 0 * da_h),
        "reset-from-state": _bend(_gru_back, to_r=lambda da_h, h_h, h_prev, U_h: da_h * h_prev),
        "reset-before": _bend(
            _gru_back, to_r=lambda da_h, h_h, h_prev, U_h: (da_h @ U_h.T) * h_prev
        ),
        "reset-not-on-the-way": _bend(_gru_back, through=lambda da_h, r: da_h),
        "gates-not-undone": _bend(_gru_back, slope=np.ones_like),
        "tanh-not-undone": _bend(_gru_back, tanh_slope=np.ones_like),
        "biases-alike": _bend(
            _gru_back, bias=lambda da_x, da_u: np.stack([da_x.sum(axis=0), da_x.sum(axis=0)])
        ),
        "one-bias": _bend(_gru_back, bias=lambda da_x, da_u: da_x.sum(axis=0)),
        "bias-mean": _bend(
            _gru_back, bias=lambda da_x, da_u: np.stack([da_x.mean(axis=0), da_u.mean(axis=0)])
        ),
    },
)
def gru_step_back(dh_t, x_t, h_prev, W, U, b):
    x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h_prev @ U + b[1], 3, axis=1)
    z_t, r_t = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    h_tilde = np.tanh(x_h + r_t * h_h)

    da_z = dh_t * (h_prev - h_tilde) * z_t * (1 - z_t)
    da_h = dh_t * (1 - z_t) * (1 - h_tilde**2)
    da_r = da_h * h_h * r_t * (1 - r_t)

    da_x = np.concatenate([da_z, da_r, da_h], axis=1)
    da_u = np.concatenate([da_z, da_r, r_t * da_h], axis=1)
    db = np.stack([da_x.sum(axis=0), da_u.sum(axis=0)])
    return dh_t * z_t + da_u @ U.T, x_t.T @ da_x, h_prev.T @ da_u, db
