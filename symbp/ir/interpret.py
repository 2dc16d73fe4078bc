"""The meaning of a Program, exactly: every equation evaluated element by element in mpmath. Slow, small, and an oracle.

A value of an Index is an int, or a tuple of ints where its size is a Leading (it runs over several axes at once).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr

from symbp.ir.expressions import free_indices
from symbp.ir.functions import StableFunction
from symbp.ir.nodes import Bracket, Broadcast, Element, Inverse, Padded, Reduce, Where
from symbp.ir.program import Equation, Loop, Program, passes
from symbp.ir.symbols import Constant, Derived, Index, Leading, Size, Tensor

DIGITS = 60

_FUNCTIONS = {
    "Abs": abs,
    "sign": mpmath.sign,
    "Max": max,
    "Min": min,
    "loggamma": mpmath.loggamma,
    "polygamma": lambda n, x: mpmath.psi(int(n), x),
}
_COMPARE = {
    sympy.StrictLessThan: lambda a, b: a < b,
    sympy.LessThan: lambda a, b: a <= b,
    sympy.StrictGreaterThan: lambda a, b: a > b,
    sympy.GreaterThan: lambda a, b: a >= b,
    sympy.Equality: lambda a, b: a == b,
    sympy.Unequality: lambda a, b: a != b,
}


def run(
    program: Program,
    arrays: Mapping[str, Any],
    constants: Mapping[str, Any] | None = None,
    digits: int = DIGITS,
    machine: Callable[..., Machine] | None = None,
) -> dict[str, np.ndarray]:
    """Every tensor of the program by name, as object arrays of mpmath numbers (ints where it is not real).

    ``arrays`` gives the inputs (numbers, nested lists or arrays); ``constants`` overrides the defaults;
    ``machine`` builds what evaluates the expressions, if not a plain Machine.

    Raises:
        ValueError: two tensors disagree about the length of an axis.
        IndexError: a read outside an array.
    """
    with mpmath.workdps(digits):
        values = {t.name: _exact(arrays[t.name], t) for t in program.inputs}
        lengths = axis_lengths(program, {name: value.shape for name, value in values.items()})
        running = (machine or Machine)(values, lengths, constant_values(program, constants))
        for constant, length in running.constants.items():
            if lengths.get(constant, length) != length:
                raise ValueError(f"{program.name}: an axis has length {lengths[constant]}, expected {constant} = {length}")
        running.check_derived()
        for loop, equations in passes(program.equations):
            running.compute(loop, equations)
        return values


def constant_values(program: Program, chosen: Mapping[str, Any] | None = None) -> dict[Expr, Any]:
    """Every constant of the program at its default, or as chosen by name."""
    chosen = chosen or {}
    return {c: mpmath.mpf(chosen[c.name]) if c.name in chosen else _number(sympy.Rational(d)) for c, d in program.constants}


def axis_lengths(program: Program, shapes: Mapping[str, tuple[int, ...]]) -> dict[Expr, Any]:
    """The length of every Size (a tuple of lengths for a Leading), read from the shapes of the inputs."""
    lengths: dict[Expr, Any] = {}
    for tensor in program.inputs:
        shape = shapes[tensor.name]
        for size, found in zip(tensor.shape, _blocks(tensor, shape), strict=True):
            expected = lengths.setdefault(size, found) if isinstance(size, Size | Constant) else int(size)
            if expected != found:
                raise ValueError(f"{program.name}: axis {size} of {tensor.name} has length {found}, expected {expected}")
    return lengths


def _blocks(tensor: Tensor, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The shape, with the axes of a Leading gathered into one tuple."""
    single = sum(not isinstance(size, Leading) for size in tensor.shape)
    many = len(shape) - single
    if many < 0 or (many and single == len(tensor.shape)):
        raise ValueError(f"{tensor.name} has shape {shape}, expected {len(tensor.shape)} axes")
    blocks, at = [], 0
    for size in tensor.shape:
        width = many if isinstance(size, Leading) else 1
        blocks.append(shape[at : at + width] if isinstance(size, Leading) else shape[at])
        at += width
    return tuple(blocks)


def _exact(value: Any, tensor: Tensor) -> np.ndarray:
    array = np.asarray(np.asarray(value).tolist() if isinstance(value, np.generic) else value, dtype=object)
    convert = mpmath.mpf if tensor.kind == "real" else int
    exact = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        exact[place] = convert(array[place])
    return exact


