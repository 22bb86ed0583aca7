"""LICENSES-DATA.md says of every dataset what its card says, and carries the notices."""

import re
import tomllib
from pathlib import Path

import pytest

import rnncourse.data
from rnncourse.environment import course_folder
from tools import licences

CARDS = licences.datasets()
SHIPPED = Path(rnncourse.data.__file__).parent / "files"
KEPT = tomllib.loads(licences.KEPT.read_text("utf-8"))


def test_the_page_is_not_stale():
    found = (course_folder() / licences.NAME).read_text("utf-8")
    assert found == licences.page(), "run `make sync`"


@pytest.mark.parametrize("name", CARDS)
def test_every_dataset_is_on_the_page(name):
    card, page = CARDS[name], licences.page()
    assert f"`rnncourse.data.{name}`" in page
    for said in (card.title, card.licence, card.source, card.citation, card.changes):
        assert said in page


def test_every_file_that_travels_is_on_a_card():
    named = {card.file for card in CARDS.values()} - {None}
    assert {path.name for path in SHIPPED.iterdir() if path.is_file()} == named


@pytest.mark.parametrize("name", [n for n, card in CARDS.items() if card.file])
def test_what_must_travel_with_copies_is_there(name):
    """A licence that asks for its notice has it: by licences.toml, or by the dataset itself."""
    licence = CARDS[name].licence
    asks = re.search(r"MIT|BSD|Unicode License", licence) and "as this course" not in licence
    module = __import__(f"rnncourse.data.{name}", fromlist=["licences"])
    has = name in KEPT["notices"] or hasattr(module, "licences")
    borrowed = "as the sentences they were trained on" in licence  # theirs is on the page
    assert has or borrowed or not asks, f"add the line of copyright of {name} to licences.toml"


def test_a_notice_belongs_to_a_dataset_and_a_text_to_a_licence():
    assert set(KEPT["notices"]) <= set(CARDS)
    for name in KEPT["texts"]:
        assert any(name in card.licence for card in CARDS.values())


def test_check_writes_nothing_and_the_command_mends(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(licences, "course_folder", lambda: tmp_path)
    assert licences.main(["--check"]) == 1
    assert not list(tmp_path.iterdir())
    assert licences.main([]) == 0
    assert licences.main(["--check"]) == 0
    assert capsys.readouterr().out.split() == ["stale", licences.NAME, "wrote", licences.NAME]
