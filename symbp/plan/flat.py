"""A contraction of two arrays as one product of two matrices, whose rows and columns stand for several axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Mul

from symbp.ir import Index
from symbp.plan import gathers, lower
from symbp.plan.arrays import Array, Call, dims, has_windows

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]


def product(lowering: Lowering, a: Value, b: Value, bound: Axes) -> Value | None:
    """``a @ b.reshape(...)``; None where axes of one kind do not stand together, or windows would have to be copied."""
    shared = tuple(axis for axis in a.axes if axis in b.axes)
    rows, columns = (tuple(axis for axis in v.axes if axis not in shared) for v in (a, b))
    if not rows or not shared or set(shared) - set(bound) or any(map(has_windows, (a.node, b.node))):
        return None
    if not _together(a.axes, rows, shared) or not _together(b.axes, columns, shared):
        return None
    kept = a.axes == (*rows, *shared)
    if any(map(lower.leading, (*a.axes[kept:], *b.axes))):
        return None
    reshaped = len(columns) > 1 or (len(rows) > 1 and not kept)
    apart: list[Axes] = [(row,) for row in rows]
    one = [rows] if reshaped and not any(map(lower.leading, rows)) else apart  # one large product
    node = Call("matmul", (_left(lowering, a, one, shared), _right(lowering, b, columns, shared)))
    whole = (*rows, *columns)
    if reshaped:
        node = Call("reshape", (node, gathers.dims(lowering, whole)))
    return lower.Value(node, whole)


def _together(axes: Axes, own: Axes, shared: Axes) -> bool:
    return axes in ((*own, *shared), (*shared, *own))


def _left(lowering: Lowering, a: Value, rows: list[Axes], shared: Axes) -> Array:
    """The shared axes last, as one; the others in their groups where they stand first, else as one."""
    if a.axes[: len(shared)] == shared:
        return _turned(_flat(lowering, a.node, shared, tuple(axis for row in rows for axis in row)))
    return _flat(lowering, a.node, *rows, shared)


def _right(lowering: Lowering, b: Value, columns: Axes, shared: Axes) -> Array:
    """The shared axes first, as one."""
    if b.axes == (*shared, *columns):
        return _flat(lowering, b.node, shared, *([columns] if columns else []))
    return _turned(_flat(lowering, b.node, columns, shared))


def _flat(lowering: Lowering, node: Array, *groups: Axes) -> Array:
    """The array with an axis for each group."""
    if all(len(group) == 1 for group in groups):
        return node
    lengths = (
        gathers.dims(lowering, group).args[0] if len(group) == 1 else lowering.scalar(Mul(*(i.size for i in group))) for group in groups
    )
    return Call("reshape", (node, dims(*lengths)))


def _turned(node: Array) -> Array:
    return Call("transpose", (node,), (1, 0))
