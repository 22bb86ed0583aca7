"""What the networks of lesson 6.3 reach on photographs and real films, measured once and kept."""

import json

from rnncourse.data.card import Card, read_bytes

__all__ = ["CARD", "load"]

CARD = Card(
    title="Results of lesson 6.3: a camera over photographs, and two real films",
    source="measured by `rnncourse/data/make/motion_results.py`, three seeds each",
    licence="MIT, as this course",
    size="shares of right answers of 4 networks on photographs and 3 on films; 2 KB",
    changes="shares rounded to 4 digits",
    citation="rnncourse",
    file="motion_results.json",
    sha256="90a51428a44f9861419d86140f7257959fe35ea6a7908641c5a8a164efb1c475",
)


def load():
    """{"camera": …, "films": …}, each {network: {"train", "test": [share, one a seed], …}}.

    "camera" networks also have "seconds" (of the processor, a run), "parameters" and "photograph"
    ({name: mean share}). Raises OSError if the file was changed.
    """
    return json.loads(read_bytes(CARD))
