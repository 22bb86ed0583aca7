"""Show test examples in the order in which they could be known, one moment after the other.

A window of a series may hold the target of an example before it. Whoever judges therefore shows a
moment's examples only when those before are answered, and what was answered stands.
"""

import numpy as np

__all__ = ["Showing", "rows_shown"]

MOMENTS = 600  # at most so many are shown: each costs a call, and fewer blur the error
LARGER = 100  # times as many numbers as asked for: no prediction


def rows_shown(order, rng):
    """Which examples are shown, [indices of one moment's examples, …], in time.

    order: (n,), as HeldOut has it. Of neighbouring moments one is drawn where there are many, and
    examples of one moment come in any order.
    """
    moments = np.unique(order)
    groups = np.array_split(moments, min(MOMENTS, len(moments)))
    drawn = (rng.choice(group) for group in groups)
    return [rng.permutation(np.flatnonzero(order == moment)) for moment in drawn]


class Showing:
    """`showing()` is the first moment's X; `showing(y_hat)` notes its answer and is the next X.

    None once all are answered. `parts` are the (X, number of values wanted) of each moment.
    """

    def __init__(self, parts):
        self._parts, self._noted = parts, []

    def __call__(self, *y_hat):
        if y_hat and len(self._noted) < len(self._parts):
            self._noted.append(self._checked(*y_hat))
        if len(self._noted) == len(self._parts):
            return None
        return self._parts[len(self._noted)][0]

    def _checked(self, y_hat):
        y_hat, size = np.asarray(y_hat), self._parts[len(self._noted)][1]
        if y_hat.dtype.kind not in "biuf" or y_hat.size > LARGER * size:
            raise ValueError(f"an array {y_hat.shape} of {y_hat.dtype} is no prediction here")
        return np.atleast_1d(y_hat).astype(float)

    def noted(self):
        """All predictions so far, one after the other, (n, …); of odd shapes the first odd one."""
        try:
            return np.concatenate(self._noted)
        except ValueError:  # none, or of several shapes
            shapes = [one.shape[1:] for one in self._noted]
            odd = (one for one in self._noted if one.shape[1:] != shapes[0])
            return next(odd, np.zeros(0))
