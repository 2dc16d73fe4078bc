"""The expressions of the language: the part of Python's syntax that has a meaning here. Everything else is refused by name."""

from __future__ import annotations

import ast
import re

from symbp.language.scan import NUMBER
from symbp.language.syntax import Syntax

MOST_DIGITS = 40
LARGEST_DECIMAL_EXPONENT = 300  # beyond it a float64 is inf or loses digits

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
    ast.USub: "neg",
    ast.UAdd: "pos",
    ast.Not: "not",
}
REFUSED_OPERATORS: dict[type[ast.AST], str] = {
    ast.BitXor: "^ is not a power; write **",
    ast.BitAnd: "& is not used between conditions; write and",
    ast.BitOr: "| is not used between conditions; write or",
    ast.Invert: "~ is not used before a condition; write not",
    ast.MatMult: "@ has no meaning here; write the sum: y[n,o] = sum(x[n,i]*W[i,o], i)",
    ast.Mod: "% has no derivative rule",
    ast.FloorDiv: "// has no derivative rule; write / for a quotient",
    ast.LShift: "<< has no meaning in an equation",
    ast.RShift: ">> has no meaning in an equation",
    ast.Is: "is has no meaning here; write ==",
    ast.IsNot: "is not has no meaning here; write !=",
    ast.In: "in has no meaning in an equation",
    ast.NotIn: "not in has no meaning in an equation",
}
REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "a dot has no meaning here; functions are written without a module: exp(x)",
    ast.Lambda: "a lambda has no meaning in an equation",
    ast.IfExp: "if ... else has no meaning here; write where(condition, a, b)",
    ast.ListComp: "a comprehension has no meaning here; write sum(x[i], i)",
    ast.SetComp: "a comprehension has no meaning here; write sum(x[i], i)",
    ast.DictComp: "a comprehension has no meaning here; write sum(x[i], i)",
    ast.GeneratorExp: "a comprehension has no meaning here; write sum(x[i], i)",
    ast.List: "a list has no meaning in an equation",
    ast.Set: "a set has no meaning in an equation",
    ast.Dict: "a dictionary has no meaning in an equation",
    ast.Tuple: "a comma has no meaning here; an equation has one value",
    ast.Starred: "* before a name has no meaning in an equation",
    ast.Slice: "a slice has no meaning here; an axis is an index (x[n]), a number (x[0]) or an element of a tensor (x[t[n]])",
    ast.NamedExpr: ":= has no meaning here; an equation is written target = expression",
    ast.Await: "await has no meaning in an equation",
    ast.Yield: "yield has no meaning in an equation",
    ast.YieldFrom: "yield has no meaning in an equation",
    ast.JoinedStr: "a string has no meaning in an equation",
}


def check(syntax: Syntax) -> Syntax:
    """The layer itself, if every expression in it is of the language.

    Raises:
        ReadError: something in it is not; points at the first.
    """
    for argument in syntax.arguments or ():
        if argument.default:
            _expression(syntax, argument.default)
    for equation in (*syntax.equations, *syntax.lengths):
        _expression(syntax, equation.target)
        _expression(syntax, equation.value)
    return syntax


def _expression(syntax: Syntax, node: ast.AST) -> None:
    if type(node) in REFUSED:
        syntax.fail(node, REFUSED[type(node)])
    if isinstance(node, ast.Constant):
        _literal(syntax, node)
    if isinstance(node, ast.Call):
        _call(syntax, node)
    for operator in _operators(node):
        if type(operator) in REFUSED_OPERATORS:
            syntax.fail(node, REFUSED_OPERATORS[type(operator)])
    for child in _children(node):
        _expression(syntax, child)


def _operators(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Compare):
        return list(node.ops)
    return [node.op] if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp) else []


def _children(node: ast.AST) -> list[ast.AST]:
    """What an expression is made of, in the order of the text."""
    if isinstance(node, ast.Subscript):
        return [node.value, *(node.slice.elts if isinstance(node.slice, ast.Tuple) and node.slice.elts else [node.slice])]
    if isinstance(node, ast.Call):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _call(syntax: Syntax, node: ast.Call) -> None:
    if not isinstance(node.func, ast.Name):
        only = "only a function or a layer can be called, by its name"
        syntax.fail(node.func, REFUSED[ast.Attribute] if isinstance(node.func, ast.Attribute) else only)
    for keyword in node.keywords:
        if keyword.arg is None:
            syntax.fail(keyword.value, "** before a name has no meaning in an equation")


def _literal(syntax: Syntax, node: ast.Constant) -> None:
    if node.value is ...:
        return
    if isinstance(node.value, bool) or node.value is None:
        syntax.fail(node, f"{node.value} has no meaning here; a condition compares: x > 0")
    if isinstance(node.value, str | bytes):
        syntax.fail(node, REFUSED[ast.JoinedStr])
    text = syntax.written(node)
    if not re.fullmatch(NUMBER, text):
        syntax.fail(node, f"{text} is not a decimal number")
    mantissa, _, exponent = text.lower().partition("e")
    if sum(map(str.isdigit, mantissa)) > MOST_DIGITS:
        syntax.fail(node, f"the number has more than {MOST_DIGITS} digits")
    if len(exponent.lstrip("+-0")) > 4 or abs(int(exponent or 0)) > LARGEST_DECIMAL_EXPONENT:
        syntax.fail(node, f"the number's exponent is larger than {LARGEST_DECIMAL_EXPONENT}")
