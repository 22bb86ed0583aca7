"""Surnames and the language each comes from, in Latin letters."""

from rnncourse.data.card import Card
from rnncourse.data.text import read_texts

__all__ = ["CARD", "LOCALES", "NAMES", "load"]

#: {language: Faker's locale}
LOCALES = {
    "Croatian": "hr_HR",
    "Dutch": "nl_NL",
    "English": "en_GB",
    "Finnish": "fi_FI",
    "French": "fr_FR",
    "German": "de_DE",
    "Irish": "ga_IE",
    "Italian": "it_IT",
    "Slovak": "sk_SK",
    "Spanish": "es_ES",
    "Swedish": "sv_SE",
}
NAMES = tuple(LOCALES)

CARD = Card(
    title="Surnames by language",
    source="`providers/person/*/__init__.py` in the Python package Faker 40.54.0",
    licence="MIT",
    size="6,808 surnames of eleven languages; 33 KB compressed",
    changes="eleven European languages; at most 800 names each, drawn at random; names of two "
    "languages and names with a hyphen left out",
    citation="Faker, D. Faraglia and other contributors",
    file="surnames.tsv.xz",
    sha256="846845984d30751d4f9004275bcf275636aa1946d2bf09a46a2f84e478740010",
)


def load():
    """The Texts: each text one surname, its label the language. OSError if the file was changed."""
    return read_texts(CARD, NAMES)
