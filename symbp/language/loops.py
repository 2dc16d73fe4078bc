"""Equations that depend on each other through other steps -> loops: which they are, on which axis, in which direction.

A target that is read at ``t - 1`` by an equation that it depends on is computed step by step, with all that stand between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sympy import Expr

from symbp.ir import Element, Equation, Index
from symbp.language.trees import Run, Statement


@dataclass(frozen=True)
class Built:
    """A statement and the equation that it becomes."""

    statement: Statement
    equation: Equation
    axes: tuple[tuple[Run, int], ...]  # of each position of the target: the run, and which of its axes it is

    @property
    def position(self) -> tuple[Expr, ...]:
        return self.equation.target.position

    def fail(self, message: str) -> NoReturn:
        self.statement.fail(message)


@dataclass
class Cycle:
    """The equations of one loop."""

    members: list[int]  # in order
    axes: dict[int, int] = field(default_factory=dict)  # of each member: the position in its target that goes from step to step
    reverse: bool = False


def in_cycles(built: Sequence[Built]) -> list[tuple[list[int], Cycle | None]]:
    """The numbers of the equations in an order that can be run, those of a loop together.

    Raises:
        ReadError: an equation needs what only later equations, or steps, give.
    """
    at = {one.equation.name: number for number, one in enumerate(built)}
    reads = [sorted({at[e.name] for e in one.equation.value.atoms(Element) if e.name in at}) for one in built]
    if all(read < number for number, found in enumerate(reads) for read in found):
        return [([number], None) for number in range(len(built))]
    groups = strong(reads)
    for number, found in enumerate(reads):
        for read in found:
            if read >= number and read not in groups.get(number, []):
                name = built[read].equation.name
                built[number].fail(f"{name} is read before it is assigned; it does not depend on this, so write it first")
    cycles = {members[0]: along(built, Cycle(members), at) for members in groups.values()}
    return [(members, cycles.get(members[0])) for members in in_order(reads, groups)]


def strong(reads: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """The equations that depend on each other: for each of them all of its group, in order."""
    readers: list[list[int]] = [[] for _ in reads]
    for number, found in enumerate(reads):
        for read in found:
            readers[read].append(number)
    groups: dict[int, list[int]] = {}
    for number, found in enumerate(reads):
        if number not in groups and any(read >= number for read in found):
            group = sorted(reached(number, reads) & reached(number, readers))
            groups |= dict.fromkeys(group, group)
    return groups


def reached(start: int, edges: Sequence[Sequence[int]]) -> set[int]:
    """What can be reached over one edge or more."""
    found: set[int] = set()
    stack = list(edges[start])
    while stack:
        if (number := stack.pop()) not in found:
            found.add(number)
            stack += edges[number]
    return found


def in_order(reads: Sequence[Sequence[int]], groups: dict[int, list[int]]) -> Iterator[list[int]]:
    """All equations, each group whole, after those that it reads."""
    done: set[int] = set()
    stack = list(reversed(range(len(reads))))
    while stack:
        members = groups.get(stack[-1], [stack[-1]])
        needed = [read for member in members for read in reads[member] if read not in done and read not in members]
        if members[0] in done or not needed:
            stack.pop()
            if members[0] not in done:
                done.update(members)
                yield members
        else:
            stack += reversed(needed)


# ---------------------------------------------------------------- the axis that goes from step to step


def along(built: Sequence[Built], cycle: Cycle, at: dict[str, int]) -> Cycle:
    """The cycle with its axis in each equation, and its direction."""
    inner = [
        (number, at[e.name], e)
        for number in cycle.members
        for e in sorted(built[number].equation.value.atoms(Element), key=str)
        if at.get(e.name) in cycle.members
    ]
    reader, read, element = next((r, x, e) for r, x, e in inner if x >= r)
    others = [(r, e) for r, x, e in inner if x == read and x >= r]
    axis = next((a for a, by in shifts(built[reader], element).items() if all(same_way(built[r], e, a, by) for r, e in others)), None)
    if axis is None:
        built[reader].fail(f"{element.name} is read at the step that is being computed; a recurrence reads steps before it, or after it")
    cycle.axes[read] = axis
    while len(cycle.axes) < len(cycle.members):
        known = len(cycle.axes)
        for reader, read, element in inner:
            spread(built, cycle, reader, read, element)
        assert len(cycle.axes) > known, cycle
    check(built, cycle, inner)
    return cycle


def shifts(reader: Built, element: Element) -> dict[int, int]:
    """The axes of an element that are read at an index of the target plus or minus a number, and that number."""
    found = {}
    for axis, place in enumerate(element.position):
        for index in place.free_symbols & set(reader.position):
            if (by := place - index).is_Integer and by != 0:
                found[axis] = int(by)
    return found


def same_way(reader: Built, element: Element, axis: int, by: int) -> bool:
    return shifts(reader, element).get(axis, 0) * by > 0


def spread(built: Sequence[Built], cycle: Cycle, reader: int, read: int, element: Element) -> None:
    """Where the axis of one of the two is known, so is that of the other."""
    position = built[reader].position
    if read in cycle.axes and reader not in cycle.axes:
        place = element.position[cycle.axes[read]]
        steps = [number for number, index in enumerate(position) if (place - index).is_Integer]
        if not steps:
            built[reader].fail(f"{element} is needed at all steps at once, while its steps depend on this")
        cycle.axes[reader] = steps[0]
    elif reader in cycle.axes and read not in cycle.axes:
        step = position[cycle.axes[reader]]
        axes = [axis for axis, place in enumerate(element.position) if (place - step).is_Integer]
        if not axes:
            built[reader].fail(f"{element} is needed at all steps at once, while its steps depend on this")
        cycle.axes[read] = axes[0]


def check(built: Sequence[Built], cycle: Cycle, inner: Sequence[tuple[int, int, Element]]) -> None:
    """Every read is of a step that is there."""
    ways: set[bool] = set()
    for reader, read, element in inner:
        one = built[reader]
        by = element.position[cycle.axes[read]] - one.position[cycle.axes[reader]]
        if not by.is_Integer:
            one.fail(f"{element} is needed at all steps at once, while its steps depend on this")
        if by == 0 and read >= reader:
            one.fail(f"{element} is read at the step that is being computed; a recurrence reads steps before it, or after it")
        ways |= {bool(by > 0)} if by != 0 else set()
        if len(ways) > 1:
            one.fail(f"{element} is read after, and other steps of the recurrence before; it goes one way")
    cycle.reverse = True in ways
    lengths = {built[number].position[axis].size for number, axis in cycle.axes.items()}
    if len(lengths) > 1:
        shown = " and ".join(sorted(map(str, lengths)))
        built[cycle.members[0]].fail(f"the equations of one recurrence have {shown} steps; they go together")


def step_name(built: Sequence[Built], cycle: Cycle) -> str:
    """What the index of the loop is called: as in the first equation that the user wrote."""
    written = [number for number in cycle.members if built[number].statement.text]
    number = (written or cycle.members)[0]
    index = built[number].position[cycle.axes[number]]
    assert isinstance(index, Index)
    return index.name
