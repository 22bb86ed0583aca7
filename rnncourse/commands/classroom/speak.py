"""What `rnncourse class` prints: the sentences of the classroom, safe for a terminal."""

import sys

from rnncourse import language
from rnncourse.grading.classroom.terminal import clean

__all__ = ["say", "some", "tell", "warn"]


def say(code, **facts):
    """The sentence of `code`."""
    return language.say("grading.classroom.sentences", code, **facts)


def tell(code, file=None, **facts):
    """Print the sentence of `code`."""
    print(clean(say(code, **facts)), file=file)


def warn(code, **facts):
    """Print the sentence of `code` to stderr."""
    tell(code, sys.stderr, **facts)


def some(names):
    """The first ten of `names` as text."""
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
