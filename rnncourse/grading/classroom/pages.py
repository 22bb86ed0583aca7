"""Fill the HTML templates: one file per page that needs nothing else, every value escaped."""

import functools
from pathlib import Path

from rnncourse import language
from rnncourse.grading.classroom.stop import Stop

__all__ = ["filled"]

TEMPLATES = Path(__file__).with_name("templates")


def filled(template, title, lang=None, **values):
    """The text of an HTML page in `lang`, "en" or "zh"; Stop where Jinja is not installed.

    A template calls `say(code)` for the classroom's sentences.
    """
    lang = lang or language.current()
    say = functools.partial(language.say, "grading.classroom.sentences", lang=lang)
    html_lang = {"zh": "zh-CN"}.get(lang, lang)
    page = _environment().get_template(template)
    return page.render(title=title, html_lang=html_lang, say=say, **values)


@functools.cache
def _environment():
    try:
        import jinja2  # in the extra `class`
    except ImportError:
        raise Stop("no-extra", extra="class", package="jinja2") from None
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,  # a misspelt name is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
