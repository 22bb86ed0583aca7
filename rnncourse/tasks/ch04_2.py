"""Tasks of lesson 4.2: Jacobians, singular values, the gradient's length, and clipping.

The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import normal, sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task

# --- warm-up: after how many steps is a gradient below 1 %? ----------------------------------


@value_task(
    wrong={"one-early": 43, "subtracted": 10, "a-tenth": 22, "halving": 7},
    points=1,
)
def steps_left():
    left, steps = 1.0, 0
    while left >= 0.01:
        left, steps = 0.9 * left, steps + 1
    return steps


# --- the Jacobian of a step ------------------------------------------------------------------


def _state_case(rng, N):
    return np.tanh(rng.normal(size=N)), rng.normal(size=(N, N))


def _state_cases(rng):
    return [_state_case(rng, N) for N in sizes(rng, 3)]


def _state_edges(rng):
    at_zero, saturated = (_state_case(rng, N) for N in sizes(rng, 2))
    at_zero[0][rng.integers(len(at_zero[0]))] = 0
    saturated[0][rng.integers(len(saturated[0]))] = rng.choice([-1, 1])
    return {
        "one unit": _state_case(rng, 1),
        "a unit is 0": at_zero,
        "a unit is saturated, at -1 or 1": saturated,
    }


@function_task(
    cases=_state_cases,
    edges=_state_edges,
    axes="after before",
    wrong={
        "transposed": edit("(1 - h_t**2)[:, None] * U.T", "U * (1 - h_t**2)"),
        "slope-on-before": edit("[:, None]", ""),
        "u-not-transposed": edit("U.T", "U"),
        "no-slope": edit("(1 - h_t**2)[:, None] * ", ""),
        "not-squared": edit("h_t**2", "h_t"),
        "h-squared": edit("1 - h_t**2", "h_t**2"),
        "sigmoid-slope": edit("1 - h_t**2", "h_t * (1 - h_t)"),
        "tanh-again": edit("h_t**2", "np.tanh(h_t) ** 2"),
        "diagonal-only": edit("(1 - h_t**2)[:, None] * U.T", "np.diag(1 - h_t**2)"),
        "multiplied-through": edit("(1 - h_t**2)[:, None] * U.T", "U @ (1 - h_t**2)"),
    },
)
def jacobian(h_t, U):
    return (1 - h_t**2)[:, None] * U.T


# --- the product of all ----------------------------------------------------------------------


def _path_case(rng, T, N):
    return np.tanh(rng.normal(size=(T, N))), rng.normal(size=(N, N))


def _path_cases(rng):
    return [_path_case(rng, *sizes(rng, 2)) for _ in range(3)]


def _path_edges(rng):
    T, N = sizes(rng, 2)
    return {"one step": _path_case(rng, 1, N), "one unit": _path_case(rng, T, 1)}


@function_task(
    cases=_path_cases,
    edges=_path_edges,
    axes="after before",
    points=3,
    wrong={
        "wrong-order": edit("in H", "in H[::-1]"),
        "transposed": edit("return product", "return product.T"),
        "without-first": edit("in H", "in H[1:]"),
        "without-last": edit("in H", "in H[:-1]"),
        "elementwise": edit("np.eye(len(U))", "np.ones_like(U)", "@ product", "* product"),
        "added": edit("np.eye(len(U))", "np.zeros_like(U)", "@ product", "+ product"),
        "last-repeated": edit("h_t**2", "H[-1] ** 2"),
        "last-only": edit(" @ product", ""),
        "no-slope": edit("(1 - h_t**2)[:, None] * ", ""),
        "u-not-transposed": edit("U.T", "U"),
    },
)
def jacobian_product(H, U):
    product = np.eye(len(U))
    for h_t in H:
        product = (1 - h_t**2)[:, None] * U.T @ product
    return product


# --- the largest stretch ---------------------------------------------------------------------


def _matrix_cases(rng):
    return [(rng.normal(size=(N, N)),) for N in sizes(rng, 3)]


def _matrix_edges(rng):
    N = rng.integers(3, 7)
    rotation, _ = np.linalg.qr(rng.normal(size=(N, N)))
    singular = rng.normal(size=(N, N))
    singular[rng.integers(N)] = 0
    return {
        "one unit": (-np.exp(rng.normal(size=(1, 1))),),
        "a row of zeros": (singular,),
        "the spectral radius is 0": (np.triu(rng.normal(size=(N, N)), 1),),
        "all directions are stretched alike": (np.exp(rng.normal()) * rotation,),
    }


@function_task(
    cases=_matrix_cases,
    edges=_matrix_edges,
    axes="",
    wrong={
        "radius": lambda J: np.abs(np.linalg.eigvals(J)).max(),
        "frobenius": lambda J: np.sqrt((J**2).sum()),
        "largest-entry": lambda J: np.abs(J).max(),
        "row-sums": lambda J: np.abs(J).sum(axis=1).max(),
        "column-sums": lambda J: np.abs(J).sum(axis=0).max(),
        "determinant": lambda J: abs(np.linalg.det(J)),
        "smallest": edit("[0]", "[-1]"),
        "squared": edit("[0]", "[0] ** 2"),
        "summed": edit("[0]", ".sum()"),
        "all-of-them": edit("[0]", ""),
    },
)
def largest_stretch(J):
    return np.linalg.svd(J, compute_uv=False)[0]


# --- warm-up: what follows? ------------------------------------------------------------------


@value_task(wrong={"radius-decides": "a", "must-explode": "c", "average": "d"}, points=1)
def what_follows():
    return "b"


# --- the gradient's length at every step -----------------------------------------------------


def _flow_case(rng, B, T, N):
    return rng.normal(size=(B, N)), np.tanh(rng.normal(size=(B, T, N))), rng.normal(size=(N, N))


def _flow_cases(rng):
    shapes = sizes(rng, 3), (1, *sizes(rng, 2)), sizes(rng, 3)
    return [_flow_case(rng, *shape) for shape in shapes]


def _flow_edges(rng):
    B, T, N = sizes(rng, 3)
    no_gradient = _flow_case(rng, B, T, N)
    no_gradient[0][rng.integers(B)] = 0
    return {
        "one step": _flow_case(rng, B, 1, N),
        "one unit": _flow_case(rng, B, T, 1),
        "one example's gradient is 0": no_gradient,
    }


@function_task(
    level="stretch",
    cases=_flow_cases,
    edges=_flow_edges,
    axes="batch time",
    points=3,
    wrong={
        "reversed": edit("lengths[::-1]", "lengths"),
        "without-h0": edit("range(H.shape[1])", "range(1, H.shape[1])"),
        "without-hT": edit("[np.linalg.norm(dh_T, axis=1)]", "[]"),
        "time-first": edit("[::-1], axis=1", "[::-1]"),
        "no-slope": edit(" * (1 - H[:, t] ** 2)", ""),
        "u-not-transposed": edit("U.T", "U"),
        "slope-of-before": edit("H[:, t]", "H[:, max(0, t - 1)]"),
        "slope-after-U": edit(
            "(dh_t * (1 - H[:, t] ** 2)) @ U.T", "(dh_t @ U.T) * (1 - H[:, t] ** 2)"
        ),
        "not-squared": edit("H[:, t] ** 2", "H[:, t]"),
        "squared": edit("[::-1], axis=1)", "[::-1], axis=1) ** 2"),
        "summed": edit(
            *("np.linalg.norm(dh_T, axis=1)", "dh_T.sum(axis=1)"),
            *("np.linalg.norm(dh_t, axis=1)", "dh_t.sum(axis=1)"),
        ),
        "absolute-sum": edit(
            *("np.linalg.norm(dh_T, axis=1)", "np.abs(dh_T).sum(axis=1)"),
            *("np.linalg.norm(dh_t, axis=1)", "np.abs(dh_t).sum(axis=1)"),
        ),
        "whole-batch": edit(
            *("(dh_T, axis=1)", "(dh_T)", "(dh_t, axis=1)", "(dh_t)"),
            *("[::-1], axis=1", "[::-1]"),
        ),
        "batch-mean": edit("[::-1], axis=1)", "[::-1], axis=1).mean(axis=0)"),
        "relative": edit("[::-1], axis=1)", "[::-1], axis=1) / lengths[0][:, None]"),
    },
)
def gradient_norms(dh_T, H, U):
    dh_t, lengths = dh_T, [np.linalg.norm(dh_T, axis=1)]
    for t in reversed(range(H.shape[1])):
        dh_t = (dh_t * (1 - H[:, t] ** 2)) @ U.T
        lengths.append(np.linalg.norm(dh_t, axis=1))
    return np.stack(lengths[::-1], axis=1)


# --- clipping --------------------------------------------------------------------------------


def _clip_case(rng, norm, max_norm, D, N):
    """Three gradients whose common norm is `norm`."""
    gradients = normal(rng, (D, N), (N, N), (N,))
    length = np.sqrt(sum((g**2).sum() for g in gradients))
    return *(g * (norm / length) for g in gradients), float(max_norm)


def _clip_cases(rng):
    """Far above max_norm, a little below, and above although both are below 1."""
    low, middle, high = rng.uniform(0.2, 0.4), rng.uniform(1.5, 2), rng.uniform(2, 4)
    norms = (rng.uniform(11, 20) * high, high), (middle - 0.4, middle), (rng.uniform(0.6, 0.9), low)
    return [_clip_case(rng, *pair, *sizes(rng, 2, 3)) for pair in norms]


def _clip_edges(rng):
    low, high = rng.uniform(0.5, 2), rng.uniform(3, 5)
    (D, N), (more, fewer) = sizes(rng, 2), sorted(sizes(rng, 2))[::-1]
    return {
        "one unit": _clip_case(rng, high, low, D, 1),
        "one feature": _clip_case(rng, high, low, 1, N),
        "one of each": _clip_case(rng, high, low, 1, 1),
        "more features than units": _clip_case(rng, high, low, more, fewer),
        "fewer features than units": _clip_case(rng, high, low, fewer, more),
    }


@function_task(
    cases=_clip_cases,
    edges=_clip_edges,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit"},
    points=3,
    wrong={
        "each-alone": lambda dW, dU, db, max_norm: tuple(
            g * min(1, max_norm / np.linalg.norm(g)) for g in (dW, dU, db)
        ),
        "each-number": lambda dW, dU, db, max_norm: tuple(
            np.clip(g, -max_norm, max_norm) for g in (dW, dU, db)
        ),
        "always-scaled": edit("min(1, max_norm / norm)", "max_norm / norm"),
        "not-clipped": edit("min(1, max_norm / norm)", "1"),
        "no-root": edit("np.sqrt", ""),
        "norms-added": edit("np.sqrt(sum((g**2).sum()", "sum((np.linalg.norm(g)"),
        "norms-averaged": edit("np.sqrt(sum((g**2).sum()", "sum((np.linalg.norm(g) / 3"),
        "largest-norm": edit("np.sqrt(sum((g**2).sum()", "max((np.linalg.norm(g)"),
        "largest-number": edit("np.sqrt(sum((g**2).sum()", "max((np.abs(g).max()"),
        "to-one": edit("min(1, max_norm / norm)", "1 / norm if norm > max_norm else 1"),
        "upside-down": edit("max_norm / norm", "norm / max_norm"),
        "bias-left-out": edit("dU, db)))", "dU)))", "db * scale", "db"),
    },
)
def clip_by_global_norm(dW, dU, db, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in (dW, dU, db)))
    scale = min(1, max_norm / norm)
    return dW * scale, dU * scale, db * scale
