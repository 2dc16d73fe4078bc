"""Sums over indices that an affine position or an integer tensor sends somewhere: windows folded back, values added at places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Integer, Mod, Mul, floor

from symbp.calculus import placed
from symbp.calculus.affine import affine
from symbp.calculus.inside import fits
from symbp.ir import Bracket, Broadcast, Element, Index, Reduce, free_indices
from symbp.plan import gathers, lower, windows
from symbp.plan.arrays import REAL, Array, Call, Name, Number, Update
from symbp.plan.windows import NOTHING, Span

if TYPE_CHECKING:
    from symbp.ir import Equation
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]


def added_up(factors: Iterable[Expr], bound: Iterable[Index]) -> Expr:
    """The sum of the product of the factors, of which some may lack some of the bound indices."""
    body = Mul(*factors)
    inside = set(free_indices(body))
    present = [index for index in bound if index in inside]
    return Mul(*(i.size for i in bound if i not in inside)) * (Reduce("sum", body, *present) if present else body)


def spread(lowering: Lowering, value: Value, axes: Axes) -> Array:
    """The value as an array of all the axes."""
    node = lower.align(value, axes)
    if value.axes == axes:
        return node
    shape = gathers.dims(lowering, axes)
    return Call("full", (shape, node, REAL)) if value.kind == "scalar" else Call("broadcast", (node, shape))


# ---------------------------------------------------------------- windows, folded back


def folded(lowering: Lowering, factors: Sequence[Expr], bound: Axes, order: Axes) -> Value | None:
    """The sum where brackets say that kept axes stand at affine positions of bound indices; None if none says so."""
    found = _spans(factors, bound)
    rest = [f for f in factors if f not in found]
    outer = [f for f in rest if not set(free_indices(f)) & set(bound)]
    if found and outer:
        inner = (f for f in factors if f not in outer)
        return lowering.value(Mul(*outer, Reduce("sum", Mul(*inner), *bound)), order)
    spans = {_sides(bracket, bound)[0]: span for bracket, span in found.items()}
    if not spans:
        return None
    rest = [_at_the_place(lowering, factor, dict(_sides(bracket, bound) for bracket in found)) for factor in rest]
    folds = [index for span in spans.values() for index in span.indices]
    weight = added_up(rest, [i for i in bound if i not in folds])
    used = {*free_indices(weight), *spans}
    axes = tuple(sorted((a for a in order if a in used), key=lambda a: not lower.leading(a)))
    full = tuple(i for axis in axes for i in (spans[axis].indices if axis in spans else (axis,)))
    array = spread(lowering, lowering.real(weight, full), full)
    many = len(axes) if any(map(lower.leading, axes)) else 0
    nodes = [_fold_span(lowering, spans[axis]) for axis in axes if axis in spans]
    places = tuple(k - many for k, axis in enumerate(axes) if axis in spans)
    return lower.Value(Call("fold", (array, *nodes), places), axes)


def _at_the_place(lowering: Lowering, factor: Expr, places: dict[Expr, Expr]) -> Expr:
    """The factor with what stands along the axes at the places: what lies outside is left out of the sum, whatever is read there."""
    return windows.cautious(lowering, placed(factor, places)) if set(free_indices(factor)) & places.keys() else factor


def _spans(factors: Sequence[Expr], bound: Axes) -> dict[Expr, Span]:
    """The brackets that put an axis at an affine position of bound indices, none of which another bracket has."""
    brackets = sorted((f for f in factors if isinstance(f, Bracket)), key=sympy.default_sort_key)
    uses = Counter(index for bracket in brackets for index in free_indices(bracket))
    found = {bracket: span for bracket in brackets if (span := _span(bracket, bound))}
    return {bracket: span for bracket, span in found.items() if all(uses[i] == 1 for i in free_indices(bracket))}


def _span(bracket: Expr, bound: Axes) -> Span | None:
    axis, place = _sides(bracket, bound)
    if not isinstance(axis, Index) or axis in bound or lower.leading(axis):
        return None
    span = windows.span(place, axis.size)
    return span if span and span.steps and set(span.indices) <= set(bound) else None


def _sides(bracket: Expr, bound: Axes) -> tuple[Expr, Expr]:
    """The kept index first, if there is one."""
    one, other = bracket.args
    return (other, one) if one in bound and isinstance(other, Index) else (one, other)


def _fold_span(lowering: Lowering, span: Span) -> Call:
    steps = Call("tuple", tuple(lowering.scalar(step) for _, step in span.steps))
    return Call("span", (lowering.scalar(span.start), steps, lowering.scalar(span.size)))


# ---------------------------------------------------------------- slices


def sliced(lowering: Lowering, equation: Equation, term: Expr) -> Update | None:
    """The term as an update of a slice of the target, where one index runs along each of the axes that brackets place."""
    axes = tuple(equation.target.position)
    sums = [f for f in Mul.make_args(term) if isinstance(f, Reduce) and f.op == "sum" and f.has(Bracket)]
    if len(sums) != 1:
        return None
    factors, bound = Mul.make_args(sums[0].body), sums[0].indices
    found = _spans(factors, bound)
    outer = [f for f in Mul.make_args(term) if f is not sums[0]]
    slices = {_sides(bracket, bound)[0]: _slice(lowering, bracket, span, bound) for bracket, span in found.items()}
    if not slices or None in slices.values() or not slices.keys() <= set(axes):
        return None
    moved = {_sides(bracket, bound)[0]: span.indices[0] for bracket, span in found.items()}
    rest = [f for f in factors if f not in found]
    weight = Mul(*outer, added_up(rest, [i for i in bound if i not in moved.values()]))
    if set(free_indices(weight)) & moved.keys():
        return None
    down = bool(weight.as_coeff_Mul()[0].is_negative)
    running = tuple(moved.get(axis, axis) for axis in axes)
    value = lowering.real(-weight if down else weight, running)
    slots = gathers.trimmed(["#" if axis in moved else "..." if lower.leading(axis) else ":" for axis in axes])
    place = Call("item", (Name(equation.name), *(part for axis in axes if (part := slices.get(axis)))), slots)
    return Update(place, -1 if down else 1, lower.align(value, running), equation.number)


def _slice(lowering: Lowering, bracket: Expr, span: Span, bound: Axes) -> Call | None:
    """The slice of the axis, if nothing lies outside it."""
    axis, place = _sides(bracket, bound)
    return windows.slice_of(lowering, span) if len(span.steps) == 1 and fits(place, axis.size, lowering.inside) else None


def apart(one: Call, other: Call) -> bool:
    """Whether two parts of an array have no place in common."""
    pairs = zip(_slots(one), _slots(other), strict=False)
    return any(_are_apart(a, b) for a, b in pairs)


def _slots(place: Call) -> list[object]:
    args = iter(place.args[1:])
    return [next(args) if slot in ("@", "*@", "#") else slot for slot in place.options]


def _are_apart(one: object, other: object) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one != other and (one < 0) == (other < 0)
    slices = [part for part in (one, other) if isinstance(part, Call) and part.function == "slice"]
    if len(slices) < 2:
        return False
    (start, stop, step), (begin, end, stride) = (part.args for part in slices)
    if step == stride and step == NOTHING:
        return (stop == begin and begin != NOTHING) or (end == start and start != NOTHING)
    first, second = (Number(Integer(0)) if at == NOTHING else at for at in (start, begin))
    known = all(isinstance(n, Number) for n in (first, second, step, stride))
    return known and step == stride and bool((first.value - second.value) % step.value)  # type: ignore[union-attr]


# ---------------------------------------------------------------- values added at places


def scattered(lowering: Lowering, factors: Sequence[Expr], bound: Axes, order: Axes) -> Value | None:
    """The sum where brackets send its terms to places that integer tensors name, one for each value of kept indices too."""
    sent = [f for f in factors if isinstance(f, Bracket) and _sends(f, bound)]
    places = dict(sorted((_sides(f, bound) for f in sent), key=lambda sides: order.index(sides[0])))
    inside = [set(free_indices(place)) for place in places.values()]
    rows = tuple(index for index in bound if any(index in own for own in inside))
    alone = all(isinstance(p, Element) for p in places.values()) and sum(map(len, inside)) == len(rows)
    if alone or len(places) < len(sent) or any(map(lower.leading, rows)):
        return None
    rest = [_at_the_place(lowering, f, places) for f in factors if f not in sent]
    weight = added_up(rest, [i for i in bound if i not in rows])
    used = set(free_indices(weight)).union(*inside) - set(rows)
    if used & places.keys():
        return None
    batch = tuple(sorted((a for a in order if a in used), key=lambda a: not lower.leading(a)))
    full = (*batch, *rows)
    value = lowering.real(weight, full)
    node = spread(lowering, value, full) if value.kind == "scalar" else lower.align(value, full)
    whole = replace(lowering, whole=True)
    positions = (lower.align(whole.value(place, full), full) for place in places.values())
    lengths = gathers.dims(lowering, tuple(places))
    return lower.Value(Call("add_at", (node, lengths, *positions), (len(rows),)), (*batch, *places))


def _sends(bracket: Bracket, bound: Axes) -> bool:
    """Whether it puts a kept axis at a place that depends on bound indices."""
    axis, place = _sides(bracket, bound)
    kept = isinstance(axis, Index) and axis not in bound and not lower.leading(axis)
    return kept and bool(set(free_indices(place)) & set(bound)) and not place.has(Broadcast, axis)


# ---------------------------------------------------------------- positions counted over several indices


def unravelled(factors: Sequence[Expr], bound: Axes) -> tuple[list[Expr], Axes]:
    """The factors, and the bound indices left, with each index by itself where one position counts along several."""
    for factor in factors:
        rest = [f for f in factors if f is not factor]
        digits = _digits(factor, rest) if isinstance(factor, Bracket) else {}
        if digits and digits.keys() <= set(bound):
            body = placed(Mul(*rest), digits)
            return unravelled(Mul.make_args(body), tuple(i for i in bound if i not in digits))
        position = next(iter(digits.values()), Integer(0))
        if len(digits) > 1 and not digits.keys() & set(bound) and set(free_indices(position)) & set(bound):
            return unravelled([*rest, *(Bracket(i, at) for i, at in digits.items())], bound)
    return list(factors), bound


def _digits(bracket: Bracket, others: Sequence[Expr]) -> dict[Index, Expr]:
    """What each index is where p*Q + q, say, is an element of an integer tensor; or p itself, where that is part of a position."""
    for flat, at in (bracket.args, bracket.args[::-1]):
        if isinstance(flat, Index) and isinstance(at, Element) and not at.has(flat):
            return {flat: at} if any(isinstance(f, Bracket) and f.has(flat) for f in others) else {}
        form = affine(flat) if isinstance(at, Element) and not isinstance(flat, Index) else None
        if form and form.offset == 0:
            found: dict[Index, Expr] = {}
            unit: Expr = Integer(1)
            while index := next((i for i, step in form.steps.items() if i not in found and sympy.expand(step - unit) == 0), None):
                found[index] = floor(at / unit)
                unit *= index.size
            if len(found) == len(form.steps) > 1:
                last = next(reversed(found))
                return {i: p if i is last else Mod(p, i.size) for i, p in found.items()}
    return {}
