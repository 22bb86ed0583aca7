"""The pieces of code that a notebook consists of, as numbers that can be compared.

Code is cut into overlapping pieces of tokens, without texts, numbers and comments, in two ways:
with the names of variables, and without. What equal pieces mean is said in classroom/similar.py.
"""

import hashlib
import io
import keyword
import tokenize

__all__ = ["fingerprint"]

PIECE = 9  # tokens


def fingerprint(sources):
    """The pieces of a notebook's code cells as numbers; cells that do not parse are skipped.

    A number is even for a piece without names, odd for one with them.
    """
    found = set()
    for source in sources:
        words = _words(source)
        for named in (0, 1):
            own = [word[named] for word in words]
            pieces = {" ".join(own[i : i + PIECE]) for i in range(len(own) - PIECE + 1)}
            found.update(_number(piece, named) for piece in pieces)
    return found


def _number(piece, named):
    digest = hashlib.blake2b(piece.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 << 1 | named


def _words(source):
    """[(a token without its name, with it)]; texts are left out of both."""
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                known = keyword.iskeyword(token.string)
                words.append((token.string if known else "n", token.string))
            elif token.type == tokenize.OP:
                words.append((token.string, token.string))
            elif token.type == tokenize.NUMBER:
                words.append(("v", token.string))
            elif token.type == tokenize.STRING:
                words.append(("v", "v"))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):  # no Python, or half
        pass
    return words
