"""The ends of a recurrence: its values one step earlier in one array, and its first step, if there is one.

Where(Eq(t, 0), h0[n], h[t - 1, n])  ``np.concatenate((h0[None], h))[:-1]``
Padded(h[0, n], 0)                   ``h[0] if T > 0 else np.zeros(...)``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Integer, Mul

from symbp.ir import Element, Equation, Index, Padded, Tensor, Where, elements, free_indices
from symbp.plan import gathers, lower
from symbp.plan.arrays import Array, Call

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]


def started(lowering: Lowering, choice: Expr, order: Axes) -> Value | None:
    """What stands before the first step, then the values of all steps but the last; None of any other choice."""
    found = _chain(choice)
    if found is None:
        return None
    index, starts, rest, reverse = found
    axes = tuple(axis for axis in order if axis in free_indices(choice))
    place = axes.index(index) - len(axes) * lower.leading(axes[0])
    others = tuple(axis for axis in axes if axis != index)
    slots = ["..." if lower.leading(a) else "None" if a == index else ":" for a in axes]
    pattern = tuple(slots if "..." in slots else slots[: place + 1])
    pieces: list[Array] = [Call("expand", (_over(lowering, start, others),), pattern) for start in starts]
    whole = _over(lowering, rest, axes)
    joined = Call("concatenate", (whole, *pieces[::-1]) if reverse else (*pieces, whole), (place,) if place else ())
    part = f"{len(starts)}:" if reverse else f":-{len(starts)}"
    return lower.Value(Call("item", (joined,), tuple(part if slot == "None" else slot for slot in pattern)), axes)


def shifted(lowering: Lowering, node: Padded, order: Axes) -> Value | None:
    """What is padded and read some steps earlier or later: the fill, then the values of the other steps."""
    element, steps = node.element, [p for p in node.element.position if not isinstance(p, Index)]
    index = next((i for i in free_indices(steps[0]) if (steps[0] - i).is_Integer), None) if len(steps) == 1 else None
    whole = [p if isinstance(p, Index) else index for p in element.position]
    if index is None or steps[0].is_Integer or len(set(whole)) < len(whole) or [i.size for i in whole if i] != list(element.head.shape):
        return None
    count, axes = int(steps[0] - index), tuple(i for i in order if i in whole)
    beside = Index(index.name, Integer(abs(count)))
    filled = _over(lowering, node.fill, tuple(beside if i == index else i for i in axes))
    values = _over(lowering, Element(element.head, *whole), axes)
    place = axes.index(index) - len(axes) * lower.leading(axes[0])
    joined = Call("concatenate", (filled, values) if count < 0 else (values, filled), (place,) if place else ())
    slots = ["..." if lower.leading(i) else ":" if i != index else f":{count}" if count < 0 else f"{count}:" for i in axes]
    return lower.Value(Call("item", (joined,), tuple(slots) if "..." in slots else tuple(slots[: place + 1])), axes)


def _over(lowering: Lowering, expr: Expr, axes: Axes) -> Array:
    return gathers.full(lowering, expr, Equation(Element(Tensor("part", tuple(axis.size for axis in axes)), *axes), expr))


def _chain(choice: Any) -> tuple[Index, list[Expr], Expr, bool] | None:
    """(index, what stands at its first values, what is read at the others, brought back to them, whether the last come first)."""
    index = next(iter(free_indices(choice.condition)), None)
    if index is None:
        return None
    for reverse in (False, True):
        starts, rest = list[Expr](), choice
        while isinstance(rest, Where) and _is_at(rest.condition, index, len(starts), reverse):
            starts.append(rest.branches[0])
            rest = rest.branches[1]
        moved = rest.xreplace({index: index - len(starts) if reverse else index + len(starts)})
        if starts and not any(start.has(index) for start in starts) and _is_whole(moved, index):
            return index, starts, moved, reverse
    return None


def _is_at(condition: sympy.Basic, index: Index, place: int, reverse: bool) -> bool:
    """Whether it asks for the index to have the value at this place, from the end where reverse."""
    spot = index.size - 1 - place if reverse else place
    return isinstance(condition, sympy.Eq) and condition.lhs - condition.rhs in (index - spot, spot - index)


def _is_whole(expr: Expr, index: Index) -> bool:
    """Whether it reads tensors along the whole of the index, and only so."""
    pairs = [pair for e in expr.atoms(Element) for pair in zip(e.position, e.head.shape, strict=True) if pair[0].has(index)]
    return bool(pairs) and all(pair == (index, index.size) for pair in pairs) and not any(p.has(index) for p in expr.atoms(Padded, Where))


# ---------------------------------------------------------------- steps that there may not be


def ended(lowering: Lowering, node: Padded, order: Axes) -> Value | None:
    """What is padded and read at one place: that, or the fill where the axis is too short; None of any other padding."""
    needs = _needs(node)
    return _decided(lowering, needs, node, node.fill, order) if needs else None


def product_at_end(lowering: Lowering, factors: list[Expr], order: Axes) -> Value | None:
    """A product of several factors that are padded, and read at one place; None of any other product."""
    ends = [_needs(f) for f in factors if isinstance(f, Padded) and f.fill == 0]
    common = next((needs for needs in ends if needs and ends.count(needs) > 1), ())
    return _decided(lowering, common, Mul(*factors), Integer(0), order) if common else None


Needs = tuple[tuple[Expr, Expr], ...]  # the lengths that have to be larger than a number


def _needs(node: Padded) -> Needs:
    """What it takes that the places of the element, as far as they are numbers, lie inside; nothing if others may not."""
    pairs = list(zip(node.element.position, node.element.head.shape, strict=True))
    if any(place.has(Index, Element) and (not isinstance(place, Index) or place.size != size) for place, size in pairs):
        return ()
    numbers = [(size, place if place.is_Integer else size - 1 - place) for place, size in pairs if not isinstance(place, Index)]
    return tuple(numbers) if all(number.is_Integer and number >= 0 for _, number in numbers) else ()


def _decided(lowering: Lowering, needs: Needs, value: Expr, fill: Expr, order: Axes) -> Value:
    """The value where the axes are long enough for it, else the fill."""
    value = value.replace(lambda node: isinstance(node, Padded) and _needs(node) == needs, lambda node: node.element)
    axes = tuple(axis for axis in order if axis in free_indices(value))
    then, otherwise = (_over(lowering, branch, axes) for branch in (value, fill))
    enough = [Call("greater", (lowering.scalar(size), lowering.scalar(number))) for size, number in needs]
    condition = enough[0] if len(enough) == 1 else Call("and", tuple(enough))
    return lower.Value(Call("choose", (condition, then, otherwise), (_label(value),)), axes)


def _label(value: Expr) -> str:
    """What is read: the first step of an array, or the last."""
    for element in elements(value):
        places = [place for place in element.position if not place.has(Index, Element)]
        if places:
            return f"{element.name}_{'first' if places[0].is_Integer else 'last'}"
    return "chosen"
