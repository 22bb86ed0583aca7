"""Random arguments, for the `cases(rng)` of a task."""

__all__ = ["normal"]


def normal(rng, *shapes):
    """One array of standard normal numbers per shape, as a tuple."""
    return tuple(rng.normal(size=shape) for shape in shapes)