@dataclass
class Machine:
    """Tensors computed so far, axis lengths and constants: what an expression is evaluated against."""

    values: dict[str, np.ndarray]
    lengths: dict[Expr, Any]
    constants: dict[Expr, Any]

    def length(self, size: Expr) -> Any:
        """An int, or a tuple of ints for a Leading."""
        if isinstance(size, Leading) and size not in self.lengths and size.parts:
            self.lengths[size] = np.broadcast_shapes(*(self.length(part) for part in size.parts))
        if isinstance(size, Derived) and size not in self.lengths:
            self.lengths[size] = self.derived(size)
        if size in self.lengths:
            return self.lengths[size]
        if isinstance(size, Size):
            raise ValueError(f"the length of axis {size} follows from no input")
        return int(self.evaluate(size, {}))

    def derived(self, size: Derived) -> int:
        """The length by its formulas.

        Raises:
            ValueError: they disagree, or give no length.
        """
        found = {int(formula.xreplace({s: int(self.evaluate(s, {})) for s in formula.free_symbols})) for formula in size.formulas}
        if len(found) > 1 or min(found) < 0:
            raise ValueError(f"axis {size} would have length {' and '.join(map(str, sorted(found)))}")
        return found.pop()

    def check_derived(self) -> None:
        """The lengths that inputs have agree with those that follow from other inputs."""
        for size in [size for size in self.lengths if isinstance(size, Derived)]:
            if self.derived(size) != self.lengths[size]:
                raise ValueError(f"axis {size} has length {self.lengths[size]}, expected {self.derived(size)}")

    def places(self, index: Index) -> Any:
        length = self.length(index.size)
        return np.ndindex(length) if isinstance(length, tuple) else range(length)

    def compute(self, loop: Loop | None, equations: list[Equation]) -> None:
        """The targets of one equation, or of those of a loop step by step."""
        for equation in equations:
            lengths = [self.length(size) for size in equation.target.head.shape]
            shape = tuple(itertools.chain(*(n if isinstance(n, tuple) else (n,) for n in lengths)))
            self.values[equation.name] = np.zeros(shape, dtype=object)
        steps = list(self.places(loop.index)) if loop else [None]
        for step in reversed(steps) if loop and loop.reverse else steps:
            for equation in equations:
                self.tabulate(equation, {loop.index: step} if loop else {})

    def tabulate(self, equation: Equation, fixed: dict[Index, Any]) -> None:
        """Fills the target for all values of its indices, those that are fixed apart."""
        target, table = equation.target, self.values[equation.name]
        indices = [i for i in free_indices(target) if i not in fixed]
        for at in itertools.product(*map(self.places, indices)):
            where = fixed | dict(zip(indices, at, strict=True))
            place = self.place(target, where)
            self.check_inside(target, place, table.shape)
            table[place] = self.evaluate(equation.value, where)

    def place(self, element: Element, where: dict[Any, Any]) -> tuple[int, ...]:
        place: list[int] = []
        for position in element.position:
            at = self.evaluate(position, where)
            place.extend(at if isinstance(at, tuple) else (int(at),))
        return tuple(place)

    def read(self, element: Element, where: dict[Any, Any]) -> Any:
        place, table = self.place(element, where), self.values[element.name]
        self.check_inside(element, place, table.shape)
        return table[place]

    def padded(self, node: Padded, where: dict[Any, Any]) -> Any:
        place, table = self.place(node.element, where), self.values[node.element.name]
        inside = all(0 <= at < length for at, length in zip(place, table.shape, strict=True))
        return table[place] if inside else self.evaluate(node.fill, where)

    def matrix(self, body: Expr, row: Index, column: Index, where: dict[Any, Any]) -> Any:
        rows = [[self.evaluate(body, where | {row: i, column: j}) for j in self.places(column)] for i in self.places(row)]
        if len(rows) != self.length(column.size):
            raise ValueError(f"{body} is no square matrix: {len(rows)} rows, {self.length(column.size)} columns")
        return mpmath.matrix(rows)

    def determinant(self, node: Reduce, where: dict[Any, Any]) -> Any:
        row, column = node.indices
        matrix = self.matrix(node.body, row, column, where)
        value = mpmath.det(matrix) if matrix.rows else mpmath.mpf(1)
        if node.op == "det":
            return value
        return mpmath.log(value) if value > 0 else -mpmath.inf if value == 0 else mpmath.nan

    def check_inside(self, element: Element, place: tuple[int, ...], shape: tuple[int, ...]) -> None:
        """Only a negative number that the user wrote counts from the end."""
        from_end = []
        for position, size in zip(element.position, element.head.shape, strict=True):
            width = len(self.length(size)) if isinstance(size, Leading) else 1
            from_end += [bool(position.is_Integer)] * width
        for axis, (at, length) in enumerate(zip(place, shape, strict=True)):
            if not (-length if from_end[axis] else 0) <= at < length:
                raise IndexError(f"{element}: position {at} is outside axis {axis} of length {length}")

    def reduce(self, node: Reduce, where: dict[Any, Any]) -> Any:
        if node.op in ("det", "logdet"):
            return self.determinant(node, where)
        spaces = itertools.product(*map(self.places, node.indices))
        terms = [self.evaluate(node.body, where | dict(zip(node.indices, at, strict=True))) for at in spaces]
        if node.op in ("sum", "prod"):
            return mpmath.fsum(terms) if node.op == "sum" else math.prod(terms, start=mpmath.mpf(1))
        best = max(terms) if node.op in ("max", "argmax") else min(terms)
        return terms.index(best) if node.op.startswith("arg") else best

    def evaluate(self, expr: Any, where: dict[Any, Any]) -> Any:
        if isinstance(expr, Element):
            return self.read(expr, where)
        if isinstance(expr, Index):
            return where[expr]
        if isinstance(expr, Reduce):
            return self.reduce(expr, where)
        if isinstance(expr, Padded):
            return self.padded(expr, where)
        if isinstance(expr, Inverse):
            row, column = expr.place
            return mpmath.inverse(self.matrix(expr.body, row, column, where))[where[row], where[column]]
        if isinstance(expr, Where):
            return self.evaluate(expr.branches[0 if self.evaluate(expr.condition, where) else 1], where)
        if isinstance(expr, Bracket):
            return self.bracket(expr, where)
        if isinstance(expr, Broadcast):
            at, shape = self.evaluate(expr.args[0], where), self.length(expr.args[1])
            tail = at[len(at) - len(shape) :]
            return tuple(0 if n == 1 else k for k, n in zip(tail, shape, strict=True))
        if isinstance(expr, Size):
            length = self.length(expr)
            return math.prod(length) if isinstance(length, tuple) else length
        return self.constants[expr] if isinstance(expr, Constant) else self.arithmetic(expr, where)

    def bracket(self, expr: Bracket, where: dict[Index, Any]) -> int:
        index, value = expr.args
        at = self.evaluate(value, where)
        if value.is_Integer and at < 0:
            at += self.length(index.size)
        return int(self.evaluate(index, where) == at)

    def arithmetic(self, expr: Any, where: dict[Any, Any]) -> Any:
        """The value of an operation; nan where it has none among the real numbers."""
        if not expr.args:
            return _number(expr)
        value = self.operation(expr, [self.evaluate(arg, where) for arg in expr.args], where)
        return mpmath.nan if isinstance(value, mpmath.mpc) else value

    def operation(self, expr: Any, args: list[Any], where: dict[Any, Any]) -> Any:
        if isinstance(expr, sympy.Add | sympy.Mul):
            return mpmath.fsum(args) if isinstance(expr, sympy.Add) else math.prod(args)
        if isinstance(expr, sympy.Pow):
            return self.power(*args)
        if type(expr) in _COMPARE:
            return _COMPARE[type(expr)](*args)
        if isinstance(expr, sympy.And | sympy.Or | sympy.Not):
            return not args[0] if isinstance(expr, sympy.Not) else (all if isinstance(expr, sympy.And) else any)(args)
        if isinstance(expr, StableFunction):
            return self.evaluate(expr.definition, where)
        name = type(expr).__name__
        return _FUNCTIONS[name](*args) if name in _FUNCTIONS else getattr(mpmath, name)(*args)

    def power(self, base: Any, exponent: Any) -> Any:
        if base == 0 and exponent < 0:
            return mpmath.inf
        if exponent == mpmath.mpf(1) / 2:
            return mpmath.sqrt(base)
        return mpmath.mpmathify(base) ** exponent


def _number(expr: Any) -> Any:
    if expr.is_Integer:
        return int(expr)
    if expr in (sympy.true, sympy.false):
        return expr == sympy.true
    if expr.is_infinite:
        return mpmath.inf if expr == sympy.oo else -mpmath.inf
    if expr.is_Rational:
        return mpmath.mpf(expr.p) / expr.q
    return mpmath.mpf(sympy.N(expr, mpmath.mp.dps + 5))
