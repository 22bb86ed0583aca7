"""Colab, played: each notebook opened alone on a machine that has everything but rnncourse.

    python -m tests.places.colab [--versions current|lowest] [NOTEBOOK ...]

Makes a virtual environment like Colab's, or of the lowest versions that pyproject.toml allows, and
builds a wheel of this clone. Then it runs each notebook alone in an empty folder: its own cell
`setup` installs, from the wheel instead of the repository. A notebook must run to its end in the
kernel that it began in, and pip must not have touched what was there. Installing needs a network.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tests.places.played import ROOT, lessons, play

# Colab in August 2026, as far as the course meets it; the other packages follow from these.
CURRENT = [
    "tensorflow-cpu==2.20.0",  # the half-size build of the same code
    "numpy==2.1.3",
    "matplotlib==3.10.0",
    "ipywidgets==7.7.1",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "nbformat==5.10.4",
]
BESIDES = ["regex", "tabulate", "lxml", "psutil"]  # on Colab for other reasons; we use them too
KERAS = "keras==3.5.0"  # the oldest that TensorFlow 2.18 takes
INSTALLED = {"rnncourse", "sacrebleu", "portalocker", "colorama"}  # what `setup` may add
RENEWED = {"keras"}  # where it is older than 3.12, whose attention ignores the mask
OURS = ("RNNCOURSE_", "TF_", "OPENBLAS_", "PYTHONPATH", "JUPYTER", "MPLBACKEND", "VIRTUAL_ENV")
# Colab's front end, as far as a kernel sees it.
BEFORE = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
DRIVE = """
from pathlib import Path
from rnncourse import progress
progress.DRIVE = Path("../drive/MyDrive").resolve()
"""


def lowest():
    """Every range that Colab meets, at its lower end."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["keras"]]
    wanted = [Requirement(line) for line in [*lines, "ipykernel>=6.17"]]
    lows = [
        (one.name, next(s.version for s in one.specifier if s.operator == ">=")) for one in wanted
    ]
    lows = [(name.replace("tensorflow", "tensorflow-cpu"), low) for name, low in lows]
    # ~= 5.0.0 means 5.0.*: not every project published a .0
    return [f"{name}~={low}.0" for name, low in lows if name != "sacrebleu"] + [KERAS]


def environment(folder, versions):
    """The Python of a new environment in `folder`, or of the one that is there."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        wanted = [*(CURRENT if versions == "current" else lowest()), *BESIDES]
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *wanted], check=True)
    return python


def wheel(folder):
    """A wheel of this clone."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("rnncourse-*.whl"))


def packages(python):
    """{name: version} of what pip sees."""
    freeze = [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    lines = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout.split()
    return dict(line.split("==") for line in lines)


def forget(python):
    """What a new machine of Colab does not have."""
    remove = [python, "-m", "pip", "uninstall", "--quiet", "--yes", *sorted(INSTALLED)]
    subprocess.run(remove, check=True, capture_output=True)


def surroundings(folder):
    """The kernel's environment: nothing of ours, and a home of its own."""
    there = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return there | {"HOME": str(folder), "COLAB_RELEASE_TAG": "played"}


def visit(path, python, folder, built, drive=False):
    """(Played, what pip changed) of a notebook opened on a machine that never saw the course."""
    forget(python)
    had = packages(python)
    then = DRIVE if drive else ""
    options = {"installs": built, "before": BEFORE, "then": then}
    played = play(path, python, folder, environment=surroundings(folder), **options)
    has = packages(python)
    changed = {name for name in had.keys() | has.keys() if had.get(name) != has.get(name)}
    return played, changed - INSTALLED - RENEWED


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.places.colab", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--versions", choices=("current", "lowest"), default="current")
    parser.add_argument("--keep", type=Path, help="make the environment here and let it stay")
    parser.add_argument("--words", action="store_true", help="show what differs")
    asked = parser.parse_args(arguments)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = environment((asked.keep or folder / "colab").absolute(), asked.versions)
        built = wheel(folder)
        for n, path in enumerate(asked.notebooks or lessons("chapters", "exercises", "solutions")):
            played, changed = visit(path, python, folder / f"alone-{n}", built)
            print(played.row(), flush=True)
            if asked.words:
                for cell, (then, now) in played.differs.items():
                    print(f"--- {cell}, stored:\n{then}\n--- here:\n{now}")
            if changed:
                print(f"✗ pip changed {', '.join(sorted(changed))}")
            if played.error:
                print(played.error)
            failed |= bool(changed or played.error)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
