"""Equations that carry a change along, in the form a person would write."""

from __future__ import annotations

from dataclasses import replace

from symbp.algebra.known import Known
from symbp.algebra.simplify import PASSES, Work
from symbp.calculus import stated
from symbp.ir import Program, numbering, validate


def simplify_tangents(program: Program, primal: Program) -> Program:
    """The program with the equations that follow those of the primal one in the form that simplification gives them, proved."""
    end = 1 + max(place for place, equation in enumerate(program.equations) if equation.name in primal.definitions)
    forward = replace(program, equations=program.equations[:end])
    work = Work(forward, Known.of(forward), frozenset(t.name for t in program.outputs), program.equations[end:])
    with numbering():
        for apply in PASSES:
            work = apply(work)
        tangents = tuple(replace(stated(e), number=n) for n, e in enumerate(work.equations, end + 1))
    return validate(replace(program, equations=(*forward.equations, *tangents)))
