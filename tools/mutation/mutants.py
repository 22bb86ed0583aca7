"""Mutants of a function: its source with one slip in it, as a learner could have made it.

`mutants(source, constants)` applies every operator of OPERATORS at every node of the syntax tree.
An operator is a generator: from one node it yields the nodes that could be typed in its place.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from tools.mutation.operators import OPERATORS, call, template

__all__ = ["Mutant", "as_function", "mutants"]


@dataclass(frozen=True)
class Mutant:
    """One mutant. `change` tells what was typed instead of what, and is its name in lists."""

    operator: str
    change: str
    source: str


def mutants(source, constants: Mapping = {}):
    """All different Mutants of the function `source`, which must define one function.

    constants: {expression: number} of what has the same value in all cases of a task, such as
    {"H.shape[1]": 4}. A learner could write that number, so each becomes a mutant as well.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    seen, names, found = {original}, {}, []
    for operator, put_mutant, put_back in _edits(tree, constants):
        put_mutant()
        text = ast.unparse(tree)
        put_back()
        if text in seen or not _compiles(text):
            continue
        seen.add(text)
        change = _change(original, text)
        names[change] = names.get(change, 0) + 1
        if names[change] > 1:  # the same line occurs twice in the source
            change += f" (place {names[change]})"
        found.append(Mutant(operator, change, text))
    return found


def _edits(tree, constants):
    """(operator's name, function that edits the tree, function that undoes it)."""
    own = {argument.arg for argument in tree.body[0].args.args}
    for node, put in _places(tree.body[0]):
        if isinstance(node, ast.Name) and node.id in own and isinstance(node.ctx, ast.Load):
            for new in _of_the_input(node):
                yield "of_the_input", partial(put, new), partial(put, node)
        for operator in OPERATORS:
            for new in operator(node):
                yield operator.__name__, partial(put, new), partial(put, node)
        if isinstance(node, ast.expr):
            for new in _hard_coded(node, constants):
                yield "hard_coded", partial(put, new), partial(put, node)
    yield from _wrapped(tree.body[0])


def _places(function):
    """(node, put) of every node in the body; `put(new)` sets another node in its place."""
    found = []
    for root in function.body:
        for parent in ast.walk(root):
            for field, value in ast.iter_fields(parent):
                if isinstance(value, list):
                    nodes = [(i, child) for i, child in enumerate(value)]
                    found += [(n, partial(value.__setitem__, i)) for i, n in nodes if _is_node(n)]
                elif _is_node(value):
                    found.append((value, partial(setattr, parent, field)))
    body = function.body
    return [(node, partial(body.__setitem__, i)) for i, node in enumerate(body)] + found


def _is_node(value):
    kinds = ast.expr | ast.stmt | ast.comprehension | ast.keyword
    return isinstance(value, kinds)


def _of_the_input(node):
    """An argument without its sign, or without its first or last place: only edges show it."""
    yield call(template("np.abs"), node)
    for text in ("x[1:]", "x[:-1]"):
        cut = template(text)
        cut.value = node
        yield cut


def _hard_coded(node, constants):
    """The number that an expression has in every case."""
    if isinstance(node, ast.Constant) or isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if (text := ast.unparse(node)) in constants:
        yield ast.Constant(constants[text])
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        yield from _last_hard_coded(node, constants)


def _last_hard_coded(node, constants):
    """x[:, -1] as x[:, 3], where all x have 4 columns."""
    axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, index in enumerate(axes):
        size = constants.get(f"{node.value.id}.shape[{k}]")
        if size and ast.unparse(index) == "-1":
            new = [*axes[:k], ast.Constant(size - 1), *axes[k + 1 :]]
            inner = ast.Tuple(new, ast.Load()) if len(new) > 1 else new[0]
            yield ast.Subscript(node.value, inner, node.ctx)


def _wrapped(function):
    """The returned arrays, one by one, in np.abs(…) and np.squeeze(…)."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        put, value = partial(setattr, node, "value"), node.value
        for name in ("abs", "squeeze"):
            wrap = template(f"np.{name}")
            yield "wrapped", partial(put, call(wrap, value)), partial(put, value)
            if isinstance(value, ast.Tuple):
                for i, part in enumerate(value.elts):
                    set_part = partial(value.elts.__setitem__, i)
                    yield "wrapped", partial(set_part, call(wrap, part)), partial(set_part, part)


def _compiles(text):
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _change(before, after):
    """`y = a + b → y = a`: the lines that differ."""
    old, new = before.splitlines()[1:], after.splitlines()[1:]
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    told = (" ⏎ ".join(line.strip() for line in lines) or "(no line)" for lines in (old, new))
    return " → ".join(told)


def as_function(node, name):
    """The syntax tree of a `def` or a lambda as the source of a function called `name`."""
    if isinstance(node, ast.Lambda):
        made = ast.parse(f"def {name}(): pass").body[0]
        made.args, made.body = node.args, [ast.Return(node.body)]
        return ast.unparse(ast.fix_missing_locations(made))
    node.decorator_list, node.name = [], name
    return ast.unparse(node)
