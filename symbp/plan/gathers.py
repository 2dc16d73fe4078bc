"""Reading elements (slices, gathers) and writing brackets (updates of a part of an array)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from sympy import Add, Expr, Integer, Mul

from symbp.calculus import placed
from symbp.errors import EmitError
from symbp.ir import Bracket, Broadcast, Element, Index, Leading, free_indices
from symbp.plan import arrays, folds, lower, windows
from symbp.plan.arrays import REAL, Array, Assign, Call, Length, Name, Number, Statement, Update

if TYPE_CHECKING:
    from symbp.ir import Equation
    from symbp.plan.lower import Lowering, Value


def positions(lowering: Lowering, index: Index) -> Value:
    """0, 1, 2, ... along the index; along leading axes the flattened position."""
    count = Call("arange", (lowering.scalar(index.size),))
    if lower.leading(index):
        return lower.Value(Call("reshape", (count, Length(index.size, "shape"))), (index,), "integer")
    return lower.Value(count, (index,), "integer")


def dims(lowering: Lowering, axes: tuple[Index, ...]) -> Call:
    """The lengths of the axes, as a shape."""
    return arrays.dims(*(Length(a.size, "shape") if lower.leading(a) else lowering.scalar(a.size) for a in axes))


# ---------------------------------------------------------------- reading


def read(lowering: Lowering, element: Element, order: tuple[Index, ...]) -> Value:
    """The elements over their free indices."""
    lowering = replace(lowering, whole=True)
    array = lower.Value(Name(element.name), (), element.head.kind)
    axes = [p.args[0] if isinstance(p, Broadcast) else p for p in element.position]
    if axes and isinstance(element.head.shape[0], Leading) and not isinstance(axes[0], Index):
        array = replace(array, node=as_rows(lowering, array.node, element))
    array, axes = windows.opened(lowering, array, axes, element.head.shape)
    plain = [axis for axis in axes if isinstance(axis, Index)]
    if len(set(plain)) == len(plain):
        if len(plain) == len(axes):
            return lower.arrange(lower.Value(array.node, tuple(plain), array.kind), order)
        if all(isinstance(p, Index) or p.is_Integer for p in axes):
            item = Call("item", (array.node,), trimmed([_slot(p) for p in axes]))
            return lower.arrange(lower.Value(item, tuple(plain), array.kind), order)
        value = _gather(lowering, array, axes, plain, order)
        if value:
            return lower.arrange(value, order)
    return _advanced(lowering, array, axes, order)


def as_rows(lowering: Lowering, array: Array, element: Element) -> Array:
    """The array with its leading axes as one, along which positions are counted."""
    lead, *rest = element.head.shape
    if not rest:
        return Call("flatten", (array,))
    return Call("reshape", (array, arrays.dims(Length(lead), *map(lowering.scalar, rest))))


def _slot(position: Expr) -> object:
    """What stands in the brackets for a position: a slice, or the integer."""
    if isinstance(position, Index):
        return "..." if lower.leading(position) else ":"
    return int(position)


def trimmed(pattern: list[object]) -> tuple[object, ...]:
    while pattern and pattern[-1] == ":" and "..." not in pattern:
        pattern.pop()
    return tuple(pattern)


def _gather(lowering: Lowering, array: Value, axes: list[Expr], plain: list[Index], order: tuple[Index, ...]) -> Value | None:
    """The common gathers: rows ``E[t]``, and one element a row ``p[np.arange(N), t]``."""
    gathers = [k for k, p in enumerate(axes) if not isinstance(p, Index)]
    if len(gathers) != 1:
        return None
    at = gathers[0]
    where = lowering.value(axes[at], lower.natural_order(axes[at], order))
    if not set(where.axes) & set(plain):
        result = (*plain[:at], *where.axes, *plain[at:])
        if any(lower.leading(a) for a in result[1:]):
            return None
        pattern = [_slot(p) if k != at else "@" for k, p in enumerate(axes)]
        return lower.Value(Call("item", (array.node, where.node), trimmed(pattern)), result, array.kind)
    if where.axes == tuple(plain) and at == len(axes) - 1:
        return lower.Value(_one_a_row(lowering, array.node, where, plain), where.axes, array.kind)
    return None


def _one_a_row(lowering: Lowering, array: Array, where: Value, plain: list[Index]) -> Call:
    if len(plain) == 1 and not lower.leading(plain[0]):
        return Call("item", (array, positions(lowering, plain[0]).node, where.node), ("@", "@"))
    return Call("item", (array, Call("grid", (where.node,)), where.node), ("*@", "@"))


def _advanced(lowering: Lowering, array: Value, axes: list[Expr], order: tuple[Index, ...]) -> Value:
    """Every position an integer array, leading axes apart."""
    lead = tuple(p for p in axes if isinstance(p, Index) and lower.leading(p))
    rest = [p for p in axes if p not in lead]
    used = {index for p in rest for index in free_indices(p)}
    if set(lead) & used:
        found = f"{element_name(array)} is read at a position that depends on its own leading axes"
        raise EmitError(f"{lowering.layer}: {found}, which NumPy cannot index; name the axes instead of ...")
    free = tuple(axis for axis in order if axis in used)
    values = [lowering.value(p, free) if not p.is_Integer else lower.Value(lowering.scalar(p), (), "scalar") for p in rest]
    nodes = tuple(lower.align(value, free) for value in values)
    pattern = (*("..." for _ in lead), *("@" for _ in rest))
    return lower.arrange(lower.Value(Call("item", (array.node, *nodes), pattern), (*lead, *free), array.kind), order)


def element_name(array: Value) -> str:
    return array.node.text if isinstance(array.node, Name) else "a tensor"


# ---------------------------------------------------------------- writing

Terms = dict[tuple[Bracket, ...], Expr]


def statements(lowering: Lowering, equation: Equation) -> list[Statement]:
    """The lines that compute one equation: its dense terms, then an update for each term on a bracket."""
    axes = tuple(equation.target.position)
    lowering = replace(lowering, whole=lowering.whole or equation.target.head.kind == "integer")  # a position stays one
    slices = {term: part for term in Add.make_args(equation.value) if (part := folds.sliced(lowering, equation, term))}
    terms = _terms(equation.value - Add(*slices) if slices else equation.value, axes)
    dense = terms.pop((), Integer(0))
    updates = list(slices.values())
    for brackets, weight in terms.items():
        update = _update(lowering, equation, dict(b.args for b in brackets), weight)
        if update is None:
            dense += Mul(*brackets) * weight
        else:
            updates.append(update)
    base = full(lowering, dense, equation)
    if dense == 0 and all(u.sign > 0 for u in updates) and all(folds.apart(a.place, b.place) for a, b in combinations(updates, 2)):
        updates = [Update(update.place, 0, update.value, equation.number) for update in updates]
    return [Assign(equation.name, base, equation.number), *updates]


def _terms(expr: Expr, axes: tuple[Index, ...]) -> Terms:
    """expr as a sum of products of writable brackets with what multiplies them."""
    if isinstance(expr, Bracket) and _is_writable(expr, axes):
        return {(expr,): Integer(1)}
    found: Terms = {}
    if isinstance(expr, Add) and expr.has(Bracket):
        for term in expr.args:
            for key, weight in _terms(term, axes).items():
                found[key] = found.get(key, Integer(0)) + weight
        return found
    if isinstance(expr, Mul) and expr.has(Bracket):
        found = {(): Integer(1)}
        for factor in expr.args:
            found = {(*a, *b): v * w for a, v in found.items() for b, w in _terms(factor, axes).items()}
        if all(len({b.args[0] for b in key}) == len(key) for key in found):
            return found
    return {(): expr}


def _is_writable(bracket: Bracket, axes: tuple[Index, ...]) -> bool:
    """Whether it says that an axis of the target stands at a place that the other axes determine."""
    axis, place = bracket.args
    determined = set(free_indices(place)) <= set(axes) - {axis} and not place.has(Broadcast)
    return axis in axes and not lower.leading(axis) and determined and not windows.span(place, axis.size)


def _update(lowering: Lowering, equation: Equation, places: dict[Index, Expr], weight: Expr) -> Update | None:
    axes = tuple(equation.target.position)
    for _ in places:  # one place may name an axis that another one fixes
        places = {axis: place.xreplace(places) for axis, place in places.items()}
    rest = tuple(axis for axis in axes if axis not in places)
    location = _place(replace(lowering, whole=True), equation, places, rest)
    if location is None:
        return None
    weight = placed(weight, places)
    down = bool(weight.as_coeff_Mul()[0].is_negative)
    value = lowering.real(-weight if down else weight, rest)
    return Update(location, -1 if down else 1, lower.align(value, rest), equation.number)


def _place(lowering: Lowering, equation: Equation, places: dict[Index, Expr], rest: tuple[Index, ...]) -> Call | None:
    name, axes = Name(equation.name), tuple(equation.target.position)
    spots = [places.get(axis, axis) for axis in axes]
    if all((isinstance(p, Index) and p not in places.values()) or p.is_Integer for p in spots):
        return Call("item", (name,), trimmed([_slot(p) for p in spots]))
    if len(places) == 1 and axes[-1] in places:
        where = lowering.value(places[axes[-1]], rest)
        if where.axes == rest:
            return _one_a_row(lowering, name, where, list(rest))
    if any(map(lower.leading, axes)):
        return None
    used = {index for place in places.values() for index in free_indices(place)} | set(places)
    while axes[-1] not in used:
        axes = axes[:-1]
    inner = tuple(axis for axis in axes if axis not in places)
    nodes = [lower.align(lowering.value(places.get(axis, axis), inner), inner) for axis in axes]
    return Call("item", (name, *nodes), tuple("@" for _ in nodes))


def full(lowering: Lowering, expr: Expr, equation: Equation) -> Array:
    """expr as an array that has all the axes of the equation's target."""
    axes = tuple(equation.target.position)
    shape, kind = dims(lowering, axes), equation.target.head.kind
    if expr == 0:
        return _filled("zeros", kind, shape)
    value = lowering.real(expr, axes) if kind == "real" else lowering.value(expr, axes)
    if kind == "integer" and value.kind == "boolean":
        value = replace(value, node=Call("where", (value.node, Number(Integer(1)), Number(Integer(0)))))
    if value.kind == "scalar":
        return _filled("full", kind, shape, value.node)
    if value.axes == axes and all(_covers(expr, axis) for axis in axes):
        return value.node
    return Call("broadcast", (lower.align(value, axes), shape))


def _filled(function: str, kind: str, *args: Array) -> Array:
    return Call(function, args, (kind,)) if kind == "integer" else Call(function, (*args, REAL))


def _covers(expr: Expr, axis: Index) -> bool:
    """Whether expr reads tensors of the whole extent of leading axes that are broadcast from several."""
    if not lower.leading(axis) or not axis.size.parts:
        return True
    read_whole = any(axis in element.position for element in expr.atoms(Element))
    return read_whole or set(axis.size.parts) <= {b.args[1] for b in expr.atoms(Broadcast)}
