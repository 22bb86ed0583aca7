"""A second, independent reference: the RNN, LSTM and GRU operators of ONNX, in their own order."""

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN

onnx = pytest.importorskip("onnx")
from onnx.reference import ReferenceEvaluator  # noqa: E402

B, T, D, N = 2, 6, 3, 4
BLOCKS = {"RNN": [0], "LSTM": [0, 3, 1, 2], "GRU": [0, 1, 2]}  # ONNX: iofc, zrh; ours: ifco, zrh


def onnx_layer(operator, X, W, U, b_x, b_h, states, **attributes):
    """Y of the operator, (B, T, N). ONNX is time-major and writes its weights as rows a gate."""

    def rows(w):
        blocks = np.split(w, len(BLOCKS[operator]), axis=-1)
        return np.concatenate([blocks[n] for n in BLOCKS[operator]], axis=-1).T[None]

    b = np.concatenate([rows(b_x[None])[0, :, 0], rows(b_h[None])[0, :, 0]])[None]
    feeds = {"X": X.transpose(1, 0, 2), "W": rows(W), "R": rows(U), "B": b}
    feeds |= {name: s[None] for name, s in zip(("h_0", "c_0"), states, strict=False)}
    names = ["X", "W", "R", "B", "", *[n for n in ("h_0", "c_0") if n in feeds]]
    node = onnx.helper.make_node(operator, names, ["Y"], hidden_size=N, **attributes)
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [node],
        "one_layer",
        [onnx.helper.make_tensor_value_info(n, kind, v.shape) for n, v in feeds.items()],
        [onnx.helper.make_tensor_value_info("Y", kind, None)],
    )
    model = onnx.helper.make_model(graph)
    feeds = {name: value.astype("float32") for name, value in feeds.items()}
    return ReferenceEvaluator(model).run(None, feeds)[0][:, 0].transpose(1, 0, 2)


@pytest.mark.parametrize(
    ("kind", "operator", "extra", "attributes"),
    [
        (SimpleRNN, "RNN", {}, {}),
        (LSTM, "LSTM", {}, {}),
        (GRU, "GRU", {}, {"linear_before_reset": 1}),
        (GRU, "GRU", {"reset_after": False}, {"linear_before_reset": 0}),
    ],
)
def test_same_states_as_onnx(kind, operator, extra, attributes):
    rng = np.random.default_rng(0)
    layer = kind(N, return_sequences=True, **extra).build(D)
    layer.set_weights([rng.normal(scale=0.6, size=w.shape) for w in layer.get_weights()])
    X = rng.normal(size=(B, T, D)).astype("float32")
    states = [rng.normal(size=(B, N)).astype("float32") for _ in range(layer.n_states)]
    W, U, b = layer.get_weights()
    b_x, b_h = b if b.ndim == 2 else (b, np.zeros_like(b))
    want = onnx_layer(operator, X, W, U, b_x, b_h, states, **attributes)
    np.testing.assert_allclose(layer.forward(X, states), want, rtol=0, atol=1e-5)
