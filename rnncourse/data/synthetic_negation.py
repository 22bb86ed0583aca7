"""Minimal pairs: the same short sentence with and without a negation. Synthetic, from templates."""

from dataclasses import dataclass

from rnncourse.data.card import Card

__all__ = ["CARD", "Pair", "load"]

CARD = Card(
    title="Minimal pairs for negation, English and Chinese (synthetic)",
    source="synthetic: composed by this module from templates and adjectives",
    licence="MIT, as this course",
    size="60 pairs, 30 in each language",
    changes="none",
    citation="rnncourse",
)

#: language: ((plain template, negated template), ...), positive adjectives, negative adjectives
TEMPLATES = {
    "en": (
        (
            ("The film is {}.", "The film is not {}."),
            ("The story was {}.", "The story was never {}."),
            ("I found it {}.", "I did not find it {}."),
        ),
        ("good", "funny", "interesting", "moving", "original"),
        ("bad", "boring", "dull", "predictable", "silly"),
    ),
    "zh": (
        (
            ("房间很{}。", "房间不{}。"),
            ("酒店非常{}。", "酒店并不{}。"),
            ("感觉很{}。", "感觉一点也不{}。"),
        ),
        ("好", "舒服", "干净", "漂亮", "安静"),
        ("差", "吵", "脏", "旧", "乱"),
    ),
}


@dataclass(frozen=True)
class Pair:
    """One sentence, its negation, and the adjective's own label: 1 is positive, 0 negative."""

    plain: str
    negated: str
    label: int


def load(lang):
    """The 30 Pairs of "en" or "zh". A right answer says `label` to plain, 1 - label to negated.

    (Litotes such as "not bad" is weaker than praise, yet on its side of the middle.) Raises
    ValueError for another language.
    """
    if lang not in TEMPLATES:
        raise ValueError(f"lang={lang!r} is not known; choose 'en' or 'zh'.")
    templates, positive, negative = TEMPLATES[lang]
    return [
        Pair(plain.format(adjective), negated.format(adjective), label)
        for plain, negated in templates
        for label, adjectives in ((1, positive), (0, negative))
        for adjective in adjectives
    ]
