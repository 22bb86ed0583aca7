"""A linear recurrence over a whole sequence, one step after the other, and in a few rounds.

    h_t = a_t * h_{t-1} + b_t

Two steps in a row are again one such step, and so the steps may be joined in any grouping: a
parallel scan (W. D. Hillis and G. L. Steele, Data parallel algorithms, Communications of the ACM
29(12), 1986). Martin and Cundy (2018) trained recurrent networks with it.
"""

import numpy as np

__all__ = ["combine", "linear_recurrence", "scan"]


def combine(first, second):
    """Two steps (a, b), the earlier one first, as one: h -> a_2 (a_1 h + b_1) + b_2."""
    (a_1, b_1), (a_2, b_2) = first, second
    return a_2 * a_1, a_2 * b_1 + b_2


def linear_recurrence(a, b):
    """a, b (B, T, N) -> all states H (B, T, N) from h_0 = 0, in T steps."""
    a, b = _same_kind(a, b)
    H, h_t = np.empty_like(b), np.zeros_like(b[:, 0])
    for t in range(b.shape[1]):
        h_t = a[:, t] * h_t + b[:, t]
        H[:, t] = h_t
    return H


def scan(a, b):
    """The same states as linear_recurrence(a, b), in log2(T) rounds, rounded up.

    After each round every step is joined with twice as many steps before it.
    """
    a, b = _same_kind(a, b)
    reach = 1
    while reach < b.shape[1]:
        earlier, later = (x[:, :-reach] for x in (a, b)), (x[:, reach:] for x in (a, b))
        a[:, reach:], b[:, reach:] = combine(tuple(earlier), tuple(later))
        reach *= 2
    return b


def _same_kind(a, b):
    """Copies of a and b with one dtype, since an `a` of fractions makes fractions of an int b."""
    dtype = np.result_type(np.asarray(a), np.asarray(b))
    a, b = np.array(a, dtype), np.array(b, dtype)
    if a.shape != b.shape or b.ndim != 3:
        raise ValueError(
            f"a has the shape {a.shape}, b {b.shape}; both must be (batch, time, unit). "
            "np.broadcast_to(a, b.shape) spreads an `a` that is the same at every step."
        )
    return a, b
