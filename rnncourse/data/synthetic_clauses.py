"""Sentences of a small grammar, English to Chinese and to French. Synthetic: every one is right.

A clause is "two old cats look for the white umbrella". What the translator has to learn: Chinese
puts a classifier between number and noun, 两只老猫寻找那把白伞; French lets articles, adjectives
and verbs agree, sets some adjectives behind the noun, and elides, "l'avion". Clauses are joined by
"and", so a sentence can be as long as we like.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from rnncourse.data.card import Card

__all__ = ["CARD", "LANGUAGES", "Sentences", "load", "translate"]

CARD = Card(
    title="Clauses of a small grammar, English to Chinese and to French (synthetic)",
    source="synthetic: composed by this module from 14 nouns, 7 adjectives, 5 verbs, 5 articles",
    licence="MIT, as this course",
    size="as many sentences as asked for, 672,000 clauses, joined as often as asked for",
    changes="none",
    citation="rnncourse",
)

LANGUAGES = ("zh", "fr")

# English: (plural, Chinese, its classifier, French, plural, gender, begins with a vowel)
ANIMALS = {
    "cat": ("cats", "猫", "只", "chat", "chats", "m", False),
    "dog": ("dogs", "狗", "条", "chien", "chiens", "m", False),
    "bird": ("birds", "鸟", "只", "oiseau", "oiseaux", "m", True),
    "horse": ("horses", "马", "匹", "cheval", "chevaux", "m", False),
    "cow": ("cows", "牛", "头", "vache", "vaches", "f", False),
    "fox": ("foxes", "狐狸", "只", "renard", "renards", "m", False),
}
THINGS = {
    "book": ("books", "书", "本", "livre", "livres", "m", False),
    "car": ("cars", "车", "辆", "voiture", "voitures", "f", False),
    "plane": ("planes", "飞机", "架", "avion", "avions", "m", True),
    "chair": ("chairs", "椅子", "把", "chaise", "chaises", "f", False),
    "umbrella": ("umbrellas", "伞", "把", "parapluie", "parapluies", "m", False),
    "letter": ("letters", "信", "封", "lettre", "lettres", "f", False),
    "church": ("churches", "教堂", "座", "église", "églises", "f", True),
    "lamp": ("lamps", "灯", "盏", "lampe", "lampes", "f", False),
}
NOUNS = ANIMALS | THINGS
# English: (Chinese of animals, of things, French m, m before a vowel, f, plural m and f, in front)
ADJECTIVES = {
    "black": ("黑", "黑", "noir", "noir", "noire", "noirs", "noires", False),
    "white": ("白", "白", "blanc", "blanc", "blanche", "blancs", "blanches", False),
    "red": ("红", "红", "rouge", "rouge", "rouge", "rouges", "rouges", False),
    "small": ("小", "小", "petit", "petit", "petite", "petits", "petites", True),
    "big": ("大", "大", "grand", "grand", "grande", "grands", "grandes", True),
    "old": ("老", "旧", "vieux", "vieil", "vieille", "vieux", "vieilles", True),
    "beautiful": ("美丽的", "美丽的", "beau", "bel", "belle", "beaux", "belles", True),
}
# English: (is plural, Chinese, French m, f, before a vowel)
ARTICLES = {
    "a": (False, "一", "un", "une", None),
    "the": (False, "那", "le", "la", "l'"),
    "two": (True, "两", "deux", "deux", None),
    "three": (True, "三", "trois", "trois", None),
    "these": (True, "这", "ces", "ces", None),
}
# English: (singular, plural, Chinese, French singular, plural)
VERBS = {
    "see": ("sees", "see", "看见", "voit", "voient"),
    "seek": ("looks for", "look for", "寻找", "cherche", "cherchent"),
    "like": ("likes", "like", "喜欢", "aime", "aiment"),
    "push": ("pushes", "push", "推", "pousse", "poussent"),
    "find": ("finds", "find", "找到", "trouve", "trouvent"),
}
NEW = tuple(  # these nouns and adjectives never meet in training
    (adjective, noun)
    for i, (adjective, noun) in enumerate(product(ADJECTIVES, NOUNS))
    if i % 9 == 4
)


@dataclass(frozen=True)
class Sentences:
    """One entry a sentence, tokens apart by spaces in all three languages."""

    source: list  # English, each sentence a list of words
    target: list  # each sentence a list of tokens; "l'" is one
    n_clauses: np.ndarray  # (n,)

    def __len__(self):
        return len(self.source)


def load(language="zh", n_sentences=3000, *, clauses=(1,), new=False, lists=False, seed=0):
    """Sentences of so many clauses each, drawn at random; no two are equal.

    With `lists` a sentence has no verb: it is a list of so many things, "two old cats and a lamp".

    Without `new`, no adjective stands before a noun that NEW pairs it with; with `new`, in every
    clause at least one does. So new=True is a test of putting known words together for the first
    time, and its sentences cannot occur among the others.
    """
    if language not in LANGUAGES:
        raise ValueError(f"Translated are {' and '.join(LANGUAGES)}, not {language!r}.")
    if not clauses or min(clauses) < 1:
        raise ValueError(f"clauses={clauses!r}: a sentence has at least one clause.")
    rng, found = np.random.default_rng(seed), {}
    for _ in range(20 * n_sentences):
        sentence = tuple(_part(rng, new, lists) for _ in range(rng.choice(clauses)))
        found[sentence] = None
        if len(found) == n_sentences:
            break
    pairs = [translate(sentence, language) for sentence in found]
    return Sentences(*map(list, zip(*pairs, strict=True)), np.array([len(s) for s in found]))


def translate(sentence, language):
    """(English words, translated tokens) of ((subject, verb, object), …), or of a list of things.

    A subject or object is (article, adjective or None, noun): ("two", "old", "cat"), and so is a
    thing in a list.
    """
    english, other = [], []
    phrase = _chinese if language == "zh" else _french
    for n, part in enumerate(sentence):
        english += ["and"] * (n > 0)
        other += [{"zh": "，", "fr": "et"}[language]] * (n > 0)
        if not isinstance(part[0], tuple):  # a thing in a list
            english += _english(*part)
            other += phrase(*part)
            continue
        subject, verb, thing = part
        plural = ARTICLES[subject[0]][0]
        singular_form, plural_form, chinese, *french = VERBS[verb]
        english += _english(*subject)
        english += (plural_form if plural else singular_form).split() + _english(*thing)
        middle = chinese if language == "zh" else french[plural]
        other += [*phrase(*subject), middle, *phrase(*thing)]
    return english, other


def _part(rng, new, lists):
    """(subject, verb, object) or one thing at random, with or without a pair of NEW."""
    while True:
        if lists:
            part = _phrase(rng, tuple(NOUNS))
            phrases = (part,)
        else:
            subject = _phrase(rng, tuple(ANIMALS))
            verb, thing = str(rng.choice(list(VERBS))), _phrase(rng, tuple(NOUNS))
            part, phrases = (subject, verb, thing), (subject, thing)
        if any(phrase[1:] in NEW for phrase in phrases) == new:
            return part


def _phrase(rng, nouns):
    adjective = str(rng.choice(list(ADJECTIVES))) if rng.random() < 0.7 else None
    return str(rng.choice(list(ARTICLES))), adjective, str(rng.choice(nouns))


def _english(article, adjective, noun):
    plural = ARTICLES[article][0]
    following = adjective or noun
    article = "an" if article == "a" and following[0] in "aeiou" else article
    return [article, *([adjective] if adjective else []), NOUNS[noun][0] if plural else noun]


def _chinese(article, adjective, noun):
    number, classifier = ARTICLES[article][1], NOUNS[noun][2]
    classifier = "些" if article == "these" else classifier
    described = [ADJECTIVES[adjective][noun in THINGS]] if adjective else []
    return [number, classifier, *described, NOUNS[noun][1]]


def _french(article, adjective, noun):
    plural, _, masculine, feminine, elided = ARTICLES[article]
    *_, singular, several, gender, vowel = NOUNS[noun]
    words = [several if plural else singular]
    if adjective:
        _, _, *forms, in_front = ADJECTIVES[adjective]  # m, m before a vowel, f, two plurals
        form = forms[3 + (gender == "f") if plural else 2 if gender == "f" else int(vowel)]
        words = [form, *words] if in_front else [*words, form]
    if elided and words[0][0] in "aeoé":
        return [elided, *words]
    return [feminine if gender == "f" else masculine, *words]
