"""What is wrong with a notebook of ours, said to its author."""

from rnncourse.language import say

__all__ = ["Fault"]


class Fault(Exception):
    """What is wrong with a solution, as the sentence that says where."""

    def __init__(self, code, **facts):
        super().__init__(say("authoring.sync", code, **facts))
