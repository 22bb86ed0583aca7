"""Train the networks of lesson 8 with three seeds each, and keep what they reach: some minutes.

python -m tools.data.outlook_results

The networks are those of the lesson: its own cells are executed.
"""

import json
import os
from pathlib import Path

import numpy as np

from rnncourse.data.outlook_results import CARD, LENGTHS, SEEDS
from tools.data.package import keep

LESSON = Path(__file__).parents[3] / "chapters" / "08_summary_and_outlook.ipynb"
CELLS = (
    *("imports", "combine", "task", "frame", "train", "first-bodies", "bahdanau", "keras-scan"),
    *("min-layers", "lru", "lru-bodies", "ssm-layer", "ssm-bodies"),
    *("transformer", "transformer-body"),
)


def lesson():
    """The names that the lesson's cells define."""
    cells = {cell["id"]: cell for cell in json.loads(LESSON.read_text("utf-8"))["cells"]}
    names = {}
    for cell in CELLS:
        exec("".join(cells[cell]["source"]), names)
    return names


def measure(name, names):
    """One network: accuracies of the seeds at each length, its parameters, the CPU seconds."""
    body, build = names["BODIES"][name], names["build"]
    rate = names["RATES"].get(name, 0.005)
    found = {"accuracy": {str(n): [] for n in LENGTHS}, "parameters": 0, "seconds": []}
    for seed in SEEDS:
        model, seconds = names["train"](body, seed, rate)
        found["parameters"] = model.count_params()
        found["seconds"].append(round(seconds, 1))
        for n in LENGTHS:
            longer = build(body, n)
            longer.set_weights(model.get_weights())
            found["accuracy"][str(n)].append(round(names["accuracy"](longer), 4))
    print(name, json.dumps(found), flush=True)
    return found


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    names = lesson()
    results = {name: measure(name, names) for name in names["BODIES"]}
    spread = {name: np.ptp(found["accuracy"]["32"]) for name, found in results.items()}
    print("widest spread over seeds:", max(spread, key=spread.get), max(spread.values()))
    keep(json.dumps(results, indent=1).encode(), CARD)
