"""A mistake is one edit of the reference: what stands in the table is what the learner typed.

    @function_task(
        cases=_step_cases,
        axes="batch unit",
        wrong={
            "no-bias": edit(" + b", ""),
            "u-transposed": edit("@ U", "@ U.T"),
            "tanh-each": lambda x_t, h_prev, W, U, b: …,  # no edit: a function of its own
        },
    )
    def rnn_step(x_t, h_prev, W, U, b):
        return np.tanh(x_t @ W + h_prev @ U + b)

The old text must occur exactly once in the reference, or else the edit is an error: a reference
that was rewritten shows at once which mistakes have to follow.
"""

import ast
import inspect
import linecache
import textwrap

import numpy as np

__all__ = ["Edit", "edit", "edited", "source_of"]


class Edit:
    """Replacements in a source text that is not known yet: (old, new), (old, new), …

    `of(function)` is that function edited; the sum of two is the one after the other.
    """

    def __init__(self, *pairs):
        self.pairs = pairs

    def __add__(self, other):
        return Edit(*self.pairs, *other.pairs)

    def of(self, function):
        """`function` with its source edited, in the same module.

        NumPy does not warn in it: an overflow there is not the learner's. Raises ValueError where
        an old text does not occur exactly once.
        """
        source = source_of(function)
        for old, new in self.pairs:
            if (n := source.count(old)) != 1:
                where = f"{function.__module__}.{function.__qualname__}"
                raise ValueError(
                    f"{where}: the text {old!r} occurs {n} times in what is edited; "
                    f"it must occur once:\n{source}"
                )
            source = source.replace(old, new)
        name = f"<{function.__qualname__} with {self.pairs!r}>"
        found = {}
        exec(compile(source, name, "exec"), function.__globals__, found)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        (made,) = found.values()
        return np.errstate(all="ignore")(made)


def edit(*texts):
    """A mistake of the decorated reference: `edit(old, new)`, or several: `edit(old, new, …)`.

    Each `old` must occur exactly once in what the edits before it have left.
    """
    if not texts or len(texts) % 2 or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"received edit{texts!r}; write edit(old, new), or several such pairs")
    return Edit(*zip(texts[::2], texts[1::2], strict=True))


def edited(function, *texts):
    """`function` with its source edited as by `edit(*texts)`: see Edit.of."""
    return edit(*texts).of(function)


def source_of(function):
    """The source of a function without its decorators, as a learner would write it."""
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source)
    return "\n".join(source.splitlines()[tree.body[0].lineno - 1 :])
