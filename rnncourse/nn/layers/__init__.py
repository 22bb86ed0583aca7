"""Layers over whole sequences: one idea per file, the words and the weights of Keras.

A learner need not read this folder. It is the fast version of what cells.py (one step) and
plain.py (the loop over the steps) say plainly, and tests hold the two equal.
"""

from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.bidirectional import Bidirectional
from rnncourse.nn.layers.dense import Dense
from rnncourse.nn.layers.dropout import Dropout
from rnncourse.nn.layers.embedding import Embedding
from rnncourse.nn.layers.gru import GRU
from rnncourse.nn.layers.lstm import LSTM
from rnncourse.nn.layers.masking import Masking
from rnncourse.nn.layers.recurrent import Recurrent
from rnncourse.nn.layers.simple_rnn import SimpleRNN

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
