"""The numbers on a graph: forward values, gradients and the contribution of each edge, by the exact interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Add, Expr

from symbp.errors import SymbpError
from symbp.explain.unicode import MINUS
from symbp.ir import Element, Equation, Program, Tensor, run
from symbp.ir.derivation import Derivation

DIGITS = 30
ENTRIES, CHARACTERS = 4, 26  # an array with no more is written out

Contributions = dict[tuple[str, str], tuple[Element, Expr]]  # (operand, consumer) -> the cotangent it goes to, and what is sent


def contributions(derivation: Derivation) -> Contributions:
    """What each use of a value sends back to it, from the recorded steps."""
    found: Contributions = {}
    consumer = ""
    for step in derivation.node_steps:
        if step.rule == "local derivative":
            consumer = step.target.name
        elif step.rule == "chain rule" and step.operand is not None:
            _, sent = found.get((step.operand.name, consumer), (step.target, Add()))
            found[step.operand.name, consumer] = step.target, sent + step.after
    return found


def evaluate(derivation: Derivation, at: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Every node value and cotangent by name, and the contribution "x -> y" of each edge; upstream cotangents are 1.

    Raises:
        SymbpError: an input is missing or unknown, or shapes disagree.
    """
    nodes = derivation.nodes
    arrays, constants = _given(nodes, at)
    try:
        forward = run(nodes, arrays, constants, DIGITS)
        if derivation.node_backward is None:
            return forward
        upstream = {f"d{t.name}": np.ones_like(forward[t.name]) for t in nodes.outputs}
        return run(_joint(derivation, derivation.node_backward), arrays | upstream, constants, DIGITS)
    except (ValueError, IndexError) as error:
        raise SymbpError(f"graph: {error}") from error


def _given(nodes: Program, at: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    inputs, constants = [t.name for t in nodes.inputs], [c.name for c, _ in nodes.constants]
    missing = [name for name in inputs if name not in at]
    unknown = [name for name in at if name not in (*inputs, *constants)]
    if missing or unknown:
        found = f"{', '.join(missing)} missing" if missing else f"{', '.join(unknown)} unknown"
        raise SymbpError(f"graph of {nodes.name}: {found}; give a value for each of {', '.join(inputs)}")
    given = {name: _numbers(f"graph of {nodes.name}: {name}", at[name]) for name in at}
    for tensor in nodes.inputs:
        if tensor.kind == "integer" and given[tensor.name].dtype.kind not in "iu":
            raise SymbpError(f"graph of {nodes.name}: {tensor.name} is {at[tensor.name]!r}; expected whole numbers")
    return {name: given[name] for name in inputs}, {name: given[name].item() for name in constants if name in given}


def _numbers(what: str, value: Any) -> np.ndarray:
    """The value as an array; a number may be given as text, which is then taken exactly."""
    try:
        array = np.asarray(value)
        array.astype(float if array.dtype.kind in "biufU" else "refused")
    except (TypeError, ValueError):
        raise SymbpError(f"{what} is {value!r}; expected a number, or lists of numbers of one length") from None
    return array


def _joint(derivation: Derivation, backward: Program) -> Program:
    """Forward, backward and the contributions of the edges as one program with the upstream cotangents as inputs."""
    nodes = derivation.nodes
    equations = list(nodes.equations)
    known = set(nodes.tensors)
    extra = [e for e in derivation.forward.equations if e.name in {t.name for t in backward.inputs} - known]  # positions of maxima
    upstream = tuple(t for t in backward.inputs if t.name not in known | {e.name for e in extra})
    shares = contributions(derivation).items()
    sent = [Equation(_under(f"{source} -> {consumer}", target), value) for (source, consumer), (target, value) in shares]
    return replace(nodes, inputs=(*nodes.inputs, *upstream), equations=(*equations, *extra, *backward.equations, *sent))


def _under(name: str, place: Element) -> Element:
    return Element(Tensor(name, place.head.shape), *place.position)


def written(value: np.ndarray) -> str:
    """A number in six digits, a small array written out, a larger one by its shape."""
    if value.ndim == 0:
        return _number(value[()])
    text = _entries(value.tolist()) if value.size <= ENTRIES else ""
    return text if 0 < len(text) <= CHARACTERS else f"({', '.join(map(str, value.shape))}{',' if value.ndim == 1 else ''})"


def _entries(value: Any) -> str:
    return f"[{', '.join(map(_entries, value))}]" if isinstance(value, list) else _number(value)


def _number(value: Any) -> str:
    text = f"{float(value):.6g}"
    return text.replace("-", MINUS) if text != "-0" else "0"
