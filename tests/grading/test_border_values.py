"""Whatever an answer holds, what is kept of it is JSON, UTF-8 and short."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.grading import untrusted

NUMBERS = st.integers() | st.floats() | st.integers(10**20, 10**30)
ARRAYS = st.sampled_from(
    [
        *(np.array(["x"]), np.zeros(3), np.float64(np.inf), np.float32(1), np.bool_(True)),
        *(np.array("\ud800")[()], np.datetime64("2020-01-01"), np.complex128(1j), np.int64(3)),
        *(object(), b"bytes", lambda: 3, {1, "a"}, range(3), np.datetime64("NaT")),
    ]
)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=20) | st.just("x" * 10**6)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(TEXTS | st.integers() | st.none(), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_value_becomes_one_that_is_stored_and_read_again(value):
    kept = untrusted.storable(value)
    written = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert json.loads(written) == kept
    assert len(written) < 10**5


def test_what_is_nested_or_long_is_cut():
    deep = []
    for _ in range(10_000):
        deep = [deep]
    kept = untrusted.storable({"deep": deep, "many": list(range(10**6))})
    assert len(json.dumps(kept)) < 20_000
    assert untrusted.storable(10**5000)  # Python refuses to write it out


def test_facts_of_a_sentence_are_few_and_short():
    many = {f"{k}" * 100: [["x" * 100] * 100] * 100 for k in range(1000)}
    kept = untrusted.facts({"n": 3, "got": np.zeros(3), "what": "x" * 10**6} | many)
    assert kept["n"] == 3
    assert kept["got"] == "ndarray"
    assert len(json.dumps(kept)) < 5000


def test_plain_facts_stay_as_they_are():
    facts = {"n": 3, "which": "dW: ", "got": 0.25, "right": True, "none": None}
    assert untrusted.storable(facts) == untrusted.facts(facts) == facts
