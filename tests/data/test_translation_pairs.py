"""What lesson 6.2 trains on: pairs that are right, and of which no test part was seen."""

import datetime
import re
from itertools import pairwise

import numpy as np
import pytest

from rnncourse.data import cldr_dates, gettext_pairs, synthetic_clauses, translation_runs


def test_no_day_is_in_both_parts_and_every_target_is_its_date():
    train, test = cldr_dates.load(3000, 700)
    assert (len(train), len(test)) == (3000, 700)
    assert not set(train.target) & set(test.target)
    for part in (train, test):
        for source, target in zip(part.source[:200], part.target, strict=False):
            date = datetime.date.fromisoformat(target)
            assert str(date.year) in source
            assert str(date.day) in source
        for language in ("en", "fr", "zh"):
            assert 0.28 < np.mean([found == language for found in part.language]) < 0.39


def test_a_date_is_written_as_the_cldr_says():
    date = datetime.date(2015, 3, 4)
    written = {
        ("en", "EEEE, MMMM d, y"): "Wednesday, March 4, 2015",
        ("en", "E, dd MMM y"): "Wed, 04 Mar 2015",
        ("fr", "E d MMM y"): "mer. 4 mars 2015",
        ("zh", "y年M月d日EEEE"): "2015年3月4日星期三",
    }
    for (language, form), text in written.items():
        assert cldr_dates.write(date, language, form) == text


def test_no_form_leaves_day_and_month_open():
    for forms in cldr_dates.forms().values():
        assert all("MMM" in f or "月" in f or f.lstrip("E, ").startswith("y") for f in forms)
        assert not any("yy" in form for form in forms)


@pytest.mark.parametrize(("n_train", "n_test"), [(0, 5), (5, 0), (36_000, 1_000)])
def test_too_many_dates_or_none_are_refused_with_the_number_there_is(n_train, n_test):
    with pytest.raises(ValueError, match="there are 36,525 days"):
        cldr_dates.load(n_train, n_test)


def test_only_the_languages_asked_for_are_written():
    train, _ = cldr_dates.load(300, 50, languages=("en",))
    assert set(train.language) == {"en"}
    for languages in (("de",), ()):
        with pytest.raises(ValueError, match="There are forms for en, fr, zh, not for"):
            cldr_dates.load(300, 50, languages=languages)


def test_an_unknown_form_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="no form 'M/d/yy' in 'en'; there are: E d MMM y"):
        cldr_dates.write(datetime.date(2015, 3, 4), "en", "M/d/yy")
    with pytest.raises(ValueError, match="there are: en, fr, zh"):
        cldr_dates.write(datetime.date(2015, 3, 4), "de", "y")


@pytest.mark.parametrize("language", gettext_pairs.LANGUAGES)
def test_no_sentence_of_a_part_occurs_in_another(language):
    pairs = gettext_pairs.load(language)
    parts = {name: pairs.only(name)[0] for name in ("train", "test", "unseen")}
    bare = {
        name: {" ".join(re.findall(r"\w+", text.lower())) for text in texts}
        for name, texts in parts.items()
    }
    assert [len(bare[name]) for name in parts] == [len(texts) for texts in parts.values()]
    for one, other in pairwise(["train", "test", "unseen", "train"]):
        assert not bare[one] & bare[other]
    assert len(parts["test"]) == 500
    assert set(pairs.program[pairs.part == "unseen"]) == {"wagtail"}
    assert "wagtail" not in pairs.program[pairs.part != "unseen"]


def test_both_languages_are_tested_on_the_same_sentences():
    zh, fr = (gettext_pairs.load(language).only("test")[0] for language in ("zh", "fr"))
    assert zh == fr


@pytest.mark.parametrize("language", gettext_pairs.LANGUAGES)
def test_sentences_are_short_and_without_markup(language):
    pairs = gettext_pairs.load(language)
    assert max(len(gettext_pairs.tokens(text)) for text in pairs.source) <= 10
    assert max(len(gettext_pairs.tokens(text)) for text in pairs.target) <= 16
    for text in (*pairs.source, *pairs.target):
        assert not set(text) & set("%{<>&\\@#|_=\n\t")


def test_tokens_are_words_with_their_apostrophe_and_chinese_characters():
    assert gettext_pairs.tokens("Ouvrir l’Éditeur") == ["ouvrir", "l'", "éditeur"]
    assert gettext_pairs.tokens("打开 Python 文件。") == ["打", "开", "python", "文", "件", "。"]
    assert gettext_pairs.join(["ouvrir", "l'", "éditeur"], "fr") == "ouvrir l'éditeur"
    assert gettext_pairs.join(["打", "开"], "zh") == "打开"
    with pytest.raises(ValueError, match="leave out empty sentences"):
        gettext_pairs.tokens("  ")


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="zh and fr, not for 'de'"):
        gettext_pairs.load("de")
    with pytest.raises(ValueError, match="zh and fr, not 'de'"):
        synthetic_clauses.load("de")
    with pytest.raises(ValueError, match="at least one clause"):
        synthetic_clauses.load("zh", clauses=(0,))


