"""No rewrite without a proof: exact where rational algebra decides it, else by the exact interpreter at random points.

A rewrite is proved from the facts that it cites and from nothing else: whatever else the layer computes is a free variable.
What holds then holds in every layer, and costs the same in a deep one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr

from symbp.algebra.cases import cases
from symbp.algebra.match import same
from symbp.algebra.trial import Constants, agree_at_points
from symbp.calculus import inlined
from symbp.ir import Bracket, Element, Equation, Inverse, Padded, Reduce, expand_stable

_NOT_POINTWISE = (Reduce, Bracket, Padded, Inverse)
HYPERBOLIC = (sympy.sinh, sympy.cosh, sympy.tanh)  # written with exp; powers, which SymPy would also write so, are not
MOST_VARIABLES = 16  # of a difference that rational algebra is to cancel


@lru_cache(maxsize=8192)
def proved(before: Expr, after: Expr, target: Element, facts: tuple[Equation, ...], constants: Constants = ()) -> str | None:
    """How ``before == after`` was proved as a consequence of the facts, or None: then it is refused."""
    if same(before, after):
        return "identical"
    if _exactly(before, after, facts):
        return "exact"
    return "numerical" if agree_at_points(before, after, target, facts, constants) else None


def _exactly(before: Expr, after: Expr, facts: tuple[Equation, ...]) -> bool:
    """cancel(before - after) == 0 with functions and elements as independent variables; pointwise expressions only,
    case by case."""
    difference = expand_stable(before - after)
    pointwise = [e for e in facts if not e.value.has(*_NOT_POINTWISE)]
    for equation in reversed(pointwise):
        difference = inlined(difference, equation)
    if difference.has(*_NOT_POINTWISE) or len(difference.free_symbols) > MOST_VARIABLES:
        return bool(difference == 0)
    try:
        return all(map(_is_zero, cases(difference)))
    except ValueError:
        return False


def _is_zero(difference: Expr) -> bool:
    if difference.has(sympy.oo, sympy.zoo, sympy.nan):
        return False
    return bool(sympy.cancel(sympy.together(_kernels(sympy.expand_log(difference.rewrite(HYPERBOLIC, sympy.exp)), {}))) == 0)


def _kernels(node: Any, atoms: dict[Expr, Expr]) -> Any:
    """node as a rational function of its elements and of exp, log, ... of whole arguments."""
    if isinstance(node, sympy.exp):
        coefficient, rest = sympy.expand(node.args[0]).as_coeff_Mul()
        base = sympy.exp(rest / coefficient.q) if coefficient.is_Rational and not isinstance(rest, sympy.Add) else node
        power = coefficient.p if base != node else 1
        return atoms.setdefault(base, sympy.Symbol(f"e'{len(atoms)}")) ** power
    if isinstance(node, Element | sympy.Function) or (isinstance(node, sympy.Pow) and not node.exp.is_Integer):
        return atoms.setdefault(node, sympy.Symbol(f"e'{len(atoms)}"))
    return node.func(*(_kernels(arg, atoms) for arg in node.args)) if node.args else node
