"""The two languages say the same things, with the same facts in them."""

import string
import subprocess
import sys
from pathlib import Path

import pytest

import rnncourse
from rnncourse import language

PACKAGE = Path(rnncourse.__file__).parent
SPEAKERS = sorted(
    ".".join(path.relative_to(PACKAGE).parts).removesuffix(".en.toml")
    for path in PACKAGE.rglob("*.en.toml")
)


def flatten(table, prefix=""):
    """{dotted code: [templates]} of nested tables; a list of hints counts as its templates."""
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value if isinstance(value, list) else [value]
    return flat


def fields(template):
    """The names of the placeholders of one template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("module", SPEAKERS)
def test_both_languages_have_the_same_codes_and_placeholders(module):
    en, zh = (flatten(language.table(module, lang)) for lang in language.LANGUAGES)
    assert en.keys() == zh.keys()
    for code in en:
        assert list(map(fields, en[code])) == list(map(fields, zh[code])), code


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
