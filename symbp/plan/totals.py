"""Sums as chains of additions and subtractions, in an order that is cheap, accurate, and reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr

from symbp.ir import Element, Index, Reduce
from symbp.plan import lower
from symbp.plan.arrays import Array, Call, Number

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Term = tuple[int, "Value", bool]  # sign, size, whether it is a maximum


def total(lowering: Lowering, expr: Expr, order: tuple[Index, ...]) -> Value:
    """The widest terms, less the maxima among the narrow ones, then the narrow ones: x - max, and then - log(s), never their sum first."""
    groups: dict[tuple[Index, ...], list[Term]] = {}
    scalars: list[tuple[int, Expr]] = []
    for term in Add.make_args(expr):
        sign = -1 if is_negative(term) else 1
        size = term if sign > 0 else -term
        if lower.is_scalar(size):
            scalars.append((sign, size))
            continue
        value = lowering.value(size, order)
        groups.setdefault(value.axes, []).append((sign, value, _is_shift(lowering, size)))
    return _meet(lowering, [_signed(lowering, scalars), *_by_width(groups, order)], order)


def _is_shift(lowering: Lowering, term: Expr) -> bool:
    if isinstance(term, Reduce):
        return term.op in ("max", "min")
    return isinstance(term, Element) and term.name in lowering.shifts


def _by_width(groups: dict[tuple[Index, ...], list[Term]], order: tuple[Index, ...]) -> list[list[Term]]:
    """From narrow to wide; of two as wide, the one that begins with a sign first."""

    def key(axes: tuple[Index, ...]) -> tuple[int, bool, list[int]]:
        return len(axes), any(sign > 0 for sign, _, _ in groups[axes]), [-order.index(axis) for axis in axes]

    return [groups[axes] for axes in sorted(groups, key=key)]


def _signed(lowering: Lowering, scalars: list[tuple[int, Expr]]) -> list[Term]:
    return [(sign, lower.Value(lowering.scalar(expr), (), "scalar"), False) for sign, expr in scalars]


def _meet(lowering: Lowering, groups: list[list[Term]], order: tuple[Index, ...]) -> Value:
    """The Python numbers join the narrowest arrays; then the widest group, the shifts, and the other groups from wide to narrow."""
    scalars, *arrays = groups
    arrays[0] = arrays[0] + scalars if arrays else scalars
    arrays = _cast(lowering, arrays)
    widest, narrow = arrays[-1], arrays[:-1][::-1]
    shifts = [term for group in narrow for term in group if term[2]]
    rest = [[term for term in group if not term[2]] for group in narrow]
    result = chain(lowering, arranged(widest), order)
    for sign, value, _ in shifts:
        result = lowering.join("add" if sign > 0 else "subtract", [result, value], order)
    for group in filter(None, rest):
        down = all(sign < 0 for sign, _, _ in group)
        part = chain(lowering, arranged([(-s, v, k) for s, v, k in group] if down else group), order)
        result = lowering.join("subtract" if down else "add", [result, part], order)
    return result


def _cast(lowering: Lowering, groups: list[list[Term]]) -> list[list[Term]]:
    """The terms in the dtype of the layer: float32 + int64 would be float64, and booleans added to each other stay booleans."""
    signs = [(value.kind, sign) for group in groups for sign, value, _ in group]
    real = any(kind == "real" for kind, _ in signs)
    masks = [sign for kind, sign in signs if kind == "boolean"]
    integer = not lowering.whole
    boolean = not real or len(masks) > 1 or -1 in masks
    kinds = {kind for kind, wanted in (("integer", integer), ("boolean", boolean)) if wanted}
    return [[(sign, lowering.cast(value) if value.kind in kinds else value, shift) for sign, value, shift in group] for group in groups]


def arranged(terms: list[Term]) -> list[Term]:
    """Numbers and positive terms first, constants last; beside a shift stands what it is subtracted from."""
    shift = next((sign for sign, _, is_shift in terms if is_shift), 0)

    def key(term: Term) -> tuple[bool, ...]:
        sign, value, is_shift = term
        late = value.kind == "scalar" and not isinstance(value.node, Number)
        if shift > 0:
            return (not is_shift, sign > 0, late)
        number = isinstance(value.node, Number)
        return (sign < 0, not number, not is_shift if sign < 0 else False, late)

    return sorted(terms, key=key)


def chain(lowering: Lowering, terms: list[Term], order: tuple[Index, ...]) -> Value:
    sign, first, _ = terms[0]
    result = first if sign > 0 else lower.Value(negated(first.node), first.axes, first.kind)
    for sign, value, _ in terms[1:]:
        result = lowering.join("add" if sign > 0 else "subtract", [result, value], order)
    return result


def is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def negated(node: Array) -> Array:
    if isinstance(node, Number):
        return Number(-node.value)
    return node.args[0] if isinstance(node, Call) and node.function == "negative" else Call("negative", (node,))
