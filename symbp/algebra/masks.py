"""Masks that are redundant: where a value is 0 outside a condition anyway, choosing 0 there changes nothing.

The softmax of scores that are -inf outside a mask is 0 there, and so is every product with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow

from symbp.algebra.restating import Restated, definition_at
from symbp.ir import Element, Equation, Reduce, Where, elements
from symbp.ir.derivation import Phrase

DEEPEST = 8  # definitions looked into, one inside the other
DROPPED = (Phrase("zero outside the mask"),)


def unmasked(equation: Equation, definitions: Mapping[str, Equation]) -> Iterator[Restated]:
    """The equation without its redundant masks, if it has any. Only masks that depend on positions alone are dropped: one
    that is given as data may leave nothing of a row, which is then 0/0."""
    support = Support(definitions)
    value = support.freed(equation.value)
    if value != equation.value:
        yield Restated(value, tuple(e for name, e in definitions.items() if name in support.used), reason=DROPPED)


@dataclass
class Support:
    """Where values are 0, by the definitions looked into so far."""

    definitions: Mapping[str, Equation]
    used: set[str] = field(default_factory=set)

    def freed(self, node: Any) -> Any:
        """node with each redundant choice replaced by the branch that is not 0."""
        if isinstance(node, Element) or not node.has(Where):
            return node
        built = node.func(*map(self.freed, node.args))
        factors = list(Mul.make_args(built)) if isinstance(built, Mul | Where) else []
        for place, factor in enumerate(factors):
            branch = self._branch(factor, [f for f in factors if f is not factor])
            if branch is not None:
                factors[place] = branch
        return Mul(*factors) if factors else built

    def _branch(self, factor: Expr, rest: list[Expr]) -> Expr | None:
        if not isinstance(factor, Where) or 0 not in factor.branches or elements(factor.condition):
            return None
        zero = factor.branches.index(Integer(0))
        branch, outside = factor.branches[1 - zero], sympy.Not(factor.condition) if zero else factor.condition
        return branch if self.is_zero(Mul(branch, *rest), outside) else None

    def is_zero(self, node: Expr, outside: Any, depth: int = 0) -> bool:
        """Whether node is 0 where the condition ``outside`` holds."""
        if isinstance(node, Element):
            return self._by_definition(node, outside, depth, self.is_zero)
        if isinstance(node, Where) and (branch := _taken(node, outside)) is not None:
            return self.is_zero(branch, outside, depth)
        if isinstance(node, sympy.exp):
            return self.is_infinite(node.args[0], outside, depth)
        if isinstance(node, Mul):
            return any(self.is_zero(arg, outside, depth) for arg in node.args)
        if isinstance(node, Add | Where):
            return all(self.is_zero(arg, outside, depth) for arg in (node.branches if isinstance(node, Where) else node.args))
        if isinstance(node, Pow):
            return bool(node.exp.is_positive) and self.is_zero(node.base, outside, depth)
        return node == 0 or (isinstance(node, Reduce) and node.op == "sum" and self.is_zero(node.body, outside, depth))

    def is_infinite(self, node: Expr, outside: Any, depth: int = 0) -> bool:
        """Whether node is -inf where the condition holds; what is added to it is taken as finite."""
        if isinstance(node, Element):
            return self._by_definition(node, outside, depth, self.is_infinite)
        if isinstance(node, Where) and (branch := _taken(node, outside)) is not None:
            return self.is_infinite(branch, outside, depth)
        if isinstance(node, Add):
            return any(self.is_infinite(arg, outside, depth) for arg in node.args)
        if isinstance(node, Mul) and node.args[0].is_positive and len(node.args) == 2:
            return self.is_infinite(node.args[1], outside, depth)
        return bool(node == -sympy.oo)

    def _by_definition(self, element: Element, outside: Any, depth: int, question: Any) -> bool:
        value = definition_at(element, self.definitions) if depth < DEEPEST else None
        if value is None or not question(value, outside, depth + 1):
            return False
        self.used.add(element.name)
        return True


def _taken(node: Where, held: Any) -> Expr | None:
    """The branch that is taken where the condition holds, if the choice is by that condition."""
    condition, then, otherwise = node.args
    return then if _alike(condition, held) else otherwise if _alike(sympy.Not(condition), held) else None


def _alike(one: Any, other: Any) -> bool:
    return bool(one == other or (one.is_Relational and other.is_Relational and one.canonical == other.canonical))
