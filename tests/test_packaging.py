"""Ranges, lock and environment agree, and a wheel built from the clone works alone."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
LOCK_LINES = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
LOCK = [Requirement(line) for line in LOCK_LINES]
RANGES = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in {
        "": PROJECT["dependencies"],
        **PROJECT["optional-dependencies"],
        **PYPROJECT["dependency-groups"],
    }.items()
}
ALL_RANGES = [(extra, one) for extra, some in RANGES.items() for one in some]
# What a learner finds on Colab (August 2026, and a year before): installing must replace nothing.
COLAB = [
    {"numpy": "2.1.3", "matplotlib": "3.10.0", "ipywidgets": "7.7.1", "tensorflow": "2.20.0"},
    {"numpy": "2.0.2", "matplotlib": "3.10.0", "ipywidgets": "7.7.1", "tensorflow": "2.19.0"},
]
COLAB_ALWAYS = {"ipython": "7.34.0", "ipykernel": "6.17.1", "anywidget": "0.9.18"}


@pytest.mark.parametrize("line", LOCK_LINES)
def test_the_lock_holds_names_and_exact_versions_only(line):
    assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*( ; [^#/@]+)?", line)


@pytest.mark.parametrize(("extra", "wanted"), ALL_RANGES, ids=str)
def test_every_range_holds_the_locked_version(extra, wanted):
    names = {canonicalize_name(wanted.name)}
    names |= {"tensorflow-cpu"} if wanted.name == "tensorflow" else set()
    locked = [one for one in LOCK if one.name in names]
    assert locked, f"{wanted.name} is not in requirements.txt: run `make lock`"
    for one in locked:
        (exact,) = one.specifier
        assert wanted.specifier.contains(exact.version, prereleases=True), "run `make lock`"


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_each_system_gets_one_tensorflow(system, machine):
    where = {"sys_platform": system, "platform_machine": machine}
    found = [r.name for r in LOCK if r.name.startswith("tensorflow") and r.marker.evaluate(where)]
    half_size = (system, machine) == ("linux", "x86_64") or system == "win32"
    assert found == ["tensorflow-cpu" if half_size else "tensorflow"]


@pytest.mark.parametrize("found", COLAB)
def test_colab_satisfies_every_range_for_learners(found):
    found = found | COLAB_ALWAYS
    for wanted in [*RANGES[""], *RANGES["keras"]]:
        if wanted.name in found:
            assert wanted.specifier.contains(found[wanted.name]), wanted
    assert "tensorflow" not in {wanted.name for wanted in RANGES[""]}  # 573 MB not asked for


def test_the_environment_installs_the_lock_and_nothing_else():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, listed = environment["dependencies"]
    assert (pip, listed) == ("pip", {"pip": ["-r requirements.txt", "-e ."]})
    version = python.removeprefix("python=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_bootstrap_takes_the_pythons_that_the_classifiers_name():
    said = re.findall(
        r"^(?:OLDEST|NEWEST) = \(3, (\d+)\)", (ROOT / "bootstrap.py").read_text(), re.M
    )
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
    assert not (wheel / "tests").exists()


ALONE = """
import importlib, pathlib, pkgutil, sys
import rnncourse
from rnncourse import cli, data, language, plots
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
assert cli.main(["--lang", "zh"]) == 0
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
