"""What is known of the sign of a value, from its form alone.

SymPy's own inference knows little more, and would take most of the time of reading.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Expr

from symbp.ir import Bracket, Element, Index, Padded, Reduce, Size, Where

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0
ODD = (sympy.sinh, sympy.tanh, sympy.asinh, sympy.atan, sympy.erf)  # and rising: the sign of the argument


def sign(value: Expr) -> dict[str, bool]:
    """The assumption that a tensor with this value has."""
    if value.has(sympy.oo, -sympy.oo):
        return {}
    return {POSITIVE: {"positive": True}, NONNEGATIVE: {"nonnegative": True}, UNKNOWN: {}}[known(value)]


def known(value: Expr) -> int:
    """POSITIVE, NONNEGATIVE or UNKNOWN."""
    if isinstance(value, sympy.Number | Size):
        return UNKNOWN if value.is_negative else POSITIVE if value.is_positive else NONNEGATIVE
    rule = RULES.get(type(value))
    if rule:
        return rule(value)
    return known(value.args[0]) if isinstance(value, ODD) else UNKNOWN


def _element(value: Element) -> int:
    return POSITIVE if value.head.is_positive else NONNEGATIVE if value.head.is_nonnegative else UNKNOWN


def _reduce(value: Reduce) -> int:
    if value.op in ("det", "logdet"):
        return UNKNOWN
    return NONNEGATIVE if value.op.startswith("arg") else known(value.body)


def _add(value: Expr) -> int:
    terms = [known(term) for term in value.args]
    return max(terms) if min(terms) else UNKNOWN


def _least(value: Expr) -> int:
    return min(map(known, value.args))


def _pow(value: sympy.Pow) -> int:
    base, exponent = known(value.base), value.exp
    if base == POSITIVE or not (exponent.is_Rational and exponent > 0):
        return base if base == POSITIVE else UNKNOWN
    return NONNEGATIVE if base or exponent.is_even else UNKNOWN


def _log(value: Expr) -> int:
    """The logarithm of what is at least 1."""
    argument = value.args[0]
    return known(argument - 1) if isinstance(argument, sympy.Add) else UNKNOWN


RULES: dict[type, Callable[..., int]] = {
    Element: _element,
    Padded: lambda value: min(_element(value.element), known(value.fill)),
    Bracket: lambda _: NONNEGATIVE,
    Reduce: _reduce,
    Index: lambda _: NONNEGATIVE,
    Where: lambda value: min(map(known, value.branches)),
    sympy.Add: _add,
    sympy.Mul: _least,
    sympy.Pow: _pow,
    sympy.log: _log,
    sympy.exp: lambda _: POSITIVE,
    sympy.cosh: lambda _: POSITIVE,
    sympy.erfc: lambda _: POSITIVE,
    sympy.Abs: lambda value: known(value.args[0]) or NONNEGATIVE,
    type(sympy.pi): lambda _: POSITIVE,
    type(sympy.E): lambda _: POSITIVE,
}
