"""Play a processor that rounds otherwise: change fresh weights in their last bit.

The first cell of a notebook under `portability.py`. A kernel of another processor adds the same
numbers in another order; training carries that difference on as it carries this one. A weight's
noise depends on its values and on RNNCOURSE_NOISE alone: equal seeds still give equal weights.
"""

import os
import sys
import zlib

import numpy as np
from IPython import get_ipython

SIZE = {"float32": 6e-8, "float64": 1.1e-16}  # half the distance to the next number, relative


def noisy(values):
    """`values`, float32 or float64, each moved by about one unit of its last place."""
    seed = zlib.crc32(values.tobytes()) + int(os.environ["RNNCOURSE_NOISE"])
    noise = np.random.default_rng(seed).uniform(-2, 2, values.shape)
    return (values * (1 + SIZE[values.dtype.name] * noise)).astype(values.dtype)


def patch_keras():
    import tensorflow as tf  # keras is there, and so is this

    keras = sys.modules["keras"]
    add_weight = keras.layers.Layer.add_weight
    noise = int(os.environ["RNNCOURSE_NOISE"])

    def noisy_initializer(initializer):
        """In TensorFlow's operations: a layer may be built while its model is being traced."""

        def initial(shape, dtype=None, **kwargs):
            value = initializer(shape, dtype=dtype, **kwargs)
            if keras.backend.standardize_dtype(value.dtype) not in SIZE:
                return value
            own = tf.strings.to_hash_bucket_fast(tf.io.serialize_tensor(value), 2**31 - 1)
            options = {"minval": -2, "maxval": 2, "dtype": value.dtype}
            moved = tf.random.stateless_uniform(tf.shape(value), [own, noise], **options)
            return value * (1 + SIZE[value.dtype.name] * moved)

        return initial

    def add_noisy_weight(self, shape=None, initializer=None, *args, **kwargs):
        if initializer is not None:
            initializer = noisy_initializer(keras.initializers.get(initializer))
        return add_weight(self, shape, initializer, *args, **kwargs)

    keras.layers.Layer.add_weight = add_noisy_weight


def patch_engine():
    layer = sys.modules["rnncourse.nn"].layers.base.Layer
    build = layer.build

    def noisy_build(self, n_features):
        fresh = not self.built
        build(self, n_features)
        for w in self.params.values() if fresh else ():
            w[...] = noisy(np.ascontiguousarray(w))
        return self

    layer.build = noisy_build


waiting = {"keras": patch_keras, "rnncourse.nn": patch_engine}


def patch(*_):
    """Patch what has been imported since the last cell."""
    for name in [name for name in waiting if name in sys.modules]:
        waiting.pop(name)()


get_ipython().events.register("pre_run_cell", patch)
