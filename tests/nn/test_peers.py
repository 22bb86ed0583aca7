"""The numbers that others have published, by the cells, the plain loop and the layers.

- Stanford's CS231n, assignment 3, RNN_Captioning.ipynb and LSTM_Captioning.ipynb (2016 to 2022):
  the values printed for inputs and weights from np.linspace. Its gates have the order i, f, o, g.
- Coursera, Sequence Models (deeplearning.ai), week 1, "Building your Recurrent Neural Network, Step
  by Step": the values of its "Expected Output", for np.random.seed(1). Examples are columns there.
- A. Karpathy's min-char-rnn (2015): its loss and gradients, by its formulas written anew.

test_onnx.py has the cases of ONNX, test_autodiff.py those of TensorFlow. The file exceeds 250 lines
because of the published tables.
"""

import numpy as np
import pytest

from rnncourse import nn
from rnncourse.nn import LSTM, LSTMCell, SimpleRNN, SimpleRNNCell, plain

CELLS = {SimpleRNNCell: SimpleRNN, LSTMCell: LSTM}


def line(low, high, *shape):
    return np.linspace(low, high, num=np.prod(shape)).reshape(shape)


def blocks(w, order):
    """The blocks of columns, named by `order` ("ifoc"), in the order i, f, c, o."""
    found = dict(zip(order, np.split(w, 4, axis=-1), strict=True))
    return np.concatenate([found[gate] for gate in "ifco"], axis=-1)


def ways(cell, X, first):
    """All states (B, T, N), by the plain loop and by the fast layer: [(H, …), (H, …)]."""
    layer = CELLS[type(cell)](len(cell.U), return_sequences=True, dtype="float64")
    layer.build(X.shape[2]).set_weights([cell.W, cell.U, cell.b])
    return plain.forward(cell, X, first)[0][:, 1:], layer.forward(X, first)


def close(got, want):
    """Equal in the eight digits that were printed."""
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=6e-9)


# ------------------------------------------------------------------- CS231n


def test_cs231n_rnn_step():
    cell = SimpleRNNCell(line(-0.1, 0.9, 10, 4), line(-0.3, 0.7, 4, 4), line(-0.2, 0.4, 4))
    h = cell.step(line(-0.4, 0.7, 3, 10), line(-0.2, 0.5, 3, 4))
    want = [
        [-0.58172089, -0.50182032, -0.41232771, -0.31410098],
        [0.66854692, 0.79562378, 0.87755553, 0.92795967],
        [0.97934501, 0.99144213, 0.99646691, 0.99854353],
    ]
    close(h, want)


def test_cs231n_rnn_forward():
    cell = SimpleRNNCell(line(-0.2, 0.4, 4, 5), line(-0.4, 0.1, 5, 5), line(-0.7, 0.1, 5))
    want = [
        [
            [-0.42070749, -0.27279261, -0.11074945, 0.05740409, 0.22236251],
            [-0.39525808, -0.22554661, -0.0409454, 0.14649412, 0.32397316],
            [-0.42305111, -0.24223728, -0.04287027, 0.15997045, 0.35014525],
        ],
        [
            [-0.55857474, -0.39065825, -0.19198182, 0.02378408, 0.23735671],
            [-0.27150199, -0.07088804, 0.13562939, 0.33099728, 0.50158768],
            [-0.51014825, -0.30524429, -0.06755202, 0.17806392, 0.40333043],
        ],
    ]
    for H in ways(cell, line(-0.1, 0.3, 2, 3, 4), [line(-0.3, 0.1, 2, 5)]):
        close(H, want)


def test_cs231n_lstm_step():
    W, U, b = line(-2.1, 1.3, 4, 20), line(-0.7, 2.2, 5, 20), line(0.3, 0.7, 20)
    cell = LSTMCell(*(blocks(w, "ifoc") for w in (W, U, b)))
    states = line(-0.3, 0.7, 3, 5), line(-0.4, 0.9, 3, 5)
    h, c = cell.step(line(-0.4, 1.2, 3, 4), *states)
    want_h = [
        [0.24635157, 0.28610883, 0.32240467, 0.35525807, 0.38474904],
        [0.49223563, 0.55611431, 0.61507696, 0.66844003, 0.7159181],
        [0.56735664, 0.66310127, 0.74419266, 0.80889665, 0.858299],
    ]
    want_c = [
        [0.32986176, 0.39145139, 0.451556, 0.51014116, 0.56717407],
        [0.66382255, 0.76674007, 0.87195994, 0.97902709, 1.08751345],
        [0.74192008, 0.90592151, 1.07717006, 1.25120233, 1.42395676],
    ]
    close(h, want_h)
    close(c, want_c)


