"""The language of everything the course says to a learner: English or Simplified Chinese.

Sentences live in TOML files beside the module that speaks, `<module>.<lang>.toml`, never in code:
`tasks/ch03.en.toml` belongs to `tasks/ch03.py`. A template's placeholders are `str.format` fields.
"""

import os
import tomllib
from functools import cache
from importlib.resources import files

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
    """The language in use: `use()`'s, else RNNCOURSE_LANG, else the system's, else "en"."""
    wanted = os.environ.get("RNNCOURSE_LANG", "")
    if _chosen is None and wanted and wanted not in LANGUAGES:
        raise ValueError(f"RNNCOURSE_LANG is {wanted!r}; set it to one of {', '.join(LANGUAGES)}")
    system = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
    return _chosen or wanted or system


@cache
def table(module, lang):
    """All sentences of one module in one language, as nested dictionaries.

    `module` is dotted and inside rnncourse: `table("tasks.ch03", "zh")` reads tasks/ch03.zh.toml.
    """
    *folder, name = module.split(".")
    path = files("rnncourse").joinpath(*folder, f"{name}.{lang}.toml")
    return tomllib.loads(path.read_text("utf-8"))


def say(module, code, lang=None, **facts):
    """One sentence: the template at the dotted `code` of `module`, filled with `facts`."""
    sentence = table(module, lang or current())
    for key in code.split("."):
        sentence = sentence[key]
    return sentence.format(**facts)
