"""How far a position reaches: an Affine with its numbers as SymPy expressions, its smallest and its largest value.

Sizes count as at least 1 and constants as at least 0 where a sign is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Integer, Max, Min

from symbp.ir import Constant, Size
from symbp.language import functions
from symbp.language.axes import Space
from symbp.language.trees import Affine, Apply, Fixed, Length, Overhang, Position, Run, Tree

Sizes = Callable[[Space], Expr]


@dataclass(frozen=True)
class Span:
    """A sum of coefficients times indices, and a rest."""

    terms: tuple[tuple[Expr, Run], ...]  # each index once
    rest: Expr
    size: Sizes

    @classmethod
    def of(cls, position: Position, size: Sizes) -> Span:
        """The span of a position that is no gather."""
        if isinstance(position, Run):
            return cls(((Integer(1), position),), Integer(0), size)
        if isinstance(position, int):
            return cls((), Integer(position), size)
        assert isinstance(position, Affine)
        found: dict[Run, Expr] = {}
        for coefficient, run in position.terms:
            found[run] = sympy.expand(found.get(run, 0) + number(coefficient, size))
        return cls(tuple((c, run) for run, c in found.items() if c != 0), sympy.expand(number(position.rest, size)), size)

    def without(self, run: Run) -> Span:
        return Span(tuple((c, other) for c, other in self.terms if other is not run), self.rest, self.size)

    @property
    def largest(self) -> Expr:
        return self.rest + Add(*(self.extreme(c, run, Max) for c, run in self.terms))

    @property
    def smallest(self) -> Expr:
        return self.rest + Add(*(self.extreme(c, run, Min) for c, run in self.terms))

    def extreme(self, coefficient: Expr, run: Run, choose: Callable[..., Expr]) -> Expr:
        """The largest or smallest that the coefficient times the index can be."""
        last = coefficient * (self.size(run.space) - 1)
        rises, falls = at_least(coefficient, 0), at_least(-coefficient, 0)
        if rises or falls:
            return last if rises == (choose is Max) else Integer(0)
        return choose(0, last)


def number(tree: Tree, size: Sizes) -> Expr:
    """The value of a tree without indices."""
    if isinstance(tree, Length):
        return size(tree.space)
    if isinstance(tree, Overhang):
        return overhang(Span.of(tree.position, size).smallest)
    if isinstance(tree, Apply):
        return functions.apply(tree.op, [number(argument, size) for argument in tree.arguments])
    assert isinstance(tree, Fixed), tree
    return tree.value


def overhang(least: Expr) -> Expr:
    """How far a position whose smallest value this is begins before the first place."""
    least = sympy.expand(least)
    if at_least(least, 0):
        return Integer(0)
    return -least if at_least(-least, 0) else Max(0, -least)


def at_least(value: Expr, bound: int) -> bool:
    """Whether the value is surely not below the bound; False where that cannot be seen."""
    value = sympy.expand(value - bound)
    value = sympy.expand(value.xreplace({s: s + 1 for s in value.free_symbols if isinstance(s, Size)}))
    return all(_not_negative(term) for term in Add.make_args(value))


def _not_negative(term: Expr) -> bool:
    coefficient, rest = term.as_coeff_Mul()
    factors = [power.as_base_exp() for power in sympy.Mul.make_args(rest)]
    known = all(base == 1 or (isinstance(base, Size | Constant) and exponent.is_Integer and exponent > 0) for base, exponent in factors)
    return bool(coefficient == 0 or (coefficient > 0 and known))
