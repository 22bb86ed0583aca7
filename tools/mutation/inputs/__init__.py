"""Inputs that a task's statement allows, one per call: sizes down to 1, edges, negative numbers.

They decide whether an accepted mutant is equivalent. INPUTS: {"chNN.task": function of a random
generator that makes one probe}. A task without one is tried on its own cases alone.
"""

from tools.mutation.inputs import background, cells, practice, series, text, today

INPUTS = {}
for _room in (background, cells, series, text, practice, today):
    _both = INPUTS.keys() & _room.INPUTS.keys()
    assert not _both, f"two generators for {_both}"
    INPUTS.update(_room.INPUTS)

__all__ = ["INPUTS"]
