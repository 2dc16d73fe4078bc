"""Exact gradients of a Program by difference quotients in the exact interpreter: an oracle for what the engine derives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from symbp.ir import Program, run

STEP = mpmath.mpf(10) ** -25  # the quotient's error is about STEP**2
DIGITS = 80


def difference_quotients(
    program: Program, arrays: Mapping[str, Any], upstream: Mapping[str, Any], digits: int = DIGITS
) -> dict[str, np.ndarray]:
    """d<upstream, outputs>/d input for every element of every real input."""

    def objective(point: Mapping[str, Any]) -> Any:
        values = run(program, point, digits=digits)
        return sum(mpmath.fdot(values[o.name].ravel(), np.ravel(upstream[o.name])) for o in program.outputs)

    with mpmath.workdps(digits):
        return {t.name: _quotients(objective, arrays, t.name) for t in program.inputs if t.kind == "real"}


def _quotients(objective: Any, arrays: Mapping[str, Any], name: str) -> np.ndarray:
    base = np.asarray(arrays[name], dtype=object)
    slopes = np.empty(base.shape, dtype=object)
    for place in np.ndindex(base.shape):
        ends = []
        for sign in (1, -1):
            moved = base.copy()
            moved[place] = mpmath.mpf(base[place]) + sign * STEP
            ends.append(objective({**arrays, name: moved}))
        slopes[place] = (ends[0] - ends[1]) / (2 * STEP)
    return slopes


def run_backward(forward: Program, backward: Program, arrays: Mapping[str, Any], upstream: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The gradients that the backward program computes, exactly, from the values of the forward program."""
    given = tuple(t for t in backward.inputs if t.name not in forward.tensors)
    equations = (*forward.equations, *backward.equations)
    joined = Program(forward.name, (*forward.inputs, *given), equations, backward.outputs, forward.constants)
    cotangents = {f"d{name}": value for name, value in upstream.items()}
    found = run(joined, {**arrays, **{t.name: cotangents[t.name] for t in given}}, digits=DIGITS)
    return {t.name[1:]: found[t.name] for t in backward.outputs}


def worst_difference(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Any:
    """The largest |a - b| over all elements, relative to the largest |b| of the tensor."""
    assert one.keys() == other.keys()
    worst = mpmath.mpf(0)
    for name in one:
        assert np.shape(one[name]) == np.shape(other[name]), name
        pairs = list(zip(np.ravel(one[name]), np.ravel(other[name]), strict=True))
        scale = max((abs(b) for _, b in pairs), default=1) or 1
        worst = max([worst, *(abs(a - b) / scale for a, b in pairs)])
    return worst
