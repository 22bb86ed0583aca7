"""The operators of mutants.py: from one node of the syntax tree, what could stand in its place.

An operator yields new nodes, which may share children with the old one, and changes nothing.
Longer than 250 lines: a list, in which the operators are read side by side.
"""

import ast

__all__ = ["OPERATORS", "call", "template"]

OPERATORS = []


def operator(function):
    OPERATORS.append(function)
    return function


def template(text):
    """The expression `text` as a node."""
    return ast.parse(text, mode="eval").body


def call(function, *args):
    return ast.Call(function, list(args), [])


def _plus(node, step):
    """`node + step`; a whole number is added up, so that -1 + 1 reads 0."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if not isinstance(value, int | float):
        op = ast.Add() if step > 0 else ast.Sub()
        return ast.BinOp(node, op, ast.Constant(abs(step)))
    return template(repr(value + step))


ARITHMETIC = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv, ast.Mult),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}


@operator
def arithmetic(node):
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)


@operator
def term_dropped(node):
    match node:
        case ast.BinOp():
            yield node.left
            yield node.right
        case ast.BoolOp():
            yield from node.values
        case ast.UnaryOp():
            yield node.operand


@operator
def operands_swapped(node):
    if isinstance(node, ast.BinOp) and isinstance(
        node.op, ast.Sub | ast.Div | ast.MatMult | ast.Mod
    ):
        yield ast.BinOp(node.right, node.op, node.left)


COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt, ast.GtE),
    ast.Gt: (ast.GtE, ast.LtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


@operator
def comparison(node):
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in COMPARISONS[type(op)]:
                yield ast.Compare(
                    node.left, [*node.ops[:k], other(), *node.ops[k + 1 :]], node.comparators
                )


@operator
def off_by_one(node):
    """A number with a name that is compared, or given by its name to a call: one more, one less."""
    match node:
        case ast.Compare(comparators=[ast.Name() | ast.Subscript() | ast.Call() as right]):
            for step in (1, -1):
                yield ast.Compare(node.left, node.ops, [_plus(right, step)])
        case ast.keyword(value=ast.Name() as value):
            for step in (1, -1):
                yield ast.keyword(node.arg, _plus(value, step))


@operator
def and_or(node):
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


@operator
def condition(node):
    """Negated, always met, never met."""
    match node:
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield ast.If(ast.Constant(True), node.body, node.orelse)
            yield ast.If(ast.Constant(False), node.body, node.orelse)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
            yield node.body
            yield node.orelse
        case ast.comprehension(ifs=[_, *_]):
            for k in range(len(node.ifs)):
                rest = node.ifs[:k] + node.ifs[k + 1 :]
                yield ast.comprehension(node.target, node.iter, rest, node.is_async)


@operator
def constant(node):
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(v) for v in {value + 1, value - 1, 0, 1, 2, -value} - {value})
    elif isinstance(value, float):
        new = {0, 1, -value, 2 * value, value / 2, 0.9 * value, round(value), 1.001 * value}
        yield from (ast.Constant(v) for v in sorted(new - {value}))


@operator
def index(node):
    """x[i] as x[i + 1], x[i - 1] and x; x[i, j] as x[j, i]."""
    if not isinstance(node, ast.Subscript):
        return
    axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, one in enumerate(axes):
        if isinstance(one, ast.Slice) or _is_none(one):
            continue
        for step in (1, -1):
            yield _subscript(node, [*axes[:k], _plus(one, step), *axes[k + 1 :]])
    for k in range(len(axes) - 1):
        yield _subscript(node, [*axes[:k], axes[k + 1], axes[k], *axes[k + 2 :]])
    yield node.value


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value in (None, ...)


def _subscript(node, axes):
    inner = ast.Tuple(axes, ast.Load()) if len(axes) > 1 else axes[0]
    return ast.Subscript(node.value, inner, node.ctx)


@operator
def bound(node):
    """A slice moved by one at either end, open at an end, turned round."""
    if not isinstance(node, ast.Subscript):
        return
    axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, one in enumerate(axes):
        if isinstance(one, ast.Slice):
            for new in _slices(one):
                yield _subscript(node, [*axes[:k], new, *axes[k + 1 :]])


def _slices(node):
    lower, upper, step = node.lower, node.upper, node.step
    if lower is not None:
        for new in (_plus(lower, 1), _plus(lower, -1), None):
            yield ast.Slice(new, upper, step)
    if upper is not None:
        for new in (_plus(upper, 1), _plus(upper, -1), None):
            yield ast.Slice(lower, new, step)
    if step is not None:
        yield ast.Slice(lower, upper, None)
    elif lower is None and upper is None:
        yield ast.Slice(None, None, ast.Constant(-1))
        yield ast.Slice(ast.Constant(1), None, None)
        yield ast.Slice(None, ast.Constant(-1), None)


@operator
def range_moved(node):
    if isinstance(node, ast.Call) and _called(node) == "range":
        for k, one in enumerate(node.args):
            for step in (1, -1):
                yield call(node.func, *node.args[:k], _plus(one, step), *node.args[k + 1 :])
        if len(node.args) > 1:
            yield call(node.func, *node.args[1:])
            yield call(node.func, *node.args[:-1])
        else:
            yield call(node.func, ast.Constant(1), *node.args)


def _called(node):
    """`mean` of np.mean(x), x.mean() and mean(x)."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)


