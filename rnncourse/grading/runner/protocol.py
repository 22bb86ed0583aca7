"""What passes between the judge and a submission: arrays and plain values, bounded, never code.

A frame is the length of its header (4 bytes), the total length of its buffers (8 bytes), a JSON
header, and the arrays' bytes. The decoder is total: whatever arrives, it returns a value or raises
Garbled, and it allocates no more than was announced and allowed. A function among the values stays
where it is; the other side gets a stand-in that asks for each call (`calls`).
"""

import contextlib
import json
import re
import struct

import numpy as np

__all__ = ["Channel", "Closed", "Garbled", "decode", "encode"]

HEAD = struct.Struct(">IQ")
HEADER_BYTES = 4_000_000
DEPTH, NODES = 12, 200_000
EXTENT = 1 << 30  # the product of an array's axes, an axis of 0 aside
DTYPE = re.compile(r"[<>|](b1|[iu][1248]|f[248]|c(8|16)|U\d{1,4}|M8\[[a-zA-Z]{1,2}\])")


class Garbled(Exception):
    """A frame that is not one of ours, or is larger than allowed."""


class Closed(Exception):
    """The other side is gone."""


def encode(value, export=None):
    """`value` as the bytes of one frame.

    It may hold None, bool, int, float, str, arrays, lists, tuples and dictionaries of these.
    `export(function)` gives the number under which a function can be called from the other side,
    or the name of one that the other side has too.
    """
    buffers = []

    def plain(v):
        if v is None or type(v) in (bool, int, float, str):
            return v
        if isinstance(v, np.ndarray | np.generic):
            array = np.ascontiguousarray(v).reshape(np.shape(v))
            if not DTYPE.fullmatch(array.dtype.str):
                raise TypeError(f"an array of {array.dtype} cannot be sent")
            buffers.append(array.tobytes())
            return {"a": [array.dtype.str, list(array.shape), isinstance(v, np.generic)]}
        if isinstance(v, dict):
            return {"d": [[plain(key), plain(item)] for key, item in v.items()]}
        if isinstance(v, tuple):
            return {"t": [plain(item) for item in v]}
        if isinstance(v, list):
            return [plain(item) for item in v]
        if callable(v) and export:
            return {"f": export(v)}
        raise TypeError(f"a {type(v).__name__} cannot be sent")

    header = json.dumps(plain(value)).encode()
    return b"".join([HEAD.pack(len(header), sum(map(len, buffers))), header, *buffers])


def decode(header, body, call=None):
    """The value of a frame, or Garbled. `call(number)` makes the stand-in of a function."""
    try:
        tree = json.loads(header)
    except (ValueError, RecursionError):
        raise Garbled("not JSON") from None
    reader = _Reader(body, call)
    value = reader.value(tree, 0)
    if reader.at != len(body):
        raise Garbled("bytes left over")
    return value


class _Reader:
    def __init__(self, body, call):
        self.body, self.call, self.at, self.nodes = body, call, 0, 0

    def value(self, node, depth):
        self.nodes += 1
        if depth > DEPTH or self.nodes > NODES:
            raise Garbled("too deep or too many")
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is list:
            return [self.value(item, depth + 1) for item in node]
        if type(node) is dict and len(node) == 1:
            ((tag, inner),) = node.items()
            if tag == "a":
                return self.array(inner)
            if tag == "f" and self.call and type(inner) in (int, str):
                return self.call(inner)
            if tag == "t" and type(inner) is list:
                return tuple(self.value(item, depth + 1) for item in inner)
            if tag == "d" and type(inner) is list:
                return self.pairs(inner, depth + 1)
        raise Garbled("an unknown tag")

    def pairs(self, inner, depth):
        found = {}
        for pair in inner:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) not in (str, int):
                raise Garbled("a key that is no text")
            found[pair[0]] = self.value(pair[1], depth)
        return found

    def array(self, inner):
        if type(inner) is not list or len(inner) != 3:
            raise Garbled("an array without dtype and shape")
        dtype, shape, scalar = inner
        if type(dtype) is not str or not DTYPE.fullmatch(dtype):
            raise Garbled("an array of objects")
        if type(shape) is not list or len(shape) > 8:
            raise Garbled("a shape that is none")
        count = extent = 1
        for n in shape:
            if type(n) is not int or not 0 <= n <= EXTENT:
                raise Garbled("a shape that is none")
            count, extent = count * n, extent * max(n, 1)
        if extent > EXTENT:  # also with an axis of 0: somebody may loop over another
            raise Garbled("a shape that is too large")
        try:
            kind = np.dtype(dtype)
        except TypeError:
            raise Garbled("an unknown dtype") from None
        end = self.at + count * kind.itemsize
        if end > len(self.body):
            raise Garbled("an array longer than its bytes")
        try:
            array = np.frombuffer(self.body, kind, count, self.at).reshape(shape).copy()
        except ValueError:
            raise Garbled("an array that numpy refuses") from None
        self.at = end
        return array[()] if scalar is True and not shape else array


class Channel:
    """Frames over a pair of binary files; `most` bounds the bytes of a frame that comes in."""

    def __init__(self, reader, writer, most):
        self.reader, self.writer, self.most = reader, writer, most

    def send(self, value, export=None):
        try:
            self.writer.write(encode(value, export))
            self.writer.flush()
        except (OSError, ValueError):
            raise Closed from None

    def receive(self, call=None):
        n_header, n_body = HEAD.unpack(self._exactly(HEAD.size))
        if n_header > HEADER_BYTES or n_body > self.most:
            raise Garbled("a frame that is too large")
        header = self._exactly(n_header)
        return decode(header, self._exactly(n_body), call)

    def _exactly(self, n):
        parts = []
        while n:
            try:
                part = self.reader.read(min(n, 1 << 20))
            except (OSError, ValueError):
                part = b""
            if not part:
                raise Closed
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    def close(self):
        for file in (self.writer, self.reader):
            with contextlib.suppress(OSError, ValueError):
                file.close()
