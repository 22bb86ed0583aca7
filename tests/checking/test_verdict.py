"""A verdict's sentence: whole for the learner's notebook, bare for a table that shows the rest."""

import pytest

from rnncourse.checking.verdict import Verdict

OFF = {"n": 2, "which": "", "where": "row 1", "got": "1", "want": "2"}


@pytest.mark.parametrize(
    ("status", "code", "facts", "text", "sentence"),
    [
        ("pass", "pass", {"n": 3}, "✓ `rnn_step`: 3 of 3 cases.", "3 of 3 cases."),
        ("todo", "todo", {}, "… `rnn_step` is still to be written.", "still to be written."),
        ("fail", "value", OFF, "✗ `rnn_step`, case 2: right shape;", "case 2: right shape;"),
        ("fail", "no-bias", {}, "✗ This is the result", "This is the"),
        ("fail", "of-long-ago", {}, "✗ `rnn_step`: not right yet.", "not right yet."),
    ],
)
def test_a_sentence_leaves_mark_and_name_to_the_view(status, code, facts, text, sentence):
    verdict = Verdict(status, "ch03", "rnn_step", code, facts)
    assert verdict.text("en").startswith(text)
    assert verdict.sentence("en").startswith(sentence)
    assert verdict.text("en").endswith(verdict.sentence("en"))
    assert not any(part in verdict.sentence("zh") for part in ("✓", "✗", "…", "`rnn_step`"))
