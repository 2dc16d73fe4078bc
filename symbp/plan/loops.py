"""Recurrences -> loops: what is computed before a loop, in each of its steps, and after it."""

from __future__ import annotations

from collections.abc import Iterable

from symbp.ir import Equation, Index, Program, passes, stem
from symbp.plan import gathers, knots, steps
from symbp.plan.arrays import REAL, Assign, Call, Line, Loop, Statement, Update
from symbp.plan.lower import Lowering
from symbp.plan.parts import Parts
from symbp.plan.share import Namer


def indices(programs: Iterable[Program], namer: Namer) -> dict[str, str]:
    """What the indices of the loops are called in the code."""
    found = {stem(e.loop.index): "" for program in programs for e in program.equations if e.loop}
    return {name: namer.fresh(name) for name in found}


def statements(lowering: Lowering, program: Program, indices: dict[str, str]) -> list[Statement]:
    """The lines and loops that compute the equations; ``indices`` says what the index of a loop is called in the code."""
    found: list[Statement] = []
    for loop, equations in passes(program.equations):
        if loop is None:
            found += gathers.statements(lowering, equations[0])
            continue
        for recurrent, group in knots.knots(equations):
            if recurrent:
                found += _loop(lowering, loop.index, indices[stem(loop.index)], loop.reverse, group)
            else:
                found += gathers.statements(lowering, group[0])
    return found


def _loop(lowering: Lowering, index: Index, name: str, reverse: bool, equations: list[Equation]) -> list[Statement]:
    parts = Parts(lowering, index, name, frozenset(e.name for e in equations))
    places: list[Statement] = []
    body: list[Line] = []
    for equation in equations:
        lines = steps.lines(parts, equation)
        blank = len(lines) > 1 and all(isinstance(line, Update) and line.sign == 0 for line in lines)
        places.append(Assign(equation.name, _place(lowering, equation, "zeros" if blank else "empty")))
        body += lines[1:] if blank else lines
    return [*places, Loop(name, lowering.scalar(index.size), reverse, tuple(body))]


def _place(lowering: Lowering, equation: Equation, function: str) -> Call:
    """An array for the values of all steps."""
    shape, kind = gathers.dims(lowering, tuple(equation.target.position)), equation.target.head.kind
    return Call(function, (shape, REAL)) if kind == "real" else Call(function, (shape,), (kind,))
