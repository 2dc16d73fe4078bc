"""Forward and backward against the exact interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from symbp.check.exact import STEP, Exact, digits_for, unit
from symbp.check.layouts import work
from symbp.check.report import Measurement, Row, measured
from symbp.check.samples import Case, Samples, error_of
from symbp.check.subject import Subject

BUDGET = 60_000  # nodes that the interpreter may evaluate for the elements of one case


def forward_is_exact(subject: Subject, samples: Samples) -> Row:
    cases = samples.ordinary + samples.altered
    tried = f"{len(cases)} cases, {sum(v.size for c in cases for v in outputs_of(subject, c).values())} values"
    return measured("forward", tried, (m for case in cases for m in forward_of(subject, case)))


def outputs_of(subject: Subject, case: Case) -> Mapping[str, np.ndarray]:
    return {t.name: case.values[t.name] for t in subject.program.outputs}


def forward_of(subject: Subject, case: Case) -> Iterator[Measurement]:
    outputs, _ = subject.forward(case.arrays, case.constants)
    for name, exact in outputs_of(subject, case).items():
        error, where = error_of(outputs[name], exact, case.regime.floor)
        yield Measurement(error, case.regime.tolerance, f"{name} {where}; {case.words}")


def backward_is_exact(subject: Subject, samples: Samples) -> Row:
    cases = samples.ordinary + samples.altered
    places = [(case, t.name, places_of(subject, case, t.name)) for case in cases for t in subject.real_inputs]
    total = sum(case.arrays[name].size for case, name, _ in places)
    looked = sum(len(found) for *_, found in places)
    chosen = "every element" if looked == total else f"{looked} of {total} elements and a random direction"
    tried = f"{len(cases)} cases, {chosen}, quotient of step {STEP}"
    return measured("backward", tried, (m for case in cases for m in _backward(subject, case)))


def places_of(subject: Subject, case: Case, name: str, budget: int = BUDGET) -> list[tuple[int, ...]]:
    """The elements of an input to look at one by one: all, or as many as there is time for, evenly spread."""
    shape = np.shape(case.arrays[name])
    everywhere = list(np.ndindex(shape))
    elements = sum(np.size(case.arrays[t.name]) for t in subject.real_inputs)
    share = budget / (2 * work(subject.program, case.layout, case.constants) * max(elements, 1))
    if share >= 1:
        return everywhere
    wanted = max(1, int(share * len(everywhere)))
    return [everywhere[k] for k in sorted({round(k) for k in np.linspace(0, len(everywhere) - 1, wanted)})]


def _backward(subject: Subject, case: Case) -> Iterator[Measurement]:
    found = subject.gradients(case.arrays, case.constants, case.upstream)
    exact = Exact(subject.program, case.constants)
    for tensor in subject.real_inputs:
        name = tensor.name
        shape = np.shape(case.arrays[name])
        if np.shape(found[name]) != shape:
            yield Measurement(np.inf, case.regime.tolerance, f"d{name} has shape {np.shape(found[name])}, expected {shape}; {case.words}")
            continue
        places = places_of(subject, case, name)
        if len(places) < np.prod(shape, dtype=int):
            yield along_a_direction(exact, case, name, found[name])
        slopes, got = np.empty(len(places), dtype=object), np.empty(len(places))
        for k, place in enumerate(places):
            slopes[k] = exact.slope(case.arrays, {name: unit(shape, place)}, case.upstream)
            got[k] = np.asarray(found[name])[place]
        error, where = error_of(got, slopes, case.regime.floor, places)
        yield Measurement(error, case.regime.tolerance, f"d{name} {where}; {case.words}")


def along_a_direction(exact: Exact, case: Case, name: str, gradient: Any, settled: bool = False) -> Measurement:
    """The slope along one random direction through all elements, against the gradient's; settled, with the choices made at the point."""
    direction = np.random.default_rng(1).standard_normal(np.shape(case.arrays[name]))
    slope = (exact.settled_slope if settled else exact.slope)(case.arrays, {name: direction}, case.upstream)
    terms = np.asarray(gradient) * direction
    scale = max(case.regime.floor, float(np.abs(terms).sum()))
    error = abs(float(slope) - float(terms.sum())) / scale
    where = f"d{name} along a direction: {terms.sum():.6g}, exact {float(slope):.6g}; {case.words}"
    return Measurement(error, case.regime.tolerance, where)


def extreme_values_hold(subject: Subject, samples: Samples) -> Row:
    cases = samples.extreme
    tried = f"{len(cases)} cases: " + ", ".join(case.regime.name for case in cases)
    if not cases:
        return Row("large and small", applicable=False, note="not applicable: no real, finite result at large or small values")
    return measured("large and small", tried, (m for case in cases for m in _extreme(subject, case)))


def _extreme(subject: Subject, case: Case) -> Iterator[Measurement]:
    yield from forward_of(subject, case)
    found = subject.gradients(case.arrays, case.constants, case.upstream)
    exact = Exact(subject.program, case.constants, digits_for(subject.program, case.regime.digits), case.regime.step)
    for tensor in subject.real_inputs:
        yield along_a_direction(exact, case, tensor.name, found[tensor.name])
