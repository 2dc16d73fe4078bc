"""A value put for an index: as a position, as a number, and where it may lie outside the array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow
from sympy.core.relational import Relational

from symbp.calculus.affine import affine
from symbp.ir import Bracket, Broadcast, Constant, Element, Equation, Index, Inverse, Padded, Reduce, Size, Where, rename_bound

FILLS = (0, 1)  # what a read outside its array may give where another factor is 0 there
ENTIRE = (sympy.exp, sympy.sin, sympy.cos, sympy.atan, sympy.sinh, sympy.cosh, sympy.tanh, sympy.asinh, sympy.erf, sympy.Abs, sympy.sign)


def placed(expr: Any, places: Mapping[Index, Expr]) -> Any:
    """expr with the places put for the indices. A negative place counts from the end: that is for a position to say;
    where the index stands as a number, as in j <= i, it is counted from the start."""
    counted = {i: i.size + p if p.is_Integer and p < 0 else p for i, p in places.items()}
    if counted == dict(places) and not expr.has(Padded, Bracket, Inverse, Relational):
        return expr.xreplace(places)
    return _put(expr, places, counted)


def _put(node: Any, places: Mapping[Index, Expr], counted: Mapping[Index, Expr]) -> Any:
    if isinstance(node, Index):
        return counted.get(node, node)
    if not node.args or not node.free_symbols & counted.keys():
        return node
    if isinstance(node, Padded):
        return _padded(node.element, [_put(p, places, counted) for p in node.element.position], node.fill)
    args = [_put(arg, places, counted) for arg in node.args]
    if isinstance(node, Element):
        args = [places.get(old, new) for old, new in zip(node.args, args, strict=True)]
    if isinstance(node, Bracket):
        return _bracket(node, args, places)
    if isinstance(node, Relational):
        return compared(node, args)
    assert not isinstance(node, Inverse) or len({i for i in args[1:] if isinstance(i, Index)}) == 2, f"{node} at {places}"
    return node.func(*args)


def _bracket(node: Bracket, sides: list[Expr], places: Mapping[Index, Expr]) -> Expr:
    """Before the first place nothing is met; only a number that stands beside an index counts from the end."""
    for old, new, other in zip(node.args, sides, sides[::-1], strict=True):
        if new.is_Integer and new < 0 and old != new:
            return Integer(0)
        if places.get(old, new) != new and isinstance(other, Index):
            return Bracket(places[old], other)
    return Bracket(*sides)


def _padded(element: Element, position: list[Expr], fill: Expr) -> Expr:
    """The element at a position counted from the start, fill outside; padding is left out where it is never read."""
    if any(p.is_Integer and p < 0 for p in position):
        return fill
    found = Element(element.head, *position)
    return found if all(map(_is_inside, position, element.head.shape)) else Padded(found, fill)


def _is_inside(position: Expr, size: Expr) -> bool:
    return isinstance(position, Element | Broadcast) or (isinstance(position, Index) and bool(position.size == size))


def compared(node: Relational, sides: list[Expr]) -> Any:
    """The comparison of these sides: true or false where positions compare alike for all their indices."""
    condition = node.func(*sides)
    if not isinstance(condition, Relational):
        return condition
    form = affine(condition.lhs - condition.rhs)
    least, largest = (form.least(), form.largest()) if form else (None, None)
    if least is None or largest is None:
        return condition
    if isinstance(condition, sympy.Eq | sympy.Ne):
        apart = largest.is_negative or least.is_positive
        return sympy.sympify(isinstance(condition, sympy.Ne)) if apart else condition
    at_the_ends = {condition.func(least, 0), condition.func(largest, 0)}
    (first, *others) = at_the_ends
    return first if not others and first in (sympy.true, sympy.false) else condition


# ---------------------------------------------------------------- a definition put for a name


def inlined(expr: Any, equation: Equation) -> Any:
    """expr with the value of the equation wherever its target is read. It stays where that cannot be written: under padding,
    which surrounds the target and not its value, and beside an inverse whose row and column would not be two indices."""
    if isinstance(expr, Padded) and not _is_renamed(equation):
        return expr.func(Element(expr.element.head, *(inlined(p, equation) for p in expr.element.position)), expr.fill)
    if not expr.args or not expr.has(equation.target.head):
        return expr
    built = expr.func(*(inlined(arg, equation) for arg in expr.args))
    return value_at(built, equation) if isinstance(built, Element) and built.head == equation.target.head else built


def value_at(element: Element, equation: Equation) -> Expr:
    """The value of the equation at the place of the element, or the element where that cannot be written."""
    places = dict(zip(equation.target.position, element.position, strict=True))
    apart = len({p for p in places.values() if isinstance(p, Index)}) == len(places)
    return placed(rename_bound(equation.value), places) if apart or not equation.value.has(Inverse) else element


def _is_renamed(equation: Equation) -> bool:
    """Whether the value is another tensor, with the same axes."""
    value = equation.value
    if not isinstance(value, Element) or set(value.position) != set(equation.target.position):
        return False
    return all(map(_is_inside, value.position, value.head.shape))


# ---------------------------------------------------------------- outside the array


def zero_outside(expr: Expr, index: Index, value: Expr) -> Expr | None:
    """expr with the value put for the index, 0 where that lies outside the range of the index; None if it cannot be written so."""
    if value.is_Integer and value < 0:
        return Integer(0)
    if any(_is_read_by(node, index) for node in expr.atoms(Element, Bracket, Inverse)):
        return None
    return _vanishing(expr, index, value)


def _is_read_by(node: Expr, index: Index) -> bool:
    """Whether the index stands where no padding can: in a position that is read from a tensor, or beside an inverse."""
    inside = [node] if isinstance(node, Inverse) else [arg for arg in node.args if isinstance(arg, Element)]
    return any(index in p.free_symbols for p in inside)


def _vanishing(expr: Expr, index: Index, value: Expr) -> Expr | None:
    """expr with zeros around what runs over the index; None if that does not make it 0 outside."""
    if expr == 0:
        return expr
    if isinstance(expr, Element):
        runs = any(p == index and size == index.size for p, size in zip(expr.position, expr.head.shape, strict=True))
        return _around(expr, index, value, 0) if runs else None
    if isinstance(expr, Mul):
        return _vanishing_product(expr, index, value)
    if isinstance(expr, Reduce) and expr.op == "sum":
        body = _vanishing(expr.body, index, value)
        return None if body is None else Reduce("sum", body, *expr.indices)
    if not isinstance(expr, Add | Where):
        return None
    parts = [_vanishing(part, index, value) for part in (expr.args if isinstance(expr, Add) else expr.branches)]
    if None in parts:
        return None
    return Add(*parts) if isinstance(expr, Add) else Where(_around(expr.condition, index, value, 0), *parts)


def _vanishing_product(product: Mul, index: Index, value: Expr) -> Expr | None:
    """One factor is 0 outside, the others finite."""
    zeros = [_vanishing(factor, index, value) for factor in product.args]
    if all(zero is None for zero in zeros):
        return None
    factors = [_finite(f, index, value) if zero is None else zero for f, zero in zip(product.args, zeros, strict=True)]
    return None if None in factors else Mul(*factors)


def _finite(factor: Expr, index: Index, value: Expr) -> Expr | None:
    """The factor with some number around the arrays that it reads by the index, such that it is finite everywhere."""
    if index not in factor.free_symbols:
        return factor
    for fill in FILLS:
        found = _around(factor, index, value, fill)
        outside = found.xreplace({p: p.fill for p in found.atoms(Padded) - factor.atoms(Padded)})
        if is_finite(outside):
            return found
    return None


def _around(node: Any, index: Index, value: Expr, fill: int) -> Any:
    """node with the value put for the index and the fill around each array that is read by it."""
    if node == index:
        return value
    if index not in node.free_symbols:
        return node
    if isinstance(node, Element):
        return _read_around(node, index, value, Integer(fill))
    if isinstance(node, Padded | Bracket):
        return placed(node, {index: value})
    if isinstance(node, Relational):
        return compared(node, [_around(arg, index, value, fill) for arg in node.args])
    return node.func(*(_around(arg, index, value, fill) for arg in node.args))


def _read_around(element: Element, index: Index, value: Expr, fill: Expr) -> Expr:
    moved = element.xreplace({index: value})
    axes = list(zip(element.position, moved.position, element.head.shape, strict=True))
    if all(_is_inside(new, size) for old, new, size in axes if old != new):
        return moved
    counted = [size + old if old.is_Integer and old < 0 else new for old, new, size in axes]
    return _padded(element, counted, fill)


def is_finite(expr: Any) -> bool:
    """Whether the value is a finite number whatever the finite elements in it are."""
    if isinstance(expr, Where):
        return all(map(is_finite, expr.branches))
    if isinstance(expr, Reduce):
        return expr.op in ("sum", "prod", "max", "min", "det") and is_finite(expr.body)
    if isinstance(expr, Pow):
        whole = expr.exp.is_Integer and expr.exp > 0
        return is_finite(expr.base) and bool(whole or (expr.exp.is_Rational and expr.base.is_positive))
    if isinstance(expr, (Add, Mul, *ENTIRE)):
        return all(map(is_finite, expr.args))
    return isinstance(expr, Element | Padded | Bracket | Index | Size | Constant) or bool(expr.is_number and expr.is_finite)
