"""The derivation node by node, as a book draws it: local derivatives, products along the paths, then the final form."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Expr

from symbp.algebra.cost import operations
from symbp.algebra.known import Known
from symbp.algebra.match import normal, same
from symbp.algebra.merging import inline
from symbp.algebra.simplify import output_form, rewritten
from symbp.calculus import stated, sweep
from symbp.ir import Equation, Program, numbering, readable, reads
from symbp.ir.derivation import Derivation, Phrase, Step

LONGEST = 40  # operations in a chain of nodes that is still worth printing as one formula


def trace_nodes(derivation: Derivation) -> Derivation:
    """The derivation with its node-level steps: they end in the equations of the simplified backward program."""
    wrt = [t.name for t in derivation.forward.inputs if t.kind == "real"]
    with numbering():
        nodes, backward, steps = sweep(derivation.nodes, wrt, output_form)
        known = Known.of(derivation.forward)
        endings = [step for equation in derivation.backward.equations for step in _ending(equation, nodes, backward, derivation, known)]
    return replace(derivation, nodes=nodes, node_backward=_stated(backward), node_steps=(*(s.readable() for s in steps), *endings))


def _ending(equation: Equation, nodes: Program, backward: Program, derivation: Derivation, known: Known) -> list[Step]:
    """The product along the paths as one formula in the layer's own names, and its simplification to the result."""
    result = Step("result", equation.target, equation.value, number=equation.number)
    chain = _chain(equation, nodes, backward, derivation)
    if chain is None or operations(chain) > LONGEST or chain == equation.value:
        return [result]
    simplified = rewritten(equation.target, chain, equation.value, derivation.forward, known)
    if simplified is None and not same(chain, equation.value):
        return [result]
    along = Phrase("paths added up" if isinstance(chain, Add) else "along the path")
    joined = Step("substitute", equation.target, readable(chain), equation.target, (along,), equal=False)
    return [joined, *([simplified] if simplified else []), result]


def _chain(equation: Equation, nodes: Program, backward: Program, derivation: Derivation) -> Expr | None:
    """The node-level cotangent with everything put in that the equation-level program has no name for."""
    named = {e.name for e in (*derivation.forward.equations, *derivation.backward.equations)}
    anonymous = [e for e in (*nodes.equations, *backward.equations) if e.name not in named]
    start = next((e for e in backward.equations if e.name == equation.name), None)
    if start is None:
        return None
    chain = inline(equation.target, start)
    read = reads([chain])
    for hidden in reversed(anonymous):
        if hidden.name in read:
            chain = inline(chain, hidden)
            read = reads([chain])
    return normal(chain)


def _stated(backward: Program) -> Program:
    return replace(backward, equations=tuple(map(stated, backward.equations)))
