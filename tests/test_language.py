"""Which language is spoken, and English where it has no sentence."""

import subprocess
import sys

import pytest

from rnncourse import commands, language


@pytest.fixture
def half_translated(tmp_path, monkeypatch):
    """`commands.half` is translated in part, `commands.none` not at all."""
    english = 'one = "One {n}."\ntwo = "Two."\n[deep]\nthree = "Three."\nfour = "Four."\n'
    english += '[other]\nfive = "Five."\n'
    (tmp_path / "half.en.toml").write_text(english, "utf-8")
    (tmp_path / "half.zh.toml").write_text('one = "一 {n}。"\n[deep]\nthree = "三。"\n', "utf-8")
    (tmp_path / "none.en.toml").write_text('one = "One."\n', "utf-8")
    monkeypatch.setattr(commands, "__path__", [str(tmp_path), *commands.__path__])
    yield
    language.table.cache_clear()


@pytest.mark.parametrize(
    ("code", "chinese"),
    [
        ("one", "一 3。"),
        ("two", "Two."),
        ("deep.three", "三。"),
        ("deep.four", "Four."),
        ("other.five", "Five."),
    ],
)
def test_a_sentence_that_is_not_translated_is_said_in_english(half_translated, code, chinese):
    assert language.say("commands.half", code, "zh", n=3) == chinese


def test_a_module_that_is_not_translated_speaks_english(half_translated):
    assert language.table("commands.none", "zh") == language.table("commands.none", "en")


def test_what_has_no_sentence_in_any_language_is_an_error(half_translated):
    with pytest.raises(KeyError):
        language.say("commands.half", "six", "zh")
    with pytest.raises(FileNotFoundError, match=r"rnncourse/commands has no nobody\.en\.toml"):
        language.table("commands.nobody", "zh")


def test_the_environment_names_the_language_until_use_does(monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
    monkeypatch.setenv("RNNCOURSE_LANG", "zh")
    assert language.current() == "zh"
    language.use("en")
    assert language.current() == "en"


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"RNNCOURSE_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_system_names_its_language_in_the_order_of_gettext(monkeypatch, variables, spoken):
    for name in ("RNNCOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert language.current() == spoken


@pytest.mark.parametrize(("name", "spoken"), [("Chinese (Simplified)_China", "zh"), (None, "en")])
def test_windows_names_its_language_outside_the_environment(monkeypatch, name, spoken):
    for variable in ("RNNCOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(language.locale, "getlocale", lambda: (name, "cp936"))
    monkeypatch.setattr(language.sys, "platform", "win32")
    assert language.current() == spoken


@pytest.mark.parametrize("how", ["use", "environment"])
def test_an_unknown_language_is_refused_with_the_known_ones(monkeypatch, how):
    monkeypatch.setattr(language, "_chosen", None)
    monkeypatch.setenv("RNNCOURSE_LANG", "fr" if how == "environment" else "")
    with pytest.raises(ValueError, match=r"'fr'.*en, zh"):
        language.use("fr") if how == "use" else language.current()


def test_import_loads_numpy_at_most():
    code = "import rnncourse, sys; print({'tensorflow', 'keras', 'matplotlib'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
