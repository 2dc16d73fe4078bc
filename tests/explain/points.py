"""One random point of a layer: all its values, forward and backward, and oracles for what derivatives are there.

Forward values come from running the equations. A partial derivative is a difference quotient of the equation that it is of, with
the operand moved by itself. The cotangents are those of the recorded programs, and the loss says whether they are right: every
value of the layer is moved at once in a random direction, and the loss must change by all cotangents in that direction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

import mpmath
import numpy as np
from sympy import Expr

from symbp.check.exact import EXACT_FAILURES, Settled, Sparse, Tape, is_usable
from symbp.check.layouts import layouts
from symbp.check.samples import DOMAINS, draw
from symbp.explain.lines import Partial
from symbp.ir import Element, Equation, Index, Inverse, Padded, Program, Reduce, Tensor, free_indices, run
from symbp.ir.derivation import Derivation

DIGITS = 120
STEP = mpmath.mpf(10) ** -40  # of difference quotients: they are right to about its square
CLOSE = mpmath.mpf(10) ** -30  # relative to the larger of two values
FLOOR = mpmath.mpf(10) ** -10  # or to this if both are smaller: one may be 0 where the other is a difference quotient
LAYOUTS = 3  # sets of axis lengths that are tried
DRAWS = 12  # how often values are drawn for each of them
MOVED = Element(Tensor("moved'"))  # stands for the operand of a partial derivative

Place = Mapping[Index, Any]
Tables = Mapping[str, np.ndarray]


class Untried(Exception):
    """Nothing was found at which there are finite real values."""


def close(one: Any, other: Any) -> bool:
    """Equal to 30 digits."""
    return bool(one == other or abs(one - other) <= CLOSE * max(abs(one), abs(other), FLOOR))


# ---------------------------------------------------------------- the point


@dataclass
class Point:
    """All values of a layer, forward and backward, at one random point."""

    derivation: Derivation
    machine: Sparse
    upstream: Tables
    slopes: dict[Any, Any] = field(default_factory=dict)  # partial derivatives found so far

    def value(self, expr: Any, at: Place) -> Any:
        with mpmath.workdps(DIGITS):
            return self.machine.evaluate(expr, dict(at))


@lru_cache(maxsize=8)
def point(derivation: Derivation, seed: int = 1) -> Point:
    """A point at which the layer has finite real values; small, the same each time."""
    arrays, values = _inputs(derivation, seed)
    rng = np.random.default_rng(seed)
    real = (t.name for t in derivation.forward.outputs if t.kind == "real")
    upstream = {f"d{name}": _normal(rng, values[name].shape) for name in real}
    machines: list[Sparse] = []

    def kept(*parts: Any) -> Sparse:
        machines.append(Sparse(*parts))
        return machines[-1]

    for program in programs(derivation):
        run(program, {**arrays, **upstream}, digits=DIGITS, machine=kept)
    tables = {name: table for machine in reversed(machines) for name, table in machine.values.items()}
    lengths = {size: length for machine in reversed(machines) for size, length in machine.lengths.items()}
    return Point(derivation, Sparse(tables, lengths, machines[0].constants), upstream)


def programs(derivation: Derivation) -> Iterator[Program]:
    """Whole programs, from inputs and upstream to gradients, for all the names that a document has; what comes first counts."""
    assert derivation.node_backward is not None and derivation.stable is not None
    pairs = [(derivation.nodes, derivation.node_backward), (derivation.forward, derivation.backward), derivation.stable]
    if derivation.printed:
        pairs.append((derivation.forward, replace(derivation.backward, equations=derivation.printed.equations)))
    for forward, backward in pairs:
        inputs = (*forward.inputs, *derivation.upstream)
        yield replace(forward, inputs=inputs, equations=(*forward.equations, *backward.equations), outputs=backward.outputs)


def _inputs(derivation: Derivation, seed: int) -> tuple[Tables, Tables]:
    """Inputs and forward values; finite in branches that are not taken too, if that can be."""
    program, rng, nearly = derivation.forward, np.random.default_rng(seed), None
    for layout in itertools.islice(layouts(program, {}, rng), LAYOUTS):
        for domain in (domain for domain in DOMAINS for _ in range(DRAWS)):
            arrays = draw(program, layout, domain.draw, {}, rng)
            try:
                values = run(program, arrays, digits=DIGITS, machine=Sparse)
                everywhere = is_usable(derivation.nodes, run(derivation.nodes, arrays, machine=Sparse))
            except EXACT_FAILURES:
                continue
            if is_usable(program, values):
                if everywhere:
                    return arrays, values
                nearly = nearly or (arrays, values)
    if nearly is None:
        raise Untried(f"{program.name}: no values were found at which it is real and finite")
    return nearly


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.standard_normal(shape))


# ---------------------------------------------------------------- are the cotangents right?


@dataclass
class Moved(Settled):
    """A machine that adds to every value what it is moved by, as soon as it has been computed; choices are those of a tape."""

    by: Tables = field(default_factory=dict)

    def tabulate(self, equation: Equation, fixed: dict[Index, Any]) -> None:
        super().tabulate(equation, fixed)
        if equation.name in self.by:
            indices = [i for i in free_indices(equation.target) if i not in fixed]
            for at in itertools.product(*map(self.places, indices)):
                place = self.place(equation.target, fixed | dict(zip(indices, at, strict=True)))
                self.values[equation.name][place] += self.by[equation.name][place]


def slope_and_cotangents(here: Point, program: Program) -> tuple[Any, Any]:
    """(how the loss changes as all values of the program move in a random direction, what their cotangents say of that)."""
    rng, tables = np.random.default_rng(3), here.machine.values
    moving = {t.name: cotangent_of(t, tables) for t in program.tensors.values() if t.kind == "real" and cotangent_of(t, tables)}
    along = {name: _normal(rng, tables[name].shape) for name in moving}
    with mpmath.workdps(DIGITS):
        tape = Tape()
        _, ahead, behind = (_loss(here, program, along, way, tape) for way in (0, STEP, -STEP))
        told = mpmath.fsum(_product(tables[cotangent], along[name]) for name, cotangent in moving.items())
        return (ahead - behind) / (2 * STEP), told


def cotangent_of(tensor: Tensor, tables: Tables) -> str:
    """The name of the whole cotangent of a value; "" if it has none."""
    return next((name for name in (f"d{tensor.name}_total", f"d{tensor.name}") if name in tables), "")


def _loss(here: Point, program: Program, along: Tables, way: Any, tape: Tape) -> Any:
    """The loss with everything moved; at a kink on the side that was taken when nothing was."""
    by = {name: np.vectorize(lambda part: mpmath.mpf(part) * way, otypes=[object])(table) for name, table in along.items()}
    tables = here.machine.values
    arrays = {t.name: tables[t.name] + by[t.name] if t.name in by else tables[t.name] for t in program.inputs}
    values = run(program, arrays, digits=DIGITS, machine=partial(Moved, by=by, tape=tape))
    tape.rewind()
    return mpmath.fsum(_product(values[name[1:]], table) for name, table in here.upstream.items())


def _product(one: np.ndarray, other: np.ndarray) -> Any:
    return mpmath.fsum(a * mpmath.mpf(b) for a, b in zip(np.ravel(one), np.ravel(other), strict=True))


# ---------------------------------------------------------------- partial derivatives


def slope(here: Point, of: Partial, program: Program, at: Place) -> Any:
    """∂ value / ∂ operand: by the operand where it stands outside reductions, or, if it does so nowhere, by that element itself."""
    indices = {*free_indices(of.value), *free_indices(of.operand)}
    key = program, of, tuple(sorted((str(i), at[i]) for i in indices))
    if key not in here.slopes:
        here.slopes[key] = _slope(here, _definition(of.value, program), of.operand, at)
    return here.slopes[key]


def _slope(here: Point, expr: Expr, operand: Expr, at: Place) -> Any:
    start, formal = here.value(operand, at), _with_moved(_canonical(expr), _canonical(operand))
    if formal.has(MOVED.head):
        return _quotient(here, formal, MOVED.name, (), start, at)
    assert isinstance(operand, Element), f"{operand} does not stand in {expr}"
    return _quotient(here, expr, operand.name, here.machine.place(operand, dict(at)), start, at)


def _definition(value: Expr, program: Program) -> Expr:
    """What a value is computed by, at its own indices."""
    if not isinstance(value, Element) or value.name not in program.definitions:
        return value
    equation = program.definitions[value.name]
    renamed = zip(equation.target.position, value.position, strict=True)
    return equation.value.xreplace({old: new for old, new in renamed if old != new})


def _quotient(here: Point, expr: Expr, name: str, place: tuple[int, ...], start: Any, at: Place) -> Any:
    """The slope of expr by one element of a table, at a kink on the side that is taken at the point itself."""
    machine, found, tape = here.machine, [], Tape()
    with mpmath.workdps(DIGITS):
        for way in (0, STEP, -STEP):
            table = machine.values[name].copy() if name in machine.values else np.empty((), dtype=object)
            table[place] = start + way
            moved = Settled({**machine.values, name: table}, machine.lengths, machine.constants, tape=tape)
            found.append(moved.evaluate(expr, dict(at)))
            tape.rewind()
        _, ahead, behind = found
        return 0 if ahead == behind else (ahead - behind) / (2 * STEP)  # -inf, which masks, stays what it is


def _with_moved(expr: Any, operand: Expr) -> Any:
    """expr with what is moved in place of the operand where that stands outside reductions."""
    if expr == operand:
        return MOVED
    if not expr.args or isinstance(expr, Element | Padded | Reduce | Inverse):
        return expr
    args = [_with_moved(arg, operand) for arg in expr.args]
    return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)


def _canonical(expr: Any, depth: int = 0) -> Any:
    """expr with the same names for bound indices, whatever they were called."""
    if not expr.args or not expr.has(Reduce):
        return expr
    if isinstance(expr, Reduce):
        names = {i: Index(f"bound'{depth}{k}", i.size) for k, i in enumerate(expr.indices)}
        return Reduce(expr.op, _canonical(expr.body.xreplace(names), depth + 1), *names.values())
    return expr.func(*(_canonical(arg, depth) for arg in expr.args))
