"""Shapes, masks and dtypes that nobody thought of, chosen by hypothesis."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.nn import GRU, LSTM, SimpleRNN

KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]
SIZES = st.tuples(*(st.integers(1, n) for n in (4, 12, 4, 5)))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    sizes=SIZES,
    dtype=st.sampled_from(["float32", "float64"]),
    go_backwards=st.booleans(),
    keep=st.floats(0, 1),
    seed=st.integers(0, 2**16),
)
def test_a_masked_row_is_the_short_row(kind, sizes, dtype, go_backwards, keep, seed):
    """Every row with holes gives the state, and the gradient, of the row without those steps."""
    B, T, D, N = sizes
    rng = np.random.default_rng(seed)
    kind, extra = kind
    layer = kind(N, go_backwards=go_backwards, return_state=True, dtype=dtype, **extra).build(D)
    layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    X, mask = rng.normal(size=(B, T, D)), rng.random((B, T)) < keep
    h = layer.forward(X, mask=mask)[1]
    dh = rng.normal(size=(B, N))
    dX = layer.backward(dh)
    assert h.dtype == dX.dtype == dtype
    assert dX.shape == X.shape
    assert not dX[~mask].any()
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype == "float32" else {"atol": 1e-12}
    for n in range(B):
        if not mask[n].any():
            np.testing.assert_array_equal(h[n], 0)
            continue
        np.testing.assert_allclose(h[n], layer.forward(X[n : n + 1, mask[n]])[1][0], **tolerance)
        np.testing.assert_allclose(dX[n, mask[n]], layer.backward(dh[n : n + 1])[0], **tolerance)
