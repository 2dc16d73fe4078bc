"""Functions that exist for accuracy alone: each is equal to its definition, and computed without its loss of digits."""

from __future__ import annotations

import sympy
from sympy import Expr, Function


class StableFunction(Function):
    """A function with an exact ``definition`` in elementary terms. It is introduced after differentiation, never before."""

    def _eval_is_extended_real(self) -> bool:
        return True

    @property
    def definition(self) -> Expr:
        raise NotImplementedError


class log1p(StableFunction):
    nargs = 1

    @property
    def definition(self) -> Expr:
        return sympy.log(1 + self.args[0])


class expm1(StableFunction):
    nargs = 1

    @property
    def definition(self) -> Expr:
        return sympy.exp(self.args[0]) - 1


class logaddexp(StableFunction):
    nargs = 2

    @property
    def definition(self) -> Expr:
        return sympy.log(sympy.exp(self.args[0]) + sympy.exp(self.args[1]))


class logcosh(StableFunction):
    nargs = 1

    @property
    def definition(self) -> Expr:
        return sympy.log(sympy.cosh(self.args[0]))


class tanhshrink(StableFunction):
    nargs = 1

    @property
    def definition(self) -> Expr:
        return self.args[0] - sympy.tanh(self.args[0])


class erfc(StableFunction):
    """SymPy's own turns erfc(-x) into 2 - erfc(x), which has lost the digits that this is for."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        return 1 - sympy.erf(self.args[0])


def expand_stable(expr: Expr) -> Expr:
    """expr with every stable function replaced by its definition."""
    return expr.replace(lambda node: isinstance(node, StableFunction), lambda node: node.definition)
