"""The hub: a Program is a flat list of equations in an order that can be run; each name is assigned once.

Forward and backward passes, and their split into primitive nodes, are all Programs: what comes before makes them,
what comes after prints, runs or rewrites them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Rational

from symbp.ir.expressions import elements, free_indices
from symbp.ir.nodes import Element, Reduce
from symbp.ir.symbols import Constant, Index, Tensor


@dataclass(frozen=True)
class Loop:
    """A recurrence: its equations are computed together for one value of the index after another.

    Each of them has the index, plain, among the positions of its target, and may read the targets of the others at the same
    step, if they stand before it, and at earlier steps (later values of the index where the loop is reversed).
    """

    number: int  # of the loop: equations of one loop stand together
    index: Index
    reverse: bool = False


@dataclass(frozen=True)
class Call:
    """One place where a layer calls another, whose equations are written out there."""

    number: int  # of the place
    layer: str  # the name of the layer that is called


@dataclass(frozen=True)
class Equation:
    """``target = value`` for every value of the target's indices."""

    target: Element
    value: Expr
    number: int = 0  # cited by derivation and code; 0 where it has none
    text: str = ""  # what the user wrote, if anything
    loop: Loop | None = None
    calls: tuple[Call, ...] = field(default=(), compare=False)  # that it was written out for, the outermost first
    written: tuple[tuple[Expr, ...], ...] = field(default=(), compare=False, repr=False)  # its terms and factors in the user's order

    @property
    def name(self) -> str:
        return self.target.name

    def __str__(self) -> str:
        return f"{self.target} = {self.value}"


@dataclass(frozen=True)
class Program:
    """Equations in an order that can be run."""

    name: str
    inputs: tuple[Tensor, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Tensor, ...]
    constants: tuple[tuple[Constant, Rational], ...] = ()  # with their defaults

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by name, inputs first, then targets in order."""
        return {t.name: t for t in (*self.inputs, *(e.target.head for e in self.equations))}

    @cached_property
    def definitions(self) -> dict[str, Equation]:
        return {e.name: e for e in self.equations}

    @cached_property
    def uses(self) -> dict[Tensor, list[tuple[Element, Element]]]:
        """Every element of a tensor that is read, with the target of the equation that reads it, in order."""
        found: dict[Tensor, list[tuple[Element, Element]]] = {}
        for equation in self.equations:
            for element in elements(equation.value):
                found.setdefault(element.head, []).append((element, equation.target))
        return found

    def __str__(self) -> str:
        return "\n".join(map(str, self.equations))


def passes(equations: Iterable[Equation]) -> list[tuple[Loop | None, list[Equation]]]:
    """The equations in order, those of one loop together; any other alone."""
    found: list[tuple[Loop | None, list[Equation]]] = []
    for equation in equations:
        if equation.loop and found and found[-1][0] == equation.loop:
            found[-1][1].append(equation)
        else:
            found.append((equation.loop, [equation]))
    return found


def reads(expressions: Iterable[Expr]) -> set[str]:
    """The names of the tensors that the expressions read."""
    return {element.name for expr in expressions for element in expr.atoms(Element)}


def validate(program: Program) -> Program:
    """The program itself, if it is one: known heads, each assigned once and before use, no stray or captured index."""
    known = {t.name: t for t in program.inputs}
    stepped: dict[Loop, dict[str, Tensor]] = {}
    for equation in program.equations:
        if equation.loop:
            stepped.setdefault(equation.loop, {})[equation.name] = equation.target.head
    for equation in program.equations:
        _check(program, equation, known, stepped[equation.loop] if equation.loop else {})
        known[equation.name] = equation.target.head
    for output in program.outputs:
        assert known.get(output.name) == output, f"{program.name}: output {output.name} is never assigned"
    return program


def _check(program: Program, equation: Equation, known: dict[str, Tensor], same_loop: dict[str, Tensor]) -> None:
    def where() -> str:
        return f"{program.name}: {equation}"

    if equation.loop:
        assert equation.loop.index in equation.target.position, f"{where()}: has no index {equation.loop.index}"
    for element in (*elements(equation.value), *itertools.chain(*map(elements, equation.target.position))):
        head = known.get(element.name) or same_loop.get(element.name)
        assert head == element.head, f"{where()}: {element.name} is read but not defined"
        assert len(element.position) == len(element.head.shape), f"{where()}: rank of {element}"
    stray = set(free_indices(equation.value)) - set(free_indices(equation.target))
    assert not stray, f"{where()}: free indices {stray} are not on the left"
    _check_bound(equation.value, frozenset(free_indices(equation.target)), where)
    assert equation.name not in known, f"{where()}: {equation.name} is assigned twice"


def _check_bound(expr: Expr, around: frozenset[Index], where: Callable[[], str]) -> None:
    if isinstance(expr, Reduce):
        captured = around & set(expr.indices)
        assert not captured, f"{where()}: {captured} bound twice"
        around = around | set(expr.indices)
    for arg in expr.args:
        _check_bound(arg, around, where)
