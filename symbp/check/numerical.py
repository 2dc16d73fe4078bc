"""The generated pair against itself: complex step, central differences, the adjoint identity, linearity in the upstream."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy

from symbp.check.exact import Exact
from symbp.check.report import Measurement, Row, measured, not_applicable
from symbp.check.samples import Case, Samples
from symbp.check.subject import Subject

COMPLEX_STEP = 1e-30  # no subtraction, so it may be far below the last digit
STEPS = (6e-6, 1e-6, 2e-7)  # around the cube root of the machine precision; the best of them counts
DIFFERENCES = "central differences"
COMPLEX = "complex step"


def pairing(cotangents: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """<cotangents, values>, and complex where the values are; nothing is conjugated."""
    return sum((np.asarray(cotangents[name]) * np.asarray(values[name])).sum() for name in sorted(cotangents))


def spread(cotangents: Mapping[str, Any], values: Mapping[str, Any]) -> float:
    """The sum of the absolute terms of the pairing: what its error is compared with."""
    return float(sum(np.abs(np.asarray(cotangents[name]) * np.asarray(values[name])).sum() for name in sorted(cotangents)))


def directions(subject: Subject, case: Case, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {t.name: np.asarray(rng.standard_normal(np.shape(case.arrays[t.name]))) for t in subject.real_inputs}


# ---------------------------------------------------------------- complex step


def complex_step_agrees(subject: Subject, samples: Samples) -> Row:
    """Im f(x + 1e-30 i v) / 1e-30 has no rounding error of its own; not every function takes complex numbers."""
    cases = samples.ordinary
    try:
        found = [m for case in cases for m in _complex_step(subject, case)]
    except (TypeError, ValueError, np.exceptions.ComplexWarning) as reason:
        return not_applicable(COMPLEX, f"{_refusing(str(reason))} takes no complex numbers")
    row = measured(COMPLEX, f"{len(found)} random directions, i·{COMPLEX_STEP:g}", found)
    if not row.held and _drops_imaginary_parts(subject):
        return not_applicable(COMPLEX, "abs drops the imaginary part")
    return row


def _refusing(message: str) -> str:
    """The NumPy function that a message names, such as "ufunc 'logaddexp' not supported for the input types", else forward."""
    named = re.search(r"ufunc '(\w+)'", message)
    return f"np.{named[1]}" if named else "forward"


def _drops_imaginary_parts(subject: Subject) -> bool:
    return "abs(" in subject.text or any(e.value.has(sympy.Abs, sympy.sign) for e in subject.program.equations)


def _complex_step(subject: Subject, case: Case) -> Iterator[Measurement]:
    gradients = subject.gradients(case.arrays, case.constants, case.upstream)
    along = directions(subject, case, 2)
    for tensor in subject.real_inputs:
        name = tensor.name
        moved = {t.name: case.arrays[t.name] + 0j for t in subject.real_inputs}
        moved[name] = moved[name] + 1j * COMPLEX_STEP * along[name]
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            outputs, _ = subject.forward({**case.arrays, **moved}, case.constants)
        slope = float(np.imag(pairing(case.upstream, outputs))) / COMPLEX_STEP
        yield _compared(name, {name: gradients[name]}, {name: along[name]}, slope, case, 1e-12)


def _compared(what: str, gradients: Mapping[str, Any], along: Mapping[str, Any], slope: float, case: Case, tolerance: float) -> Measurement:
    expected = float(pairing(gradients, along))
    noise = spread(case.upstream, {name: _floats(case, name) for name in case.upstream})
    scale = max(case.regime.floor, spread(gradients, along), 1e-3 * noise)
    where = f"along a direction of {what}: {slope:.6g}, the gradient says {expected:.6g}; {case.words}"
    return Measurement(abs(slope - expected) / scale, tolerance, where)


def _floats(case: Case, name: str) -> np.ndarray:
    return np.vectorize(float, otypes=[float])(case.values[name])


# ---------------------------------------------------------------- central differences


def differences_agree(subject: Subject, samples: Samples) -> Row:
    found = [m for case in samples.ordinary for m in _differences(subject, case)]
    return measured(DIFFERENCES, f"{len(found)} random directions, the best of {len(STEPS)} steps", found)


def _differences(subject: Subject, case: Case) -> Iterator[Measurement]:
    gradients = subject.gradients(case.arrays, case.constants, case.upstream)
    along = directions(subject, case, 3)
    for tensor in subject.real_inputs:
        name = tensor.name
        tries = []
        for h in STEPS:
            slope = _quotient(subject, case, {name: along[name]}, h)
            tries.append(_compared(name, {name: gradients[name]}, {name: along[name]}, slope, case, 1e-6))
        yield min(tries, key=lambda m: m.excess)


def _quotient(subject: Subject, case: Case, along: Mapping[str, np.ndarray], h: float) -> float:
    sides = []
    for way in (h, -h):
        moved = {name: case.arrays[name] + way * v for name, v in along.items()}
        outputs, _ = subject.forward({**case.arrays, **moved}, case.constants)
        sides.append(float(pairing(case.upstream, outputs)))
    return (sides[0] - sides[1]) / (2 * h)


# ---------------------------------------------------------------- adjoint, linearity


def adjoint_identity_holds(subject: Subject, samples: Samples) -> Row:
    """<v, J u> = <J^T v, u>, with J u exact and v, u random."""
    found = [_adjoint(subject, case, seed) for case in samples.ordinary for seed in (4, 5)]
    return measured("adjoint identity", f"{len(found)} pairs of random directions of all inputs and outputs", found)


def _adjoint(subject: Subject, case: Case, seed: int) -> Measurement:
    rng = np.random.default_rng(seed)
    upstream = {name: np.asarray(rng.standard_normal(v.shape)) for name, v in case.upstream.items()}
    gradients = subject.gradients(case.arrays, case.constants, upstream)
    along = directions(subject, case, seed)
    slope = float(Exact(subject.program, case.constants).slope(case.arrays, along, upstream))
    return _compared("all inputs", gradients, along, slope, case, 1e-12)


def upstream_is_linear(subject: Subject, samples: Samples) -> Row:
    """backward(a v1 + b v2) = a backward(v1) + b backward(v2): an upstream that is ignored shows here."""
    found = [m for case in samples.ordinary for m in _linearity(subject, case)]
    return measured("linear in upstream", f"{len(samples.ordinary)} cases, a = -1.75, b = 0.375", found)


def _linearity(subject: Subject, case: Case) -> Iterator[Measurement]:
    rng = np.random.default_rng(6)
    first = case.upstream
    second = {name: np.asarray(rng.standard_normal(v.shape)) for name, v in first.items()}
    both = {name: np.asarray(-1.75 * first[name] + 0.375 * second[name]) for name in first}
    one, two, sum_of_both = (subject.gradients(case.arrays, case.constants, v) for v in (first, second, both))
    for tensor in subject.real_inputs:
        name = tensor.name
        parts = -1.75 * np.asarray(one[name]), 0.375 * np.asarray(two[name])
        scale = max(case.regime.floor, float(np.max(np.abs(parts), initial=0)))
        error = float(np.max(np.abs(sum(parts) - np.asarray(sum_of_both[name])), initial=0)) / scale
        yield Measurement(error, 1e-12, f"d{name}; {case.words}")
