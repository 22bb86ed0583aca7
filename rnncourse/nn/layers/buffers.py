"""Memory that a layer keeps from call to call, and the two orders in which it lays numbers out."""

import sys

import numpy as np

__all__ = ["Buffers"]

GATHERED = 2**16  # numbers turned round at a time: they lie in the cache


class Buffers:
    """Arrays by name: fresh memory from the system costs more time than the arithmetic in it."""

    def __init__(self, dtype):
        self.dtype = dtype
        self._arrays = {}

    def room(self, name, n, *shape):
        """An array (n, *shape), the same memory at each call: for what no caller ever sees."""
        found = self._arrays.get(name)
        if found is None or len(found) < n or found.shape[1:] != shape:
            found = self._arrays[name] = np.empty((n, *shape), self.dtype)
        return found[:n]

    def shown(self, name, shape):
        """The same for what callers see views of: new memory as long as one of these is alive."""
        # 2: the dictionary's reference and the argument. A view counts, however it was made.
        known = name in self._arrays and self._arrays[name].shape == shape
        if known and sys.getrefcount(self._arrays[name]) == 2:
            return self._arrays[name]
        self._arrays[name] = np.empty(shape, self.dtype)
        return self._arrays[name]

    def turned(self, array, out=None):
        """`array` (n, R, B), the examples of a row side by side: itself, or written into out."""
        if out is None:
            if array[0].flags.c_contiguous:
                return array
            out = self.room("turned", *array.shape)
        if array.strides[2] % 1024:
            out[...] = array
            return out
        # Examples at such distances share a few sets of the cache and push each other out. Some
        # steps at a time are gathered first, and turned round where they lie together.
        n = max(1, GATHERED // array[0].size)
        for start in range(0, len(array), n):
            steps = array[start : start + n].transpose(0, 2, 1)
            gathered = self.room("gathered", *steps.shape)
            gathered[...] = steps
            out[start : start + n] = gathered.transpose(0, 2, 1)
        return out

    def columns(self, name, block):
        """(n, R, B) -> (R, n · B): the steps of a block side by side, in the named buffer."""
        n, R, B = block.shape
        flat = self.room(name, n * R * B)
        flat.reshape(R, n, B)[...] = block.transpose(1, 0, 2)
        return flat.reshape(R, n * B)
