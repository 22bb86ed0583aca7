"""Checks of arguments, each with a sentence that says what came and what to do."""

import numpy as np

__all__ = ["CLEAN", "as_input", "as_numbers", "check_finite", "flag", "positive_int", "wrong_axes"]

CLEAN = (
    " Clean or impute the data; if a layer before made it, lower the learning rate or set clipnorm."
)


def as_input(X, axes, *, owner, dtype, finite=True):
    """X as an array of `dtype` with one axis for each name in `axes`, not empty, all finite.

    A leading "..." among the axes allows any number of further ones. Raises TypeError for what
    is not numeric and ValueError that names the expected axes, the empty axis, or the position
    of the first nan or inf.
    """
    X = as_numbers(X, f"the input of {owner}")
    free = axes[0] == "..."
    if X.ndim != len(axes) and not (free and X.ndim >= len(axes)):
        raise ValueError(wrong_axes(owner, axes, X.shape))
    if 0 in X.shape:
        raise ValueError(
            f"{owner} got an empty input of shape {X.shape}; every axis needs at least 1."
        )
    if finite:
        check_finite(X, f"{owner}: the input", CLEAN)
    if X.dtype == dtype:
        return X
    with np.errstate(over="ignore"):
        cast = X.astype(dtype)
    if finite or X.dtype == np.float64:  # 1e300 is inf in float32
        check_finite(cast, f"{owner}: the input as {cast.dtype}", CLEAN)
    return cast


def wrong_axes(owner, axes, shape):
    """A sentence for an input that lacks an axis or has one too many."""
    sentence = f"{owner} expects an input with axes ({', '.join(axes)}); got shape {tuple(shape)}."
    if len(shape) == len(axes) - 1 == 2:
        sentence += " If each step is one number, write X[:, :, None]; for one sequence, X[None]."
    elif len(shape) == len(axes) - 1:
        sentence += " For one example write X[None]."
    return sentence


def as_numbers(array, owner):
    """`array` as a NumPy array of real numbers; TypeError or ValueError that names `owner`."""
    try:
        array = np.asarray(array)
    except ValueError as error:  # rows of several lengths
        raise ValueError(
            f"{owner}: the rows have several lengths; pad them to one ({error})."
        ) from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{owner} must be an array of numbers; got {array.dtype} values.")
    return array


def check_finite(X, owner, advice=""):
    """Raise ValueError with the position of the first nan or inf in X, if there is one."""
    # One sum is a cheap first test: it is finite only if every number is. Since a sum of finite
    # numbers may overflow, a suspicious one is followed by a test of each number.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(X.sum())
    if suspicious and not np.isfinite(X).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(X))[0])
        n = np.count_nonzero(~np.isfinite(X))
        raise ValueError(
            f"{owner} is {X[at]:g} at {list(at)}, the first of {n} such numbers.{advice}"
        )


def flag(name, value):
    """`value` if it is True or False; TypeError that names the option otherwise."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}.")
    return bool(value)


def positive_int(name, value):
    """`value` as an int of at least 1; TypeError or ValueError that names the argument."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}.")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}.")
    return int(value)