def test_cs231n_lstm_forward():
    W, U, b = line(-0.2, 0.9, 5, 16), line(-0.3, 0.6, 4, 16), line(0.2, 0.7, 16)
    cell = LSTMCell(*(blocks(w, "ifoc") for w in (W, U, b)))
    want = [
        [
            [0.01764008, 0.01823233, 0.01882671, 0.0194232],
            [0.11287491, 0.12146228, 0.13018446, 0.13902939],
            [0.31358768, 0.33338627, 0.35304453, 0.37250975],
        ],
        [
            [0.45767879, 0.4761092, 0.4936887, 0.51041945],
            [0.6704845, 0.69350089, 0.71486014, 0.7346449],
            [0.81733511, 0.83677871, 0.85403753, 0.86935314],
        ],
    ]
    first = [line(-0.4, 0.8, 2, 4), np.zeros((2, 4))]
    for H in ways(cell, line(-0.4, 0.6, 2, 3, 5), first):
        close(H, want)


# ----------------------------------------------------------------- Coursera


def coursera(*shapes):
    """The arrays that the notebook draws after np.random.seed(1)."""
    rng = np.random.RandomState(1)
    return [rng.randn(*shape) for shape in shapes]


def coursera_lstm(gates):
    """Its weights (n_a, n_a + n_x) and biases (n_a, 1) of the gates f, i, o, c."""
    named = dict(zip("fioc", zip(gates[::2], gates[1::2], strict=True), strict=True))
    W, b = (np.concatenate([named[gate][n].T for gate in "ifco"], axis=1) for n in (0, 1))
    return LSTMCell(W[5:], W[:5], b[0])


GATES = [(5, 8), (5, 1)] * 4


def test_coursera_rnn_cell():
    x, a, Waa, Wax, _, ba = coursera((3, 10), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1))
    h = SimpleRNNCell(Wax.T, Waa.T, ba[:, 0]).step(x.T, a.T)
    want = [0.59584544, 0.18141802, 0.61311866, 0.99808218, 0.85016201]
    close(h[:, 4], [*want, 0.99980978, -0.18887155, 0.99815551, 0.6531151, 0.82872037])


def test_coursera_rnn_forward():
    x, a, Waa, Wax, _, ba = coursera((3, 10, 4), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1))
    cell = SimpleRNNCell(Wax.T, Waa.T, ba[:, 0])
    for H in ways(cell, x.transpose(1, 2, 0), [a.T]):
        close(H[1, :, 4], [-0.99999375, 0.77911235, -0.99861469, -0.99833267])


def test_coursera_rnn_cell_back():
    shapes = (3, 10), (5, 10), (5, 3), (5, 5), (2, 5), (5, 1), (2, 1), (5, 10)
    x, a, Wax, Waa, _, _, _, da = coursera(*shapes)
    # The notebook draws this bias as b, and goes on with the ba of the test before.
    ba = coursera((3, 10, 4), (5, 10), (5, 5), (5, 3), (2, 5), (5, 1))[-1]
    dx, dh, grads = SimpleRNNCell(Wax.T, Waa.T, ba[:, 0]).step_back(da.T, x.T, a.T)
    got = dx[2, 1], dh[3, 2], grads["W"][1, 3], grads["U"][2, 1], grads["b"][4]
    close(got, [-0.460564103059, 0.0842968653807, 0.393081873922, -0.28483955787, 0.80517166])


def test_coursera_rnn_back():
    shapes = (3, 10, 4), (5, 10), (5, 3), (5, 5), (2, 5), (5, 1), (2, 1), (5, 10, 4)
    x, a, Wax, Waa, _, ba, _, da = coursera(*shapes)
    layer = SimpleRNN(5, return_sequences=True, dtype="float64").build(3)
    layer.set_weights([Wax.T, Waa.T, ba[:, 0]])
    layer.forward(x.transpose(1, 2, 0), a.T)
    dX = layer.backward(da.transpose(1, 2, 0))
    dW, dU, db = layer.grads
    close(dX[2, :, 1], [-2.07101689, -0.59255627, 0.02466855, 0.01483317])
    got = layer.grad_initial_state[0][3, 2], dW[1, 3], dU[2, 1], db[4]
    close(got, [-0.314942375127, 11.2641044965, 2.30333312658, -0.74747722])


def test_coursera_lstm_cell():
    x, a, c, *gates = coursera((3, 10), (5, 10), (5, 10), *GATES)
    h, c = coursera_lstm(gates).step(x.T, a.T, c.T)
    want = [-0.66408471, 0.0036921, 0.02088357, 0.22834167, -0.85575339]
    close(h[:, 4], [*want, 0.00138482, 0.76566531, 0.34631421, -0.00215674, 0.43827275])
    want = [0.63267805, 1.00570849, 0.35504474, 0.20690913, -1.64566718]
    close(c[:, 2], [*want, 0.11832942, 0.76449811, -0.0981561, -0.74348425, -0.26810932])


def test_coursera_lstm_forward():
    x, a, *gates = coursera((3, 10, 7), (5, 10), *GATES)
    first, X = [a.T, 0 * a.T], x.transpose(1, 2, 0)
    cell = coursera_lstm(gates)
    for H in ways(cell, X, first):
        close(H[3, 6, 4], 0.172117767533)
    close(plain.forward(cell, X, first)[1][2, 2, 1], -0.855544916718)


