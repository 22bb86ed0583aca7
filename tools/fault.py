"""What is wrong with a notebook of ours, said to its author in the sentences of sync.toml."""

import tomllib
from pathlib import Path

__all__ = ["Fault", "say"]

SENTENCES = tomllib.loads(Path(__file__).with_name("sync.toml").read_text("utf-8"))


def say(code, **facts):
    """The sentence of this code, filled with `facts`."""
    return SENTENCES[code].format(**facts)


class Fault(Exception):
    """What is wrong with a solution, as the sentence that says where."""

    def __init__(self, code, **facts):
        super().__init__(say(code, **facts))
