"""A second, independent reference: the RNN, LSTM and GRU operators of ONNX, in their own order.

Its reference evaluator for random weights, and the data of its own tests.
"""

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN

onnx = pytest.importorskip("onnx")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402
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


KINDS = {"RNN": (SimpleRNN, {}, [0]), "LSTM": (LSTM, {}, [0, 2, 3, 1]),
         "GRU": (GRU, {"reset_after": False}, [0, 1, 2])}  # fmt: skip
NODE_CASES = 18


@pytest.mark.filterwarnings("ignore")  # onnx makes the data of all its operators
def test_onnx_node_cases():
    done = []
    for case in collect_testcases():
        node = case.model.graph.node[0] if case.model else None
        if node is None or node.op_type not in KINDS:
            continue
        options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        data, outputs = case.data_sets[0]
        given = dict(zip(node.input, data, strict=True))
        wanted = dict(zip([name for name in node.output if name], outputs, strict=True))
        done.append(case.name)
        if "P" not in given:  # peepholes, which neither Keras nor this engine has
            check_onnx(node.op_type, given, wanted, options)
    assert len(done) == NODE_CASES
    assert sum("peephole" in name for name in done) == 1


def check_onnx(operator, given, wanted, options):
    kind, extra, order = KINDS[operator]
    batch_first, direction = options.get("layout", 0), options.get("direction", b"forward")
    X = given["X"] if batch_first else given["X"].transpose(1, 0, 2)
    Y, finals = [], []
    for n, W in enumerate(given["W"]):
        layer = kind(options["hidden_size"], return_sequences=True, return_state=True, **extra,
                     go_backwards=n == 1 or direction == b"reverse")  # fmt: skip
        b = np.zeros((2, len(W))) if "B" not in given else np.split(given["B"][n], 2)
        rows = [W, given["R"][n], np.sum(b, axis=0)[:, None]]
        arrays = []
        for w in rows:
            parts = np.split(w, len(order))
            arrays.append(np.concatenate([parts[k] for k in order]).T)
        layer.build(X.shape[2]).set_weights([*arrays[:2], arrays[2][0]])
        H, *final = layer.forward(X)
        Y.append(H[:, ::-1] if layer.go_backwards else H)
        finals.append(final)
    got = {"Y": np.stack(Y, axis=2), **{
        name: np.stack(each, axis=1) for name, each in
        zip(("Y_h", "Y_c"), zip(*finals, strict=True), strict=False)}}  # fmt: skip
    for name, want in wanted.items():
        if not batch_first:
            want = want.transpose(2, 0, 1, 3) if name == "Y" else want.transpose(1, 0, 2)
        np.testing.assert_allclose(got[name], want, rtol=1e-5, atol=1e-6)
