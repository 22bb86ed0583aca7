"""Tasks of lesson 4.2: Jacobians, singular values, the gradient's length, and clipping."""

import numpy as np

from rnncourse.checking.task import function_task, value_task

B, T, D, N = 2, 5, 3, 4  # all different, so that a swapped axis cannot hide


# --- warm-up: how long does a share last? ----------------------------------------------------


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


def _state_cases(rng):
    return [(np.tanh(rng.normal(size=n)), rng.normal(size=(n, n))) for n in (N, 3, 1)]


@function_task(
    cases=_state_cases,
    axes="after before",
    wrong={
        "transposed": lambda h, U: U * (1 - h**2),
        "slope-on-before": lambda h, U: U.T * (1 - h**2),
        "u-not-transposed": lambda h, U: (1 - h**2)[:, None] * U,
        "no-slope": lambda h, U: U.T,
        "not-squared": lambda h, U: (1 - h)[:, None] * U.T,
        "h-squared": lambda h, U: (h**2)[:, None] * U.T,
        "tanh-again": lambda h, U: (1 - np.tanh(h) ** 2)[:, None] * U.T,
        "diagonal-only": lambda h, U: np.diag(1 - h**2),
        "multiplied-through": lambda h, U: U @ (1 - h**2),
    },
)
def jacobian(h_t, U):
    return (1 - h_t**2)[:, None] * U.T


# --- the product of all ----------------------------------------------------------------------


def _path_cases(rng):
    return [
        (np.tanh(rng.normal(size=(t, n))), rng.normal(size=(n, n)))
        for t, n in ((T, N), (2, 3), (1, N))
    ]


def _product(factors, n):
    """The product of `factors` from left to right; the identity if there are none."""
    product = np.eye(n)
    for factor in factors:
        product = product @ factor
    return product


def _of_jacobians(combine):
    """A wrong product: `combine` takes J_T, …, J_1 and U."""
    return lambda H, U: combine([jacobian.reference(h, U) for h in H[::-1]], U)


@function_task(
    cases=_path_cases,
    axes="after before",
    points=3,
    wrong={
        "wrong-order": _of_jacobians(lambda J, U: _product(J[::-1], len(U))),
        "transposed": _of_jacobians(lambda J, U: _product(J, len(U)).T),
        "without-first": _of_jacobians(lambda J, U: _product(J[:-1], len(U))),
        "without-last": _of_jacobians(lambda J, U: _product(J[1:], len(U))),
        "elementwise": _of_jacobians(lambda J, U: np.prod(J, axis=0)),
        "added": _of_jacobians(lambda J, U: np.sum(J, axis=0)),
        "last-repeated": _of_jacobians(lambda J, U: np.linalg.matrix_power(J[0], len(J))),
        "last-only": _of_jacobians(lambda J, U: J[0]),
        "no-slope": _of_jacobians(lambda J, U: np.linalg.matrix_power(U.T, len(J))),
        "u-not-transposed": lambda H, U: _product(
            [(1 - h**2)[:, None] * U for h in H[::-1]], len(U)
        ),
    },
)
def jacobian_product(H, U):
    product = np.eye(len(U))
    for h_t in H:
        product = (1 - h_t**2)[:, None] * U.T @ product
    return product


# --- the largest stretch ---------------------------------------------------------------------


def _matrix_cases(rng):
    return [(rng.normal(size=(n, n)),) for n in (N, 2, 7)]


@function_task(
    cases=_matrix_cases,
    axes="",
    wrong={
        "radius": lambda J: np.abs(np.linalg.eigvals(J)).max(),
        "frobenius": lambda J: np.sqrt((J**2).sum()),
        "largest-entry": lambda J: np.abs(J).max(),
        "row-sums": lambda J: np.abs(J).sum(axis=1).max(),
        "column-sums": lambda J: np.abs(J).sum(axis=0).max(),
        "determinant": lambda J: abs(np.linalg.det(J)),
        "smallest": lambda J: np.linalg.svd(J, compute_uv=False)[-1],
        "squared": lambda J: np.linalg.norm(J, 2) ** 2,
        "summed": lambda J: np.linalg.svd(J, compute_uv=False).sum(),
        "all-of-them": lambda J: np.linalg.svd(J, compute_uv=False),
    },
)
def largest_stretch(J):
    return np.linalg.svd(J, compute_uv=False)[0]


# --- warm-up: what follows? ------------------------------------------------------------------


@value_task(wrong={"radius-decides": "a", "must-explode": "c", "average": "d"}, points=1)
def what_follows():
    return "b"


# --- the gradient's length on its way --------------------------------------------------------


