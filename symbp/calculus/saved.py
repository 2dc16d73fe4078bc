"""Forward values that derivatives alone read: positions of maxima, inverses of matrices. Each is an equation of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from sympy import Expr

from symbp.ir import Element, Equation, Index, Inverse, Program, Reduce, Tensor, free_indices, passes, readable, stem


@dataclass
class Saved:
    """The equations that have been asked for, by what they compute, each with the name of the equation that it is asked for in."""

    program: Program
    found: dict[Expr, tuple[str, Equation]] = field(default_factory=dict)

    def position(self, node: Reduce, equation: Equation) -> Element:
        """Where the largest or smallest term of a reduction of the equation stands, counted along all its indices."""
        value = Reduce(f"arg{node.op}", node.body, *node.indices)
        for known in self.program.equations:
            if isinstance(known.value, Reduce) and _rebound(known.value, node.indices) == value:
                return known.target
        return self._value(value, f"arg{node.op}", (), "integer", equation)

    def inverse(self, node: Inverse, equation: Equation) -> Element:
        """The inverse of a matrix of the equation, as it is computed anyway or as an equation of its own."""
        for known in self.program.equations:
            if isinstance(known.value, Inverse) and _renamed(known.value, node.place) == node:
                return known.target.xreplace(dict(zip(known.value.place, node.place, strict=True)))
        return self._value(node, "inverse", node.place, "real", equation)

    def _value(self, value: Expr, what: str, last: tuple[Index, ...], kind: str, equation: Equation) -> Element:
        if value not in self.found:
            around = [i for i in equation.target.position if i in free_indices(value) and i not in last]
            around += [i for i in free_indices(value) if i not in (*around, *last)]
            head = Tensor(self._name(f"{equation.name}_{what}"), tuple(i.size for i in (*around, *last)), kind)
            loop = equation.loop if equation.loop and equation.loop.index in around else None
            self.found[value] = equation.name, Equation(Element(head, *around, *last), value, loop=loop)
        return self.found[value][1].target

    def _name(self, wanted: str) -> str:
        taken = {*self.program.tensors, *(equation.name for _, equation in self.found.values())}
        return next(name for k in count() if (name := f"{wanted}{k or ''}") not in taken)

    def forward(self) -> Program:
        """The program with each of the equations before the one, or the recurrence, that it was asked for in."""
        return replace(self.program, equations=tuple(self._equations()))

    def _equations(self) -> Iterator[Equation]:
        for loop, equations in passes(self.program.equations):
            names = [equation.name for equation in equations]
            yield from (stated(own) for reader, own in self.found.values() if reader in names and own.loop != loop)
            for equation in equations:
                yield from (stated(own) for reader, own in self.found.values() if reader == equation.name and own.loop == loop)
                yield equation


def _rebound(node: Reduce, indices: tuple[Index, ...]) -> Expr:
    return Reduce(node.op, node.body.xreplace(dict(zip(node.indices, indices, strict=False))), *indices)


def _renamed(inverse: Inverse, place: tuple[Index, Index]) -> Expr:
    return inverse.xreplace(dict(zip(inverse.place, place, strict=True)))


def stated(equation: Equation) -> Equation:
    """The equation without marks in the names of its indices: whoever numbers from one again meets none of them."""
    plain: dict[Index, Index] = {}
    for index in equation.target.position:
        names = (stem(index) + (str(k) if k > 1 else "") for k in count(1))
        plain[index] = Index(next(n for n in names if n not in {i.name for i in plain.values()}), index.size)
    value = readable(equation.value.xreplace(plain), frozenset(index.name for index in plain.values()))
    loop = equation.loop and replace(equation.loop, index=plain[equation.loop.index])
    return replace(equation, target=equation.target.xreplace(plain), value=value, loop=loop)
