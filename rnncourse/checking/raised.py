"""What an exception of a learner's code was: its text, its line, the operation and its shapes.

NumPy says "mismatch in its core dimension 0" of many products. Two programs make the same mistake
only if the same operation failed on operands of the same shapes.
"""

import ast
import inspect
import linecache
import re
import textwrap

import numpy as np

__all__ = ["facts_of", "short"]

# What is the same operation in other words.
PRODUCTS = {"MatMult", "np.dot", "np.matmul", "dot"}


def facts_of(error, function, args, names):
    """Facts of an exception that `function(*args)` raised; `names` are those of its arguments."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    own = [
        tb
        for tb in _levels(error.__traceback__)
        if code and tb.tb_frame.f_code.co_filename == code.co_filename
    ]
    given = ", ".join(f"{n} {_brief(a)}" for n, a in zip(names, args, strict=True))
    found = {"what": f"{type(error).__name__}: {short(error)}", "line": "?", "given": given or "–"}
    if own:
        tb = own[-1]
        text = linecache.getline(code.co_filename, tb.tb_lineno).strip()
        found |= {"line": text or "?", "operation": _operation(tb.tb_frame, tb.tb_lasti)}
    return found


def _levels(tb):
    """A traceback's levels, from the outermost frame to the innermost."""
    while tb:
        yield tb
        tb = tb.tb_next


def _operation(frame, instruction):
    """The failed operation and its operands' shapes, "matmul (2, 3) (5, 5)"; "" if unknown."""
    try:
        positions = list(frame.f_code.co_positions())[instruction // 2]
        node = ast.parse(_segment(frame.f_code.co_filename, *positions), mode="eval").body
        name, operands = _parts(node)
        shapes = [str(np.shape(_value(operand, frame))) for operand in operands]
    except Exception:  # there is no such expression, or it cannot be looked at
        return ""
    return " ".join(["matmul" if name in PRODUCTS else name, *shapes])


def _segment(file, line, end_line, column, end_column):
    """The source text between two positions; columns count bytes."""
    lines = [linecache.getline(file, n).encode() for n in range(line, end_line + 1)]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    return textwrap.dedent(b"".join(lines).decode()).strip()


def _parts(node):
    """(name of an operation, its operands)."""
    if isinstance(node, ast.BinOp):
        return type(node.op).__name__, [node.left, node.right]
    name = ast.unparse(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "dot" and len(node.args) == 1:
        return "dot", [node.func.value, *node.args]
    return name, node.args


def _value(node, frame):
    """The value of an expression that only looks things up: names, .T, indices, products of such.

    Raises ValueError for one that might do something.
    """
    looks = (ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.Constant, ast.BinOp)
    parts = (*looks, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    for inner in ast.walk(node):
        if not isinstance(inner, parts) or (isinstance(inner, ast.Attribute) and inner.attr != "T"):
            raise ValueError("an expression that might do something")
    return eval(compile(ast.Expression(node), "<operand>", "eval"), frame.f_globals, frame.f_locals)


def short(error):
    """An error's text in one line of at most 300 characters, also if its `__str__` raises.

    Keras appends the whole of its state to some.
    """
    try:
        text = str(error)
    except Exception:
        return "(its text cannot be shown)"
    text = re.sub(r"\x1b\[\d*m", "", text).partition("Arguments received by")[0]
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:299]}…"


def _brief(value):
    return str(value.shape) if isinstance(value, np.ndarray) else repr(value)[:30]
