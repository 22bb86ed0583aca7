"""Imports run one way: each part of rnncourse knows the parts below it, and TensorFlow waits.

The table is DESIGN's arrow diagram. Where a new import fails here, move the code that needs it,
or change the table and say why in the commit.
"""

import ast
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import rnncourse

PACKAGE = Path(rnncourse.__file__).parent
EVERYTHING = ("",)

# part: (what of rnncourse it may import, which other packages). The longest fitting name rules.
MAY = {
    "language": ((), ()),
    "safe_path": ((), ()),
    "time_limit": ((), ()),
    "nn": (("nn",), ("numpy",)),
    "nn.functions": ((), ("numpy",)),
    "nn.keras_words": ((), ()),
    "nn.losses": (("nn.functions", "nn.keras_words"), ("numpy",)),
    "nn.gradcheck": ((), ("numpy",)),
    "nn.optimizers": (("nn.keras_words",), ("numpy",)),
    "nn.cells": (("nn.functions",), ("numpy",)),
    "nn.plain": ((), ("numpy",)),
    "nn.layers": (("nn.cells", "nn.functions", "nn.keras_words", "nn.layers"), ("numpy",)),
    "nn.model": (("nn",), ("numpy",)),
    "nn.keras_bridge": (("nn.layers", "nn.model"), ("numpy", "keras")),
    "data": (("data",), ("numpy",)),
    "plots": (("plots",), ("numpy", "matplotlib", "IPython")),
    "widgets": (
        ("widgets", "plots", "nn", "data", "language"),  # data: an explorer may show a real series
        ("numpy", "matplotlib", "ipywidgets", "anywidget"),
    ),
    "environment": ((), ()),
    "progress": (("language",), ()),
    "checking": (("checking", "language", "progress", "time_limit"), ("numpy",)),
    "tasks": ((), ()),
    "tasks.ch*": (
        (
            *("tasks.ch*_data", "checking.task", "checking.attempt"),
            *("checking.cases", "checking.mistakes", "nn", "data"),
        ),
        ("numpy",),
    ),
    # A process that runs a submission imports these: no reference, no mistake, no chapter.
    "tasks.ch*_data": (("checking.held_out", "nn", "data"), ("numpy",)),
    "grading": (
        ("grading", "checking", "tasks", "language", "time_limit"),
        ("numpy", "nbformat", "IPython"),
    ),
    # Each room of the grader knows those before it, and none the class.
    "grading.lessons": (("tasks",), ()),
    "grading.notebook": (("grading.lessons",), ("nbformat",)),
    "grading.untrusted": ((), ("numpy",)),
    "grading.fingerprint": ((), ()),
    "grading.isolation": (
        ("grading.isolation", "grading.lessons", "checking", "tasks", "data", "language"),
        (),
    ),
    "grading.runner": (
        (
            *("grading.runner", "grading.isolation", "grading.notebook", "grading.untrusted"),
            *("grading.fingerprint", "checking", "tasks", "time_limit"),
        ),
        ("numpy",),
    ),
    "grading.session": (
        ("grading.runner", "grading.notebook", "grading.untrusted", "checking"),
        ("numpy",),
    ),
    "grading.judge": (
        (
            *("grading.session", "grading.lessons", "grading.notebook", "grading.untrusted"),
            "checking",
        ),
        ("numpy",),
    ),
    "commands": (EVERYTHING, ()),
    "__main__": (("commands.main",), ()),
}
# Inside a function, and only there, also these of ours; of other packages any.
LAZILY = {"nn": ("nn.keras_bridge",)}


def modules():
    """{dotted name inside rnncourse: its file}."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts).removesuffix("__init__").rstrip(".")] = path
    return found


def within(name, parts):
    return any(
        part == "" or fnmatchcase(name, part) or name.startswith(f"{part}.") for part in parts
    )


def rule(name):
    """The entry of MAY for a module; tasks.ch05 falls under tasks.ch*."""
    fitting = [key for key in MAY if within(name, [key])]
    assert fitting, f"{name} is in no line of MAY: add one"
    return MAY[max(fitting, key=len)]


def runs_later(node):
    """Whether what stands inside does not run when the module is imported."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def imports(path):
    """(name, whether it happens inside a function) of every import of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    later = [node for node in ast.walk(tree) if runs_later(node)]
    lazy = {id(inner) for node in later for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write imports in full"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                is_ours = inside.removeprefix("rnncourse.") in MODULES
                yield inside if is_ours else node.module, id(node) in lazy


MODULES = modules()


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_imports_run_one_way(name):
    ours, others = rule(name)
    for imported, lazy in imports(MODULES[name]):
        top, _, inside = imported.partition(".")
        if top == "rnncourse":
            may = ours + (LAZILY.get(name, ()) if lazy else ())
            allowed = not inside or within(inside, may)
            allowed = allowed and (lazy or inside != "nn.keras_bridge")  # it starts TensorFlow
        else:
            allowed = lazy or top in others or top in sys.stdlib_module_names
        assert allowed, f"{name} may not import {imported}{'' if lazy else ' at the top'}"


def test_the_package_itself_imports_nothing():
    assert list(imports(MODULES[""])) == []


def test_the_walk_sees_what_it_should(tmp_path):
    source = "import keras\nfrom rnncourse import language\ndef f():\n    from os import path\n"
    (tmp_path / "x.py").write_text(source)
    found = [("keras", False), ("rnncourse.language", False), ("os", True)]
    assert list(imports(tmp_path / "x.py")) == found


@pytest.mark.parametrize(
    ("name", "imported", "fits"),
    [
        ("nn.cells", "nn.functions", True),
        ("nn.cells", "nn.layers.dense", False),
        ("plots.lines", "nn.layers", False),
        ("tasks.ch05", "nn.model", True),
        ("tasks.ch05", "checking.compare", False),
        ("tasks.ch05", "tasks.ch05_data", True),
        ("tasks.ch05_data", "checking.held_out", True),
        ("tasks.ch05_data", "tasks.ch05", False),
        ("checking.task", "checking.compare", True),
        ("checking.task", "tasks", False),
        ("grading.runner.serve", "grading.classroom.policy", False),
        ("data.card", "nn", False),
    ],
)
def test_the_table_says_what_design_says(name, imported, fits):
    assert within(imported, rule(name)[0]) is fits
