"""Elementwise layers at the ends of the range of float64: what is finite and representable may not come out as nan, inf or 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath
import numpy as np

from symbp.check.exact import EXACT_FAILURES, Exact, Settled, Tape, digits_for, shifted
from symbp.check.layouts import is_elementwise
from symbp.check.report import Row, listed, not_applicable
from symbp.check.subject import Subject

NAME = "extremes"
DIGITS = 1000  # 1 + exp(-800) needs 348, a square of that 695
STEP = "1e-320"  # below every argument but zero
POINTS = (0.0, -0.0, *(s * p for p in (1e-300, 1e-8, 0.5, 2.0, 30.0, 800.0, 1e308) for s in (1, -1)))
TOGETHER = (0.0, -0.0, *(s * p for p in (1e-100, 1e-8, 0.5, 2.0, 30.0, 800.0, 1e100) for s in (1, -1)))  # may be multiplied and squared
MOST = 240  # slopes looked at, where there are several inputs
SMALLEST = mpmath.mpf(2) ** -1072  # four times the smallest float64: what may not come out as 0
LARGEST = mpmath.mpf("1.79e308")
OFF = 1e-6  # how far a value may be off, in units of the largest of it, 1 and the rounding of the arguments
LOST = 1e-15  # what an output form such as y(1 - y) may lose of a derivative, in units of the largest one up to 1


class Strict(Settled):
    """A settled machine that refuses an infinite value: such a point is not in the domain."""

    def arithmetic(self, expr: Any, where: dict[Any, Any]) -> Any:
        value = super().arithmetic(expr, where)
        if expr.args and isinstance(value, mpmath.mpf) and mpmath.isinf(value):
            raise ZeroDivisionError(f"{expr} is infinite")
        return value


@dataclass(frozen=True)
class Point:
    """Arguments of an elementwise layer, and the exact value of every output and ``d``input that is finite and has a float64."""

    arrays: Mapping[str, float]
    values: Mapping[str, Any]


def extremes_hold(subject: Subject, accuracy: str) -> Row:
    """Values at ±0 to ±1e308 are neither nan nor inf nor 0 unless the exact ones are."""
    program = subject.program
    if not is_elementwise(program) or len(subject.real_inputs) != len(program.inputs) or len(subject.real_outputs) != len(program.outputs):
        return not_applicable(NAME, "the layer is not elementwise in real numbers")
    points = [_point(subject, arguments) for arguments in _arguments(subject)]
    compared = sum(len(point.values) for point in points)
    lost, faults = _compare(subject, points, accuracy)
    note = f"{lost} derivatives below {LOST:g} of the largest came out as 0" if lost else ""
    faults += _nan_faults(subject)
    return listed(NAME, f"{len(points)} points from ±0 to ±1e308, {compared} finite values", compared, faults, note)


def _arguments(subject: Subject) -> list[tuple[float, ...]]:
    many = len(subject.program.inputs)
    if many == 1:
        return [(point,) for point in POINTS]
    rng = np.random.default_rng(9)
    wanted = min(120, MOST // many)
    alone = [tuple(float(p) if k == at else 0.5 for k in range(many)) for at in range(many) for p in TOGETHER]
    random = [tuple(TOGETHER[k] for k in rng.integers(0, len(TOGETHER), many)) for _ in range(wanted)]
    return [alone[k] for k in sorted(rng.permutation(len(alone))[: wanted // 2])] + random[wanted // 2 :]


def _point(subject: Subject, arguments: tuple[float, ...]) -> Point:
    arrays = dict(zip((t.name for t in subject.program.inputs), arguments, strict=True))
    try:
        return Point(arrays, _exact_values(subject, arrays))
    except EXACT_FAILURES:
        return Point(arrays, {})


def _exact_values(subject: Subject, arrays: Mapping[str, float]) -> dict[str, Any]:
    exact = Exact(subject.program, {}, digits_for(subject.program, DIGITS), STEP)
    tape = Tape()
    machine = partial(Strict, tape=tape)
    values = exact.values(arrays, machine)
    if not all(_is_representable(value.item()) for value in values.values()):
        return {}  # what overflows as it is defined is nobody's concern
    outputs = {t.name: values[t.name].item() for t in subject.program.outputs}
    found = dict(outputs)
    if not tape.singular:
        found |= {f"d{name}": slope for name in arrays if (slope := _slope(exact, arrays, name, tape, outputs)) is not None}
    return found


def _slope(exact: Exact, arrays: Mapping[str, float], name: str, tape: Tape, outputs: Mapping[str, Any]) -> Any:
    """The slope of the sum of the outputs, None where it does not exist or has no float64."""
    with mpmath.workdps(exact.digits):
        h, totals = mpmath.mpf(exact.step), []
        for way in (h, -h):
            tape.rewind()
            try:
                values = exact.values(shifted(arrays, {name: 1.0}, way), partial(Strict, tape=tape))
            except EXACT_FAILURES:
                return None
            totals.append(mpmath.fsum(values[output].item() for output in outputs))
        here = mpmath.fsum(outputs.values())
        right, left = (totals[0] - here) / h, (here - totals[1]) / h
        smooth = all(_is_representable(side) for side in (right, left)) and abs(right - left) <= 1e-3 * abs(right) + SMALLEST
        return (right + left) / 2 if smooth else None


def _is_representable(value: Any) -> bool:
    return not isinstance(value, mpmath.mpc) and not mpmath.isnan(value) and abs(value) <= LARGEST


# ---------------------------------------------------------------- what the module gives there


def _compare(subject: Subject, points: list[Point], accuracy: str) -> tuple[int, list[str]]:
    """How many small derivatives came out as 0, and everything that is wrong."""
    names = [t.name for t in subject.program.inputs]
    arrays = {name: np.array([point.arrays[name] for point in points]) for name in names}
    outputs, residuals = subject.forward(arrays, {})
    found = outputs | {f"d{k}": g for k, g in subject.backward({name: np.ones(len(points)) for name in outputs}, residuals).items()}
    slopes = [abs(v) for point in points for name, v in point.values.items() if name not in outputs]
    scale = min(1.0, float(max(slopes, default=1)))
    lost, faults = 0, []
    for k, point in enumerate(points):
        for name, exact in point.values.items():
            got = float(np.asarray(found[name])[k])
            if got == 0 and name not in outputs and accuracy == "balanced" and abs(exact) <= LOST * scale:
                lost += abs(exact) >= SMALLEST
            elif _is_wrong(got, exact, point):
                at = ", ".join(f"{argument}={value:g}" for argument, value in point.arrays.items())
                faults.append(f"{name} is {got:g} at {at}, exact {mpmath.nstr(exact, 6)}")
    return lost, faults


def _is_wrong(got: float, exact: Any, point: Point) -> bool:
    if not np.isfinite(got) or (got == 0 and abs(exact) >= SMALLEST):
        return True
    rounding = 4e-15 * max(abs(a) for a in point.arrays.values()) if len(point.arrays) > 1 else 0.0
    return bool(abs(mpmath.mpf(got) - exact) > OFF * max(abs(exact), 1) + rounding)


def _nan_faults(subject: Subject) -> list[str]:
    """A nan among the arguments makes nan, unless the definition itself (a branch) does not look at it."""
    names = [t.name for t in subject.program.inputs]
    return [fault for name in names for fault in _nan_lost(subject, {n: float("nan") if n == name else 0.5 for n in names})]


def _nan_lost(subject: Subject, arrays: Mapping[str, float]) -> Iterator[str]:
    try:
        exact = Exact(subject.program, {}).values(arrays)
    except EXACT_FAILURES:
        return
    outputs, _ = subject.forward({name: np.array([value]) for name, value in arrays.items()}, {})
    for name, value in outputs.items():
        if mpmath.isnan(exact[name].item()) and not np.isnan(np.asarray(value)).all():
            yield f"{name} is {np.asarray(value).item():g} for nan"
