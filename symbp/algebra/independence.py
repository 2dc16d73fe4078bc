"""Proofs that no algebraic formula gives a derivative from the output alone.

For y = x·s with s = 1/(1 + exp(-x)), both y and dy/dx are rational functions of x and exp(x), which satisfy no polynomial
equation together. Two such functions satisfy one only if their Jacobian is singular everywhere; at a rational point where it
is not, exact arithmetic says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import sympy
from sympy import Expr, Integer, Matrix, Poly, Rational, Symbol, exp

from symbp.algebra.cost import operations
from symbp.algebra.proof import HYPERBOLIC
from symbp.ir import Element, Equation, Node, Program, elements, reads
from symbp.ir.derivation import Phrase, Step

LONGEST = 120  # operations in the layer, and in its derivative, written out
MOST_KERNELS = 4
RULE = "no output form"
X = Symbol("x'", real=True)


@dataclass(frozen=True)
class Kernels:
    """What the layer and its derivative are rational functions of."""

    exponents: tuple[Expr, ...]  # of X, independent over the rational numbers
    put: dict[Expr, Expr]  # each exponential as a power of a variable
    variables: tuple[Symbol, ...]


def independence(forward: Program, equations: Sequence[Equation]) -> Step | None:
    """Why backward reads more than the output, where there is a proof that it has to; None if there is none, or no need."""
    if len(forward.inputs) != 1 or len(forward.outputs) != 1:
        return None
    (operand,), (output,), gradient = forward.inputs, forward.outputs, equations[-1]
    if reads(e.value for e in equations) & set(forward.tensors) <= {output.name}:
        return None
    written = _written_out([*forward.equations, *equations], {operand.name: X, f"d{output.name}": Integer(1)})
    kernels = None if written is None else _kernels([written[output.name], written[gradient.name]])
    if written is None or kernels is None or not _are_independent(written[output.name], written[gradient.name], kernels):
        return None
    return Step(RULE, gradient.target, gradient.value, reason=_reason(operand.name, output.name, kernels), equal=False, proof="exact")


def _reason(operand: str, output: str, kernels: Kernels) -> tuple[Phrase, ...]:
    powers = (exp(exponent.xreplace({X: Symbol(operand)})) for exponent in kernels.exponents)
    return (Phrase("algebraically independent", (output, operand, (operand, *powers))),)


def _written_out(equations: Iterable[Equation], known: dict[str, Expr]) -> dict[str, Expr] | None:
    """Every value as a function of X; None if one is not computed element by element, or is too long."""
    values = dict(known)
    for equation in equations:
        if any(not isinstance(node, Element) or node.position != equation.target.position for node in equation.value.atoms(Node)):
            return None
        value = equation.value.xreplace({e: values[e.name] for e in elements(equation.value)})
        if operations(value) > LONGEST:
            return None
        values[equation.name] = value.rewrite(HYPERBOLIC, exp)
    return values


def _kernels(values: Sequence[Expr]) -> Kernels | None:
    """X and exponentials of polynomials in X that no whole powers relate; None if there is anything else, or no exponential."""
    powers = sorted({power for value in values for power in value.atoms(exp)}, key=sympy.default_sort_key)
    groups: list[dict[Expr, Expr]] = []  # of exponentials, with their exponents as multiples of that of the first
    for power in powers:
        ratios = ((group, sympy.cancel(power.args[0] / next(iter(group)).args[0])) for group in groups)
        group, ratio = next(((group, ratio) for group, ratio in ratios if ratio.is_Rational), ({}, Integer(1)))
        groups += [] if group else [group]
        group[power] = ratio
    units = [reduce(sympy.gcd, group.values()) for group in groups]
    exponents = tuple(next(iter(group)).args[0] * unit for group, unit in zip(groups, units, strict=True))
    put = {power: _variable(k) ** (ratio / units[k]) for k, group in enumerate(groups) for power, ratio in group.items()}
    variables = (X, *map(_variable, range(len(groups))))
    rational = all(value.xreplace(put).is_rational_function(*variables) for value in values)
    return Kernels(exponents, put, variables) if rational and _are_unrelated(exponents) else None


def _variable(place: int) -> Symbol:
    return Symbol(f"e'{place}", positive=True)


def _are_unrelated(exponents: Sequence[Expr]) -> bool:
    """Whether no sum of whole multiples of the exponents is constant: then their exponentials and X satisfy no polynomial equation."""
    if not all(exponent.is_polynomial(X) and exponent.has(X) for exponent in exponents) or len(exponents) > MOST_KERNELS:
        return False
    if len(exponents) < 2:
        return len(exponents) == 1
    rows = [dict(Poly(exponent, X).terms()) for exponent in exponents]
    degrees = sorted({degree for row in rows for degree in row if degree != (0,)})
    table = Matrix([[row.get(degree, Integer(0)) for degree in degrees] for row in rows])
    return all(entry.is_Rational for entry in table) and table.rank() == len(exponents)


def _are_independent(value: Expr, slope: Expr, kernels: Kernels) -> bool:
    """Whether a minor of the Jacobian of value and slope is not 0 at a rational point: the two satisfy no polynomial equation."""
    rows = [[sympy.diff(f.xreplace(kernels.put), v) for v in kernels.variables] for f in (value, slope)]
    point = {v: Rational(2 * k + 3, 5 * k + 7) for k, v in enumerate(kernels.variables)}
    constants = {s for row in rows for entry in row for s in entry.free_symbols} - set(point)
    point |= {constant: Rational(7 + k, 5) for k, constant in enumerate(sorted(constants, key=str))}
    first, second = ([entry.xreplace(point) for entry in row] for row in rows)
    places = itertools.combinations(range(len(kernels.variables)), 2)
    return any(_is_nonzero(first[i] * second[j] - first[j] * second[i]) for i, j in places)


def _is_nonzero(minor: Expr) -> bool:
    """Exactly, so of rational numbers only: roots are left undecided."""
    return bool(minor.is_Rational and minor != 0)
