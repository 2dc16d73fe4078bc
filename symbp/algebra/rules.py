"""Rules: an expression that equals another by the forward equations, and how it is put into an expression.

From ``y = 1/(1 + exp(-x))`` follows ``exp(-x) = 1/y - 1``: wherever backward holds exp(-x), the saved y can stand for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.algebra.factors import within
from symbp.algebra.match import canonical, match, normal
from symbp.algebra.proof import HYPERBOLIC
from symbp.calculus import placed
from symbp.ir import Equation, Inverse, Padded, Reduce, Where, elements, reads, reductions


@dataclass(frozen=True)
class Rule:
    """``pattern`` equals ``value`` for all indices, by the equation."""

    pattern: Expr
    value: Expr
    equation: Equation
    given: frozenset[Any] = frozenset()  # the conditions under which it holds: those of one branch of the equation
    needs: tuple[Equation, ...] = ()  # other equations that it rests on
    opens: bool = False  # is it also used to find sums that are zero once they are multiplied out?

    def __str__(self) -> str:
        return f"{self.pattern} = {self.value}"

    @property
    def rests_on(self) -> tuple[Equation, ...]:
        """The equations that it follows from."""
        return (*self.needs, self.equation)

    @cached_property
    def mentions(self) -> set[str]:
        """The names of the tensors in the pattern."""
        return reads([self.pattern])

    @cached_property
    def own(self) -> list[Reduce]:
        """The equation's own reductions, the pattern apart."""
        return [r for r in reductions(canonical(self.equation.value)) if r != self.pattern]

    def apply(self, expr: Expr) -> Expr | None:
        """expr with every instance of the pattern replaced, or None if it holds none. The equation's own reductions
        are left as they are: they are what the value is made of."""
        if not self.mentions <= reads([expr]) or (self.given and not expr.has(Where)):
            return None
        before = canonical(expr)
        after = self._put(before, frozenset())
        return None if after == before else normal(after)

    def _put(self, node: Any, held: frozenset[Any]) -> Any:
        """node with the value put for the pattern, under the conditions that hold where it stands."""
        if isinstance(node, Padded | Inverse):  # these are of an element, and of nothing else
            return node
        if isinstance(node, HYPERBOLIC) and self.value.has(sympy.log):  # SymPy asks at any length whether tanh(log(u)) is real
            return node
        if isinstance(node, Reduce) and any(match(r, node) is not None for r in self.own):
            return node
        value = self.instance(node, held)
        if value is not None:
            return value
        if self.opens and (rest := self._without_zeros(node)) is not None:
            return rest
        if isinstance(node, Where):
            condition, then, otherwise = node.args
            branches = ((then, condition), (otherwise, sympy.Not(condition)))
            return Where(self._put(condition, held), *(self._put(b, held | {c}) for b, c in branches))
        if self.given and isinstance(node, Mul) and (inside := _constants_inside(node)) is not None:
            changed = inside.func(*(self._put(arg, held) for arg in inside.args))
            return node if changed == inside else changed
        return node.func(*(self._put(arg, held) for arg in node.args)) if node.args else node

    def instance(self, node: Any, held: frozenset[Any] = frozenset()) -> Expr | None:
        """The value of node if it is an instance of the pattern, a whole power of one, or a product with one."""
        power, rest = sympy.Integer(1), sympy.Integer(1)
        if isinstance(self.pattern, sympy.exp) and isinstance(node, sympy.exp):
            return self._exponential(node, held)
        if isinstance(self.pattern, Pow) and isinstance(node, Pow):
            power = node.exp / self.pattern.exp
            node = Pow(node.base, self.pattern.exp)
        if isinstance(self.pattern, Add) and isinstance(node, Add):
            found, rest = self._multiple(node)
        elif isinstance(self.pattern, Mul) and isinstance(node, Mul):
            found, rest = within(self.pattern, node) or (None, rest)
        else:
            found = match(self.pattern, node) if power.is_Integer else None
        return None if found is None or not self._holds(found, held) else rest * placed(self.value, found) ** power

    def _multiple(self, total: Add) -> tuple[dict[Any, Expr] | None, Expr]:
        """(indices, number) such that the sum is the number times the pattern there."""
        content, plain = total.primitive()
        for number in (content, -content):
            found = match(self.pattern, total / number if number.is_negative else plain)
            if found is not None:
                return found, number
        return None, sympy.Integer(1)

    def _exponential(self, node: sympy.exp, held: frozenset[Any]) -> Expr | None:
        for power in (1, -1, 2, -2):
            found = match(self.pattern, sympy.exp(node.args[0] / power))
            if found is not None and self._holds(found, held):
                return placed(self.value, found) ** power
        return None

    def _holds(self, found: dict[Any, Expr], held: frozenset[Any]) -> bool:
        return all(placed(condition, found) in held for condition in self.given)

    def _without_zeros(self, node: Any) -> Expr | None:
        """A sum without the terms that add up to 0 by the rule, None if there are none; all of it once its products are
        multiplied out, as of sum (g - c) y, where sum y = 1 and c = sum g y. What does not vanish is left whole, for its
        terms lose digits apart."""
        if not isinstance(node, Reduce) or node.op != "sum" or not any(isinstance(f, Add) for f in Mul.make_args(node.body)):
            return None
        if self._vanish(node, Add.make_args(sympy.expand_mul(node.body))):
            return sympy.Integer(0)
        kept = [term for term in Add.make_args(node.body) if not self._vanish(node, (term,))]
        return Reduce("sum", Add(*kept), *node.indices) if len(kept) < len(Add.make_args(node.body)) else None

    def _vanish(self, around: Reduce, terms: Sequence[Expr]) -> bool:
        """Whether the terms add up to 0 in the sum that they are in."""
        opened = Add(*(normal(Reduce("sum", term, *around.indices)) for term in terms))
        return replace(self, opens=False)._put(opened, frozenset()) == 0


def _constants_inside(product: Mul) -> Expr | None:
    """c · where(p, a, b) = where(p, c·a, c·b) for all that is constant in a product with one such factor."""
    choices = [f for f in product.args if isinstance(f, Where)]
    constants = [f for f in product.args if f not in choices and not elements(f)]
    if len(choices) != 1 or not constants:
        return None
    rest = (f for f in product.args if f not in (*constants, choices[0]))
    then, otherwise = choices[0].branches
    return Mul(*rest, Where(choices[0].condition, Mul(*constants, then), Mul(*constants, otherwise)), evaluate=False)
