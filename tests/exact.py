"""Exact gradients of a Program by difference quotients in the exact interpreter: an oracle for what the engine derives."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from symbp.ir import Program, Tensor, run

STEP = mpmath.mpf(10) ** -25  # the quotient's error is about STEP**2
DIGITS = 80


def sample(program: Program, lengths: Mapping[Any, int], seed: str) -> dict[str, np.ndarray]:
    """Inputs between 0.1 and 0.9, integers of 0 and 1; a matrix has a large diagonal, and with it a positive determinant."""
    draw = random.Random(seed)

    def value(tensor: Tensor, place: tuple[int, ...]) -> Any:
        large = len(place) > 1 and tensor.shape[-1] == tensor.shape[-2] and place[-1] == place[-2]
        return mpmath.mpf(draw.randint(100, 900)) / 1000 + 2 * large if tensor.kind == "real" else draw.randrange(2)

    return {t.name: tabulated(tuple(int(lengths.get(s, s)) for s in t.shape), lambda place, t=t: value(t, place)) for t in program.inputs}


def cotangents(program: Program, arrays: Mapping[str, Any], seed: str) -> dict[str, np.ndarray]:
    """One between -0.9 and 0.9 for each element of each real output."""
    draw, values = random.Random(seed), run(program, arrays)
    real = [t.name for t in program.outputs if t.kind == "real"]
    return {name: tabulated(values[name].shape, lambda _: mpmath.mpf(draw.randint(-900, 900)) / 1000) for name in real}


def tabulated(shape: tuple[int, ...], value: Any) -> np.ndarray:
    table = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        table[place] = value(place)
    return table


def difference_quotients(
    program: Program, arrays: Mapping[str, Any], upstream: Mapping[str, Any], digits: int = DIGITS
) -> dict[str, np.ndarray]:
    """d<upstream, outputs>/d input for every element of every real input."""

    def objective(point: Mapping[str, Any]) -> Any:
        values = run(program, point, digits=digits)
        return sum(mpmath.fdot(values[name].ravel(), np.ravel(upstream[name])) for name in upstream)

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
        assert all(mpmath.isfinite(value) for pair in pairs for value in pair), f"{name} is not finite"
        scale = max((abs(b) for _, b in pairs), default=1) or 1
        worst = max([worst, *(abs(a - b) / scale for a, b in pairs)])
    return worst
