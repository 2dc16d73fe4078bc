"""Reductions: plain ones along axes, contractions as matrix products, and sums that brackets turn into scatters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Add, Expr, Integer, Mul

from symbp.ir import Bracket, Broadcast, Index, Reduce, Where, free_indices
from symbp.plan import contract, gathers, lower
from symbp.plan.arrays import Call, Length

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value


def reduction(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value:
    result = _sum(lowering, node.body, node.indices, order) if node.op == "sum" else _along(lowering, node, order)
    return lower.arrange(result, order)


def _along(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value:
    """max, min, prod, argmax, argmin; positions over several axes are counted in the order in which these are bound."""
    positional = node.op.startswith("arg")
    inner = _body_order(node.body, order, node.indices, last=positional)
    value = lowering.real(node.body, inner)
    options: tuple[object, ...] = ("safe",) if lowering.safe_max and node.op in ("max", "min") else ()
    if positional and len(node.indices) > 1:
        value = lower.Value(*_flattened(lowering, value, node.indices))
    reduced = reduce_axes(lowering, node.op, value, node.indices, options)
    return lower.Value(reduced.node, reduced.axes, "integer") if positional else reduced


def _flattened(lowering: Lowering, value: Value, bound: tuple[Index, ...]) -> tuple[Call, tuple[Index, ...], str]:
    """The bound axes, which stand last, as one."""
    kept = value.axes[: -len(bound)]
    if not kept:
        return Call("flatten", (value.node,)), bound[:1], value.kind
    count = lowering.scalar(Mul(*(i.size for i in bound)))
    return Call("reshape", (value.node, Call("dims", (*gathers.dims(lowering, kept).args, count)))), (*kept, bound[0]), value.kind


def _body_order(body: Expr, order: tuple[Index, ...], bound: tuple[Index, ...], last: bool) -> tuple[Index, ...]:
    inner = lower.natural_order(body, (*order, *bound))
    return (*(a for a in inner if a not in bound), *bound) if last else inner


def reduce_axes(lowering: Lowering, op: str, value: Value, bound: tuple[Index, ...], options: tuple[object, ...] = ()) -> Value:
    """One reduction of an array along those of its axes that are bound."""
    kept = tuple(axis for axis in value.axes if axis not in bound)
    if not kept:
        return lower.Value(Call(op, (value.node,), (None, *options)), (), value.kind)
    if any(lower.leading(axis) and axis in bound for axis in value.axes):
        value = as_rows(lowering, value)
    places = [k - len(value.axes) for k, axis in enumerate(value.axes) if axis in bound]
    if not any(map(lower.leading, value.axes)) or value.axes[0] in bound:
        places = [k + len(value.axes) for k in places]
    axis = places[0] if len(places) == 1 else tuple(places)
    return lower.Value(Call(op, (value.node,), (axis, *options)), kept, value.kind)


def as_rows(lowering: Lowering, value: Value) -> Value:
    """The array with all its leading axes as one."""
    lengths = (lowering.scalar(axis.size) for axis in value.axes[1:])
    shape = Call("dims", (Length(value.axes[0].size), *lengths))
    return lower.Value(Call("reshape", (value.node, shape)), value.axes, value.kind)


# ---------------------------------------------------------------- sums


def _sum(lowering: Lowering, body: Expr, bound: tuple[Index, ...], order: tuple[Index, ...]) -> Value:
    factors = _opened(body)
    body = Mul(*factors)
    for factor in sorted(factors, key=sympy.default_sort_key):
        if isinstance(factor, Bracket):
            rest = Mul(*(f for f in factors if f is not factor))
            special = _bracketed(lowering, factor, rest, bound, order)
            if special is not None:
                return special
    if isinstance(body, Add) and body.has(Bracket):
        return lowering.value(Add(*(Reduce("sum", term, *bound) for term in body.args)), order)
    inside = set(free_indices(body))
    missing = [axis for axis in bound if axis not in inside]
    bound = tuple(axis for axis in bound if axis in inside)
    outer = [f for f in factors if not set(free_indices(f)) & set(bound)]
    inner = [f for f in factors if f not in outer]
    outer += [axis.size for axis in missing]
    if outer:
        return lowering.value(Mul(*outer, Reduce("sum", Mul(*inner), *bound) if bound else Integer(1)), order)
    return contract.contraction(lowering, inner, bound, order)


def _opened(body: Expr) -> list[Expr]:
    """The factors of the body; a choice between a product and zero is moved to one factor, so that the sum stays a contraction."""
    factors: list[Expr] = []
    for factor in Mul.make_args(body):
        choice = isinstance(factor, Where) and factor.branches[1] == 0 and isinstance(factor.branches[0], Mul)
        factors += _opened_choice(factor) if choice else [factor]
    return factors


def _opened_choice(choice: Where) -> list[Expr]:
    inner, needed = choice.branches[0].args, set(free_indices(choice.condition))
    brackets = [f for f in inner if isinstance(f, Bracket)]
    hosts = [f for f in inner if f not in brackets and needed <= set(free_indices(f))]
    host = min(hosts, key=lambda f: (len(free_indices(f)), sympy.default_sort_key(f)), default=Integer(1))
    rest = [f for f in inner if f is not host and f not in brackets]
    return [*brackets, Where(choice.condition, host, Integer(0)), *rest]


def _bracketed(lowering: Lowering, bracket: Bracket, weight: Expr, bound: tuple[Index, ...], order: tuple[Index, ...]) -> Value | None:
    axis, place = bracket.args
    if isinstance(place, Broadcast):
        return _unbroadcast(lowering, axis, place, weight, order) if place.args[0] in bound else None
    if axis in bound and not set(free_indices(place)) & {axis}:
        left = tuple(i for i in bound if i != axis)
        body = weight.xreplace({axis: place})
        return lowering.value(Reduce("sum", body, *left) if left else body, order)
    free = set(free_indices(place))
    if axis not in bound and not lower.leading(axis) and free and free <= set(bound):
        return _scatter(lowering, axis, place, weight, bound, order)
    return None


def _unbroadcast(lowering: Lowering, axis: Index, place: Broadcast, weight: Expr, order: tuple[Index, ...]) -> Value:
    """The sum over all places of the joint shape that read one place of the tensor."""
    joint, own = place.args
    value = lowering.real(weight.xreplace({axis: place}), (joint,))
    return lower.Value(Call("unbroadcast", (value.node, Length(own, "shape"))), (axis,))


def _scatter(lowering: Lowering, axis: Index, place: Expr, weight: Expr, bound: tuple[Index, ...], order: tuple[Index, ...]) -> Value:
    """Rows added up at the positions that an integer array names: the adjoint of a gather."""
    weight = weight.xreplace({axis: place})
    rows = tuple(sorted(free_indices(place), key=lambda i: (not lower.leading(i), bound.index(i))))
    where = lowering.value(place, lower.natural_order(place, rows))
    others = tuple(i for i in bound if i not in rows)
    columns = tuple(i for i in order if i in free_indices(weight) and i not in rows)
    body = Reduce("sum", weight, *others) if others else weight
    value = lowering.real(body, (*where.axes, *columns))
    full = (*where.axes, *columns)
    node = lower.align(value, full)
    if value.axes[: len(where.axes)] != where.axes:
        node = Call("broadcast", (node, gathers.dims(lowering, full)))
    size = lowering.scalar(axis.size)
    return lower.Value(Call("scatter_add", (where.node, node, size)), (axis, *columns))
