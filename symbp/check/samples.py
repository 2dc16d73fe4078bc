"""Values to try a Program at: every case has a finite, real, exact result."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy

from symbp.check.exact import EXACT_FAILURES, Exact, digits_for, is_usable
from symbp.check.layouts import Layout, derived, integer_bounds, layouts, machine_at, shape_of, spans
from symbp.ir import Bracket, Element, Program, Tensor

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

DRAWS = 3  # how often a domain is tried
MIXTURES = 30  # how often a domain for each input by itself is tried


@dataclass(frozen=True)
class Regime:
    """Where real values are drawn from, and how near the generated code has to come there."""

    name: str
    draw: Draw
    tolerance: float = 1e-12
    floor: float = 0.1  # an error is relative to the largest exact value, or to this if that is smaller
    digits: int = 60  # of the exact values: 1 + exp(-800) needs 348
    step: str = "1e-20"  # of difference quotients of them


def _both_ends(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values beyond ±710, where exp overflows: the first positive, the second negative, the others either."""
    flat = rng.uniform(750, 900, int(np.prod(shape, dtype=int))) * rng.choice([-1.0, 1.0], int(np.prod(shape, dtype=int)))
    flat[:2] = np.abs(flat[:2]) * np.array([1.0, -1.0])[: len(flat)]
    return flat.reshape(shape)


ORDINARY = Regime("normal values", lambda rng, shape: rng.standard_normal(shape))
POSITIVE = Regime("values in (0.1, 0.9)", lambda rng, shape: rng.uniform(0.1, 0.9, shape))
ABOVE_ONE = Regime("values in (1.1, 3)", lambda rng, shape: rng.uniform(1.1, 3.0, shape))
HUGE = Regime("values around ±800", _both_ends, 1e-6, 1.0, 1000, "1e-200")
LARGE = Regime("values around 300", lambda rng, shape: 300 * rng.standard_normal(shape), 1e-6, 1.0, 1000, "1e-200")
SMALL = Regime("values around 1e-5", lambda rng, shape: 1e-5 * rng.standard_normal(shape), 1e-9, 1e-8, 120, "1e-40")
LARGE_POSITIVE = Regime("positive values around 300", lambda rng, shape: 300 * rng.uniform(0.1, 3.0, shape), 1e-6, 1.0, 1000, "1e-200")
SMALL_POSITIVE = Regime("positive values around 1e-5", lambda rng, shape: 1e-5 * rng.uniform(0.1, 3.0, shape), 1e-9, 1e-8, 120, "1e-40")
DOMAINS = (ORDINARY, POSITIVE, ABOVE_ONE)


@dataclass(frozen=True)
class Case:
    """One set of arguments with the exact values that belong to it."""

    layout: Layout
    arrays: Mapping[str, np.ndarray]
    upstream: Mapping[str, np.ndarray]
    constants: Mapping[str, Any]
    values: Mapping[str, np.ndarray]  # exact, of every tensor
    regime: Regime

    @property
    def words(self) -> str:
        shapes = ", ".join(f"{name} {np.shape(array)}" for name, array in self.arrays.items())
        constants = "".join(f", {name}={value:g}" for name, value in self.constants.items())
        return f"{shapes}{constants}; {self.regime.name}"


@dataclass(frozen=True)
class Samples:
    """The cases of a layer."""

    ordinary: tuple[Case, ...]  # of different shapes, values as ordinary as the domain allows
    altered: tuple[Case, ...]  # the same with other constants
    extreme: tuple[Case, ...]  # large and small values
    problem: str = ""  # why there are none


def draw_samples(program: Program, seed: int, shapes: int = 3) -> Samples:
    """Cases for the program, the same for the same seed; empty, and with the reason, if nothing could be evaluated."""
    rng = np.random.default_rng(seed)
    ordinary = tuple(_ordinary(program, {}, shapes, rng))
    if not ordinary:
        return Samples((), (), (), "no sizes and values were found at which the exact result is real and finite")
    chosen = altered_constants(program)
    altered = tuple(_ordinary(program, chosen, 1, rng)) if chosen else ()
    extra: tuple[Case, ...] = ()
    if ordinary[0].regime == ORDINARY:
        extra = tuple(_at(program, ordinary[-1].layout, {}, (POSITIVE,), rng))
    return Samples(ordinary + extra, altered, tuple(_extreme(program, ordinary[0].layout, rng)))


def _extreme(program: Program, layout: Layout, rng: np.random.Generator) -> Iterator[Case]:
    for regimes in ((HUGE, LARGE, LARGE_POSITIVE), (SMALL, SMALL_POSITIVE)):
        yield from _at(program, layout, {}, regimes, rng)


def _ordinary(program: Program, constants: Mapping[str, Any], shapes: int, rng: np.random.Generator) -> Iterator[Case]:
    found = 0
    for tries, layout in enumerate(layouts(program, constants, rng)):
        for case in _at(program, layout, constants, DOMAINS, rng, MIXTURES):
            found += 1
            yield case
        if found >= shapes or tries > 4 * shapes:
            return


