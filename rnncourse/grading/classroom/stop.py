"""Errors that end a command in one sentence: bad input, a broken gradebook, a full disk."""

from rnncourse import language

__all__ = ["Stop", "WrongPolicy"]


class Stop(Exception):
    """Its text is the sentence of `code` and `facts`: what was found and what to do next."""

    sentences = "grading.classroom.sentences"

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts

    def __str__(self):
        return language.say(self.sentences, self.code, **self.facts)


class WrongPolicy(Stop):
    """A policy, or a roster that it names, which says what the rules do not allow."""

    sentences = "grading.classroom.policy"
