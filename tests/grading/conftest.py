"""For every test of the grader: English, and a folder that other users may enter."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


@pytest.fixture
def place():
    """A folder that every user may enter and write to; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="class-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
