"""Layers over whole sequences: one idea a file, the words and the weights of Keras."""

from rnncourse.nn.layers.base import Layer
from rnncourse.nn.layers.dense import Dense
from rnncourse.nn.layers.simple_rnn import SimpleRNN

__all__ = ["Dense", "Layer", "SimpleRNN"]
