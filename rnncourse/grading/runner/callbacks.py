"""Functions that stay with the judge: a submission calls them, with arguments of its own making.

What such a call may cost is bounded before it begins: by the shapes of its arguments, each and all
together, since one row times one column is a large table; and by time.
"""

import math

import numpy as np

from rnncourse.grading import untrusted
from rnncourse.grading.runner.protocol import encode
from rnncourse.time_limit import TimeIsUp, time_limit

__all__ = ["Served"]

CALLS = 20_000
SIZE, AXIS, AXES = 10_000, 10_000, 4  # numbers of all arguments, the longest axis, how many axes
TOGETHER = 200_000  # the product of the arguments' sizes: what broadcasting can make of them
SECONDS = 2  # a right call takes some microseconds


class Served:
    """The functions of one probe, under their numbers; `calls` counts those of all probes."""

    def __init__(self):
        self.functions, self.calls = [], 0

    def export(self, function):
        """What stands for a function: a number, or the name of one that the other side has too.

        That is a function of a lesson's data, `ch07_1_data.small_model`: what it makes, a model
        say, cannot be sent.
        """
        module = (getattr(function, "__module__", None) or "").rpartition(".")[2]
        if module.endswith("_data") and function.__qualname__ == function.__name__:
            return f"{module}.{function.__name__}"
        self.functions.append(function)
        return len(self.functions) - 1

    def answer(self, asked):
        """The answer to one call, [number, arguments], whatever they are: a value or a refusal."""
        try:
            number, arguments = asked
            function = dict(enumerate(self.functions))[number]
            if refusal := _refusal(arguments):
                return {"raised": refusal}
            with time_limit(SECONDS), np.errstate(all="ignore"):
                answer = {"value": function(*arguments)}
            encode(answer)
            return answer
        except TimeIsUp:
            return {"raised": f"this call takes more than {SECONDS} s; ask for less at once"}
        except Exception as error:  # arguments of a stranger
            return {"raised": untrusted.text(f"{type(error).__name__}: {error}")}


def _refusal(arguments):
    """Why a call is too large, or ""."""
    shapes = [np.shape(argument) for argument in arguments]
    if any(len(shape) > AXES for shape in shapes):
        return f"an argument has more than {AXES} axes"
    if longest := max((n for shape in shapes for n in shape if n > AXIS), default=0):
        return f"an axis of {longest:,} is too long; at most {AXIS:,} are taken"
    sizes = [math.prod(shape) for shape in shapes]
    if sum(sizes) > SIZE or math.prod(max(1, size) for size in sizes) > TOGETHER:
        return f"the arguments are too large: {', '.join(map(str, shapes))}"
    return ""