def _at(
    program: Program,
    layout: Layout,
    constants: Mapping[str, Any],
    domains: tuple[Regime, ...],
    rng: np.random.Generator,
    mixtures: int = 0,
) -> Iterator[Case]:
    """The case of the first domain in which the exact result is real and finite, or none."""
    for regime in (domain for domain in domains for _ in range(DRAWS)):
        case = evaluated(program, layout, draw(program, layout, regime.draw, constants, rng), constants, regime, rng)
        if case is not None:
            yield case
            return
    for _ in range(mixtures):
        mixed = Regime("values in a domain for each input", lambda rng, shape: domains[rng.integers(len(domains))].draw(rng, shape))
        case = evaluated(program, layout, draw(program, layout, mixed.draw, constants, rng), constants, mixed, rng)
        if case is not None:
            yield case
            return


def draw(program: Program, layout: Layout, real: Draw, constants: Mapping[str, Any], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random inputs: real ones as told, integers within the axes that they index, booleans at random."""
    machine = machine_at(program, layout, constants)
    bounds = integer_bounds(program)

    def one(tensor: Tensor) -> np.ndarray:
        shape = shape_of(tensor, machine)
        if tensor.kind == "real":
            return np.asarray(real(rng, shape), dtype=float)
        if tensor.kind == "boolean":
            return np.asarray(rng.integers(0, 2, shape), dtype=bool)
        below = [int(machine.evaluate(size, {})) for size in bounds[tensor.name]]
        return np.asarray(rng.integers(0, max(min(below, default=3), 1), shape))  # compared with the index of an empty axis: any value

    return {t.name: one(t) for t in program.inputs}


def evaluated(
    program: Program,
    layout: Layout,
    arrays: Mapping[str, np.ndarray],
    constants: Mapping[str, Any],
    regime: Regime,
    rng: np.random.Generator,
) -> Case | None:
    """The case with its exact values and a random upstream, unless they are not real and finite."""
    try:
        values = Exact(program, constants, digits_for(program, regime.digits)).values(arrays)
    except EXACT_FAILURES:
        return None
    if not is_usable(program, values):
        return None
    real = [t for t in program.outputs if t.kind == "real"]
    upstream = {t.name: np.asarray(rng.standard_normal(values[t.name].shape)) for t in real}
    return Case(layout, arrays, upstream, constants, values, regime)


def altered_constants(program: Program) -> dict[str, Any]:
    """Every constant at another value than its default: where it counts something the next whole number that no other has, else a
    quarter more or less."""
    counts: dict[str, int] = {}
    for constant, default in reversed(program.constants):  # a kernel of 2 and a stride of 2 become 4 and 3
        if constant.name in _counting(program):
            counts[constant.name] = next(n for n in itertools.count(int(default) + 1) if n not in counts.values())

    def other(default: Any) -> Any:
        return float(default) * (1.25 if abs(default) < 0.8 or abs(default) > 1 else 0.75) if default else 0.25

    return {constant.name: counts.get(constant.name, other(default)) for constant, default in program.constants}


def _counting(program: Program) -> set[str]:
    """The names of the constants that positions and lengths are made of."""
    expressions = [part for e in program.equations for part in (e.target, e.value)]
    lengths = [*spans(program), *(formula for size in derived(program) for formula in size.formulas)]
    positions = [p for expr in expressions for element in expr.atoms(Element) for p in element.position]
    positions += [side for expr in expressions for bracket in expr.atoms(Bracket) for side in bracket.args]
    return {c.name for c, _ in program.constants for expr in (*lengths, *positions) if sympy.sympify(expr).has(c)}


def floats(table: np.ndarray) -> np.ndarray:
    """Exact values, rounded."""
    return np.array([float(v) for v in table.ravel()], dtype=float).reshape(table.shape)


def error_of(found: Any, exact: np.ndarray, floor: float, places: Sequence[tuple[int, ...]] = ()) -> tuple[float, str]:
    """The largest error relative to the largest exact value, and its place; infinite for a wrong shape or a nan.

    ``places`` are the places of the elements, where these are a selection.
    """
    got = np.asarray(found)
    if got.shape != exact.shape:
        return float("inf"), f"has shape {got.shape}, expected {exact.shape}"
    if not exact.size:
        return 0.0, ""
    with mpmath.workdps(60):
        scale = max(floor, *(abs(v) for v in exact.flat))
        errors = [abs(mpmath.mpf(g) - e) / scale for g, e in zip(got.ravel().tolist(), exact.ravel(), strict=True)]
    errors = [mpmath.inf if mpmath.isnan(e) else e for e in errors]
    worst = max(range(len(errors)), key=lambda k: errors[k])
    place = (places or list(np.ndindex(exact.shape)))[worst]
    at = f"at {list(place)} " if place else ""
    return float(errors[worst]), f"{at}is {float(got.ravel()[worst]):.6g}, exact {mpmath.nstr(exact.ravel()[worst], 6)}"
