"""For every test: the language that another one chose is not this one's."""

import pytest

from rnncourse import language


@pytest.fixture(autouse=True)
def _no_language_chosen(monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