def test_coursera_lstm_cell_back():
    shapes = (3, 10), (5, 10), (5, 10), *GATES, (2, 5), (2, 1), (5, 10), (5, 10)
    x, a, c, *gates, _, _, da, dc = coursera(*shapes)
    dx, dh, dc, grads = coursera_lstm(gates[:8]).step_back(da.T, dc.T, x.T, a.T, c.T)
    U = dict(zip("ifco", np.split(grads["U"], 4, axis=1), strict=True))
    b = dict(zip("ifco", np.split(grads["b"], 4), strict=True))
    close([dx[2, 1], dh[3, 2], dc[3, 2]], [3.23055911511, -0.0639621419711, 0.797522038797])
    got = U["f"][1, 3], U["i"][2, 1], U["c"][1, 3], U["o"][2, 1]
    close(got, [-0.147954838164, 1.05749805523, 2.30456216369, 0.331311595289])
    close([b[g][4] for g in "fico"], [0.18864637, -0.40142491, 0.25587763, 0.13893342])


def test_coursera_lstm_back():
    x, a, *gates, da = coursera((3, 10, 7), (5, 10), *GATES, (5, 10, 4))
    cell = coursera_lstm(gates)
    layer = LSTM(5, return_sequences=True, dtype="float64").build(3)
    layer.set_weights([cell.W, cell.U, cell.b])
    layer.forward(x.transpose(1, 2, 0)[:, :4], [a.T, 0 * a.T])
    dX = layer.backward(da.transpose(1, 2, 0))
    _, dU, db = layer.grads
    U = dict(zip("ifco", np.split(dU, 4, axis=1), strict=True))
    b = dict(zip("ifco", np.split(db, 4), strict=True))
    close(dX[2, :, 1], [0.00218254, 0.28205375, -0.48292508, -0.43281115])
    close(layer.grad_initial_state[0][3, 2], 0.312770310257)
    got = U["f"][1, 3], U["i"][2, 1], U["c"][1, 3], U["o"][2, 1]
    close(got, [-0.0809802310938, 0.40512433093, -0.0793746735512, 0.038948775763])
    close([b[g][4] for g in "fico"], [-0.15745657, -0.50848333, -0.42510818, -0.17958196])


# ----------------------------------------------------------- min-char-rnn


def test_min_char_rnn():
    """One sequence of characters; columns, sums over steps instead of means, gradients by hand."""
    rng = np.random.default_rng(0)
    V, N, T = 6, 5, 8
    Wxh, Whh, Why = (rng.normal(size=s) / 2 for s in ((N, V), (N, N), (V, N)))
    bh, by, h0 = (rng.normal(size=(n, 1)) for n in (N, V, N))
    text = rng.integers(0, V, T + 1)
    inputs, targets = text[:-1], text[1:]

    h, p, loss = {-1: h0}, {}, 0.0
    for t in range(T):
        h[t] = np.tanh(Wxh[:, [inputs[t]]] + Whh @ h[t - 1] + bh)
        p[t] = np.exp(Why @ h[t] + by)
        p[t] /= p[t].sum()
        loss -= np.log(p[t][targets[t], 0])
    want = {name: np.zeros_like(w) for name, w in
            {"Wxh": Wxh, "Whh": Whh, "Why": Why, "bh": bh, "by": by}.items()}  # fmt: skip
    dh_next = np.zeros((N, 1))
    for t in reversed(range(T)):
        dy = p[t].copy()
        dy[targets[t]] -= 1
        want["Why"] += dy @ h[t].T
        want["by"] += dy
        d_raw = (Why.T @ dy + dh_next) * (1 - h[t] ** 2)
        want["bh"] += d_raw
        want["Wxh"][:, [inputs[t]]] += d_raw
        want["Whh"] += d_raw @ h[t - 1].T
        dh_next = Whh.T @ d_raw

    rnn = SimpleRNN(N, return_sequences=True, dtype="float64").build(V)
    dense = nn.Dense(V, dtype="float64").build(N)
    rnn.set_weights([Wxh.T, Whh.T, bh[:, 0]])
    dense.set_weights([Why.T, by[:, 0]])
    logits = dense.forward(rnn.forward(np.eye(V)[inputs][None], h0.T))
    mean, dlogits = nn.sparse_cross_entropy(logits, targets[None])
    rnn.backward(dense.backward(T * dlogits))
    assert T * mean == pytest.approx(loss, rel=1e-12)
    got = dict(zip(["Wxh", "Whh", "bh", "Why", "by"], [*rnn.grads, *dense.grads], strict=True))
    for name, w in want.items():
        np.testing.assert_allclose(got[name].T.reshape(w.shape), w, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(rnn.grad_initial_state[0], dh_next.T, rtol=1e-10)
