"""Output forms by elimination: a derivative that is rational in one kernel, such as exp(x), by the value that is so too.

With t = exp(x), y = t/(1 + t) is solved for t, and dy/dx = t/(1 + t)² becomes y (1 - y). The value may hold the kernel
several times; it must be a quotient of two linear forms in a power of it, so that there is one solution and no root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import sympy
from sympy import Abs, Expr, Integer, Symbol, exp, sign

from symbp.algebra.cost import operations
from symbp.algebra.proof import HYPERBOLIC
from symbp.algebra.rules import Rule
from symbp.algebra.signs import signed
from symbp.ir import Element, Equation, Index, Node, elements

LONGEST = 60  # operations in the value and the derivative together
POINTS = (sympy.Rational(1, 20), sympy.Rational(1, 3), Integer(1), Integer(3), Integer(20))  # of the kernel
LARGEST_ERROR = 16  # in units of the error of y
T, Y = Symbol("t'", positive=True), Symbol("y'", real=True)


@dataclass(frozen=True)
class Kernel:
    """A value and its derivative as functions of T alone."""

    stands_for: Expr  # what T is
    value: Expr
    slope: Expr
    output: Expr  # what the value is, as a function of the target


def eliminations(known: Sequence[Equation], slope: Expr) -> Iterator[tuple[Expr, Rule]]:
    """The slope by what each of the equations computes, and the fact that this rests on."""
    for equation in known:
        kernel = kernel_of(equation, slope)
        if kernel is not None and (found := _eliminated(kernel)) is not None:
            power, inverse, form = found
            back = {Y: kernel.output}
            yield form.xreplace(back), Rule(kernel.stands_for**power, signed(inverse.xreplace(back)), equation)


def kernel_of(equation: Equation, slope: Expr) -> Kernel | None:
    """The one kernel that the equation's value and the slope are made of, if they are, of one and the same element."""
    value, read = equation.value, elements(equation.value)
    plain = len(read) == 1 and elements(slope) == read and all(isinstance(p, Index) for p in equation.target.position)
    if not plain or operations(value) + operations(slope) > LONGEST or _opaque(value) or _opaque(slope):
        return None
    (operand,) = read
    if value.has(Abs, sign) or slope.has(Abs, sign):
        return _of_magnitude(operand, value, slope, equation.target)
    if value.has(exp, *HYPERBOLIC):
        return _of_exponential(value.rewrite(HYPERBOLIC, exp), slope.rewrite(HYPERBOLIC, exp), equation.target)
    return _pure(Kernel(operand, value.xreplace({operand: T}), slope.xreplace({operand: T}), equation.target))


def _opaque(expr: Expr) -> bool:
    return any(not isinstance(node, Element) for node in expr.atoms(Node))


def _pure(kernel: Kernel) -> Kernel | None:
    """The kernel, if nothing else of data is left."""
    free = not elements(kernel.value) and not elements(kernel.slope)
    rational = kernel.value.is_rational_function(T) and kernel.slope.is_rational_function(T)
    return kernel if free and rational and kernel.value.has(T) and kernel.slope.has(T) else None


def _of_magnitude(operand: Expr, value: Expr, slope: Expr, target: Expr) -> Kernel | None:
    """|y| by |x|, for an odd function of x that has the sign of x."""
    above = {Abs(operand): T, sign(operand): Integer(1), operand: T}
    below = {Abs(operand): T, sign(operand): Integer(-1), operand: -T}
    kernel = _pure(Kernel(Abs(operand), value.xreplace(above), slope.xreplace(above), Abs(target)))
    if kernel is None or not kernel.value.is_nonnegative:
        return None
    odd = sympy.cancel(value.xreplace(below) + kernel.value) == 0
    return kernel if odd and sympy.cancel(slope.xreplace(below) - kernel.slope) == 0 else None


def _of_exponential(value: Expr, slope: Expr, target: Expr) -> Kernel | None:
    """Both by exp(u), where every exponential in them is a whole power of it."""
    exponents = sorted({power.args[0] for power in (*value.atoms(exp), *slope.atoms(exp))}, key=sympy.default_sort_key)
    ratios = [sympy.cancel(exponent / exponents[0]) for exponent in exponents]
    if not exponents or not all(ratio.is_Rational for ratio in ratios):
        return None
    unit = reduce(sympy.gcd, ratios)
    put = {exp(exponent): T ** (ratio / unit) for exponent, ratio in zip(exponents, ratios, strict=True)}
    return _pure(Kernel(exp(unit * exponents[0]), value.xreplace(put), slope.xreplace(put), target))


def _eliminated(kernel: Kernel) -> tuple[int, Expr, Expr] | None:
    """(n, T**n by Y, the slope by Y), where nothing but a power of Y is divided by."""
    above, below = _polynomials(kernel.value)
    slope = _polynomials(kernel.slope)
    power = reduce(sympy.igcd, _exponents(above, below), 0)
    if not power or any(n % power for n in _exponents(*slope)) or max(_exponents(above, below)) > power:
        return None
    top, bottom = above.coeff_monomial(1) - Y * below.coeff_monomial(1), Y * below.nth(power) - above.nth(power)
    inverse = sympy.cancel(top / bottom)
    form = sympy.factor(sympy.cancel(_at(slope[0], power, inverse) / _at(slope[1], power, inverse)))
    divisors = [factor.as_base_exp()[0] for factor in sympy.Mul.make_args(sympy.fraction(form)[1])]
    safe = all(divisor == Y or not divisor.has(Y) for divisor in divisors) and _keeps_digits(kernel.value, form)
    return (power, inverse, form) if safe else None


def _keeps_digits(value: Expr, form: Expr) -> bool:
    """Whether an error in the last digit of y stays small in the form, against its largest value, at some points."""
    constants = {constant: Integer(1) for constant in (value.free_symbols | form.free_symbols) - {T, Y}}
    errors, sizes = [], []
    for point in POINTS:
        y = value.xreplace(constants | {T: point})
        if y.is_finite:
            errors.append(abs(y * sympy.diff(form, Y).xreplace(constants | {Y: y})))
            sizes.append(abs(form.xreplace(constants | {Y: y})))
    return bool(sizes) and all(e.is_finite and e < LARGEST_ERROR * max(sizes) for e in errors)


def _polynomials(expr: Expr) -> tuple[sympy.Poly, sympy.Poly]:
    top, bottom = sympy.fraction(sympy.cancel(sympy.together(expr)))
    return sympy.Poly(top, T), sympy.Poly(bottom, T)


def _exponents(*polynomials: sympy.Poly) -> list[int]:
    return [exponent for polynomial in polynomials for (exponent,) in polynomial.monoms()]


def _at(polynomial: sympy.Poly, power: int, inverse: Expr) -> Expr:
    return sympy.Add(*(coefficient * inverse ** (n // power) for (n,), coefficient in polynomial.terms()))
