"""Minus signs where people put them: (1 - y) x rather than -(y - 1) x."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.ir import Cotangent, Element, Reduce, elements


def signed(expr: Any) -> Any:
    """expr with the sign of each product moved into the sums that read better the other way round; a difference of values
    along unlike axes is written as x - mu everywhere, not as mu - x, and any other the same way throughout expr."""
    placed = _placed(expr)
    differences = [node for node in placed.atoms(Add) if is_centred(node)]
    sides = {_sides(node) for node in differences}
    wrong = {node for node in differences if _reads_better(_opposite(node), node, _sides(node)[::-1] in sides)}
    return _turned(placed, wrong) if wrong else placed


def sized(expr: Any) -> Any:
    """expr with u sign(u) written as |u|, and |u| sign(u) as u."""
    if not expr.has(sympy.sign):
        return expr
    built = expr.func(*map(sized, expr.args))
    if not isinstance(built, Mul):
        return built
    for factor in (f for f in built.args if isinstance(f, sympy.sign)):
        value = factor.args[0]
        for one, other in ((value, sympy.Abs(value)), (sympy.Abs(value), value)):
            if one in built.args:
                return sized(Mul(other, *(f for f in built.args if f not in (one, factor))))
    return built


@lru_cache(maxsize=16_384)
def _placed(expr: Any) -> Any:
    if isinstance(expr, Element) or not expr.args:
        return expr
    built = expr.func(*map(_placed, expr.args))
    if isinstance(built, Pow) and built.exp.is_even and isinstance(built.base, Add):
        return min((built, Pow(_minus(built.base), built.exp)), key=lambda power: _minus_signs(power.base))
    return _product(built) if isinstance(built, Mul) else built


def _product(product: Mul) -> Expr:
    negative = bool(product.args[0].is_negative)
    factors = list(Mul.make_args(-product if negative else product))
    flips = [(place, _flipped(factor)) for place, factor in enumerate(factors)]
    gains = [(_minus_signs(factors[place]) - _minus_signs(other), place, other) for place, other in flips if other is not None]
    for gain, place, other in gains:
        if gain > (0 if negative else 1):  # a minus sign in front is one too
            factors[place], negative = other, not negative
    even = [(place, other) for gain, place, other in gains if gain == 0]
    if negative and even:
        place, other = even[0]
        factors[place], negative = other, False
    return Mul(-1 if negative else 1, *factors)


def _flipped(factor: Expr) -> Expr | None:
    """Minus the factor, with the sign inside the sum that it is; None if it is no sum of data."""
    if not factor.has(Element):
        return None
    if isinstance(factor, Pow) and factor.exp.is_odd and isinstance(factor.base, Add):
        return Pow(_minus(factor.base), factor.exp)
    if isinstance(factor, Reduce) and factor.op == "sum":
        body = _flipped(factor.body)
        return None if body is None else Reduce("sum", body, *factor.indices)
    if isinstance(factor, Mul) and factor.args[0].is_negative:
        return -factor
    return _minus(factor) if isinstance(factor, Add) else None


def _minus(total: Add) -> Expr:
    return Add(*(_placed(-term) for term in total.args))


@lru_cache(maxsize=16_384)
def _minus_signs(factor: Expr) -> int:
    """How many minus signs there are to read; a number behind one counts twice: 1 - p, not -p + 1."""
    nodes = list(sympy.preorder_traversal(factor))
    leading = sum(isinstance(node, Reduce) and _is_negative(node.body) for node in nodes)
    terms = (term for node in nodes if isinstance(node, Add) for term in node.args if _is_negative(term))
    return leading + sum(2 if term.is_number else 1 for term in terms)


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def is_centred(node: Any) -> bool:
    """A difference of forward values, such as x - mu: expanding a product of it loses the digits it has."""
    if not isinstance(node, Add) or not any(term.could_extract_minus_sign() for term in node.args):
        return False
    factors = [f for term in node.args for f in Mul.make_args(term) if not f.is_number]
    if not all(isinstance(f, Element) for f in factors):
        return False
    return len({f.name for f in factors}) > 1 and not any(isinstance(f.head, Cotangent) for f in factors)


def _sides(difference: Add) -> tuple[frozenset[str], frozenset[str]]:
    """The names of what is taken as it is, and of what is subtracted."""
    below = {e.name for term in difference.args if _is_negative(term) for e in elements(term)}
    return frozenset(e.name for e in elements(difference) if e.name not in below), frozenset(below)


def _reads_better(difference: Add, other: Add, both: bool) -> bool:
    """x - mu reads better than mu - x, where mu has fewer axes. Of a - b and b - a one is as good, if there are not both."""
    return _axes(difference) > _axes(other) or (both and _rank(difference) > _rank(other))


def _rank(difference: Add) -> tuple[Any, ...]:
    return _axes(difference), sorted((e.name for term in _above(difference) for e in elements(term)), reverse=True)


def _axes(difference: Add) -> int:
    return max((len(e.position) for term in _above(difference) for e in elements(term)), default=0)


def _above(difference: Add) -> list[Expr]:
    return [term for term in difference.args if not _is_negative(term)]


def _opposite(difference: Add) -> Add:
    return Add(*(-term for term in difference.args))


def _turned(node: Any, wrong: set[Expr]) -> Any:
    """node with these differences the other way round, and minus signs outside the sums that they are in."""
    if isinstance(node, Element) or not node.args or not any(node.has(difference) for difference in wrong):
        return node
    built = node.func(*(_turned(arg, wrong) for arg in node.args))
    if isinstance(built, Mul):
        turned = [_opposite(f) if f in wrong else f for f in built.args]
        return Mul(*turned, (-1) ** sum(f in wrong for f in built.args))
    if isinstance(built, Pow) and built.base in wrong and built.exp.is_Integer:
        return _opposite(built.base) ** built.exp * (-1) ** built.exp
    if isinstance(built, Reduce) and built.op == "sum" and _is_negative(built.body):
        return -Reduce("sum", -built.body, *built.indices)
    return built
