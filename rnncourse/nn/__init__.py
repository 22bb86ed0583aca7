"""A NumPy engine for recurrent networks: readable in an evening, equal to Keras.

cells.py is the mathematics, one time step; layers/ the same numbers over whole sequences, fast.
Converting to and from Keras needs Keras, so it is imported by its own name:

    from rnncourse.nn.keras_bridge import from_keras, to_keras
"""

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
from rnncourse.nn.layers import GRU, LSTM, Dense, SimpleRNN
from rnncourse.nn.losses import cross_entropy, mse
from rnncourse.nn.model import History, Input, Sequential
from rnncourse.nn.optimizers import SGD, Adam, clip_by_global_norm, clip_by_norm, global_norm

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "Dense",
    "GRUCell",
    "History",
    "Input",
    "LSTMCell",
    "Sequential",
    "SimpleRNN",
    "SimpleRNNCell",
    "clip_by_global_norm",
    "clip_by_norm",
    "cross_entropy",
    "global_norm",
    "glorot_uniform",
    "gradcheck",
    "linear",
    "mse",
    "numeric_gradient",
    "orthogonal",
    "relative_error",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
