"""Ranges, lock and environment agree, and a wheel built from the clone works alone."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
LOCKS = {
    name: [Requirement(line) for line in (ROOT / name).read_text("utf-8").splitlines()]
    for name in ("requirements.txt", "requirements-dev.txt")
}
LEARNER, DEV = LOCKS.values()
RANGES = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in {
        "": PROJECT["dependencies"],
        **PROJECT["optional-dependencies"],
        **PYPROJECT["dependency-groups"],
    }.items()
}
ALL_RANGES = [(extra, one) for extra, some in RANGES.items() for one in some]
FOR_CONTRIBUTORS = ("class", "dask", "postgres", "site", "dev")
LINUX = {"sys_platform": "linux", "platform_machine": "x86_64", "python_full_version": "3.11.7"}
# What a learner finds on Colab (August 2026, and a year before): installing must replace nothing.
COLAB = [
    {"numpy": "2.1.3", "matplotlib": "3.10.0", "ipywidgets": "7.7.1", "tensorflow": "2.20.0"},
    {"numpy": "2.0.2", "matplotlib": "3.10.0", "ipywidgets": "7.7.1", "tensorflow": "2.19.0"},
]
COLAB_ALWAYS = {"ipython": "7.34.0", "ipykernel": "6.17.1", "anywidget": "0.9.18"}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_names_and_exact_versions_only(name):
    lines = (ROOT / name).read_text("utf-8").splitlines()
    right = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.+]*( ; [^#/@]+)?")
    assert [line for line in lines if not right.fullmatch(line)] == []


@pytest.mark.parametrize(("extra", "wanted"), ALL_RANGES, ids=str)
def test_every_range_holds_the_locked_version(extra, wanted):
    names = {canonicalize_name(wanted.name)}
    names |= {"tensorflow-cpu"} if wanted.name == "tensorflow" else set()
    for lock in [DEV] if extra in FOR_CONTRIBUTORS else [LEARNER, DEV]:
        locked = [one for one in lock if one.name in names]
        assert locked, f"{wanted.name} is in no lock: run `make lock`"
        for one in locked:
            (exact,) = one.specifier
            assert wanted.specifier.contains(exact.version, prereleases=True), "run `make lock`"


def test_a_learner_gets_what_a_contributor_gets_in_the_same_versions():
    """Else `make lab` and `make test` would take turns in one .venv."""
    dev = {one.name: str(one.specifier) for one in DEV}
    assert {one.name: str(one.specifier) for one in LEARNER}.items() <= dev.items()


def test_a_learner_gets_nothing_that_only_contributors_need():
    here = [one.name for one in LEARNER if one.marker is None or one.marker.evaluate(LINUX)]
    assert len(here) <= 132  # with pip, setuptools and rnncourse itself at most 135
    ranges = [wanted.name for extra in FOR_CONTRIBUTORS for wanted in RANGES[extra]]
    assert {canonicalize_name(name) for name in ranges} & set(here) <= {"jinja2", "nbclient"}


def imports(notebook):
    """The packages that the code cells of this notebook import, at the top or inside."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    lines = [line for cell in code for line in cell.splitlines() if line.lstrip()[:1] not in "%!"]
    return set(re.findall(r"(?m)^ *(?:from|import) (\w+)", "\n".join(lines)))


def test_a_learners_packages_are_all_that_the_notebooks_import():
    distributions = metadata.packages_distributions()
    locked = {one.name for one in LEARNER}
    for notebook in [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("solutions/*.ipynb")]:
        for module in imports(notebook) - sys.stdlib_module_names - {"rnncourse"}:
            names = map(canonicalize_name, distributions[module])
            assert locked & {*names}, f"{notebook.name} imports {module}"


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_each_system_gets_one_tensorflow(system, machine):
    where = {"sys_platform": system, "platform_machine": machine}
    half_size = (system, machine) == ("linux", "x86_64") or system == "win32"
    for lock in LOCKS.values():
        builds = [one for one in lock if one.name.startswith("tensorflow")]
        found = [one.name for one in builds if one.marker.evaluate(where)]
        assert found == ["tensorflow-cpu" if half_size else "tensorflow"]


@pytest.mark.parametrize("found", COLAB)
def test_colab_satisfies_every_range_for_learners(found):
    found = found | COLAB_ALWAYS
    for wanted in [*RANGES[""], *RANGES["keras"]]:
        if wanted.name in found:
            assert wanted.specifier.contains(found[wanted.name]), wanted
    assert "tensorflow" not in {wanted.name for wanted in RANGES[""]}  # 573 MB not asked for


def test_binder_installs_a_learners_lock_and_nothing_else():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, listed = environment["dependencies"]
    assert (pip, listed) == ("pip", {"pip": ["-r requirements.txt", "-e ."]})
    version = python.removeprefix("python=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_bootstrap_takes_the_pythons_that_the_classifiers_name():
    pair = r"^OLDEST, NEWEST = \(3, (\d+)\), \(3, (\d+)\)"
    said = [*re.search(pair, (ROOT / "bootstrap.py").read_text("utf-8"), re.M).groups()]
    named = re.findall(r"Python :: 3\.(\d+)", " ".join(PROJECT["classifiers"]))
    assert [named[0], named[-1]] == said
    assert PROJECT["requires-python"] == f">=3.{said[0]}"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone")
def test_no_file_names_a_folder_of_this_machine():
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    files = [ROOT / name for name in names if name and (ROOT / name).is_file()]
    homes = {f"{Path.home()}/".encode(), f"{ROOT}/".encode()}
    assert [file for file in files if any(home in file.read_bytes() for home in homes)] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The folder of an unpacked wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    zipfile.ZipFile(built).extractall(folder / "alone")
    return folder / "alone"


def test_the_wheel_holds_every_file_of_the_package(wheel):
    here = {p.relative_to(ROOT) for p in (ROOT / "rnncourse").rglob("*") if p.is_file()}
    missing = {p for p in here if "__pycache__" not in p.parts and not (wheel / p).is_file()}
    assert not missing
    assert [name for name in ("tests", "tools", "benchmarks") if (wheel / name).exists()] == []


ALONE = """
import importlib, pathlib, pkgutil, sys
import rnncourse
from rnncourse import data, language, plots
from rnncourse.commands import main
from rnncourse.data import card, seattle_weather

package = pathlib.Path(rnncourse.__file__).parent
assert package == pathlib.Path(sys.argv[1], "rnncourse"), package
for path in package.rglob("*.toml"):
    module, lang, _ = ".".join(path.relative_to(package).parts).rsplit(".", 2)
    if lang in language.LANGUAGES:
        assert language.table(module, lang), path
for module in pkgutil.iter_modules(data.__path__):
    known = getattr(importlib.import_module(f"rnncourse.data.{module.name}"), "CARD", None)
    if known is not None and known.file is not None:
        assert card.read_bytes(known), module.name
assert seattle_weather.load() is not None
assert main.main(["--lang", "zh"]) == 0
"""


def test_the_wheel_works_alone(wheel, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", ALONE, wheel],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
