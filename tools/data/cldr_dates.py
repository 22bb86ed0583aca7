"""Take the names of months and days and the forms of dates out of Babel's copy of the CLDR.

pip install babel==2.18.0
python -m tools.data.cldr_dates
"""

import json

from babel import Locale, __version__

from rnncourse.data.cldr_dates import CARD
from tools.data.package import keep

REGIONS = {
    "en": ("en", "en_GB", "en_AU", "en_CA", "en_IN", "en_IE", "en_ZA"),
    "fr": ("fr", "fr_CA", "fr_CH"),
    "zh": ("zh", "zh_Hans_SG"),
}
SKELETONS = ("yMMMd", "yMMMEd", "yMMMMEEEEd", "yMd", "yMEd")
WIDTHS = {"abbreviated": "short", "wide": "long"}


def forms(language):
    """The forms of a language's regions that can mean one date only, in order."""
    found = set()
    for region in REGIONS[language]:
        locale = Locale.parse(region)
        found |= {
            locale.date_formats[width].pattern for width in ("full", "long", "medium", "short")
        }
        found |= {
            str(locale.datetime_skeletons[s]) for s in SKELETONS if s in locale.datetime_skeletons
        }
    return sorted(form for form in found if is_clear(form))


def is_clear(form):
    """Whether a form tells day from month and has the whole year: 3/4/15 is many dates."""
    named = "MMM" in form or "月" in form
    return "yy" not in form and (named or form.lstrip("E, ").startswith("y"))


def names(language):
    """{"months": {"long": [...], "short": [...]}, "days": ...}, January and Monday first."""
    locale = Locale.parse(language)
    months, days = locale.months["format"], locale.days["format"]
    return {
        "months": {WIDTHS[w]: [months[w][i] for i in range(1, 13)] for w in WIDTHS},
        "days": {WIDTHS[w]: [days[w][i] for i in range(7)] for w in WIDTHS},
    }


if __name__ == "__main__":
    print("Babel", __version__)
    table = {language: {"forms": forms(language), **names(language)} for language in REGIONS}
    keep(json.dumps(table, ensure_ascii=False, indent=1).encode("utf-8"), CARD)
