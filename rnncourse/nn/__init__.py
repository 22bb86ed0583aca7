"""A NumPy engine for recurrent networks, equal to Keras.

To be read, in this order: cells.py, the mathematics of one time step; plain.py, the loop over the
steps, forward and backward; analysis.py, what the loop shows. layers/ computes the same numbers
fast, and nobody need read it.

keras_bridge imports Keras, so it has to be imported by its own name:

    from rnncourse.nn.keras_bridge import from_keras, to_keras
"""

from rnncourse.nn.callbacks import Callback, EarlyStopping, History
from rnncourse.nn.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.nn.functions import (
    glorot_uniform,
    linear,
    orthogonal,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from rnncourse.nn.gradcheck import gradcheck, numeric_gradient, relative_error
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
from rnncourse.nn.losses import binary_cross_entropy, cross_entropy, mse, sparse_cross_entropy
from rnncourse.nn.metrics import accuracy, mae
from rnncourse.nn.model import Input, Sequential
from rnncourse.nn.optimizers import SGD, Adam, clip_by_global_norm, clip_by_norm, global_norm

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "Bidirectional",
    "Callback",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "GRUCell",
    "History",
    "Input",
    "LSTMCell",
    "Masking",
    "Sequential",
    "SimpleRNN",
    "SimpleRNNCell",
    "accuracy",
    "binary_cross_entropy",
    "clip_by_global_norm",
    "clip_by_norm",
    "cross_entropy",
    "global_norm",
    "glorot_uniform",
    "gradcheck",
    "linear",
    "mae",
    "mse",
    "numeric_gradient",
    "orthogonal",
    "relative_error",
    "relu",
    "sigmoid",
    "softmax",
    "sparse_cross_entropy",
    "tanh",
]
