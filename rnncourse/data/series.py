"""Measured series with gaps: a whole time axis, holes filled from the past, windows that fit.

hours, temp = on_grid(weather.time, weather.temp)    # nan where nothing was recorded
starts = origins(~np.isnan(temp), length=24, ahead=24)
X, Y = temp[starts[:, None] + np.arange(-24, 0)], temp[starts[:, None] + np.arange(24)]
"""

import numpy as np

__all__ = ["forward_fill", "on_grid", "origins"]


def on_grid(time, values):
    """Put `values` (n,) at their `time` (n,), datetime64, on an axis without gaps.

    Returns (axis (m,), values (m,)) with one entry a unit of `time` from the first to the last, nan
    where there is no record. ValueError where the times do not grow.
    """
    time, values = np.asarray(time), np.asarray(values, dtype=float)
    if time.shape != values.shape or time.ndim != 1:
        raise ValueError(
            f"time has the shape {time.shape} and values {values.shape}: expected two lists of "
            "one length. Pass one column at a time."
        )
    step = np.diff(time).astype(int)
    if (step <= 0).any():
        i = int(np.argmax(step <= 0))
        raise ValueError(
            f"{time[i]} is followed by {time[i + 1]}: expected times that grow. Sort the records "
            "by time and keep one of each."
        )
    axis = np.arange(time[0], time[-1] + 1)
    grid = np.full(len(axis), np.nan)
    grid[(time - axis[0]).astype(int)] = values
    return axis, grid


def forward_fill(values):
    """Each nan of `values` (n,) becomes the last measured value before it. No look ahead.

    ValueError where the first value is missing, since nothing stands before it.
    """
    values = np.asarray(values, dtype=float)
    if len(values) and np.isnan(values[0]):
        n = int(np.argmin(np.isnan(values))) if not np.isnan(values).all() else len(values)
        raise ValueError(
            f"the first {n} of {len(values)} values are missing: expected a measured one to begin "
            "with. Let the series begin at its first measurement."
        )
    last = np.where(np.isnan(values), 0, np.arange(len(values)))
    return values[np.maximum.accumulate(last)]


def origins(usable, length, ahead):
    """Where a forecast can begin: `length` steps before and `ahead` from there on are all usable.

    usable (n,) bool -> the places (m,) of the first step to forecast. ValueError where no window
    fits anywhere.
    """
    usable = np.asarray(usable, dtype=bool)
    count = np.concatenate([[0], np.cumsum(usable)])
    first = np.arange(length, len(usable) - ahead + 1)
    found = first[count[first + ahead] - count[first - length] == length + ahead]
    if not len(found):
        raise ValueError(
            f"no window of {length} + {ahead} steps fits: the longest stretch without a gap has "
            f"{_longest(usable)}. Make length or ahead smaller, or fill the short gaps first."
        )
    return found


def _longest(usable):
    """The length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], usable.astype(int), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))
