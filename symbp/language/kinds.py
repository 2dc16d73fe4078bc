"""The kinds that the text gives to tensors: integer where used as a subscript or compared with an index, boolean where used as a
condition or made of one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from symbp.language.trees import (
    CONDITIONS,
    Affine,
    Apply,
    At,
    Fixed,
    Fold,
    Length,
    Pad,
    Piece,
    Read,
    Scatter,
    Statement,
    Tree,
    Variable,
    inside,
)

if TYPE_CHECKING:
    from symbp.language.expression import Expression

RING = frozenset({"+", "-", "*", "neg"})  # whole numbers in, whole numbers out
WHOLE = RING | {"maximum", "minimum", "abs", "sign"}
FOLDS = ("sum", "prod", "max", "min")  # of whole numbers whole


def use(expression: Expression, variable: Variable, kind: str, node: ast.expr, complaint: str) -> None:
    """Notes that the text makes a tensor an integer or boolean one."""
    if variable.assigned:
        variable.uses.append((kind, lambda: expression.frame.fail(node, f"{variable} {complaint}")))
    elif variable.kind != "integer":
        variable.kind = kind


def compared(index: Tree, other: Tree) -> None:
    """What is compared with an index is an integer tensor."""
    if index.reads or not index.free or not whole_valued(index):
        return
    if all(isinstance(tree, Read | At | Affine) or whole_valued(tree) or _keeps_whole(tree) for tree in inside(other)):
        for tree in inside(other):
            if isinstance(tree, Read) and not tree.variable.assigned:
                tree.variable.kind = "integer"


def _keeps_whole(tree: Tree) -> bool:
    return isinstance(tree, Apply) and tree.op in RING


def decide_kinds(statements: Iterable[Statement]) -> None:
    """Which targets are integer or boolean tensors; those used as one and no whole number or condition are refused."""
    statements = tuple(statements)
    for statement in reversed(statements):
        for kind in dict.fromkeys(kind for kind, _ in statement.variable.uses):
            demand(statement.value, kind)
    for statement in statements:
        variable, value = statement.variable, statement.value
        if is_condition(value):
            variable.kind = "boolean"
        elif discrete(value) or (variable.uses and whole_valued(value)):
            variable.kind = "integer"
        for kind, refuse in variable.uses:
            if variable.kind not in ("integer", kind):
                refuse()


def demand(tree: Tree, kind: str) -> None:
    """What has to be of a kind for the value to be: the tensors that it is a sum, a product or a choice of."""
    if isinstance(tree, Read):
        if tree.variable.assigned:
            tree.variable.uses.append((kind, lambda: None))
        elif tree.variable.kind == "real":
            tree.variable.kind = kind
    elif isinstance(tree, Scatter | Piece | Pad) or (isinstance(tree, Fold) and tree.op in FOLDS):
        for part in tree.parts:
            demand(part, kind)
    elif kind == "integer" and isinstance(tree, Apply) and tree.op in (*WHOLE, "where"):
        for part in tree.arguments[1:] if tree.op == "where" else tree.arguments:
            demand(part, kind)


def is_condition(tree: Tree) -> bool:
    """Whether the value is true or false."""
    if isinstance(tree, Read | Pad):
        return (tree if isinstance(tree, Read) else tree.read).variable.kind == "boolean"
    return isinstance(tree, Apply) and tree.op in CONDITIONS


def whole_valued(tree: Tree) -> bool:
    """Whether the text makes this a whole number, of integer tensors or positions of maxima."""
    if isinstance(tree, Read):
        return tree.variable.kind == "integer"
    if isinstance(tree, Apply):
        branches = tree.arguments[1:] if tree.op == "where" else tree.arguments
        return (tree.op == "where" or tree.op in WHOLE) and all(map(whole_valued, branches))
    if isinstance(tree, Fold):
        return tree.op.startswith("arg") or (tree.op in FOLDS and whole_valued(tree.body))
    if isinstance(tree, Pad | Scatter):
        return all(map(whole_valued, tree.parts))
    if isinstance(tree, Piece):
        return whole_valued(tree.value)
    return isinstance(tree, At | Length) or (isinstance(tree, Fixed) and bool(tree.value.is_Integer))


def discrete(tree: Tree) -> bool:
    """Whether a target with this value is an integer tensor even where nothing uses it as one: it is made of such by + - *."""
    trees = tuple(inside(tree))
    sources = any(isinstance(t, Read) or (isinstance(t, Fold) and t.op.startswith("arg")) for t in trees)
    return sources and whole_valued(tree) and all(not isinstance(t, Apply) or t.op in RING for t in trees)
