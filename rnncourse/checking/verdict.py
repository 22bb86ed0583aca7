"""A verdict: what came of one answer, as plain data, and the sentence that says it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from rnncourse import language

__all__ = ["MARKS", "Verdict", "remark"]

MARKS = {"pass": "✓", "fail": "✗", "todo": "…"}


@dataclass(frozen=True)
class Verdict:
    """One result. `code` is stable and language-free; `facts` fill the sentence."""

    status: str  # "pass" | "fail" | "todo"
    chapter: str
    task: str
    code: str
    facts: Mapping = field(default_factory=dict)
    points: float = 0
    out_of: float = 0

    def text(self, lang=None):
        """What the learner sees: a mark, the task's name if a general sentence follows, it."""
        prefix, sentence = self._sentence(lang)
        return f"{MARKS[self.status]} {prefix}{sentence}"

    def sentence(self, lang=None):
        """The sentence alone, for a view that has its own columns for mark and name.

        Raises LookupError, TypeError or ValueError where the facts do not fill it: a result that
        another version of the course kept.
        """
        return self._sentence(lang)[1]

    def _sentence(self, lang):
        """(prefix, sentence): the task's own, or the general one for this code."""
        lang = lang or language.current()
        own = language.table(f"tasks.{self.chapter}", lang).get(self.task, {})
        general = language.table("checking.general", lang)
        facts = {**self.facts, "task": self.task}
        if self.code in own:
            return "", own[self.code].format(**facts)
        if self.code in general["several"]:
            facts["sentences"] = " ".join(self._of_several(own))
        for group, prefix in general["prefix"].items():
            if self.code in general[group]:
                return prefix.format(**facts), general[group][self.code].format(**facts)
        # A mistake without a sentence, or one that only an older course had.
        unnamed = general["verdict"]["unnamed"].format(code=self.code)
        return general["prefix"]["verdict"].format(**facts), unnamed

    def _of_several(self, own):
        """The sentence of each of several mistakes, after the output that it is about."""
        codes, outputs = self.facts["mistakes"].split(), self.facts["which"].split()
        for k, code in enumerate(codes):
            said = own[code].format(**self.facts) if code in own else f"{code}."
            yield f"{outputs[k].replace(',', ', ')}: {said}" if outputs else said

    def as_dict(self, lang=None):
        """Plain data for machines, the sentence included."""
        return asdict(self) | {"sentence": self.text(lang)}


def remark(facts, lang=None):
    """What the facts of a verdict tell an instructor, beside the sentence for its author, or ""."""
    known = language.table("checking.general", lang or language.current())["remark"]
    return known.get(facts.get("remark"), "")
