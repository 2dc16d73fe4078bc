"""Sums over an index that a condition fixes: sum_i f(i) [i == a] is f(a), or 0 where a lies outside the range of i."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy
from sympy import Expr, Mul

from symbp.calculus.affine import solved
from symbp.calculus.places import placed, zero_outside
from symbp.ir import Bracket, Broadcast, Constant, Element, Index, Where, free_indices


def eliminated(
    factor: Expr, rest: Sequence[Expr], indices: Sequence[Index], step: Index | None = None, guarded: bool = False
) -> tuple[Index, Expr] | None:
    """(index, factor times rest without the sum over that index), if the factor is 0 for all but one of its values.

    Where that value may lie outside the range of the index the product has to be 0: because what runs over the index is read
    as 0 around it, or, for the ``step`` of a recurrence and where all are ``guarded``, by a condition. None where it is not.
    """
    factors = rest if isinstance(factor, Bracket) else [*rest, factor]
    for index, value, certain in _fixed(factor, indices, step):
        if value.has(Element) and _mixes(factors, index):
            continue
        found = placed(Mul(*factors), {index: value}) if certain else zero_outside(Mul(*factors), index, value)
        if found is None and (guarded or index == step):
            found = Where(sympy.And(value >= 0, value < index.size), placed(Mul(*factors), {index: value}), 0)
        if found is not None:
            return index, found
    return None


def _fixed(factor: Expr, indices: Sequence[Index], step: Index | None) -> Iterator[tuple[Index, Expr, bool]]:
    """(index, value, whether that is sure to lie in its range) for the summed indices that the factor fixes."""
    summed = [index for index in indices if index in factor.free_symbols]
    if isinstance(factor, Bracket):
        left, right = factor.args
        sides = [index for index in (left, right) if index in summed]
        for index in [*sides, *(i for i in summed if i not in sides)]:
            value = solved(left, right, index)
            if value is not None and (index in sides or index == step or _is_no_window(factor, index, summed)):
                yield index, value, is_certain(index, value)
    elif isinstance(factor, Where):
        for index in summed:
            value = _pinned(factor, index)
            if value is not None:
                yield index, value, isinstance(value, Index) and is_certain(index, value)


def _is_no_window(bracket: Bracket, index: Index, summed: Sequence[Index]) -> bool:
    """Not [h == i + p] for the sum over i and p at a given h: what is added up along windows stays so."""
    return set(summed) == {index} or set(free_indices(bracket)) <= set(summed)


def may_stand(value: Expr, index: Index, expr: Expr) -> bool:
    """Whether the value, where it equals the index, may be read at for it: it lies in the range, and positions stay positions."""
    return not value.has(index) and is_certain(index, value) and not (value.has(Element) and _mixes([expr], index))


def is_certain(index: Index, value: Expr) -> bool:
    """Whether the value lies in the range of the index: a number, or one read from an integer tensor, does, or code says so."""
    if isinstance(value, Index):
        return bool(index.size == value.size)
    return value.is_Integer or isinstance(value, Element | Broadcast | Constant)


def _pinned(expr: Expr, index: Index) -> Expr | None:
    """The value of the index that a condition asks for, with 0 for any other."""
    if isinstance(expr, Mul):
        return next((value for factor in expr.args if (value := _pinned(factor, index)) is not None), None)
    if not isinstance(expr, Where):
        return None
    condition, (then, otherwise) = expr.condition, expr.branches
    if otherwise == 0 and isinstance(condition, sympy.Eq):
        return _position(condition.lhs, condition.rhs, index)
    branches = [branch for branch in (then, otherwise) if branch != 0]
    return _pinned(branches[0], index) if len(branches) == 1 else None


def pins(factor: Expr) -> bool:
    """Whether a condition on the factor leaves one value of an index, with 0 for any other."""
    return isinstance(factor, Where) and any(_pinned(factor, index) is not None for index in free_indices(factor.condition))


def _position(left: Expr, right: Expr, index: Index) -> Expr | None:
    value = solved(left, right, index) if index in (left.free_symbols | right.free_symbols) else None
    return value if value is not None and value.is_integer and not value.has(Element) else None


def _mixes(factors: Sequence[Expr], index: Index) -> bool:
    """Whether the index stands in an affine form: a position is affine or read from a tensor, not both."""
    nodes = [node for factor in factors for node in factor.atoms(Element, Bracket)]
    positions = [p for node in nodes for p in (node.position if isinstance(node, Element) else node.args)]
    return any(p != index and not isinstance(p, Element) and p.has(index) for p in positions)
