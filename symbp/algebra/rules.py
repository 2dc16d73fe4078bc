"""Elimination rules: what a forward equation says about the expressions inside it.

From ``y = 1/(1 + exp(-x))`` follows ``exp(-x) = 1/y - 1``: wherever backward holds exp(-x), the saved y can stand for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, Symbol

from symbp.algebra.match import canonical, match, normal, rewrite
from symbp.calculus import placed
from symbp.ir import Element, Equation, Index, Program, Reduce, Where, elements


@dataclass(frozen=True)
class Rule:
    """``pattern`` equals ``value`` for all indices, by the equation."""

    pattern: Expr
    value: Expr
    equation: Equation

    def __str__(self) -> str:
        return f"{self.pattern} = {self.value}"

    def apply(self, expr: Expr) -> Expr | None:
        """expr with every instance of the pattern replaced, or None if it holds none. The equation's own reductions
        are left as they are: they are what the value is made of."""
        own = [r for r in canonical(self.equation.value).atoms(Reduce) if r != self.pattern]

        def change(node: Any) -> Any:
            if isinstance(node, Reduce) and any(match(r, node) is not None for r in own):
                return node
            return self.instance(node)

        before = canonical(expr)
        after = rewrite(before, change)
        return None if after == before else normal(after)

    def instance(self, node: Any) -> Expr | None:
        """The value of node if it is an instance of the pattern or a whole power of one."""
        power = sympy.Integer(1)
        if isinstance(self.pattern, sympy.exp) and isinstance(node, sympy.exp):
            return self._exponential(node)
        if isinstance(self.pattern, Pow) and isinstance(node, Pow):
            power = node.exp / self.pattern.exp
            node = Pow(node.base, self.pattern.exp)
        found = match(self.pattern, node) if power.is_Integer else None
        return None if found is None else placed(self.value, found) ** power

    def _exponential(self, node: sympy.exp) -> Expr | None:
        for power in (1, -1, 2, -2):
            found = match(self.pattern, sympy.exp(node.args[0] / power))
            if found is not None:
                return placed(self.value, found) ** power
        return None


def mine(program: Program) -> tuple[Rule, ...]:
    """Every rule that the equations give by solving for an expression that stands in them once."""
    return tuple(rule for equation in program.equations for rule in mined(equation))


def mined(equation: Equation) -> tuple[Rule, ...]:
    position = equation.target.position
    if not all(isinstance(p, Index) for p in position) or len(set(position)) < len(position):
        return ()
    value = canonical(equation.value)
    kernels = dict.fromkeys(_kernels(value))
    solved = ((kernel, _solve(value, kernel, equation.target)) for kernel in kernels)
    return tuple(Rule(kernel, canonical(inverse), equation) for kernel, inverse in solved if inverse is not None)


def _kernels(node: Any) -> Iterator[Expr]:
    """Subexpressions worth eliminating, the outermost first; reductions and branches are not opened."""
    whole_power = isinstance(node, Pow) and node.exp.is_Integer
    if isinstance(node, sympy.Function | Element | Reduce) or (isinstance(node, Pow) and not whole_power):
        yield node
    if not isinstance(node, Element | Reduce | Where):
        for arg in node.args:
            yield from _kernels(arg)


def _solve(value: Expr, kernel: Expr, target: Element) -> Expr | None:
    """The kernel in terms of target, if it stands once in value and no step divides by what may be zero."""
    variable = Symbol("kernel'", real=True, positive=kernel.is_positive)
    opened = value.xreplace({kernel: variable})
    once = sum(1 for node in sympy.preorder_traversal(opened) if node == variable) == 1
    covers = set(kernel.free_symbols & value.free_symbols) >= {s for s in value.free_symbols if isinstance(s, Index)}
    return _peel(opened, variable, target) if once and covers and value != kernel else target if value == kernel else None


def _peel(value: Expr, variable: Symbol, target: Expr) -> Expr | None:
    if value == variable:
        return target
    if isinstance(value, Add | Mul):
        (inner,) = (arg for arg in value.args if arg.has(variable))
        rest = value.func(*(arg for arg in value.args if arg != inner))
        if isinstance(value, Add):  # y - f(z) has lost the digits of what was added to a large f(z)
            return None if elements(rest) else _peel(inner, variable, target - rest)
        divisor = sympy.fraction(rest)[0]
        return _peel(inner, variable, target / rest) if divisor.is_nonzero or divisor.is_positive else None
    if isinstance(value, sympy.exp):
        return _peel(value.args[0], variable, sympy.log(target))
    if isinstance(value, sympy.log):
        return _peel(value.args[0], variable, sympy.exp(target))
    if isinstance(value, Pow) and value.base.has(variable) and _invertible(value):
        return _peel(value.base, variable, target ** (1 / value.exp))
    return None


def _invertible(power: Pow) -> bool:
    """Odd whole powers are one to one; a root is, on its domain; an even power is not."""
    return bool(power.exp == -1 or (power.exp.is_Rational and abs(power.exp.p) == 1 and power.exp.q == 2))
