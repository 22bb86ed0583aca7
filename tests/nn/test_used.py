"""Used or gone: each public name of the engine serves a lesson, an exercise or an explorer."""

import ast
import json
import re
from pathlib import Path

import pytest

from rnncourse import nn
from rnncourse.nn import analysis, scan

COURSE = Path(__file__).parents[2]
NOTEBOOKS = [p for folder in ("chapters", "solutions") for p in (COURSE / folder).glob("*.ipynb")]
SCRIPTS = [p for folder in ("rnncourse/tasks", "rnncourse/widgets", "rnncourse/checking", "tools")
           for p in (COURSE / folder).rglob("*.py")]  # fmt: skip

# What is used without being imported: (where, the text that uses it).
OTHERWISE = {
    "SGD": ("chapters/07_1_tools_and_resources.ipynb", 'ours.compile("sgd"'),
    "mse": ("chapters/04_2_vanishing_gradients.ipynb", 'loss="mse"'),
    "sparse_cross_entropy": ("chapters/07_2_debugging.ipynb", '"sparse_cross_entropy"'),
    # from_keras makes them of the network of lesson 6.1.
    "Bidirectional": ("chapters/06_1_text_and_sentiment.ipynb", "layers.Bidirectional("),
    "Dropout": ("chapters/06_1_text_and_sentiment.ipynb", "layers.Dropout("),
    # Lesson 9.2 explains Keras's, with which ours is equal.
    "Masking": ("chapters/09_2_twelve_questions.ipynb", "layers.Masking("),
}


def code(path):
    """The Python of a script, or of a notebook's code cells without their magics."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text
    cells = [c["source"] for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    return re.sub(r"^\s*[%!].*$", "", "\n".join("".join(source) for source in cells), flags=re.M)


def imported(path):
    """What a file imports from the engine, under the names that the engine gives it."""
    for node in ast.walk(ast.parse(code(path))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rnncourse.nn"):
            yield from (alias.name for alias in node.names)


ENGINE = {path: set(imported(path)) for path in [*NOTEBOOKS, *SCRIPTS]}
ENGINE = {path: names for path, names in ENGINE.items() if names}
IMPORTED = set().union(*ENGINE.values())


def attributes(*needed):
    """The attributes that occur in files which import all of `needed` from the engine."""
    trees = [ast.parse(code(path)) for path, names in ENGINE.items() if names.issuperset(needed)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("name", nn.__all__)
def test_a_public_name_of_the_engine_is_used(name):
    if name in OTHERWISE:
        file, text = OTHERWISE[name]
        assert text in code(COURSE / file)
    else:
        assert name in IMPORTED, f"{name}: use it in a lesson, or take it out of rnncourse.nn"


def test_the_table_of_exceptions_is_needed():
    assert set(OTHERWISE) <= set(nn.__all__)
    assert not IMPORTED & set(OTHERWISE)


def test_what_looks_into_a_layer_is_used():
    assert set(analysis.__all__) <= IMPORTED | attributes("analysis")
    assert set(scan.__all__) - {"combine"} <= attributes("scan")  # lesson 8 writes combine itself


def test_the_methods_of_a_model_are_used():
    public = {name for name in vars(nn.Sequential) if not name.startswith("_")}
    assert public - attributes("Sequential") == {"weights"}  # for optimizer.apply
