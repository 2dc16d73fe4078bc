"""What a graph draws as one node: a single operation, or a called layer as a box from some depth on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symbp.ir import Equation, Program, elements, reads

LEGIBLE = 40  # operations that a graph may have before layers that it calls are drawn as boxes


@dataclass(frozen=True)
class Group:
    """Equations that are drawn as one node: a single operation, or all those of a called layer."""

    equations: tuple[Equation, ...]
    layer: str = ""  # the name of the called layer

    @property
    def key(self) -> str:
        """The name of its last value, which is the result of a called layer."""
        return self.equations[-1].name

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(equation.name for equation in self.equations)

    def readers(self, value: str) -> list[Equation]:
        """Its operations that read the value."""
        return [equation for equation in self.equations if any(element.name == value for element in elements(equation.value))]

    @cached_property
    def operands(self) -> frozenset[str]:
        """The values that it reads from outside."""
        return frozenset(element.name for equation in self.equations for element in elements(equation.value)) - self.names


def groups(program: Program, depth: int | None = None) -> tuple[Group, ...]:
    """The nodes of the graph in an order that can be run: at depth 1 each called layer is a box, at 2 each that those call, and so on.

    Without a depth, the deepest that keeps the graph legible.
    """
    drawn = operations(program)
    if depth is not None:
        return _grouped(drawn, depth)
    deepest = max((len(equation.calls) for equation in drawn), default=0)
    found = (_grouped(drawn, d) for d in range(deepest + 1, 0, -1))
    return next((one for one in found if len(one) <= LEGIBLE), _grouped(drawn, 1))


def operations(program: Program) -> list[Equation]:
    """The nodes that an output depends on: positions of maxima, kept for backward alone, are left out."""
    needed = {t.name for t in program.outputs}
    for equation in reversed(program.equations):
        needed |= reads([equation.value, *equation.target.position]) if equation.name in needed else set()
    return [equation for equation in program.equations if equation.name in needed]


def is_earlier(value: str, reader: Equation, drawn: Sequence[Equation]) -> bool:
    """Whether the reader, in a recurrence, reads the value of the step before: it is not computed yet."""
    order = [equation.name for equation in drawn if equation.loop and equation.loop == reader.loop]
    return value in order and order.index(value) >= order.index(reader.name)


def _grouped(drawn: Sequence[Equation], depth: int) -> tuple[Group, ...]:
    members: dict[object, list[Equation]] = {}
    for equation in drawn:
        inside = len(equation.calls) >= depth
        members.setdefault(equation.calls[:depth] if inside else equation.name, []).append(equation)
    return _in_order([Group(tuple(group), _layer(group[0], depth)) for group in members.values()], drawn)


def _layer(equation: Equation, depth: int) -> str:
    return equation.calls[depth - 1].layer if len(equation.calls) >= depth else ""


def _in_order(waiting: list[Group], drawn: Sequence[Equation]) -> tuple[Group, ...]:
    """The groups after those that they read; a box that would both feed and read another node is drawn open."""
    given = {element.name for equation in drawn for element in elements(equation.value)} - {equation.name for equation in drawn}
    found: list[Group] = []
    while waiting:
        done = given.union(*(group.names for group in found))
        ready = next((group for group in waiting if _needs(group, drawn) <= done), None)
        if ready:
            found.append(ready)
            waiting.remove(ready)
        else:
            box = next(group for group in waiting if group.layer)
            place = waiting.index(box)
            waiting[place : place + 1] = [Group((equation,)) for equation in box.equations]
    return tuple(found)


def _needs(group: Group, drawn: Sequence[Equation]) -> set[str]:
    return {v for v in group.operands if any(not is_earlier(v, reader, drawn) for reader in group.readers(v))}
