"""The list of lesson 7.1: every entry is complete, and a broken one is refused by its name."""

from dataclasses import fields

import pytest

from rnncourse.data import resources

ALL = resources.load()
WHOLE = {
    "title": "A book",
    "by": "Somebody",
    "kind": "book",
    "url": "https://example.org/book",
    "best_for": "One thing",
    "begin": "Chapter 1",
    "level": "beginner",
    "cost": "free",
    "language": "English",
    "lacks": "Another thing",
}


def faults(resource):
    """What keeps an entry out of a table's cells, one line per fault."""
    texts = {field.name: getattr(resource, field.name) for field in fields(resource)}
    for name, text in texts.items():
        if isinstance(text, str) and (not text or text != text.strip() or set("|") & set(text)):
            yield f"{resource.title}: {name} {text!r}"
        if isinstance(text, str) and text.endswith("."):
            yield f"{resource.title}: {name} ends in a full stop"
    yield from (
        f"{resource.title}: {name} is long"
        for name in ("best_for", "lacks")
        if len(texts[name].split()) > 20
    )


def test_every_entry_says_all_of_it_in_a_few_words():
    assert [fault for resource in ALL for fault in faults(resource)] == []
    assert all(resource.url.startswith("https://") for resource in ALL)


def test_the_documents_four_are_there_first():
    said = [resource.title for resource in ALL if resource.in_document]
    assert said == ["TensorFlow", "Keras", "Deep Learning Specialization", "Deep Learning"]
    assert said == [resource.title for resource in ALL[:4]]
    begin = ALL[3].begin
    assert all(chapter in begin for chapter in ("6.5", "chapter 8", "chapter 10"))


def test_there_is_a_choice():
    assert len(ALL) >= 16
    assert len({resource.title for resource in ALL}) == len({r.url for r in ALL}) == len(ALL)
    for kind in resources.KINDS:
        assert any(resource.kind == kind for resource in ALL), kind
    for level in resources.LEVELS:
        assert sum(resource.level == level for resource in ALL) >= 4, level
    assert any("Chinese" in resource.language for resource in ALL)


@pytest.mark.parametrize("field", sorted(WHOLE))
def test_a_field_that_is_missing_or_empty_is_refused(field):
    assert resources.of_entry(WHOLE).title == "A book"
    for broken in (WHOLE | {field: " "}, {k: v for k, v in WHOLE.items() if k != field}):
        with pytest.raises(ValueError, match=f"as {field}: expected a text"):
            resources.of_entry(broken)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": "http://example.org"}, "expected https"),
        ({"url": "example.org"}, "expected https"),
        ({"url": "https://example.org/a b"}, "expected https"),
        ({"level": "easy"}, "'easy' as level: expected one of"),
        ({"cost": "cheap"}, "'cheap' as cost: expected one of"),
        ({"kind": "film"}, "'film' as kind: expected one of"),
        ({"price": "3"}, "has the field 'price'"),
        ({"title": ""}, "without title"),
    ],
)
def test_an_entry_that_is_not_as_expected_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        resources.of_entry(WHOLE | change)
