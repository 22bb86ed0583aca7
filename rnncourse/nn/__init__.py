"""A NumPy engine for recurrent networks, equal to Keras.

To be read, in this order: cells.py, the mathematics of one time step; plain.py, the loop over the
steps, forward and backward; analysis.py, what the loop shows. layers/ computes the same numbers
fast, and nobody need read it.

keras_bridge imports Keras, so it has to be imported by its own name:

    from rnncourse.nn.keras_bridge import from_keras, to_keras
"""

from rnncourse.nn.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.nn.functions import glorot_uniform, orthogonal, sigmoid, softmax
from rnncourse.nn.gradcheck import gradcheck
from rnncourse.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Masking,
    SimpleRNN,
)
from rnncourse.nn.losses import cross_entropy, mse, sparse_cross_entropy
from rnncourse.nn.model import Sequential
from rnncourse.nn.optimizers import SGD, Adam, clip_by_global_norm, global_norm

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "Masking",
    "Sequential",
    "SimpleRNN",
    "SimpleRNNCell",
    "clip_by_global_norm",
    "cross_entropy",
    "global_norm",
    "glorot_uniform",
    "gradcheck",
    "mse",
    "orthogonal",
    "sigmoid",
    "softmax",
    "sparse_cross_entropy",
]
