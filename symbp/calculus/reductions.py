"""What one term of a reduction, or one element of a matrix, has to do with the whole."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer

from symbp.calculus.places import placed
from symbp.ir import Bracket, Element, Index, Inverse, Reduce, Where, fresh, rename_bound
from symbp.ir.derivation import Phrase

CRAMER = {"det": (Phrase("cofactors"),), "logdet": (Phrase("cofactors over the determinant"),)}  # why the slope is what it is
INVERSE = (Phrase("inverse differentiated"),)


def other_factors(node: Reduce) -> Expr:
    """The product of all but one of the factors of a product, the one at its own indices."""
    others = {i: fresh(i) for i in node.indices}
    same = sympy.And(*(sympy.Eq(i, j) for i, j in others.items()))
    return Reduce("prod", Where(same, 1, rename_bound(node.body.xreplace(others))), *others.values())


def chosen(node: Reduce, position: Element) -> Expr:
    """1 at the indices of the largest (or smallest) term, which stands at the position, counted along all of them; else 0."""
    flat: Expr = Integer(0)
    for index in node.indices:
        flat = flat * index.size + index
    return Bracket(flat, position)


def cofactor(node: Reduce, inverse: Element) -> Expr:
    """The slope of a determinant, or of its logarithm, by the element at its own indices."""
    row, column = node.indices
    transposed = placed(inverse, {row: column, column: row})
    return rename_bound(node) * transposed if node.op == "det" else transposed


def inverse_slope(node: Inverse, inverse: Element) -> tuple[Expr, Expr, tuple[Index, Index]]:
    """(an element of the matrix, the slope of an element of its inverse by that, the indices of the former)."""
    row, column = node.place
    above, beside = fresh(row), fresh(column)
    body = rename_bound(placed(node.body, {row: above, column: beside}))
    return body, -placed(inverse, {column: above}) * placed(inverse, {row: beside}), (above, beside)
