"""The decoder is total: whatever comes, it is a value or Garbled, never code and never a flood."""

import contextlib
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.grading.runner import protocol


def there_and_back(value, **options):
    frame = protocol.encode(value)
    return protocol.Channel(io.BytesIO(frame), None, 1 << 20).receive(**options)


def test_arrays_and_plain_values_arrive_as_they_were():
    sent = {
        "x": np.arange(6.0).reshape(2, 3),
        "words": np.array(["a", "循环"]),
        "none": np.zeros((0, 4), "float32"),
        "rest": [None, True, 3, 2.5, "text", (1, 2)],
        "scalar": np.float64(0.1),
    }
    got = there_and_back(sent)
    assert got["rest"] == sent["rest"]
    assert got["scalar"] == 0.1
    assert np.isscalar(got["scalar"])
    for name in ("x", "words", "none"):
        assert got[name].dtype == sent[name].dtype
        np.testing.assert_array_equal(got[name], sent[name])


def test_a_function_stays_where_it_is():
    exported = []
    frame = protocol.encode([len], lambda f: exported.append(f) or 0)
    channel = protocol.Channel(io.BytesIO(frame), None, 100)
    assert channel.receive(lambda number: f"stand-in {number}") == ["stand-in 0"]
    assert exported == [len]


@pytest.mark.parametrize("value", [object(), np.array([object()]), {"f": print}, b"bytes", {1, 2}])
def test_what_is_neither_array_nor_plain_is_not_sent(value):
    with pytest.raises(TypeError):
        protocol.encode(value)


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 5_000_000,
        b"[" * 1000 + b"]" * 1000,
        json.dumps([[]] * 300_000).encode(),
        b"\xff",
        b"9" * 10_000,
        b'{"a": ["|O", [1], false]}',
        b'{"a": ["<f8", [1152921504606846976, 16], false]}',
        b'{"a": ["<f8", [-1], false]}',
        b'{"a": ["<f8", [true], false]}',
        b'{"a": ["<f8", 3, false]}',
        b'{"a": ["<f8", [0, 1099511627776, 3], false]}',  # no bytes, and yet a loop without end
        b'{"a": ["<f8", [0, 65536, 65536], false]}',
        b'{"a": ["<U9999", [4], false]}',
        b'{"a": ["<M8[qq]", [0], false]}',
        b'{"a": 3}',
        b'{"f": 0}',
        b'{"f": 0, "d": []}',
        b'{"d": [[[1], 2]]}',
        b'{"d": [1]}',
        b'{"pickle": "x"}',
    ],
)
def test_forged_headers_are_refused(header):
    with pytest.raises(protocol.Garbled):
        protocol.decode(header, b"12345678")


def test_what_is_announced_is_bounded_before_it_is_read():
    for head in (protocol.HEAD.pack(2, 1 << 40), protocol.HEAD.pack(1 << 31, 0)):
        with pytest.raises(protocol.Garbled):
            protocol.Channel(io.BytesIO(head), None, 1000).receive()
    with pytest.raises(protocol.Closed):
        protocol.Channel(io.BytesIO(protocol.HEAD.pack(2, 0)), None, 1000).receive()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_any_bytes_are_a_value_or_garbled(header, body):
    with contextlib.suppress(protocol.Garbled):
        protocol.decode(header, body)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["<f8", "|O", "<U3"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("adtfx"), inner, min_size=1, max_size=2)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(TREES, st.binary(max_size=64))
def test_any_tree_is_a_value_or_garbled(tree, body):
    with contextlib.suppress(protocol.Garbled):
        protocol.decode(json.dumps(tree).encode(), body, lambda number: number)
