"""The functions and operators of the language: name -> how many arguments, and what SymPy expression they become.

Numbers are exact, and SymPy works them out where it can; what would take it for ever is refused here first.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import sympy
from sympy import Add, Expr, Mul, Pow, Rational, oo

from symbp.ir import Where

LARGEST_EXPONENT = 1000
LARGEST_NUMBER = 20_000  # bits of a power worked out
LARGEST_ARGUMENT = 100  # of gammaln and digamma of a number
NO_NUMBERS = frozenset({sympy.nan, sympy.zoo, sympy.I})
MOST_ARGUMENTS = 8  # of maximum and minimum


class Refused(Exception):
    """An operation on numbers that has no value, or one too large to work out; its place is added by who catches it."""


@dataclass(frozen=True)
class Form:
    """One function: its number of arguments, and its SymPy constructor."""

    build: Callable[..., Expr]
    least: int = 1
    most: int = 1

    @property
    def arity(self) -> str:
        words = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        return f"{words} argument{'s' * (self.most > 1)}"


def power(base: Expr, exponent: Expr) -> Expr:
    if isinstance(exponent, Rational):
        if abs(exponent) > LARGEST_EXPONENT:
            raise Refused(f"the exponent {exponent} is larger than {LARGEST_EXPONENT}")
        bits = sum(number.p.bit_length() + number.q.bit_length() for number in _factors(base))
        if bits * abs(exponent) > LARGEST_NUMBER:
            raise Refused("the power of a number is too large to work out")
    return base**exponent


def _factors(expr: Expr) -> list[Rational]:
    """The numbers that a power of expr would raise to that power."""
    bases = [factor.base if isinstance(factor, Pow) else factor for factor in Mul.make_args(expr)]
    return [base for base in bases if isinstance(base, Rational)]


def divide(one: Expr, other: Expr) -> Expr:
    if other == 0:
        raise Refused("division by zero")
    return one / other


def exponential(argument: Expr) -> Expr:
    for term in Add.make_args(argument):
        coefficient = term.as_coeff_Mul()[0]
        if abs(coefficient) > LARGEST_EXPONENT and term.has(sympy.log) and coefficient.is_finite:
            raise Refused(f"exp of {coefficient} times a logarithm is a power too large to work out")
    return sympy.exp(argument)


def _small(name: str, build: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    """A function that SymPy would work out term by term, kept from doing so for a large number."""

    def guarded(argument: Expr) -> Expr:
        if argument.is_number and not (isinstance(argument, Rational) and abs(argument) <= LARGEST_ARGUMENT):
            raise Refused(f"{name} of this number is not worked out; it takes a tensor, or a number up to {LARGEST_ARGUMENT}")
        return build(argument)

    return guarded


def maximum(*values: Expr) -> Expr:
    """The largest; of equal ones the first."""
    return reduce(lambda a, b: Where(a >= b, a, b), values)


def minimum(*values: Expr) -> Expr:
    """The smallest; of equal ones the first."""
    return reduce(lambda a, b: Where(a <= b, a, b), values)


FUNCTIONS: dict[str, Form] = {
    "exp": Form(exponential),
    "log": Form(sympy.log),
    "log1p": Form(lambda x: sympy.log(1 + x)),
    "expm1": Form(lambda x: exponential(x) - 1),
    "sqrt": Form(lambda x: power(x, Rational(1, 2))),
    "sin": Form(sympy.sin),
    "cos": Form(sympy.cos),
    "tan": Form(sympy.tan),
    "asin": Form(sympy.asin),
    "acos": Form(sympy.acos),
    "atan": Form(sympy.atan),
    "sinh": Form(sympy.sinh),
    "cosh": Form(sympy.cosh),
    "tanh": Form(sympy.tanh),
    "asinh": Form(sympy.asinh),
    "acosh": Form(sympy.acosh),
    "atanh": Form(sympy.atanh),
    "erf": Form(sympy.erf),
    "erfc": Form(sympy.erfc),
    "gammaln": Form(_small("gammaln", sympy.loggamma)),
    "digamma": Form(_small("digamma", lambda x: sympy.polygamma(0, x))),
    "abs": Form(sympy.Abs),
    "sign": Form(sympy.sign),
    "maximum": Form(maximum, 2, MOST_ARGUMENTS),
    "minimum": Form(minimum, 2, MOST_ARGUMENTS),
    "where": Form(Where, 3, 3),
    "size": Form(lambda length: length),
}
REDUCTIONS = ("sum", "mean", "prod", "max", "min", "logsumexp", "argmax", "argmin")
MATRIX = ("det", "logdet", "inv")  # of the last two axes of a whole tensor
WORDS = (*FUNCTIONS, *REDUCTIONS, *MATRIX, "pad")  # what a call means in the language, whatever layers there are
RENAMED = {"max": "maximum", "min": "minimum"}  # a reduction that was meant as a function of values
MEANT = {
    "ln": "log", "power": "**", "pow": "**", "gamma": "gammaln", "lgamma": "gammaln", "clip": "maximum and minimum",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "fabs": "abs", "square": "**2", "len": "size", "average": "mean",
}  # fmt: skip
OPERATORS: dict[str, Callable[..., Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "**": power,
    "neg": operator.neg,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "==": sympy.Eq,
    "!=": sympy.Ne,
    "and": sympy.And,
    "or": sympy.Or,
    "not": sympy.Not,
    "holds": lambda value: sympy.Ne(value, 0),
}


def apply(name: str, arguments: list[Expr]) -> Expr:
    """The value of a function or operator of the language.

    Raises:
        Refused: it has none, or one too large to work out.
    """
    build = OPERATORS[name] if name in OPERATORS else FUNCTIONS[name].build
    try:
        value = build(*arguments)
    except TypeError:  # SymPy's, of comparing what is not real
        raise Refused("this has no real value") from None
    if value in (oo, -oo) and not any(argument.has(oo, -oo) for argument in arguments):
        raise Refused("this has no finite value")
    if not NO_NUMBERS.isdisjoint((value, *value.args, *(inner for arg in value.args for inner in arg.args))):
        raise Refused("this has no finite real value")
    if value.is_number and value.is_extended_real is False:
        raise Refused("this has no real value")
    return value
