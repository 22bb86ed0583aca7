"""For the chapters whose mistakes are not yet edits of the reference."""

from rnncourse.checking.cases import normal

__all__ = ["bend", "normal"]


def bend(base, **joints):
    """`base` with some of its keyword arguments replaced."""
    return lambda *arguments: base(*arguments, **joints)
