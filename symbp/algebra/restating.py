"""A value restated by what several equations say together: the new value, what it rests on, and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from symbp.algebra.proof import proved
from symbp.algebra.renaming import Renaming
from symbp.algebra.search import constants_in
from symbp.algebra.trial import Constants
from symbp.calculus import value_at
from symbp.ir import Element, Equation, numbering
from symbp.ir.derivation import Fact, Phrase


@dataclass(frozen=True)
class Restated:
    """Another value of an equation, not proved yet."""

    value: Expr
    rests_on: tuple[Equation, ...]  # each after those that it reads
    facts: tuple[Fact, ...] = ()  # to be told
    reason: tuple[Phrase, ...] = ()  # where there are no facts to tell


def proof_of(target: Element, before: Expr, after: Restated, constants: Constants) -> str:
    """How the two were proved equal, "" if they were not; asked under names that say nothing."""
    names = Renaming.of([target, before, after.value, *(expr for e in after.rests_on for expr in (e.target, e.value))])
    place, start, end = map(names.hidden, (target, before, after.value))
    few = constants_in([before, after.value], after.rests_on, constants)
    with numbering(anew=True):
        return proved(start, end, place, tuple(map(names.hidden_equation, after.rests_on)), few) or ""


def definition_at(element: Element, definitions: Mapping[str, Equation]) -> Expr | None:
    """What an equation computes for the element; None if there is none that says so point by point."""
    equation = definitions.get(element.name)
    if equation is None or equation.loop is not None or len(set(equation.target.position)) < len(equation.target.position):
        return None
    return value_at(element, equation)
