"""Exact values and slopes of a Program: the interpreter at many digits, and difference quotients of it.

A step of 1e-20 at 60 digits leaves a difference quotient right to about 40, so that it is exact for float64.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import mpmath
import numpy as np
import sympy

from symbp.ir import Bracket, Index, Program, Reduce, Where, run
from symbp.ir.interpret import DIGITS, Machine

STEP = "1e-20"
SLOW_DIGITS = 420
LARGEST = 1e300  # beyond it an exact value is taken as having no float64

# What the interpreter may raise at a point outside the domain of the layer.
EXACT_FAILURES = (ArithmeticError, IndexError, MemoryError, TypeError, ValueError)

Arrays = Mapping[str, Any]


@dataclass
class Tape:
    """The choices made in one evaluation, to be made again in the next."""

    choices: list[Any] = field(default_factory=list)
    again: Any = None
    singular: bool = False  # whether a root was taken of 0, where the chain rule has no value although the layer may have a slope

    def settle(self, found: Any) -> Any:
        if self.again is not None:
            return next(self.again)
        self.choices.append(found)
        return found

    def rewind(self) -> None:
        self.again = iter(self.choices)


class Sparse(Machine):
    """A machine that looks at nothing that a bracket multiplies by 0: a sum over windows is as long as it has terms."""

    def reduce(self, node: Reduce, where: dict[Any, Any]) -> Any:
        brackets = [factor for factor in sympy.Mul.make_args(node.body) if isinstance(factor, Bracket)]
        if node.op != "sum" or not brackets:
            return super().reduce(node, where)
        rest = sympy.Mul(*(factor for factor in sympy.Mul.make_args(node.body) if factor not in brackets))
        indices = sorted(node.indices, key=lambda i: min((k for k, b in enumerate(brackets) if b.has(i)), default=len(brackets)))
        return mpmath.fsum(self.evaluate(rest, at) for at in self._met(indices, brackets, where))

    def _met(self, indices: list[Index], brackets: list[Bracket], where: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
        """The values of the indices at which all brackets are 1: each bracket is looked at as soon as its indices have values."""
        waiting = [bracket for bracket in brackets if any(bracket.has(index) for index in indices)]
        if not all(self.bracket(bracket, where) for bracket in brackets if bracket not in waiting):
            return
        if not indices:
            yield where
            return
        for at in self.places(indices[0]):
            yield from self._met(indices[1:], waiting, where | {indices[0]: at})


@dataclass
class Settled(Sparse):
    """A machine whose branches, maxima and signs are settled by a tape.

    With the choices of a point, the layer is smooth around it, and its slope there is what the convention for kinks says:
    the branch taken, the first of equal maxima, and 0 for the slope of abs at 0.
    """

    tape: Tape = field(default_factory=Tape)

    def evaluate(self, expr: Any, where: dict[Any, Any]) -> Any:
        if isinstance(expr, Where):
            taken = self.tape.settle(bool(self.evaluate(expr.condition, where)))
            return self.evaluate(expr.branches[0 if taken else 1], where)
        return super().evaluate(expr, where)

    def reduce(self, node: Reduce, where: dict[Any, Any]) -> Any:
        if node.op not in ("max", "min", "argmax", "argmin"):
            return super().reduce(node, where)
        spaces = itertools.product(*map(self.places, node.indices))
        terms = [self.evaluate(node.body, where | dict(zip(node.indices, at, strict=True))) for at in spaces]
        best = max(terms) if node.op in ("max", "argmax") else min(terms)
        at = self.tape.settle(terms.index(best))
        return at if node.op.startswith("arg") else terms[at]

    def arithmetic(self, expr: Any, where: dict[Any, Any]) -> Any:
        if isinstance(expr, sympy.Abs | sympy.sign):
            value = self.evaluate(expr.args[0], where)
            sign = self.tape.settle(mpmath.sign(value))
            return sign * value if isinstance(expr, sympy.Abs) else sign
        return super().arithmetic(expr, where)

    def power(self, base: Any, exponent: Any) -> Any:
        if self.tape.again is None and base == 0 and 0 < exponent < 1:
            self.tape.singular = True
        return super().power(base, exponent)


@dataclass(frozen=True)
class Exact:
    """The program with its constants chosen: exact values, and slopes of <upstream, outputs>."""

    program: Program
    constants: Arrays
    digits: int = DIGITS
    step: str = STEP

    def values(self, arrays: Arrays, machine: Callable[..., Machine] | None = None) -> dict[str, np.ndarray]:
        return run(self.program, arrays, self.constants, self.digits, machine or Sparse)

    def loss(self, arrays: Arrays, upstream: Arrays, machine: Callable[..., Machine] | None = None) -> Any:
        """<upstream, outputs>."""
        values = self.values(arrays, machine)
        with mpmath.workdps(self.digits):
            pairs = ((u, y) for name in sorted(upstream) for u, y in zip(np.ravel(upstream[name]), values[name].ravel(), strict=True))
            return mpmath.fsum(mpmath.mpf(u) * y for u, y in pairs)

    def slope(self, arrays: Arrays, direction: Arrays, upstream: Arrays) -> Any:
        """The derivative of the loss along the direction."""
        with mpmath.workdps(self.digits):
            h = mpmath.mpf(self.step)
            ahead, behind = (self.loss(shifted(arrays, direction, way), upstream) for way in (h, -h))
            return (ahead - behind) / (2 * h)

    def settled_slope(self, arrays: Arrays, direction: Arrays, upstream: Arrays) -> Any:
        """The same with the choices made at the point itself."""
        tape = Tape()
        machine = partial(Settled, tape=tape)
        self.values(arrays, machine)
        with mpmath.workdps(self.digits):
            h, sides = mpmath.mpf(self.step), []
            for way in (h, -h):
                tape.rewind()
                sides.append(self.loss(shifted(arrays, direction, way), upstream, machine))
            return (sides[0] - sides[1]) / (2 * h)

    def is_singular(self, arrays: Arrays) -> bool:
        """Whether a root of 0 is taken at the point."""
        tape = Tape()
        self.values(arrays, partial(Settled, tape=tape))
        return tape.singular


def digits_for(program: Program, wanted: int) -> int:
    """The digits to compute with: the gamma functions take seconds with more than some hundred."""
    slow = any(e.value.has(sympy.loggamma, sympy.polygamma) for e in program.equations)
    return min(wanted, SLOW_DIGITS) if slow else wanted


def shifted(arrays: Arrays, direction: Arrays, way: Any) -> dict[str, Any]:
    """arrays + way * direction, in the precision of the moment."""
    moved = dict(arrays)
    for name, along in direction.items():
        start, along = np.asarray(arrays[name]), np.asarray(along)
        table = np.empty(start.shape, dtype=object)
        for place in np.ndindex(start.shape):
            table[place] = mpmath.mpf(start[place]) + way * mpmath.mpf(along[place])
        moved[name] = table
    return moved


def unit(shape: tuple[int, ...], place: tuple[int, ...]) -> np.ndarray:
    """1 at the place, 0 elsewhere."""
    direction = np.zeros(shape)
    direction[place] = 1
    return direction


def is_usable(program: Program, values: Mapping[str, np.ndarray]) -> bool:
    """Whether every value is real and every output has a float64."""
    real = [t for t in program.tensors.values() if t.kind == "real"]
    if any(isinstance(v, mpmath.mpc) or mpmath.isnan(v) for t in real for v in values[t.name].flat):
        return False
    return all(abs(v) < LARGEST for t in program.outputs if t.kind == "real" for v in values[t.name].flat)
