"""Functions of matrices: determinants and inverses, of as many matrices as there are other axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr

from symbp.ir import Index, Inverse, Reduce
from symbp.plan import folds, lower
from symbp.plan.arrays import Call

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]


def determinant(lowering: Lowering, node: Reduce, order: Axes) -> Value:
    """det or logdet over rows and columns."""
    matrices = _matrices(lowering, node.body, node.indices, order)
    return lower.arrange(lower.Value(Call(node.op, (matrices.node,)), matrices.axes[:-2]), order)


def inverse(lowering: Lowering, node: Inverse, order: Axes) -> Value:
    matrices = _matrices(lowering, node.body, node.place, order)
    return lower.arrange(lower.Value(Call("inverse", (matrices.node,)), matrices.axes), order)


def _matrices(lowering: Lowering, body: Expr, place: Axes, order: Axes) -> Value:
    """The body over its other axes, then rows and columns."""
    around = tuple(axis for axis in lower.natural_order(body, order) if axis not in place)
    axes = (*around, *place)
    return lower.Value(folds.spread(lowering, lowering.real(body, axes), axes), axes)
