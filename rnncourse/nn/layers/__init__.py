"""Layers over whole sequences: one idea a file, the words and the weights of Keras."""

from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.bidirectional import Bidirectional
from rnncourse.nn.layers.dense import Dense
from rnncourse.nn.layers.embedding import Embedding
from rnncourse.nn.layers.gru import GRU
from rnncourse.nn.layers.lstm import LSTM
from rnncourse.nn.layers.recurrent import Recurrent
from rnncourse.nn.layers.simple_rnn import SimpleRNN
from rnncourse.nn.layers.unweighted import Dropout, Masking

__all__ = [
    "GRU",
    "LSTM",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Layer",
    "Masking",
    "Recurrent",
    "SimpleRNN",
]
