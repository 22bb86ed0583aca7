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
        """The sentence the learner sees: the task's own, or the general one for this code."""
        lang = lang or language.current()
        own = language.table(f"tasks.{self.chapter}", lang).get(self.task, {})
        general = language.table("checking.general", lang)["verdict"]
        template = own.get(self.code) or general.get(self.code)
        if template is None:  # a mistake without a sentence, or one that an older course knew
            template, facts = general["unnamed"], {"code": self.code}
        else:
            facts = self.facts
        return f"{MARKS[self.status]} {template.format(task=self.task, **facts)}"

    def as_dict(self, lang=None):
        """Plain data for machines, the sentence included."""
        return asdict(self) | {"sentence": self.text(lang)}


def remark(facts, lang=None):
    """What the facts of a verdict tell an instructor, beside the sentence for its author, or ""."""
    known = language.table("checking.general", lang or language.current())["remark"]
    return known.get(facts.get("remark"), "")
