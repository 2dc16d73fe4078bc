"""The local derivatives of a graph of numbers: in go a layer and its inputs, out come numbers, from the last node back to the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symbp.ir import Element, Equation, Tensor, run
from symbp.ir.derivation import Step
from symbp.layer import Layer


def local_derivatives(layer: Layer, **at: Any) -> dict[tuple[str, str], float]:
    """(value, operand) -> the derivative of the one by the other, as derived; inputs are numbers, or text where floats are not exact."""
    nodes = layer.traced.nodes
    steps = [step for step in layer.traced.node_steps if step.rule == "local derivative"]
    equations = [_named(step, number) for number, step in enumerate(steps)]
    values = run(replace(nodes, equations=(*nodes.equations, *equations)), at)
    return {_pair(step): float(values[equation.name][()]) for step, equation in zip(steps, equations, strict=True)}


def _pair(step: Step) -> tuple[str, str]:
    assert step.operand is not None, step
    return step.target.name, step.operand.name


def _named(step: Step, number: int) -> Equation:
    """The step's derivative as an equation of its own."""
    return Equation(Element(Tensor(f"local {number}", step.target.head.shape), *step.target.position), step.after)
