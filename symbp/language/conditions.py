"""A condition, of ``where`` or of an equation of its own -> a Tree."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from symbp.language.grammar import OPERATORS
from symbp.language.kinds import compared, use
from symbp.language.trees import Apply, Pad, Read, Tree

if TYPE_CHECKING:
    from symbp.language.expression import Expression


def is_comparison(node: ast.expr) -> bool:
    """Whether it can only be read as a condition."""
    return isinstance(node, ast.Compare | ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def condition(expression: Expression, node: ast.expr) -> Tree:
    """Comparisons, and elements of boolean tensors, joined by and, or, not."""
    if isinstance(node, ast.Compare):
        return comparison(expression, node)
    if isinstance(node, ast.BoolOp):
        return Apply(OPERATORS[type(node.op)], tuple(condition(expression, value) for value in node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Apply("not", (condition(expression, node.operand),))
    value = expression.value(node) if isinstance(node, ast.Name | ast.Subscript | ast.Call) else None
    if not isinstance(value, Read | Pad):
        expression.frame.fail(node, "a condition is expected here: a comparison (x > 0), or an element of a boolean tensor")
    read = value if isinstance(value, Read) else value.read
    use(expression, read.variable, "boolean", node, "is used as a condition, but its value is a number; compare it with one")
    return Apply("holds", (value,))


def comparison(expression: Expression, node: ast.Compare) -> Tree:
    """a < b, and chains of them."""
    sides = [expression.value(side) for side in (node.left, *node.comparators)]
    found: list[Tree] = []
    for op, (left, right) in zip(node.ops, pairwise(sides), strict=True):
        compared(left, right)
        compared(right, left)
        found.append(Apply(OPERATORS[type(op)], (left, right)))
    return found[0] if len(found) == 1 else Apply("and", tuple(found))
