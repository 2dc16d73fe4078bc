"""Minus signs where people put them: (1 - y) x rather than -(y - 1) x."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.ir import Element, Reduce


def signed(expr: Any) -> Any:
    """expr with the sign of each product moved into the sums that read better the other way round."""
    if isinstance(expr, Element) or not expr.args:
        return expr
    built = expr.func(*map(signed, expr.args))
    return _product(built) if isinstance(built, Mul) else built


def _product(product: Mul) -> Expr:
    negative = bool(product.args[0].is_negative)
    factors = list(Mul.make_args(-product if negative else product))
    flips = [(place, _flipped(factor)) for place, factor in enumerate(factors)]
    gains = [(_minus_signs(factors[place]) - _minus_signs(other), place, other) for place, other in flips if other is not None]
    for gain, place, other in gains:
        if gain > 0:
            factors[place], negative = other, not negative
    even = [(place, other) for gain, place, other in gains if gain == 0]
    if negative and even:
        place, other = even[0]
        factors[place], negative = other, False
    return Mul(-1 if negative else 1, *factors)


def _flipped(factor: Expr) -> Expr | None:
    """Minus the factor, with the sign inside the sum that it is; None if it is no sum."""
    if isinstance(factor, Pow) and factor.exp.is_odd and isinstance(factor.base, Add):
        return Pow(_minus(factor.base), factor.exp)
    if isinstance(factor, Reduce) and factor.op == "sum":
        body = _flipped(factor.body)
        return None if body is None else Reduce("sum", body, *factor.indices)
    if isinstance(factor, Mul) and factor.args[0].is_negative:
        return -factor
    return _minus(factor) if isinstance(factor, Add) else None


def _minus(total: Add) -> Expr:
    return Add(*(signed(-term) for term in total.args))


def _minus_signs(factor: Expr) -> int:
    """How many minus signs there are to read; a number behind one counts twice: 1 - p, not -p + 1."""
    nodes = list(sympy.preorder_traversal(factor))
    leading = sum(isinstance(node, Reduce) and _is_negative(node.body) for node in nodes)
    terms = (term for node in nodes if isinstance(node, Add) for term in node.args if _is_negative(term))
    return leading + sum(2 if term.is_number else 1 for term in terms)


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)
