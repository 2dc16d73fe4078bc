"""Forward Program -> Derivation: local derivatives, index calculus, and the chain rule."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.brackets import may_stand
from symbp.calculus.higher import vjp
from symbp.calculus.inside import without_padding
from symbp.calculus.places import inlined, placed, value_at
from symbp.calculus.saved import stated
from symbp.calculus.sums import terms, total
from symbp.calculus.sweep import Form, as_it_is, sweep
from symbp.calculus.tangent import jvp
from symbp.ir import Program, numbering
from symbp.ir.derivation import Derivation

__all__ = ["derive", "inlined", "jvp", "may_stand", "placed", "stated", "sweep", "terms", "total", "value_at", "vjp"]


def derive(program: Program, nodes: Program, form: Form = as_it_is) -> Derivation:
    """The cotangent of every real input, equation by equation; ``form`` may restate each local derivative.

    Raises:
        DeriveError: a node has no derivative that can be derived; the message names it.
    """
    wrt = [t.name for t in program.inputs if t.kind == "real"]
    with numbering():
        forward, backward, steps = sweep(program, wrt, form)
    numbered = tuple(replace(e, number=n) for n, e in enumerate(forward.equations, 1))
    return Derivation(replace(forward, equations=numbered), without_padding(backward, forward), steps, nodes)
