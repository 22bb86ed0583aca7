"""What the networks of lesson 6.3 reach on photographs, films and strangers, measured and kept."""

import json

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "load"]

CARD = Card(
    title="Results of lesson 6.3: photographs, two real films, ten people",
    source="measured by `tools/data/motion_results.py`, three seeds each",
    licence="MIT, as this course",
    size="shares of right answers of 4 networks on photographs, 3 on films, 2 on people; 3 KB",
    changes="shares rounded to 4 digits",
    citation="rnncourse",
    file="motion_results.json",
    sha256="c77fa301e94a79cc1f7d6f0b8c9b737d3a22acfc2b108aef655cbeeecaebb3e4",
)


def load():
    """{"camera", "films": {network: {"train", "test": [share, one a seed], …}}, "people": …}.

    "camera" networks also have "seconds" (of the processor, a run), "parameters" and "photograph"
    ({name: mean share}). "people" is {model: shares, [seed][person]}, each person's windows told by
    models that never saw that person. Raises OSError if the file was changed.
    """
    return json.loads(read_bytes(CARD))
