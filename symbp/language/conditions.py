"""A condition of ``where`` -> a Tree, and the kinds that conditions and subscripts give to tensors."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from symbp.language.grammar import OPERATORS
from symbp.language.trees import RING, Apply, At, Read, Tree, Variable, inside, whole_valued

if TYPE_CHECKING:
    from symbp.language.expression import Expression


def condition(expression: Expression, node: ast.expr) -> Tree:
    """Comparisons, and elements of boolean tensors, joined by and, or, not."""
    if isinstance(node, ast.Compare):
        return comparison(expression, node)
    if isinstance(node, ast.BoolOp):
        return Apply(OPERATORS[type(node.op)], tuple(condition(expression, value) for value in node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Apply("not", (condition(expression, node.operand),))
    value = expression.value(node) if isinstance(node, ast.Name | ast.Subscript) else None
    if not isinstance(value, Read):
        expression.frame.fail(node, "a condition is expected here: a comparison (x > 0), or an element of a boolean tensor")
    use(expression, value.variable, "boolean", node, "is used as a condition, but its value is a number; compare it with one")
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


def compared(index: Tree, other: Tree) -> None:
    """What is compared with an index is an integer tensor."""
    if index.reads or not index.free or not whole_valued(index):
        return
    if all(_whole_if_its_tensors_are(tree) for tree in inside(other)):
        for tree in inside(other):
            if isinstance(tree, Read) and not tree.variable.assigned:
                tree.variable.kind = "integer"


def _whole_if_its_tensors_are(tree: Tree) -> bool:
    return isinstance(tree, Read | At) or whole_valued(tree) or (isinstance(tree, Apply) and tree.op in RING)


def use(expression: Expression, variable: Variable, kind: str, node: ast.expr, complaint: str) -> None:
    """Notes that the text makes a tensor an integer or boolean one."""
    if variable.assigned:
        variable.refuse = variable.refuse or (lambda: expression.frame.fail(node, f"{variable} {complaint}"))
    elif variable.kind != "integer":
        variable.kind = kind
