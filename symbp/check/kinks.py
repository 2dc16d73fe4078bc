"""Points exactly at a kink: equal values in a maximum, zeros in a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy

from symbp.check.exact import EXACT_FAILURES, Exact, unit
from symbp.check.layouts import layouts
from symbp.check.report import Measurement, Row, measured, not_applicable
from symbp.check.samples import Case, Regime, draw, error_of, evaluated
from symbp.check.subject import Subject
from symbp.check.values import along_a_direction, forward_of, places_of
from symbp.ir import Element, Program, Reduce, Where

NAME = "kinks"
CASES = 3
BUDGET = 120_000  # nodes that the interpreter may evaluate for the elements of one case

# Small whole numbers, so that values are often equal, and often zero.
AROUND_ZERO = Regime("values in -1, 0, 1", lambda rng, shape: rng.integers(-1, 2, shape).astype(float))
ABOVE_ZERO = Regime("values in 1, 2", lambda rng, shape: rng.integers(1, 3, shape).astype(float))


def has_kinks(program: Program) -> bool:
    """Whether a branch, a maximum or a sign depends on real values."""
    return any(_is_kink(node) for e in program.equations for node in sympy.preorder_traversal(e.value))


def _is_kink(node: Any) -> bool:
    if isinstance(node, Where):
        return any(element.head.kind == "real" for element in node.condition.atoms(Element))
    if isinstance(node, Reduce):
        return node.op in ("max", "min", "argmax", "argmin")
    return isinstance(node, sympy.Abs | sympy.sign)


def kinks_follow_convention(subject: Subject) -> Row:
    """At a kink the value is exact and the gradient that of the branch taken, of the first maximum, and 0 for abs."""
    if not has_kinks(subject.program):
        return not_applicable(NAME, "nothing compares real values")
    cases = list(_cases(subject))
    if not cases:
        return not_applicable(NAME, "no real, finite result at small whole numbers")
    found = [m for case in cases for m in _at_kinks(subject, case)]
    return measured(NAME, f"{len(cases)} cases with many ties, {cases[0].regime.name}", found)


def _cases(subject: Subject) -> Iterator[Case]:
    rng = np.random.default_rng(8)
    layout = next(iter(layouts(subject.program, {}, rng)))
    for _ in range(CASES):
        for regime in (AROUND_ZERO, ABOVE_ZERO):
            case = evaluated(subject.program, layout, draw(subject.program, layout, regime.draw, {}, rng), {}, regime, rng)
            if case is not None and not Exact(subject.program, {}).is_singular(case.arrays):
                yield case
                break


def _at_kinks(subject: Subject, case: Case) -> Iterator[Measurement]:
    yield from forward_of(subject, case)
    gradients = subject.gradients(case.arrays, case.constants, case.upstream)
    exact = Exact(subject.program, case.constants)
    for tensor in subject.real_inputs:
        name = tensor.name
        shape = np.shape(case.arrays[name])
        places = places_of(subject, case, name, BUDGET)
        if len(places) < np.prod(shape, dtype=int):
            yield along_a_direction(exact, case, name, gradients[name], settled=True)
        slopes = [(place, slope) for place in places if (slope := _settled(exact, case, name, place)) is not None]
        table = np.array([slope for _, slope in slopes], dtype=object)
        got = np.array([np.asarray(gradients[name])[place] for place, _ in slopes])
        error, where = error_of(got, table, case.regime.floor, [place for place, _ in slopes])
        yield Measurement(error, case.regime.tolerance, f"d{name} {where}; {case.words}")


def _settled(exact: Exact, case: Case, name: str, place: tuple[int, ...]) -> Any:
    """The slope at the place, None where it is not finite."""
    try:
        slope = exact.settled_slope(case.arrays, {name: unit(np.shape(case.arrays[name]), place)}, case.upstream)
    except EXACT_FAILURES:
        return None
    return slope if abs(slope) < 1e15 else None
