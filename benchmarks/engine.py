"""How fast rnncourse.nn is: against Keras, against the bare matrix products, in memory, in T and B.

    python benchmarks/engine.py                 all sections, about five minutes
    python benchmarks/engine.py limit memory    only these

Every figure is a ratio of two measurements in this process, taken in turns; printed is the median
of the pairs, since seconds on a shared machine say little. Both sides get two threads and the
clock on the wall. While other programs keep the machine busy, set BENCH_THREADS=1: then both
sides get one thread and what is compared is processor time, which other programs do not use up.
"""

import os

THREADS = os.environ.get("BENCH_THREADS", "2")
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = THREADS  # before NumPy loads
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gc  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import tracemalloc  # noqa: E402

import numpy as np  # noqa: E402

from rnncourse.nn import GRU, LSTM, Adam, Dense, Sequential, SimpleRNN  # noqa: E402

SMALL = (32, 50, 64, 128)  # batch, time, features, units
LARGE = (128, 100, 64, 256)
KINDS = (SimpleRNN, LSTM, GRU)


clock = time.process_time if THREADS == "1" else time.perf_counter


def seconds(function, repeats):
    """The mean time of one call."""
    start = clock()
    for _ in range(repeats):
        function()
    return (clock() - start) / repeats


def ratio(first, second, *, pairs=15, least=0.05):
    """How many times as long `first` takes as `second`: the median over pairs."""
    first(), second()
    n_first, n_second = (max(1, round(least / seconds(f, 1))) for f in (first, second))
    return float(
        np.median([seconds(first, n_first) / seconds(second, n_second) for _ in range(pairs)])
    )


def report(what, value, relation, target):
    """Print one line: the figure, its target, and whether it is met."""
    met = value >= target if relation == "at least" else value <= target
    print(f"{'✓' if met else '✗'} {what:<58} {value:6.2f}   {relation} {target}", flush=True)


# ------------------------------------------------------------------- Keras


