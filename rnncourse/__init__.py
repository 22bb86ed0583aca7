"""rnncourse: recurrent neural networks, from the first step to real applications."""

__version__ = "0.1.0"
