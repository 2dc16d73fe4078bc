"""Kinks that the output shows as well as the input: relu(x) is positive where x is. Then the input need not be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from symbp.algebra.match import match
from symbp.algebra.restating import Restated
from symbp.calculus import placed
from symbp.ir import Element, Equation, Index, Where, elements, reads
from symbp.ir.derivation import Phrase


@dataclass(frozen=True)
class Shown:
    """``by_input`` holds where ``by_output`` does, by the equation."""

    by_input: Any
    by_output: Any
    equation: Equation

    @property
    def input(self) -> str:
        return elements(self.by_input)[0].name


def shown(equation: Equation) -> Shown | None:
    """The condition of an equation that chooses by one value, if the outcome tells which branch was taken."""
    value, position = equation.value, equation.target.position
    if not isinstance(value, Where) or not value.condition.is_Relational or not all(isinstance(p, Index) for p in position):
        return None
    condition, then, otherwise = value.args
    read = elements(condition)
    if len(read) != 1 or read[0].position != position:
        return None
    holds, fails = (condition.xreplace({read[0]: branch}) for branch in (then, otherwise))
    tells = _alike(holds, condition, sympy.true) and _alike(fails, condition, sympy.false)
    return Shown(condition, condition.xreplace({read[0]: equation.target}), equation) if tells else None


def _alike(of_branch: Any, condition: Any, outcome: Any) -> bool:
    """Whether the condition has the outcome on a branch: of itself, or because the branch keeps the sign of the input."""
    return bool(of_branch == outcome or (of_branch.is_Relational and of_branch.canonical == condition.canonical))


def spared(equations: tuple[Equation, ...], forward: Mapping[str, Equation], outputs: frozenset[str]) -> dict[str, Shown]:
    """By input: the conditions to be asked of the output, where backward reads the output anyway, and of the input nothing else."""
    read = reads(e.value for e in equations)
    known = (found for name, e in forward.items() if name in read | outputs and (found := shown(e)) is not None)
    return {one.input: one for one in known if one.input in read & set(forward) and _is_only_asked(equations, one)}


def _is_only_asked(equations: tuple[Equation, ...], one: Shown) -> bool:
    return all(one.input not in reads([_asked_of_output(e.value, one)]) for e in equations)


def by_output(equation: Equation, known: Mapping[str, Shown]) -> Iterator[Restated]:
    """The equation with its conditions asked of outputs, if it has such conditions."""
    value, used = equation.value, list[Equation]()
    for one in (known[name] for name in sorted(reads([value]) & set(known))):
        value = _asked_of_output(value, one)
        used.append(one.equation)
    if value != equation.value:
        shown = Phrase("shows the branch", (", ".join(e.name for e in used),))
        yield Restated(value, tuple(used), reason=(shown,))


def _asked_of_output(node: Any, one: Shown) -> Any:
    if isinstance(node, Element) or not node.has(Where):
        return node
    built = node.func(*(_asked_of_output(arg, one) for arg in node.args))
    found = match(one.by_input, built.condition) if isinstance(built, Where) else None
    return built if found is None else Where(placed(one.by_output, found), *built.branches)
