"""Arrays that a layer reuses from call to call, and the two memory layouts that it needs."""

import sys

import numpy as np

__all__ = ["Buffers"]

GATHERED = 2**16  # numbers transposed at a time, few enough for the cache


class Buffers:
    """Arrays by name. They are reused: new memory would cost more time than the arithmetic."""

    def __init__(self, dtype):
        self.dtype = dtype
        self._arrays = {}

    def scratch(self, name, n, *shape):
        """An array (n, *shape) for intermediate results: the same memory at each call."""
        found = self._arrays.get(name)
        if found is None or len(found) < n or found.shape[1:] != shape:
            found = self._arrays[name] = np.empty((n, *shape), self.dtype)
        return found[:n]

    def visible(self, name, shape):
        """An array of which callers get views: new memory while such a view is alive."""
        # refcount 2 = the dict entry + getrefcount's argument, so no caller holds a view any more.
        known = name in self._arrays and self._arrays[name].shape == shape
        if known and sys.getrefcount(self._arrays[name]) == 2:
            return self._arrays[name]
        self._arrays[name] = np.empty(shape, self.dtype)
        return self._arrays[name]

    def batch_last(self, array, out=None):
        """`array` (n, R, B) with the batch contiguous in memory: itself, or a copy, in `out`."""
        if out is None:
            if array[0].flags.c_contiguous:
                return array
            out = self.scratch("batch last", *array.shape)
        if array.strides[2] % 1024:
            out[...] = array
            return out
        # Strides that are a multiple of 1024 bytes map to few cache sets, whose lines evict one
        # another. So some steps at a time are copied together first, and transposed from there.
        n = max(1, GATHERED // array[0].size)
        for start in range(0, len(array), n):
            steps = array[start : start + n].transpose(0, 2, 1)
            gathered = self.scratch("gathered", *steps.shape)
            gathered[...] = steps
            out[start : start + n] = gathered.transpose(0, 2, 1)
        return out

    def columns(self, name, block):
        """(n, R, B) -> (R, n · B): the steps of a block side by side, a copy."""
        n, R, B = block.shape
        flat = self.scratch(name, n * R * B)
        flat.reshape(R, n, B)[...] = block.transpose(1, 0, 2)
        return flat.reshape(R, n * B)