def _flow_cases(rng):
    def case(n, t):
        dh_T, U = rng.normal(size=(n, N)), rng.normal(size=(N, N))
        return dh_T, np.tanh(rng.normal(size=(n, t, N))), U

    return [case(B, T), case(1, 7), case(3, 1)]


def _way_back(dh_T, H, U, *, slope=lambda h: 1 - h**2, through=np.transpose, shift=0):
    """All gradients dh_0 … dh_T, (B, T + 1, N), with its joints exposed."""
    dh_t, gradients = dh_T, [dh_T]
    for t in reversed(range(H.shape[1])):
        dh_t = (dh_t * slope(H[:, max(0, t - shift)])) @ through(U)
        gradients.append(dh_t)
    return np.stack(gradients[::-1], axis=1)


def _lengths(*arguments, **joints):
    return np.linalg.norm(_way_back(*arguments, **joints), axis=2)


@function_task(
    level="stretch",
    cases=_flow_cases,
    axes="batch time",
    points=3,
    wrong={
        "reversed": lambda *a: _lengths(*a)[:, ::-1],
        "without-h0": lambda *a: _lengths(*a)[:, 1:],
        "without-hT": lambda *a: _lengths(*a)[:, :-1],
        "time-first": lambda *a: _lengths(*a).T,
        "no-slope": lambda *a: _lengths(*a, slope=np.ones_like),
        "u-not-transposed": lambda *a: _lengths(*a, through=lambda U: U),
        "slope-of-before": lambda *a: _lengths(*a, shift=1),
        "not-squared": lambda *a: _lengths(*a, slope=lambda h: 1 - h),
        "squared": lambda *a: _lengths(*a) ** 2,
        "summed": lambda *a: _way_back(*a).sum(axis=2),
        "whole-batch": lambda *a: np.sqrt((_way_back(*a) ** 2).sum(axis=(0, 2))),
        "batch-mean": lambda *a: _lengths(*a).mean(axis=0),
        "relative": lambda *a: _lengths(*a) / _lengths(*a)[:, -1:],
    },
)
def gradient_norms(dh_T, H, U):
    dh_t, lengths = dh_T, [np.linalg.norm(dh_T, axis=1)]
    for t in reversed(range(H.shape[1])):
        dh_t = (dh_t * (1 - H[:, t] ** 2)) @ U.T
        lengths.append(np.linalg.norm(dh_t, axis=1))
    return np.stack(lengths[::-1], axis=1)


# --- clipping --------------------------------------------------------------------------------


def _clip_cases(rng):
    def case(size, max_norm):
        shapes = ((D, N), (N, N), (N,))
        return *(size * rng.normal(size=shape) for shape in shapes), max_norm

    return [case(3.0, 2.0), case(0.1, 2.0), case(0.7, 0.25)]


def _norms(*gradients):
    return [np.linalg.norm(g) for g in gradients]


def _by_factor(factor):
    """All arrays times one number, made from the list of their norms and the limit."""

    def wrong(dW, dU, db, max_norm):
        return tuple(g * factor(np.array(_norms(dW, dU, db)), max_norm) for g in (dW, dU, db))

    return wrong


def _together(norms):
    return np.sqrt((norms**2).sum())


@function_task(
    cases=_clip_cases,
    axes={"dW": "feature unit", "dU": "unit unit", "db": "unit"},
    points=3,
    wrong={
        "each-alone": lambda dW, dU, db, m: tuple(
            g * min(1, m / np.linalg.norm(g)) for g in (dW, dU, db)
        ),
        "each-number": lambda dW, dU, db, m: tuple(np.clip(g, -m, m) for g in (dW, dU, db)),
        "always-scaled": _by_factor(lambda n, m: m / _together(n)),
        "not-clipped": _by_factor(lambda n, m: 1.0),
        "no-root": _by_factor(lambda n, m: min(1, m / (n**2).sum())),
        "norms-added": _by_factor(lambda n, m: min(1, m / n.sum())),
        "norms-averaged": _by_factor(lambda n, m: min(1, m / n.mean())),
        "largest-norm": _by_factor(lambda n, m: min(1, m / n.max())),
        "to-one": _by_factor(lambda n, m: 1 / _together(n) if _together(n) > m else 1.0),
        "upside-down": _by_factor(lambda n, m: min(1, _together(n) / m)),
        "bias-left-out": lambda dW, dU, db, m: (
            *(g * min(1, m / _together(np.array(_norms(dW, dU)))) for g in (dW, dU)),
            db,
        ),
    },
)
def clip_by_global_norm(dW, dU, db, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in (dW, dU, db)))
    scale = min(1, max_norm / norm)
    return dW * scale, dU * scale, db * scale
