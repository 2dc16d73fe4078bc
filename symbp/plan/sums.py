"""Reductions: plain ones along axes, contractions as matrix products, and sums that brackets turn into scatters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Add, Expr, Integer, Mul

from symbp.calculus import placed
from symbp.calculus.brackets import eliminated
from symbp.ir import Bracket, Broadcast, Index, Reduce, Where, free_indices
from symbp.plan import contract, folds, gathers, lower, windows
from symbp.plan.arrays import REAL, Call, Length, dims, has_windows

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value


RUNNING = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}  # what reduces windows place by place


def reduction(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value:
    result = _sum(lowering, node.body, node.indices, order) if node.op == "sum" else _along(lowering, node, order)
    return lower.arrange(result, order)


def _along(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value:
    """max, min, prod, argmax, argmin."""
    if node.op.startswith("arg"):
        found = _running_arg(lowering, node, order)
        if found:
            return found
        value = _flattened(lowering, node, order)
        reduced = reduce_axes(lowering, node.op, value, node.indices)
        return lower.Value(reduced.node, reduced.axes, "integer")
    inside = free_indices(node.body)
    present = [i for i in node.indices if i in inside]
    if len(present) < len(node.indices):  # nothing varies along the others
        rest = Reduce(node.op, node.body, *present) if present else node.body
        times = Mul(*(i.size for i in node.indices if i not in inside))
        return lowering.real(rest**times if node.op == "prod" else rest, order)
    value = lowering.real(node.body, lower.natural_order(node.body, (*order, *node.indices)))
    options: tuple[object, ...] = ("safe",) if lowering.safe_max and node.op in ("max", "min") else ()
    return reduce_axes(lowering, node.op, value, node.indices, options)


def _running_arg(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value | None:
    """Positions along windows, which are not copied."""
    value = lowering.real(node.body, lower.natural_order(node.body, (*order, *node.indices)))
    kept = tuple(axis for axis in value.axes if axis not in node.indices)
    if not has_windows(value.node) or not kept or any(lower.leading(i) or i not in value.axes for i in node.indices):
        return None
    options = (RUNNING[node.op.removeprefix("arg")], _places(value, node.indices))
    return lower.Value(Call("running_arg", (value.node,), options), kept, "integer")


def _flattened(lowering: Lowering, node: Reduce, order: tuple[Index, ...]) -> Value:
    """The body with the bound axes as one, in the order in which these are bound: positions are counted along it."""
    bound = node.indices
    free = lower.natural_order(node.body, (*order, *bound))
    kept = tuple(a for a in free if a not in bound)
    axes = tuple(sorted((*kept, *bound), key=lambda a: not lower.leading(a)))
    value = lowering.real(node.body, axes)
    if value.axes != axes:
        value = lower.Value(Call("broadcast", (lower.align(value, axes), gathers.dims(lowering, axes))), axes, value.kind)
    if len(bound) == 1:
        return value
    place = len(kept) + bound.index(axes[0]) if axes[0] in bound else 0
    if place and lower.leading(axes[0]):
        rows = as_rows(lowering, value).node
        value = lower.Value(Call("moveaxis", (rows,), (0, place)), (*kept, *bound), value.kind)
    if not kept:
        return lower.Value(Call("flatten", (value.node,)), bound[:1], value.kind)
    count = lowering.scalar(Mul(*(i.size for i in bound)))
    return lower.Value(
        Call("reshape", (value.node, dims(*gathers.dims(lowering, kept).args, count))),
        (*kept, next(i for i in bound if not lower.leading(i))),
        value.kind,
    )


def reduce_axes(lowering: Lowering, op: str, value: Value, bound: tuple[Index, ...], options: tuple[object, ...] = ()) -> Value:
    """One reduction of an array along those of its axes that are bound."""
    kept = tuple(axis for axis in value.axes if axis not in bound)
    if not kept:
        return lower.Value(Call(op, (value.node,), (None, *options)), (), value.kind)
    if any(lower.leading(axis) and axis in bound for axis in value.axes):
        value = as_rows(lowering, value)
    places = _places(value, tuple(axis for axis in value.axes if axis in bound))
    if op in RUNNING and not options and has_windows(value.node) and not any(map(lower.leading, bound)):
        return lower.Value(Call("running", (value.node,), (RUNNING[op], places)), kept, value.kind)
    axis = places[0] if len(places) == 1 else places
    return lower.Value(Call(op, (value.node,), (axis, *options)), kept, value.kind)


def _places(value: Value, bound: tuple[Index, ...]) -> tuple[int, ...]:
    """Which axes those are: from the right where leading axes are kept, since it is not known how many there are."""
    kept_lead = any(map(lower.leading, value.axes)) and value.axes[0] not in bound
    return tuple(value.axes.index(axis) - len(value.axes) * kept_lead for axis in bound)


def as_rows(lowering: Lowering, value: Value) -> Value:
    """The array with all its leading axes as one."""
    lengths = (lowering.scalar(axis.size) for axis in value.axes[1:])
    shape = dims(Length(value.axes[0].size), *lengths)
    return lower.Value(Call("reshape", (value.node, shape)), value.axes, value.kind)


# ---------------------------------------------------------------- sums


def _sum(lowering: Lowering, body: Expr, bound: tuple[Index, ...], order: tuple[Index, ...]) -> Value:
    factors, bound = folds.unravelled(_opened(lowering, body), bound)
    if not bound:
        return lowering.value(Mul(*factors), order)
    sent = folds.folded(lowering, factors, bound, order) or folds.scattered(lowering, factors, bound, order)
    if sent:
        return sent
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
    if any(isinstance(f, Bracket) and not isinstance(f.args[0], Index) for f in inner):  # at a position counted over several axes
        body = Mul(*inner)
        return reduce_axes(lowering, "sum", lowering.real(body, lower.natural_order(body, (*order, *bound))), bound)
    parts = _connected(inner, bound)
    if len(parts) > 1:
        return lowering.value(Mul(*(Reduce("sum", Mul(*part), *_bound_in(part, bound)) for part in parts)), order)
    return contract.contraction(lowering, inner, bound, order)


def _bound_in(factors: list[Expr], bound: tuple[Index, ...]) -> tuple[Index, ...]:
    inside = {index for factor in factors for index in free_indices(factor)}
    return tuple(axis for axis in bound if axis in inside)


def _connected(factors: list[Expr], bound: tuple[Index, ...]) -> list[list[Expr]]:
    """The factors in groups that share no bound index: their sums are independent, sum a[i] b[j] = sum a[i] sum b[j]."""
    groups: list[list[Expr]] = []
    for factor in factors:
        own = set(_bound_in([factor], bound))
        joined = [group for group in groups if own & set(_bound_in(group, bound))]
        groups = [group for group in groups if group not in joined] + [[*(f for group in joined for f in group), factor]]
    return groups


def _opened(lowering: Lowering, body: Expr) -> list[Expr]:
    """The factors of the body; a choice between a product and zero is moved to one factor, so that the sum stays a contraction."""
    factors: list[Expr] = []
    for factor in Mul.make_args(body):
        choice = isinstance(factor, Where) and factor.branches[1] == 0 and isinstance(factor.branches[0], Mul)
        factors += _opened_choice(lowering, factor) if choice else [factor]
    return factors


def _opened_choice(lowering: Lowering, choice: Where) -> list[Expr]:
    inner = tuple(windows.cautious(lowering, factor) for factor in choice.branches[0].args)
    needed = set(free_indices(choice.condition))
    brackets = [f for f in inner if isinstance(f, Bracket)]
    hosts = [f for f in inner if f not in brackets and needed <= set(free_indices(f))]
    host = min(hosts, key=lambda f: (len(free_indices(f)), sympy.default_sort_key(f)), default=Integer(1))
    rest = [f for f in inner if f is not host and f not in brackets]
    return [*brackets, Where(choice.condition, host, Integer(0)), *rest]


def _bracketed(lowering: Lowering, bracket: Bracket, weight: Expr, bound: tuple[Index, ...], order: tuple[Index, ...]) -> Value | None:
    axis, place = bracket.args
    if not isinstance(axis, Index) or windows.span(place, axis.size):
        found = eliminated(bracket, Mul.make_args(weight), bound, guarded=True)
        return lowering.value(folds.added_up([found[1]], [i for i in bound if i != found[0]]), order) if found else None
    if isinstance(place, Broadcast):
        return _unbroadcast(lowering, axis, place, weight) if place.args[0] in bound else None
    if axis in bound and not set(free_indices(place)) & {axis}:
        left = tuple(i for i in bound if i != axis)
        body = placed(weight, {axis: place})
        return lowering.value(Reduce("sum", body, *left) if left else body, order)
    free = set(free_indices(place))
    if axis not in bound and not lower.leading(axis) and free and free <= set(bound):
        return _scatter(lowering, axis, place, weight, bound, order)
    return None


def _unbroadcast(lowering: Lowering, axis: Index, place: Broadcast, weight: Expr) -> Value:
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
    lead = tuple(i for i in columns if lower.leading(i))
    columns = tuple(i for i in columns if i not in lead)
    body = Reduce("sum", weight, *others) if others else weight
    full = (*lead, *where.axes, *columns)
    value = lowering.real(body, full)
    node = lower.align(value, full)
    if value.axes != full:
        shape = gathers.dims(lowering, full)
        node = Call("full", (shape, node, REAL)) if value.kind == "scalar" else Call("broadcast", (node, shape))
    size = lowering.scalar(axis.size)
    if not lead:
        return lower.Value(Call("scatter_add", (where.node, node, size)), (axis, *columns))
    rows_first = as_rows(lowering, lower.Value(node, full)).node  # leading axes as one, then right of the rows that are added up
    added = Call("scatter_add", (where.node, Call("moveaxis", (rows_first,), (0, len(where.axes))), size))
    whole = (*lead, axis, *columns)
    return lower.Value(Call("reshape", (Call("moveaxis", (added,), (1, 0)), gathers.dims(lowering, whole))), whole)
