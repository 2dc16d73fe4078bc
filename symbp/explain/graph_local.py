"""The local derivatives that stand on the nodes of a graph, from the recorded steps: ``∂ = −y²``, ``∂/∂W = x``."""

from __future__ import annotations

from sympy import Expr, Mul

from symbp.explain.order import Names
from symbp.explain.unicode import Unicode
from symbp.ir import Broadcast, Element, Index, Reduce
from symbp.ir.derivation import Derivation

SHORT = 24  # characters; a longer derivative is left out
MOST = 2  # lines on one node

Slopes = dict[str, list[tuple[Element, Expr]]]  # of each node: its operands as read, and its derivative by each


def slopes(derivation: Derivation) -> Slopes:
    """The derivative of each node by each of its operands, in the output form where there is one."""
    found: Slopes = {}
    outside: dict[str, Expr] = {}
    for step in derivation.node_steps:
        name, operand = step.target.name, step.operand
        if step.rule == "local derivative" and isinstance(operand, Reduce):
            outside[name] = step.after  # of what is done with a sum; that of the sum by its terms comes next
        elif step.rule == "local derivative" and isinstance(operand, Element):
            found.setdefault(name, []).insert(0, (operand, Mul(outside.pop(name, 1), step.after)))
        elif step.rule == "output form" and found.get(name):
            found[name][0] = (found[name][0][0], step.after)
    folds = {e.name for e in derivation.nodes.equations if any(fold.op != "sum" for fold in e.value.atoms(Reduce))}
    return {name: sloping for name, sloping in found.items() if name not in folds}


def lines(sloping: list[tuple[Element, Expr]], names: Names) -> tuple[str, ...]:
    """What stands under an operation, without indices; nothing where that would be long or would not tell all."""
    printer = Unicode(Names(names.position, names.cotangents, elementwise=True))
    operands = [operand.name for operand, _ in sloping]
    found = [printer.formula(slope) for _, slope in sloping]
    if len(set(operands)) < len(operands) or not all(map(_is_plain, [e for _, slope in sloping for e in slope.atoms(Element)])):
        return ()
    if len(set(found)) == 1:
        shown = [f"∂ = {found[0]}"]
    else:
        shown = [f"∂/∂{operand} = {slope}" for operand, slope in zip(operands, found, strict=True)]
    return tuple(shown) if len(shown) <= MOST and all(len(line) <= SHORT for line in shown) else ()


def _is_plain(element: Element) -> bool:
    return all(isinstance(place, Index | Broadcast) for place in element.position)
