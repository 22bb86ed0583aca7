"""Random arguments, for the `cases(rng)` of a task."""

__all__ = ["normal", "sizes"]


def normal(rng, *shapes):
    """One array of standard normal numbers per shape, as a tuple."""
    return tuple(rng.normal(size=shape) for shape in shapes)


def sizes(rng, n, least=2, most=7):
    """`n` sizes between `least` and `most`, all different: a swapped axis changes the shape."""
    return (least + rng.permutation(most - least + 1)[:n]).tolist()