@operator
def loop_turned(node):
    """A loop in reversed order, without its first turn, without its last, with its first alone."""
    if not isinstance(node, ast.For | ast.comprehension):
        return
    every = call(template("list"), node.iter)
    turned = ast.Subscript(every, ast.Slice(None, None, ast.Constant(-1)), ast.Load())
    but_first = ast.Subscript(every, ast.Slice(ast.Constant(1), None, None), ast.Load())
    but_last = ast.Subscript(every, ast.Slice(None, ast.Constant(-1), None), ast.Load())
    for iterated in (turned, but_first, but_last):
        if isinstance(node, ast.For):
            yield ast.For(node.target, iterated, node.body, node.orelse, lineno=0)
        else:
            yield ast.comprehension(node.target, iterated, node.ifs, node.is_async)
    if isinstance(node, ast.For):
        yield ast.For(node.target, node.iter, [*node.body, ast.Break()], node.orelse, lineno=0)


SIBLINGS = {
    "max": ("min",), "min": ("max",), "maximum": ("minimum",), "minimum": ("maximum",),
    "mean": ("sum", "median"), "sum": ("mean", "max"), "argmax": ("argmin",), "argmin": ("argmax",),
    "nanargmin": ("argmin", "nanargmax"), "nanmax": ("max",), "zeros": ("ones",),
    "ones": ("zeros",), "zeros_like": ("ones_like",), "ones_like": ("zeros_like",),
    "floor": ("ceil", "round"), "ceil": ("floor", "round"), "round": ("floor", "ceil"),
    "sin": ("cos",), "cos": ("sin",), "any": ("all",), "all": ("any",), "std": ("var",),
    "var": ("std",), "exp": ("expm1",), "log": ("log2", "log1p"), "log1p": ("log",),
    "tanh": ("sin", "arctan"), "hstack": ("vstack",), "vstack": ("hstack",),
    "stack": ("concatenate",), "concatenate": ("stack",), "isnan": ("isinf",),
    "isfinite": ("isnan",), "cumsum": ("cumprod",), "append": ("extend",), "extend": ("append",),
}  # fmt: skip


@operator
def sibling(node):
    """np.max for np.min, mean for sum: names that are taken for each other."""
    if isinstance(node, ast.Call):
        for name in SIBLINGS.get(_called(node), ()):
            if isinstance(node.func, ast.Attribute):
                function = ast.Attribute(node.func.value, name, ast.Load())
            elif name in ("max", "min", "sum", "any", "all", "round"):
                function = template(name)
            else:
                continue
            yield ast.Call(function, node.args, node.keywords)


@operator
def call_dropped(node):
    """f(x, …) as x; x.copy() and x.sum(axis=1) as x."""
    if not isinstance(node, ast.Call):
        return
    if node.args and _called(node) not in ("range", "len", "zip", "enumerate", "list"):
        yield node.args[0]
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", None) != "np":
        yield node.func.value


@operator
def arguments(node):
    """Neighbours swapped, the last one or one with a name left out."""
    if not isinstance(node, ast.Call):
        return
    args, named = node.args, node.keywords
    for k in range(len(args) - 1):
        yield ast.Call(node.func, [*args[:k], args[k + 1], args[k], *args[k + 2 :]], named)
    if len(args) > 1:
        yield ast.Call(node.func, args[:-1], named)
    for k, keyword in enumerate(named):
        yield ast.Call(node.func, args, named[:k] + named[k + 1 :])
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Tuple):
            for axis in keyword.value.elts:
                yield ast.Call(
                    node.func, args, [*named[:k], ast.keyword("axis", axis), *named[k + 1 :]]
                )


@operator
def keepdims(node):
    reducing = ("sum", "mean", "max", "min", "any", "all")
    if not isinstance(node, ast.Call) or _called(node) not in reducing:
        return
    if not any(keyword.arg == "keepdims" for keyword in node.keywords):
        more = ast.keyword("keepdims", ast.Constant(True))
        yield ast.Call(node.func, node.args, [*node.keywords, more])


@operator
def transposed(node):
    """x.T as x, and each factor of a matrix product as its transpose."""
    match node:
        case ast.Attribute(attr="T"):
            yield node.value
        case ast.BinOp(op=ast.MatMult()):
            left, right = node.left, node.right
            yield ast.BinOp(ast.Attribute(left, "T", ast.Load()), node.op, right)
            yield ast.BinOp(left, node.op, ast.Attribute(right, "T", ast.Load()))


@operator
def update(node):
    """`+=` as `=` and as `-=`."""
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=0)
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.AugAssign(node.target, other(), node.value)


@operator
def statement_left_out(node):
    """An assignment, a call or a branch that was forgotten, a jump that is another one."""
    match node:
        case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.If() | ast.For() | ast.While():
            yield ast.Pass()
        case ast.Continue():
            yield from (ast.Pass(), ast.Break())
        case ast.Break():
            yield from (ast.Pass(), ast.Continue())


@operator
def values_swapped(node):
    """Neighbours of a tuple or list exchanged: the order of what is returned or unpacked."""
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load | ast.Store):
        for k in range(len(node.elts) - 1):
            e = node.elts
            yield type(node)([*e[:k], e[k + 1], e[k], *e[k + 2 :]], node.ctx)
