"""The SymPy symbols of a layer: every axis gets its length, every variable its name and its Tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from sympy import Expr, Mul

from symbp.ir import Leading, Size, Tensor
from symbp.language.axes import Lead, Shape, Space, resolve
from symbp.language.elaborate import Elaboration
from symbp.language.lengths import lengths
from symbp.language.signs import sign
from symbp.language.trees import Fold, Length, Piece, Variable, inside


def unused(wanted: str, taken: set[str]) -> str:
    """The name, with a number from 2 on where it is taken; it is taken from now on."""
    name = wanted if wanted not in taken else next(f"{wanted}{k}" for k in count(2) if f"{wanted}{k}" not in taken)
    taken.add(name)
    return name


def name_variables(layer: Elaboration) -> None:
    """Names the targets of called layers, in order, after those that the user named."""
    taken = own_names(layer)
    for statement in layer.statements:
        variable = statement.variable
        variable.name = variable.name or unused(variable.wanted, taken)


def own_names(layer: Elaboration) -> set[str]:
    names = layer.layer.names
    return {*names.inputs, *names.constants, *names.targets, *names.indices}


@dataclass
class Symbols:
    """The SymPy symbol of every size and tensor of one layer."""

    taken: set[str]
    sizes: dict[Space, Expr] = field(default_factory=dict)
    heads: dict[Variable, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, layer: Elaboration) -> Symbols:
        variables = [*layer.inputs, *(statement.variable for statement in layer.statements)]
        symbols = cls(own_names(layer) | {variable.name for variable in variables})
        session = layer.session
        perhaps = (*(one.space for one in session.unsized), *(target.run.space for targets in session.scatters for target in targets))
        perhaps += tuple(crop.run.space for crop in session.crops)
        open_ended = set(resolve(perhaps))
        found = dict.fromkeys(resolve(tuple(spaces(layer))))
        for space in sorted(found, key=lambda space: space.hint):
            symbols.name(space, space in open_ended)
        given = resolve(tuple(space for variable in layer.inputs for space in variable.shape or ()))
        symbols.sizes = lengths(session, symbols.sizes, given)
        return symbols

    def name(self, space: Space, open_ended: bool) -> None:
        if isinstance(space, Lead):
            parts = tuple(Leading(part.name) for part in space.parts)
            self.sizes[space] = Leading(space.name or unused("...", self.taken), parts)
        elif space.length is not None and not open_ended:
            self.sizes[space] = space.length
        else:
            self.sizes[space] = Size(unused(space.hint[2].upper(), self.taken))

    def shape(self, shape: Shape) -> tuple[Expr, ...]:
        return tuple(self.sizes[space] for space in resolve(shape))

    def length(self, space: Space) -> Expr:
        """The number of places along an axis, or along all those of a Lead."""
        return Mul(*self.shape((space,)))

    def tensor(self, variable: Variable, value: Expr | None = None) -> Tensor:
        """The head of a tensor; the sign that its value has lives on it."""
        if variable not in self.heads:
            signs = sign(value) if value is not None and variable.kind == "real" else {}
            self.heads[variable] = Tensor(variable.name, self.shape(variable.shape or ()), variable.kind, **signs)
        return self.heads[variable]


def spaces(layer: Elaboration) -> Iterator[Space]:
    """Of every tensor, of every index, and of every length that is asked for."""
    for variable in (*layer.inputs, *(statement.variable for statement in layer.statements)):
        yield from variable.shape or ()
    for statement in layer.statements:
        for tree in inside(statement.value):
            yield from (run.space for run in tree.runs) if isinstance(tree, Fold | Piece) else ()
            yield from (tree.space,) if isinstance(tree, Length) else ()
    yield from (space for space, _ in layer.session.spaces)
