"""Local derivatives: elements and reductions become plain variables, SymPy differentiates, and they are put back."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr, Function, Integer, Mul, Symbol

from symbp.errors import DeriveError
from symbp.ir import Element, Padded, leaves


def partials(expr: Expr, where: str) -> list[tuple[Expr, Expr]]:
    """[(leaf, d expr / d leaf)] for the outermost elements and reductions of expr that it depends on.

    At a kink the derivative is that of the branch which the condition takes there; abs and sign have derivative 0 at 0.

    Raises:
        DeriveError: SymPy knows no derivative of a function in expr, or what pads an element is no number.
    """
    found = leaves(expr)
    for leaf in found:
        if isinstance(leaf, Padded) and leaf.fill.has(Element):
            raise DeriveError(
                f"{where}: {leaf}: what stands outside the array is a number or a constant; {leaf.fill} has no derivative here"
            )
    variables = {leaf: _variable(number, leaf) for number, leaf in enumerate(found)}
    plain = expr.xreplace(variables)
    back = {variable: leaf for leaf, variable in variables.items()}
    slopes = ((leaf, _differentiate(plain, variable, where)) for leaf, variable in variables.items())
    return [(leaf, slope.xreplace(back)) for leaf, slope in slopes if slope != 0]


def _variable(number: int, leaf: Expr) -> Symbol:
    sign = {"positive": True} if leaf.is_positive else {"nonnegative": True} if leaf.is_nonnegative else {}
    return Symbol(f"v'{number}", real=True, **sign)


def _differentiate(expr: Expr, variable: Symbol, where: str) -> Expr:
    try:
        return _slope(expr, variable)
    except DeriveError as error:
        raise DeriveError(f"{where}: {error}") from error


@lru_cache(maxsize=4_096)
def _slope(expr: Expr, variable: Symbol) -> Expr:
    """The derivative; layers that repeat ask for the same one, for elements are variables here."""
    plain = expr.replace(sympy.Abs, _Magnitude).replace(sympy.sign, _Sign)
    try:
        slope = sympy.diff(plain, variable).replace(_Magnitude, sympy.Abs).replace(_Sign, sympy.sign)
    except sympy.ArgumentIndexError as error:
        raise DeriveError(f"{expr.func.__name__} has no derivative that SymPy knows ({error})") from error
    if any(power.exp.free_symbols for power in slope.atoms(sympy.Pow)):
        slope = sympy.powsimp(slope)  # n x**n / x would be 0/0 at x = 0
    if slope.has(sympy.cosh):
        slope = slope.replace(lambda node: isinstance(node, Mul), _with_tanh)
    slope = slope.replace(sympy.DiracDelta, lambda *_: Integer(0))  # sign is constant on both sides of its jump
    if slope.has(sympy.nan, sympy.zoo, sympy.I):
        raise DeriveError("its derivative is not a real number")
    unknown = sorted(slope.atoms(sympy.Derivative, sympy.Subs, sympy.Heaviside, sympy.Integral), key=sympy.default_sort_key)
    if unknown:
        raise DeriveError(f"no derivative of {unknown[0].args[0]} is known; write it with functions of the language")
    return slope


def _with_tanh(product: Mul) -> Expr:
    """sinh(u)/cosh(u) as tanh(u): neither of the two is finite at 800."""
    for factor in product.args:
        below = 1 / sympy.cosh(factor.args[0]) if isinstance(factor, sympy.sinh) else None
        if below in product.args:
            return sympy.tanh(factor.args[0]) * Mul(*(f for f in product.args if f not in (factor, below)))
    return product


class _OfRealValue(Function):
    """A function whose argument is real whatever it is made of; SymPy differentiates it by a real variable, while for
    abs(log(x)) it allows for complex logarithms."""

    meant: type[Function]

    def fdiff(self, argindex: int = 1) -> Expr:
        value = Symbol("value'", real=True)
        return sympy.diff(self.meant(value), value).xreplace({value: self.args[0]})


class _Magnitude(_OfRealValue):
    meant = sympy.Abs


class _Sign(_OfRealValue):
    meant = sympy.sign