def keras_threads():
    """Keras and TensorFlow, told to use as many threads as we do."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(int(THREADS))
    tf.config.threading.set_inter_op_parallelism_threads(int(THREADS))
    import keras

    return keras, tf


def document_model(n_steps, steps=40, batch=32):
    """Training steps a second of the document's model: our fit against Keras's fit."""
    keras, _ = keras_threads()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch * steps, n_steps, 1)).astype("float32")
    y = X.mean(axis=1)

    ours = Sequential([SimpleRNN(50, return_sequences=True), SimpleRNN(50), Dense(1)])
    ours.compile(Adam(1e-3), "mse")

    def keras_fit(jit_compile):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((n_steps, 1)),
                layers.SimpleRNN(50, return_sequences=True),
                layers.SimpleRNN(50),
                layers.Dense(1),
            ]
        )
        model.compile(keras.optimizers.Adam(1e-3), "mse", jit_compile=jit_compile)
        return lambda: model.fit(X, y, batch_size=batch, verbose=0)

    def our_fit():
        ours.fit(X, y, batch_size=batch, verbose=0)

    best = min(ratio(keras_fit(jit), our_fit, least=0.2) for jit in (True, False))
    report(f"document's model, T = {n_steps}: steps a second, ours / Keras", best, "at least", 5)


def one_layer(kind, sizes, target):
    """Forward and backward of one layer, gradients of weights and inputs: ours against Keras."""
    keras, tf = keras_threads()
    B, T, D, N = sizes
    rng = np.random.default_rng(0)
    X, dH = (rng.normal(size=(B, T, n)).astype("float32") for n in (D, N))
    theirs = getattr(keras.layers, kind.__name__)(N, return_sequences=True)
    theirs.build((B, T, D))
    layer = kind(N, return_sequences=True).build(D)
    layer.set_weights(theirs.get_weights())
    x, d = tf.constant(X), tf.constant(dH)

    def keras_step(jit_compile):
        @tf.function(jit_compile=jit_compile)
        def step():
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(theirs(x) * d)
            return tape.gradient(loss, [*theirs.trainable_variables, x])

        return lambda: step()[0].numpy()

    def our_step():
        layer.forward(X)
        layer.backward(dH)

    pairs = 7 if sizes == LARGE else 15
    best = min(ratio(keras_step(jit), our_step, pairs=pairs) for jit in (True, False))
    report(f"{kind.__name__} at {sizes}: speed, ours / Keras", best, "at least", target)


# ------------------------------------------------------------------- limits


def bare_products(kind, sizes):
    """A function that takes just the matrix products which BPTT cannot avoid."""
    B, T, D, N = sizes
    K = kind.n_gates * N
    rng = np.random.default_rng(0)

    def random(*shape):
        return rng.normal(size=shape).astype("float32")

    X, H, dA, W, U = random(T * B, D), random(T, B, N), random(T, B, K), random(D, K), random(N, K)
    A, a_t, h_t, dX = (np.empty(s, "float32") for s in ((T * B, K), (B, K), (B, N), (T * B, D)))
    rows = dA.reshape(T * B, K)

    def products():
        np.matmul(X, W, out=A)
        for t in range(T):
            np.dot(H[t], U, out=a_t)
        for t in range(T):
            np.dot(dA[t], U.T, out=h_t)
        X.T @ rows
        H.reshape(T * B, N).T @ rows
        np.matmul(rows, W.T, out=dX)

    return products


def limit(kind, sizes):
    """Forward plus backward as a multiple of its bare matrix products."""
    B, T, D, N = sizes
    rng = np.random.default_rng(0)
    layer = kind(N, return_sequences=True).build(D)
    X, dH = (rng.normal(size=(B, T, n)).astype("float32") for n in (D, N))

    def step():
        layer.forward(X, check=False)  # as a Sequential does, which has looked for nan itself
        layer.backward(dH)

    value = ratio(step, bare_products(kind, sizes), pairs=7 if N == 256 else 31)
    report(f"{kind.__name__} at {sizes}: time / bare products", value, "at most", 1.6)


def memory(kind, sizes):
    """Peak extra memory of forward plus backward as a multiple of what BPTT must keep.

    Must be kept are the states (N numbers a step and example, 2N for LSTM) and the gates (4N for
    LSTM; 3N for GRU, and N more for the product that the reset gate multiplies). The gradient dX,
    which is the result, is not extra.
    """
    B, T, D, N = sizes
    must_keep = {SimpleRNN: 1, LSTM: 6, GRU: 5}[kind] * T * B * N * 4
    rng = np.random.default_rng(0)
    layer = kind(N, return_sequences=True).build(D)
    X, dH = (rng.normal(size=(B, T, n)).astype("float32") for n in (D, N))
    gc.collect()
    tracemalloc.start()
    layer.forward(X)
    dX = layer.backward(dH)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report(f"{kind.__name__} at {sizes}: peak extra / must keep", (peak - dX.nbytes) / must_keep,
           "at most", 1.3)  # fmt: skip


def growth(kind):
    """The exponents of time in T and in B, fitted on a log-log scale; linear is 1."""
    rng = np.random.default_rng(0)
    D, N = 16, 64

    def cost(B, T):
        layer = kind(N, return_sequences=True).build(D)
        X, dH = (rng.normal(size=(B, T, n)).astype("float32") for n in (D, N))

        def step():
            layer.forward(X)
            layer.backward(dH)

        step()
        return np.median([seconds(step, 3) for _ in range(9)])

    for name, sizes, times in (
        ("T", (50, 100, 200, 400, 800), lambda n: cost(64, n)),
        ("B", (64, 128, 256, 512, 1024), lambda n: cost(n, 50)),
    ):
        slope = np.polyfit(np.log(sizes), np.log([times(n) for n in sizes]), 1)[0]
        report(f"{kind.__name__}: time grows like {name} to the power", slope, "at most", 1.1)


def main(sections):
    """Run the sections that are named, all without a name."""
    known = ("document", "layers", "limit", "memory", "growth")
    if unknown := set(sections) - set(known):
        sys.exit(f"Unknown section {', '.join(sorted(unknown))}; choose from {', '.join(known)}.")
    sections = sections or known
    if "document" in sections:
        document_model(20)
        document_model(50)
    if "layers" in sections:
        for kind in (LSTM, GRU):
            one_layer(kind, SMALL, 1.5)
            one_layer(kind, LARGE, 1.0)
    for kind in KINDS:
        if "limit" in sections:
            limit(kind, LARGE)
            limit(kind, (*LARGE[:3], 50))
        if "memory" in sections:
            memory(kind, LARGE)
        if "growth" in sections:
            growth(kind)


if __name__ == "__main__":
    main(sys.argv[1:])
