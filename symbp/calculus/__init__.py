"""Forward Program -> Derivation: local derivatives, index calculus, and the chain rule."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.sums import collapsible, pull, terms, times, total
from symbp.calculus.sweep import cotangent, sweep
from symbp.ir import Program, numbering
from symbp.ir.derivation import Derivation

__all__ = ["collapsible", "cotangent", "derive", "pull", "sweep", "terms", "times", "total"]


def derive(program: Program, nodes: Program) -> Derivation:
    """The cotangent of every real input, equation by equation, before any simplification.

    Raises:
        DeriveError: a node has no derivative that can be derived; the message names it.
    """
    wrt = [t.name for t in program.inputs if t.kind == "real"]
    with numbering():
        forward, backward, steps = sweep(program, wrt)
    numbered = tuple(replace(e, number=n) for n, e in enumerate(forward.equations, 1))
    return Derivation(replace(forward, equations=numbered), backward, steps, nodes)
