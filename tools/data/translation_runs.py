"""Train the networks that lesson 6.2 has no time for, and keep what they write.

python -m tools.data.translation_runs            half an hour on one free core

The networks, their training and their decoding are the lesson's own: its cells are run here, so
that what is kept is what the lesson shows. --only N trains one network and keeps nothing.
"""

import argparse
import json
import lzma
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import nbformat

from rnncourse.data import gettext_pairs
from rnncourse.data.translation_runs import CARD
from tools.data.package import keep

LESSON = Path(__file__).parents[3] / "chapters" / "06_2_translation.ipynb"
CELLS = ("frame", "model", "train", "decode", "attention-fast", "translator", "greedy", "beam")
UNITS, DROPOUT, BATCH, RATE, MOST, WIDTH = 128, 0.2, 32, 2e-3, 20, 4
# (language, share, attention, epochs) and how many seeds; fewer pairs get more epochs.
NETWORKS = {
    ("zh", 1, True, 12): 3,
    ("fr", 1, True, 24): 3,
    ("fr", 1, True, 12): 2,  # stopped too early
    ("zh", 1, False, 12): 1,
    ("zh", 4, True, 22): 1,
    ("fr", 4, True, 22): 1,
}


def cells_of_the_lesson():
    """The names that the lesson's cells define, after running them."""
    source = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    names = {}
    exec("\n\n".join([source["imports"], *(source[name] for name in CELLS)]), names)
    return names


def run(language, share, attention, epochs, seed):
    """Train one network and let it write; a dictionary, as translation_runs.Run wants it."""
    lesson = cells_of_the_lesson()
    pairs = gettext_pairs.load(language)
    known, translations = (
        [gettext_pairs.tokens(text) for text in side[::share]] for side in pairs.only("train")
    )
    read, write = (
        lesson["Vocabulary"](map(lesson["framed"], side), least=2) for side in (known, translations)
    )
    X, Y = lesson["indices"](read, known), lesson["indices"](write, translations)
    lesson["keras"].utils.clear_session()
    lesson["keras"].utils.set_random_seed(seed)
    model = lesson["build_model"](len(read), len(write), UNITS, attention, DROPOUT)
    seconds = lesson["train"](model, X, Y, epochs, BATCH, RATE)
    translator = lesson["Translator"](model)
    ends = [write.index[lesson[name]] for name in ("START", "END")]

    def written(part, width=None):
        asked = lesson["indices"](read, map(gettext_pairs.tokens, pairs.only(part)[0]))
        found = (
            lesson["beam_search"](translator, asked, *ends, width, MOST)
            if width
            else lesson["greedy"](translator, asked, *ends, MOST)
        )
        return [gettext_pairs.join(lesson["text"](write, row), language) for row in found[0]]

    return {
        "language": language,
        "attention": attention,
        "share": share,
        "epochs": epochs,
        "seed": seed,
        "n_pairs": len(known),
        "parameters": model.count_params(),
        "seconds": round(seconds, 1),
        "test": written("test"),
        "unseen": written("unseen"),
        "beam": written("test", WIDTH) if attention and share == 1 else None,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, metavar="N", help="train the N-th network and stop")
    only = parser.parse_args().only
    todo = [(*network, seed) for network, n_seeds in NETWORKS.items() for seed in range(n_seeds)]
    runs = []
    for network in todo if only is None else todo[only : only + 1]:
        runs.append(run(*network))
        print(*network, runs[-1]["seconds"], runs[-1]["test"][:3], flush=True)
    if only is None:
        keep(lzma.compress(json.dumps(runs, ensure_ascii=False).encode(), preset=9), CARD)
