"""LICENSES-DATA.md says of every dataset what its card says, and carries the notices."""

import importlib
import re
import tomllib
from pathlib import Path

import rnncourse.data
from rnncourse.environment import course_folder
from tools import licences

CARDS = licences.datasets()
SHIPPED = Path(rnncourse.data.__file__).parent / "files"
KEPT = tomllib.loads(licences.KEPT.read_text("utf-8"))


def test_the_page_is_not_stale():
    found = (course_folder() / licences.NAME).read_text("utf-8")
    assert found == licences.page(), "run `make sync`"


def test_every_dataset_is_on_the_page():
    page = licences.page()
    for name, card in CARDS.items():
        said = (card.title, card.licence, card.source, card.citation, card.changes)
        for text in (f"`rnncourse.data.{name}`", *said):
            assert text in page, name


def test_every_file_that_travels_is_on_a_card():
    named = {card.file for card in CARDS.values()} - {None}
    assert {path.name for path in SHIPPED.iterdir() if path.is_file()} == named


def lacks_notice(name):
    """Whether a dataset's licence asks for its notice, and neither the page nor the data has it."""
    licence = CARDS[name].licence
    asks = re.search(r"MIT|BSD|Unicode License", licence) and "as this course" not in licence
    module = importlib.import_module(f"rnncourse.data.{name}")
    has = name in KEPT["notices"] or hasattr(module, "licences")
    borrowed = "as the sentences they were trained on" in licence  # theirs is on the page
    return asks and not has and not borrowed


def test_what_must_travel_with_copies_is_there():
    lacking = [name for name, card in CARDS.items() if card.file and lacks_notice(name)]
    assert lacking == [], "add their lines of copyright to licences.toml"


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
