"""Sums of products: matrix products where there is one, einsum otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase
from typing import TYPE_CHECKING

from sympy import Expr, Mul

from symbp.ir import Index, Reduce, free_indices, stem
from symbp.plan import flat, lower, sums
from symbp.plan.arrays import Array, Call, dims, has_windows, walk

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]


def contraction(lowering: Lowering, factors: list[Expr], bound: Axes, order: Axes) -> Value:
    """The sum of the product of the factors over the bound indices, each of which occurs in a factor."""
    inner = _vector(_grouped(factors), bound) or _matrices(_grouped(factors), bound)
    if inner:
        index, pair = inner
        rest = [f for f in factors if f not in pair]
        return contraction(lowering, [*rest, Reduce("sum", Mul(*pair), index)], tuple(i for i in bound if i != index), order)
    groups = _operands(factors)
    if len(groups) == 1:
        return _one_operand(lowering, groups[0], bound, order)
    whole = [_lowered(lowering, group, bound, order) for group in groups]
    values = [_narrowed(lowering, value, groups[:k] + groups[k + 1 :], bound) for k, value in enumerate(whole)]
    left = tuple(i for i in bound if any(i in v.axes for v in values))
    values = [sums.as_rows(lowering, v) if lower.leading(v.axes[0]) and v.axes[0] in left else v for v in values]
    if len(values) == 2:
        first, second = values
        both = ((first, second), (second, first))
        plain = [_matmul(lowering, a, b, left) for a, b in both]
        pairs = [pair for pair in plain if pair and not any(map(lower.leading, pair.axes[1:]))]
        pairs = pairs or [pair for pair in (flat.product(lowering, a, b, left) for a, b in both) if pair]
        found = sorted(pairs, key=lambda pair: _disorder(pair, order))
        if found:
            return found[0]
    return _einsum(values, left, order)


def _operands(factors: list[Expr]) -> list[list[Expr]]:
    """The factors by their indices. Of three or more operands, one whose indices another has is multiplied into it."""
    groups = {frozenset(free_indices(group[0])): group for group in _grouped(factors)}
    while len(groups) > 2:
        nested = [(a, b) for a in groups for b in groups if a < b]
        if not nested:
            break
        small, large = min(nested, key=lambda pair: (len(pair[1]), len(pair[0]), *(sorted(map(str, side)) for side in pair)))
        groups[large] += groups.pop(small)
    return list(groups.values())


def _grouped(factors: list[Expr]) -> list[list[Expr]]:
    groups: dict[frozenset[Index], list[Expr]] = {}
    for factor in factors:
        groups.setdefault(frozenset(free_indices(factor)), []).append(factor)
    return list(groups.values())


def _vector(groups: list[list[Expr]], bound: Axes) -> tuple[Index, list[Expr]] | None:
    """Of three or more operands, a vector over a bound index that one other operand has: those two are contracted first."""
    axes = [set(free_indices(Mul(*group))) for group in groups]
    for own in axes if len(groups) > 2 else []:
        users = [j for j, other in enumerate(axes) if own & other]
        if len(own) == 1 and own <= set(bound) and len(users) == 2:
            return next(iter(own)), [factor for j in users for factor in groups[j]]
    return None


def _matrices(groups: list[list[Expr]], bound: Axes) -> tuple[Index, list[Expr]] | None:
    """Of three or more matrices, or batches of them, two that have a bound index in common: A @ B @ C is two products."""
    axes = [set(free_indices(Mul(*group))) for group in groups]
    batch = set.intersection(*axes) - set(bound)
    if len(groups) < 3 or any(len(own - batch) != 2 for own in axes):
        return None
    for index in bound:
        users = [k for k, own in enumerate(axes) if index in own]
        if len(users) == 2 and len(axes[users[0]] & axes[users[1]] - batch) == 1:
            return index, [factor for k in users for factor in groups[k]]
    return None


def _lowered(lowering: Lowering, group: Iterable[Expr], bound: Axes, order: Axes) -> Value:
    expr = Mul(*group)
    return lowering.real(expr, lower.natural_order(expr, (*order, *bound)))


def _one_operand(lowering: Lowering, factors: list[Expr], bound: Axes, order: Axes) -> Value:
    """An elementwise product, summed; two vectors make an inner product."""
    parts = [_lowered(lowering, [f], bound, order) for f in factors]
    vectors = len(bound) == 1 and not lower.leading(bound[0]) and all(p.axes == bound for p in parts)
    if len(parts) == 2 and vectors:
        return lower.Value(Call("matmul", (parts[0].node, parts[1].node)))
    return sums.reduce_axes(lowering, "sum", _lowered(lowering, factors, bound, order), bound)


def _narrowed(lowering: Lowering, value: Value, others: list[list[Expr]], bound: Axes) -> Value:
    """The operand summed over the bound indices that no other operand has."""
    elsewhere = {i for group in others for factor in group for i in free_indices(factor)}
    own = tuple(i for i in value.axes if i in bound and i not in elsewhere)
    return sums.reduce_axes(lowering, "sum", value, own) if own else value


def _disorder(value: Value, order: Axes) -> tuple[bool, int]:
    """Whether the result would have to be transposed, then how many views it takes."""
    views = sum(isinstance(part, Call) and part.function in ("swap", "transpose") for part in walk(value.node))
    return (value.axes != tuple(a for a in order if a in value.axes), views)


# ---------------------------------------------------------------- matrix products


def _matmul(lowering: Lowering, a: Value, b: Value, bound: Axes) -> Value | None:
    """``a @ b`` over one shared bound index, or None where it is not a matrix product."""
    shared = [i for i in a.axes if i in b.axes and i in bound]
    batch = tuple(i for i in a.axes if i in b.axes and i not in bound)
    rows, columns = (tuple(i for i in v.axes if i not in w.axes) for v, w in ((a, b), (b, a)))
    if len(shared) != 1 or len(columns) > 1:
        return _stacked(lowering, a, b, shared, rows, columns) if not batch and len(shared) > 1 else None
    key = shared[0]
    if batch:
        return _batched(a, b, batch, rows, columns, key)
    left = _with_last(a, key, many=not columns or len(b.axes) == 2)
    right = b.node if b.axes[0] == key else _turned(b)
    return lower.Value(Call("matmul", (left, right)), (*rows, *columns)) if left is not None else None


def _with_last(a: Value, key: Index, many: bool) -> Array | None:
    """The array with the contracted axis last."""
    if a.axes[-1] == key and (many or len(a.axes) <= 2):
        return a.node
    return _turned(a) if len(a.axes) == 2 else None


def _turned(value: Value) -> Array:
    return Call("transpose", (value.node,), (1, 0))


def _batched(a: Value, b: Value, batch: Axes, rows: Axes, columns: Axes, key: Index) -> Value | None:
    many = len(batch)
    if len(rows) != 1 or len(columns) != 1 or a.axes[:many] != batch or b.axes[:many] != batch:
        return None
    left = a.node if a.axes[-1] == key else Call("swap", (a.node,))
    right = b.node if b.axes[-2] == key else Call("swap", (b.node,))
    return lower.Value(Call("matmul", (left, right)), (*batch, *rows, *columns))


def _stacked(lowering: Lowering, a: Value, b: Value, shared: list[Index], rows: Axes, columns: Axes) -> Value | None:
    """Several contracted axes that stand first in both operands, taken as one."""
    many = len(shared)
    if a.axes[:many] != tuple(shared) or b.axes[:many] != tuple(shared) or len(rows) != 1 or len(columns) != 1:
        return None
    count = lowering.scalar(Mul(*(i.size for i in shared)))
    left, right = (Call("reshape", (_bare(v), dims(count, lowering.scalar(v.axes[-1].size)))) for v in (a, b))
    return lower.Value(Call("matmul", (Call("transpose", (left,), (1, 0)), right)), (*rows, *columns))


def _bare(value: Value) -> Array:
    """The array before it was reshaped to rows."""
    return value.node.args[0] if isinstance(value.node, Call) and value.node.function == "reshape" else value.node


def _einsum(values: list[Value], bound: Axes, order: Axes) -> Value:
    values = _windows_placed(values, bound)
    used = {axis for v in values for axis in v.axes}
    kept = tuple(axis for axis in order if axis in used and axis not in bound)
    letters: dict[Index, str] = {}
    for axis in (axis for v in values for axis in v.axes):
        if axis not in letters:
            letters[axis] = "..." if lower.leading(axis) and axis not in bound else _letter(axis, set(letters.values()))
    spec = ",".join("".join(letters[a] for a in v.axes) for v in values) + "->" + "".join(letters[a] for a in kept)
    return lower.Value(Call("einsum", tuple(v.node for v in values), (spec,)), kept)


def _windows_placed(values: list[Value], bound: Axes) -> list[Value]:
    """Of windows and what they meet, NumPy is several times as fast if the windows stand first where their taps are summed,
    and second where their positions are."""
    windows = [value for value in values if has_windows(value.node)]
    if len(values) != 2 or len(windows) != 1:
        return values
    others = [value for value in values if value not in windows]
    return [*others, *windows] if windows[0].axes[-1] in bound else [*windows, *others]


def _letter(axis: Index, taken: set[str]) -> str:
    own: str = "r" if lower.leading(axis) else stem(axis)[0]
    return next(letter for letter in own + ascii_lowercase if letter not in taken)
