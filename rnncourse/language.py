"""The language of everything the course says to a learner: English or Simplified Chinese.

Sentences live in TOML files beside the module that speaks, `<module>.<lang>.toml`, never in code:
`tasks/ch03.en.toml` belongs to `tasks/ch03.py`. A template's placeholders are `str.format` fields.
"""

import contextlib
import locale
import os
import sys
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

__all__ = ["LANGUAGES", "current", "say", "table", "use"]

LANGUAGES = ("en", "zh")
_chosen = None


def use(lang):
    """Speak `lang`, "en" or "zh", from here on. Lessons call it in their setup cell."""
    global _chosen
    if lang not in LANGUAGES:
        raise ValueError(f"received language {lang!r}; write one of {', '.join(LANGUAGES)}")
    _chosen = lang


def current():
    """The language in use: `use()`'s, else RNNCOURSE_LANG, else the system's."""
    wanted = os.environ.get("RNNCOURSE_LANG", "")
    if _chosen is None and wanted and wanted not in LANGUAGES:
        raise ValueError(f"RNNCOURSE_LANG is {wanted!r}; set it to one of {', '.join(LANGUAGES)}")
    return _chosen or wanted or _of_the_system()


def _of_the_system():
    """The first of these variables that is set decides, as in GNU gettext."""
    wanted = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    if sys.platform == "win32":  # its language stands in no variable
        with contextlib.suppress(ValueError):  # a locale that Python has no name for
            wanted.append(locale.getlocale()[0] or "")
    name = next(filter(None, wanted), "")
    return "zh" if name.startswith(("zh", "Chinese")) else "en"


@cache
def table(module, lang):
    """All sentences of one module in one language, as nested dictionaries.

    `module` is dotted and inside rnncourse: `table("tasks.ch03", "zh")` reads tasks/ch03.zh.toml.
    What a language lacks, a sentence or its whole file, is English. An instructor's own module of
    tasks may have no sentences at all.
    """
    *folder, name = module.split(".")
    places = import_module(".".join(["rnncourse", *folder])).__path__
    english, own = (_read(places, f"{name}.{wanted}.toml") for wanted in ("en", lang))
    if english is None and own is None:
        if any(Path(place, f"{name}.py").is_file() for place in places[1:]):
            return {}
        raise FileNotFoundError(f"rnncourse/{'/'.join(folder)} has no {name}.en.toml")
    return _over(english or {}, own or {})


def _read(places, file):
    """What this TOML file holds in the first of these folders that has it, or None."""
    paths = (Path(place, file) for place in places)
    path = next((path for path in paths if path.is_file()), None)
    return path and tomllib.loads(path.read_text("utf-8"))


def _over(english, own):
    """The sentences of `own`, and the English ones wherever it has none."""
    both = english | own
    for key in english.keys() & own.keys():
        if isinstance(own[key], dict):
            both[key] = _over(english[key], own[key])
    return both


def say(module, code, lang=None, **facts):
    """One sentence: the template at the dotted `code` of `module`, filled with `facts`."""
    sentence = table(module, lang or current())
    for key in code.split("."):
        sentence = sentence[key]
    return sentence.format(**facts)
