"""The short form of the scripts beside this file: a lesson and an exercise, without a download.

The whole runs once a week, see .github/workflows/places.yml.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.places import binder, colab, without_tensorflow
from tests.places.played import ROOT, play
from tools.links import project, setup_cell

NOT_THERE = ("rnncourse", "_rnncourse", "_editable_impl_rnncourse")
needs_links = pytest.mark.skipif(os.name == "nt", reason="Windows links only for administrators")


@pytest.fixture(scope="module")
def without_rnncourse(tmp_path_factory):
    """A Python with all that this one has, except rnncourse: Colab's as far as one lesson goes."""
    folder = tmp_path_factory.mktemp("colab") / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    here = Path(sysconfig.get_path("purelib"))
    there = folder / here.relative_to(sys.prefix)
    for entry in here.iterdir():
        if not entry.name.startswith(NOT_THERE) and not (there / entry.name).exists():
            (there / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return colab.wheel(tmp_path_factory.mktemp("wheel"))


@needs_links
def test_setup_installs_in_colab_and_drive_keeps_what_is_solved(without_rnncourse, built, tmp_path):
    """The solutions of lesson 3, alone in a folder, with Drive mounted; then the untouched task."""
    drive = tmp_path / "drive" / "MyDrive"
    drive.mkdir(parents=True)
    where = {"environment": colab.surroundings(tmp_path), "before": colab.BEFORE}
    path = ROOT / "solutions" / "03_algorithm.ipynb"
    options = {"installs": f"--no-index {built}", "then": colab.DRIVE}
    played = play(path, without_rnncourse, tmp_path / "alone", **options, **where)
    assert not played.error
    assert not played.differs
    assert (drive / "rnncourse" / "progress.sqlite").is_file()
    assert not (tmp_path / ".rnncourse").exists()


@needs_links
def test_a_failed_installation_says_what_to_do(without_rnncourse, tmp_path):
    subprocess.run(
        [without_rnncourse, "-m", "pip", "uninstall", "-q", "-y", "rnncourse"], check=True
    )
    where = colab.surroundings(tmp_path)
    nowhere = f"--no-index {tmp_path / 'nothing.whl'}"
    path = ROOT / "exercises" / "03_algorithm.ipynb"
    played = play(path, without_rnncourse, tmp_path / "alone", installs=nowhere, environment=where)
    assert "Not installed; pip says why above. Online? Then run this again." in played.error


@pytest.mark.parametrize("folder", ["chapters", "exercises"])
def test_lesson_3_runs_without_tensorflow(folder, tmp_path):
    played = without_tensorflow.visit(ROOT / folder / "03_algorithm.ipynb", tmp_path)
    assert not played.error
    assert played.differs.keys() <= without_tensorflow.COMPARES


def test_binder_opens_the_notebooks_of_the_readme():
    found = binder.links()
    assert found
    for notebook, path in found.items():
        assert (ROOT / notebook).is_file()
        assert path == f"lab/tree/{notebook}"


def test_binder_starts_with_what_rnncourse_lab_sets(tmp_path):
    start = ROOT / "start"
    assert start.read_text().splitlines()[0] == "#!/bin/bash"  # repo2docker's rule
    if os.name == "nt":
        return
    assert os.access(start, os.X_OK)
    there = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    say = "import os; print(os.environ['OPENBLAS_NUM_THREADS'], os.environ['JUPYTER_CONFIG_PATH'])"
    done = subprocess.run(
        [start, "python", "-c", say], env=there, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.startswith("1 "), done.stderr


def test_the_cell_that_scripts_rewrite_is_in_every_notebook():
    assert setup_cell("en", **project(ROOT)).count("git+https://") == 1
