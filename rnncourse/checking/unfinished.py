"""Whether an answer is a stub, stumbles over one, or is older than what the notebook shows."""

import ast
import inspect
import re
import sys
import textwrap
import traceback

__all__ = ["broken_cell", "is_stub", "stumbled_over"]


def is_stub(function):
    """Whether a function's body is nothing but `...`, `pass`, a docstring or a raise of ours."""
    body = _body(function)
    return body is not None and not any(map(_says_something, body))


def stumbled_over(error, function):
    """What a NotImplementedError of the learner's own notebook comes from, or None.

    "stub": the answer is still to be written. "left": it is written, and the line that raises was
    left in. Another function's name: the answer calls it, and it is a stub.
    """
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    home = getattr(function, "__globals__", {}).get("__name__")
    if type(error) is not NotImplementedError or frame.f_globals.get("__name__") != home:
        return None
    if frame.f_code is not getattr(function, "__code__", frame.f_code):
        return frame.f_code.co_name
    body = _body(function)
    return "left" if body and any(map(_says_something, body)) else "stub"


def _body(function):
    """The statements of a function, or None where its source cannot be had."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        return tree.body[0].body
    except (OSError, TypeError, SyntaxError, AttributeError, IndexError):
        return None


def _says_something(statement):
    """False for `pass`, `...`, a docstring, `return ...` and `raise NotImplementedError`."""
    if isinstance(statement, ast.Pass):
        return False
    if isinstance(statement, ast.Expr | ast.Return):
        return statement.value is not None and not isinstance(statement.value, ast.Constant)
    return not (
        isinstance(statement, ast.Raise) and "NotImplementedError" in ast.unparse(statement)
    )


def broken_cell(name):
    """The number of the cell that defines `name` last, where that cell did not parse; else None.

    The kernel then still holds the definition of an older run, which nobody sees any more.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    cells = shell.user_ns.get("In", []) if shell else []
    defines = re.compile(rf"^(def\s+{name}\b|{name}\s*=[^=])", re.MULTILINE)
    for number in range(len(cells) - 1, 0, -1):
        if defines.search(cells[number]):
            return None if _parses(shell, cells[number]) else number
    return None


def _parses(shell, source):
    try:
        ast.parse(shell.transform_cell(source))
    except SyntaxError:
        return False
    return True
