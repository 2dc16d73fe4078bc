"""Derivatives as layers of their own: a Program for the gradients, which is differentiated like any other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from symbp.ir import Cotangent, Equation, Program, Tensor, passes, reads, validate
from symbp.ir.derivation import Derivation


def vjp(program: Program, derivation: Derivation) -> Program:
    """The layer that computes the gradients: its inputs, and ``y_bar`` for each real output y, to ``x_bar`` for each real input x.

    The equations are those of the backward pass as simplified, and those of the forward pass that they need.
    """
    forward, backward = derivation.forward, derivation.backward
    cotangents = [t for t in backward.tensors.values() if isinstance(t, Cotangent)]
    names = Names({*forward.tensors, *(constant.name for constant, _ in program.constants)})
    heads = {t: Tensor(names.unused(f"{t.name[1:]}_bar"), t.shape) for t in cotangents}
    behind = [renamed(equation, heads) for equation in backward.equations]
    return validate(
        Program(
            f"{program.name}_vjp",
            (*program.inputs, *(heads[t] for t in derivation.upstream)),
            numbered([*needed(forward, behind), *behind]),
            tuple(heads[t] for t in backward.outputs),
            program.constants,
        )
    )


def renamed(equation: Equation, heads: dict[Tensor, Tensor]) -> Equation:
    return replace(equation, target=equation.target.xreplace(heads), value=equation.value.xreplace(heads))


def needed(program: Program, readers: Iterable[Equation]) -> list[Equation]:
    """The equations of the program that the readers need, in order."""
    names = reads(equation.value for equation in readers)
    for _, equations in reversed(passes(program.equations)):
        for _ in equations:  # in a recurrence one may need another that stands after it
            names |= reads(e.value for e in equations if e.name in names)
    return [equation for equation in program.equations if equation.name in names]


def numbered(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    return tuple(replace(equation, number=number) for number, equation in enumerate(equations, 1))


class Names:
    """Names that are still free; d with a name is that of its cotangent, and taken with it."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = set(taken)

    def unused(self, wanted: str) -> str:
        """The name, with a number from 2 on where it is taken; it is taken from now on."""
        names = (f"{wanted}{k if k > 1 else ''}" for k in count(1))
        name = next(name for name in names if not {name, f"d{name}", name.removeprefix("d")} & self.taken)
        self.taken.add(name)
        return name
