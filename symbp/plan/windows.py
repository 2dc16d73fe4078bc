"""Reading at affine positions: a slice where one says it, a window otherwise, and a number around the array where it is padded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Min

from symbp.calculus.affine import affine, sign_of
from symbp.calculus.inside import fits
from symbp.ir import Broadcast, Derived, Element, Index, Leading, Padded, free_indices, rewrite_elements
from symbp.plan import gathers, lower
from symbp.plan.arrays import Array, Call, Name

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

Axes = tuple[Index, ...]
NOTHING = Name("")  # an end of a slice that is left out


@dataclass(frozen=True)
class Span:
    """The positions along one axis: start + the sum of step * index."""

    start: Expr
    steps: tuple[tuple[Index, Expr], ...]  # the index that runs along the whole axis last
    size: Expr  # the length of the axis

    @property
    def indices(self) -> Axes:
        return tuple(index for index, _ in self.steps)


def span(position: Expr, size: Expr) -> Span | None:
    """The position taken apart; None for a plain index, a gather, leading axes and a number that the user wrote."""
    plain = isinstance(position, Element | Broadcast) or position.is_Integer or (isinstance(position, Index) and position.size == size)
    found = None if plain or isinstance(size, Leading) else affine(position)
    if found is None:
        return None
    steps = sorted(found.steps.items(), key=lambda step: (_runs_along(step[0], size), step[1] != 1, step[0].name))
    return Span(found.offset, tuple(steps), size)


def _runs_along(index: Index, size: Expr) -> bool:
    """Whether the index has the length of the axis, or one that follows from it."""
    formulas = index.size.formulas if isinstance(index.size, Derived) else ()
    return index.size == size or any(size in formula.free_symbols for formula in formulas)


def memory_order(element: Element) -> Axes | None:
    """The indices of the element as they lie in memory; None where they do not say where everything stands."""
    axes: list[Index] = []
    for position, size in zip(element.position, element.head.shape, strict=True):
        found = span(position, size)
        if not found and not isinstance(position, Index):
            return None
        axes += found.indices if found else [position]
    return tuple(axes)


# ---------------------------------------------------------------- reading


def opened(lowering: Lowering, array: Value, positions: list[Expr], shape: Sequence[Expr]) -> tuple[Value, list[Expr]]:
    """The array with slices and windows taken, and a position for each axis that it has then: an index or a gather.
    As it is where an index stands in several positions: those have to be read one by one."""
    spans = [span(p, size) for p, size in zip(positions, shape, strict=True)]
    if not any(spans) or _shared(positions, shape):
        return array, positions
    inside = [fits(p, size, lowering.inside) for p, size in zip(positions, shape, strict=True)]
    slots: list[object] = []
    args: list[Array] = []
    left: list[tuple[Expr, Span | None]] = []
    for position, found, sure in zip(positions, spans, inside, strict=True):
        part = _part(lowering, found) if found and (sure or not found.steps) else None
        if part is not None and found:
            slots.append("#")
            args.append(part)
            left += [(index, None) for index in found.indices]
        elif position.is_Integer:
            slots.append(int(position))
        else:
            slots.append("..." if isinstance(position, Index) and lower.leading(position) else ":")
            left.append((position, found))
    if any(slot not in (":", "...") for slot in slots):
        array = replace(array, node=Call("item", (array.node, *args), gathers.trimmed(slots)))
    return _windowed(lowering, array, left)


def _shared(positions: Iterable[Expr], shape: Iterable[Expr]) -> bool:
    """Whether an index of an affine position stands in another position too."""
    uses = Counter(index for position in positions for index in free_indices(position))
    spans = (span(p, size) for p, size in zip(positions, shape, strict=True))
    return any(uses[index] > 1 for found in spans if found for index in found.indices)


def _part(lowering: Lowering, found: Span) -> Array | None:
    """What stands in the brackets: a number, or a slice where one does."""
    if not found.steps:
        return lowering.scalar(found.start)
    return slice_of(lowering, found) if len(found.steps) == 1 else None


def slice_of(lowering: Lowering, found: Span) -> Call | None:
    """start:stop:step for positions that are known to lie inside the axis and have one index."""
    ((index, step),) = found.steps
    start, room = found.start, found.size - 1 - found.start
    if step == -1 and room == 0 and index.size == found.size:
        return Call("slice", (NOTHING, NOTHING, lowering.scalar(step)))
    if sign_of(step) != 1:
        return None
    stop = NOTHING if _to_the_end(index, step, room, found.size) else lowering.scalar(start + step * index.size)
    ends = NOTHING if start == 0 else lowering.scalar(start), stop
    return Call("slice", (*ends, NOTHING if step == 1 else lowering.scalar(step)))


def _to_the_end(index: Index, step: Expr, room: Expr, size: Expr) -> bool:
    """Whether one more step of the index would lead out of the axis."""
    for length in (size, *(size.formulas if isinstance(size, Derived) else ())):
        over = sympy.expand(room.xreplace({size: length}) - step * (index.size - 1))
        if over.is_nonnegative and sympy.expand(step - 1 - over).is_nonnegative:
            return True
    counts = index.size.formulas if isinstance(index.size, Derived) else ()
    return any(not isinstance(c, Min) and sympy.expand(c - sympy.floor(room / step) - 1) == 0 for c in counts)


def _windowed(
    lowering: Lowering, array: Value, places: list[tuple[Expr, Span | None]], fill: Array | None = None
) -> tuple[Value, list[Expr]]:
    """The array with each span opened to an axis for each of its indices, and a position for each axis."""
    many = len(places) if any(isinstance(p, Index) and lower.leading(p) for p, _ in places) else 0
    spans = {k - many: found for k, (_, found) in enumerate(places) if found}
    positions = [p for position, found in places for p in (found.indices if found else (position,))]
    if not spans:
        return array, positions
    nodes = [window_span(lowering, found, [index.size for index in found.indices]) for found in spans.values()]
    args = (array.node, *nodes, *([] if fill is None else [fill]))
    return replace(array, node=Call("windows", args, tuple(spans))), positions


def window_span(lowering: Lowering, found: Span, lengths: Iterable[Expr]) -> Call:
    """(start, steps, lengths) as the functions for windows take it."""
    steps = Call("tuple", tuple(lowering.scalar(step) for _, step in found.steps))
    return Call("span", (lowering.scalar(found.start), steps, Call("tuple", tuple(map(lowering.scalar, lengths)))))


# ---------------------------------------------------------------- padding


def cautious(lowering: Lowering, expr: Any) -> Any:
    """expr for where a condition keeps its reads inside their arrays: those that may lie outside when it fails are padded."""

    def change(element: Element) -> Expr:
        sure = all(fits(*pair, lowering.inside) for pair in _pairs(element) if span(*pair))
        return element if sure else Padded(element, 0)

    return rewrite_elements(expr, change) if any(span(*pair) for e in expr.atoms(Element) for pair in _pairs(e)) else expr


def _pairs(element: Element) -> Iterable[tuple[Expr, Expr]]:
    return zip(element.position, element.head.shape, strict=True)


def padded(lowering: Lowering, node: Padded, order: Axes) -> Value:
    """The elements over their free indices, the fill where they lie outside."""
    before = any(p.is_Integer and p < 0 for p in node.element.position)  # beside padding it does not count from the end
    if not before and all(fits(*pair, lowering.inside) for pair in _pairs(node.element)):
        return gathers.read(lowering, node.element, order)
    lowering = replace(lowering, whole=True)
    element, fill = node.element, lowering.scalar(node.fill)
    array = lower.Value(Name(element.name), (), element.head.kind)
    places = [(position, _padded_span(position, size)) for position, size in zip(element.position, element.head.shape, strict=True)]
    gathered = any(found is None and not isinstance(position, Index) for position, found in places)
    if gathered or _shared(element.position, element.head.shape):
        return _anywhere(lowering, array, element, fill, order)
    array, axes = _windowed(lowering, array, places, fill)
    return lower.arrange(lower.Value(array.node, tuple(axes), array.kind), order)


def _padded_span(position: Expr, size: Expr) -> Span | None:
    """Of a padded position a number is one too."""
    return Span(position, (), size) if position.is_Integer else span(position, size)


def _anywhere(lowering: Lowering, array: Value, element: Element, fill: Array, order: Axes) -> Value:
    """Every position an integer array."""
    used = {index for position in element.position for index in free_indices(position)}
    axes = tuple(sorted((a for a in order if a in used), key=lambda a: not lower.leading(a)))
    places = [position.args[0] if isinstance(position, Broadcast) else position for position in element.position]
    found = [lowering.value(p, axes) if free_indices(p) else lower.Value(lowering.scalar(p), (), "scalar") for p in places]
    positions = tuple(lower.align(value, axes) for value in found)
    if isinstance(element.head.shape[0], Leading):
        array = replace(array, node=gathers.as_rows(lowering, array.node, element))
    return lower.arrange(lower.Value(Call("read_at", (array.node, fill, *positions)), axes, array.kind), order)
