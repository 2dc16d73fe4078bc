"""A subscript that is a sum, ``i*stride + p - padding`` -> an Affine: a coefficient for each index, and the rest."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sympy import Expr, Integer, Poly, PolynomialError

from symbp.ir import Constant
from symbp.language.trees import Affine, At, Fixed, Length, Read, Tree

if TYPE_CHECKING:
    from symbp.language.expression import Expression

SUM = "a subscript is a sum of indices, each times whole numbers, constants and sizes (i*stride + p - 1)"
ZERO, ONE, MINUS = Fixed(Integer(0)), Fixed(Integer(1)), Fixed(Integer(-1))


def affine(expression: Expression, node: ast.expr) -> Affine:
    """The position that a subscript says."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = affine(expression, node.operand)
        return inner if isinstance(node.op, ast.UAdd) else times(expression, inner, MINUS, node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
        left, right = affine(expression, node.left), affine(expression, node.right)
        if isinstance(node.op, ast.Mult):
            return product(expression, left, right, node)
        added = right if isinstance(node.op, ast.Add) else times(expression, right, MINUS, node)
        return Affine(left.terms + added.terms, expression.apply("+", (left.rest, added.rest), node))
    return leaf(expression, expression.value(node), node)


def leaf(expression: Expression, value: Tree, node: ast.expr) -> Affine:
    if isinstance(value, At):
        return Affine(((ONE, value.run),), ZERO)
    if isinstance(value, Read):
        expression.frame.fail(node, f"{value.variable} stands in a sum here; give the sum an equation of its own: s[n] = ..., x[s[n]]")
    if not isinstance(value, Length) and not (isinstance(value, Fixed) and is_whole(value.value)):
        expression.frame.fail(node, SUM)
    if isinstance(value, Fixed):
        check_defaults(expression, value.value, node)
    return Affine((), value)


def is_whole(value: Expr) -> bool:
    """Whether it is made of whole numbers and constants by + - *."""
    constants = sorted(value.atoms(Constant), key=str)
    try:
        return all(c.is_Integer for c in (Poly(value, *constants).coeffs() if constants else [value]))
    except PolynomialError:
        return False


def check_defaults(expression: Expression, value: Expr, node: ast.expr, least: int | None = None) -> None:
    for constant in sorted(value.atoms(Constant), key=str):
        default = expression.frame.session.defaults[constant]
        if not default.is_Integer:
            expression.frame.fail(node, f"{constant} stands in a subscript or length; its default is a whole number then, not {default}")
        if least is not None and default < least:
            kind = "the step of an index or a length"
            expression.frame.fail(node, f"{constant} is {kind}; its default is at least {least} then, not {default}")


def product(expression: Expression, left: Affine, right: Affine, node: ast.expr) -> Affine:
    if left.terms and right.terms:
        names = f"{left.terms[0][1].name} and {right.terms[0][1].name}"
        expression.frame.fail(node, f"the indices {names} are multiplied; {SUM}")
    form, factor = (left, right.rest) if left.terms else (right, left.rest)
    if form.terms and isinstance(factor, Fixed):
        check_defaults(expression, factor.value, node, least=1)
    return times(expression, form, factor, node)


def times(expression: Expression, form: Affine, factor: Tree, node: ast.expr) -> Affine:
    """The form with every coefficient, and the rest, times a factor without indices."""
    terms = tuple((scaled(expression, coefficient, factor, node), run) for coefficient, run in form.terms)
    return Affine(terms, scaled(expression, form.rest, factor, node))


def scaled(expression: Expression, tree: Tree, factor: Tree, node: ast.expr) -> Tree:
    if isinstance(tree, Fixed) and tree.value in (0, 1):
        return factor if tree.value == 1 else tree
    return expression.apply("*", (tree, factor), node)