def test_the_licence_of_every_program_travels_with_its_sentences():
    licences = gettext_pairs.licences()
    assert licences.keys() == set(gettext_pairs.load("fr").program)
    assert all("WARRANT" in text.upper() and "Copyright" in text for text in licences.values())


def test_a_list_is_things_without_a_verb():
    words, tokens = synthetic_clauses.translate([("two", "old", "cat"), ("a", None, "lamp")], "zh")
    assert (" ".join(words), "".join(tokens)) == ("two old cats and a lamp", "两只老猫，一盏灯")
    lists = synthetic_clauses.load("fr", 200, clauses=(2, 4), lists=True)
    assert all(s.count("and") == n - 1 for s, n in zip(lists.source, lists.n_clauses, strict=True))
    verbs = {form.split()[0] for forms in synthetic_clauses.VERBS.values() for form in forms[:2]}
    assert not any(verbs & set(sentence) for sentence in lists.source)


# As a speaker would write them: number, classifier, agreement, place of the adjective, elision.
CLAUSES = {
    (("two", "old", "cat"), "seek", ("the", "white", "umbrella")): (
        "two old cats look for the white umbrella",
        "两只老猫寻找那把白伞",
        "deux vieux chats cherchent le parapluie blanc",
    ),
    (("a", "old", "bird"), "see", ("the", None, "plane")): (
        "an old bird sees the plane",
        "一只老鸟看见那架飞机",
        "un vieil oiseau voit l'avion",
    ),
    (("these", "beautiful", "cow"), "like", ("the", "red", "church")): (
        "these beautiful cows like the red church",
        "这些美丽的牛喜欢那座红教堂",
        "ces belles vaches aiment l'église rouge",
    ),
    (("the", None, "fox"), "find", ("a", "old", "book")): (
        "the fox finds an old book",
        "那只狐狸找到一本旧书",
        "le renard trouve un vieux livre",
    ),
    (("three", "big", "horse"), "push", ("a", "big", "church")): (
        "three big horses push a big church",
        "三匹大马推一座大教堂",
        "trois grands chevaux poussent une grande église",
    ),
}


@pytest.mark.parametrize("clause", CLAUSES, ids=str)
def test_the_grammar_writes_what_a_speaker_would(clause):
    english, chinese, french = CLAUSES[clause]
    words, tokens = synthetic_clauses.translate([clause], "zh")
    assert (" ".join(words), "".join(tokens)) == (english, chinese)
    words, tokens = synthetic_clauses.translate([clause], "fr")
    assert " ".join(tokens).replace("' ", "'") == french


@pytest.mark.parametrize("language", synthetic_clauses.LANGUAGES)
def test_new_pairs_are_in_every_new_sentence_and_in_no_other(language):
    known = synthetic_clauses.load(language, 800, clauses=(1, 2, 3))
    fresh = synthetic_clauses.load(language, 300, new=True, seed=1)
    singular = {form: noun for noun, (form, *_) in synthetic_clauses.NOUNS.items()}

    def met(sentence):
        nouns = [singular.get(word, word) for word in sentence]
        return any(pair in synthetic_clauses.NEW for pair in pairwise(nouns))

    assert not any(met(sentence) for sentence in known.source)
    assert all(met(sentence) for sentence in fresh.source)
    assert len({tuple(s) for s in known.source}) == len(known) == 800
    assert set(known.n_clauses) == {1, 2, 3}
    assert all(s.count("and") == n - 1 for s, n in zip(known.source, known.n_clauses, strict=True))


def test_every_kept_run_translated_all_sentences():
    runs = translation_runs.load()
    n_unseen = {"zh": 649, "fr": 826}
    for run in runs:
        assert (len(run.test), len(run.unseen)) == (500, n_unseen[run.language])
        assert run.beam is None or len(run.beam) == 500
        assert run.seconds > 0 < run.parameters
        assert run.n_pairs == len(gettext_pairs.load(run.language).only("train")[0][:: run.share])
    full = {(run.language, run.seed) for run in runs if run.share == 1 and run.attention}
    assert full >= {(language, seed) for language in ("zh", "fr") for seed in range(3)}
    assert len({(r.language, r.attention, r.share, r.epochs, r.seed) for r in runs}) == len(runs)
