"""Modules of forward equations written by hand: what plan and emit make of any equations, against the exact interpreter."""

from __future__ import annotations

import types
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from sympy import Expr, Integer

from symbp.emit import numpy_module
from symbp.ir import Constant, Cotangent, Derived, Element, Equation, Index, Program, Reduce, Tensor, run, validate
from symbp.ir.derivation import Derivation
from symbp.plan import plan

# ---------------------------------------------------------------- to write them


def tensor(name: str, *axes: Index | int, kind: str = "real") -> Tensor:
    return Tensor(name, tuple(axis.size if isinstance(axis, Index) else Integer(axis) for axis in axes), kind)


def at(head: Tensor, *position: Any) -> Element:
    return Element(head, *position)


def total(body: Expr, *bound: Index) -> Expr:
    return Reduce("sum", body, *bound)


def running(name: str, formula: Expr) -> Index:
    """An index whose length follows from others."""
    return Index(name.lower(), Derived(name.upper(), formula))


def program(target: Element, value: Expr, inputs: tuple[Tensor, ...], **constants: int) -> Program:
    """One equation of the inputs."""
    defaults = tuple((Constant(name), Integer(default)) for name, default in constants.items())
    return validate(Program("layer", inputs, (Equation(target, value, 1),), (target.head,), defaults))


# ---------------------------------------------------------------- what they become


def source(forward: Program) -> str:
    """The module of the program; its backward pass says that everything is zero."""
    real = [t for t in forward.inputs if t.kind == "real"]
    zeros = tuple(_zero(Cotangent(f"d{t.name}", t.shape), number) for number, t in enumerate(real, 2))
    upstream = tuple(Cotangent(f"d{t.name}", t.shape) for t in forward.outputs)
    backward = Program("layer_backward", upstream, zeros, tuple(z.target.head for z in zeros), forward.constants)
    definition = SimpleNamespace(name="layer", text="by hand", called=(), doc="", parameters=(), program=forward)
    return numpy_module(plan(definition, Derivation(forward, backward, (), forward)))


def _zero(head: Tensor, number: int) -> Equation:
    axes = [Index(f"a{k}", size) for k, size in enumerate(head.shape)]
    return Equation(Element(head, *axes), Integer(0), number)


def lines(forward: Program) -> str:
    """What computes the outputs, without signature, checks of arguments and result."""
    body = source(forward).split('with what backward needs."""\n')[1].split("    return ")[0]
    rows = [row.strip() for row in body.splitlines()]
    return "\n".join(row for row in rows if not row.startswith(("_check_axes", "(", "x, ", "x = _arr")))


def module(forward: Program) -> Any:
    loaded = types.ModuleType("layer")
    exec(compile(source(forward), "layer", "exec"), loaded.__dict__)
    return loaded


def worst(forward: Program, arrays: Mapping[str, Any], **constants: int) -> float:
    """The largest difference between the module and the interpreter, relative to the largest value."""
    found = module(forward).forward(*(arrays[t.name] for t in forward.inputs), **constants)[0]
    exact = run(forward, arrays, constants)[forward.outputs[0].name]
    assert found.shape == exact.shape, (found.shape, exact.shape)
    expected = np.array([float(v) for v in exact.ravel()]).reshape(exact.shape)
    return float(np.max(np.abs(found - expected), initial=0)) / max(1.0, float(np.max(np.abs(expected), initial=0)))


def given(forward: Program, seed: int = 0, **lengths: int) -> dict[str, Any]:
    """Random real inputs with axes of these lengths."""
    rng = np.random.default_rng(seed)
    real = [t for t in forward.inputs if t.kind == "real"]
    return {t.name: rng.normal(size=[lengths[str(size)] for size in t.shape]) for t in real}


def holds(forward: Program, arrays: Mapping[str, Any], **constants: int) -> bool:
    return worst(forward, arrays, **constants) < 1e-13
