"""An equation after its names are resolved and before its lengths are known: a small tree.

Fixed(value)               a number, a constant of the layer, or what they make
At(run)                    an index used as a number
Length(space)              size(i)
Read(variable, positions)  an element; a position is a Run, a Stretch, an int, an Affine, or a Read (a gather)
Affine(terms, rest)        a position that is a sum: coefficients times indices, and a rest that has none
Overhang(position)         how far a position begins before the first place, a number
Pad(read, fill)            the element where its position lies inside the tensor, else the fill
Apply(op, arguments)       an operator or function of the language
Fold(op, body, runs)       a reduction; det and logdet over the rows and columns of a matrix
Inverted(body, row, column)  the element of the inverse of the matrix whose elements are the body
Scatter(pieces)            the sum of what the pieces put at the places of the target
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import NoReturn, TypeAlias

from sympy import Expr

from symbp.ir import Call
from symbp.language.axes import Lead, Shape, Space

CONDITIONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "holds"})


@dataclass(eq=False)
class Run:
    """A running index of one equation, free or bound in one place. One called ``...`` runs over all axes of its Lead."""

    name: str
    space: Space


@dataclass(eq=False)
class Variable:
    """A tensor: what is known of it so far."""

    name: str  # "" for one that is named after ``wanted`` when all names are known
    shape: Shape | None = None
    kind: str = "real"
    assigned: bool = False  # by an equation; else it is an input
    wanted: str = ""
    shown: str = ""  # the read that fixed its rank, as written
    uses: list[tuple[str, Callable[[], None]]] = field(default_factory=list)  # as which kind, and who refuses another there

    def __str__(self) -> str:
        return self.name or self.wanted


@dataclass(eq=False)
class Tree:
    """What all have: the parts, the free runs, and whether a tensor is read."""

    @property
    def parts(self) -> tuple[Tree, ...]:
        return ()

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset().union(*(part.free for part in self.parts))

    @cached_property
    def reads(self) -> bool:
        return any(part.reads for part in self.parts)

    @cached_property
    def weight(self) -> int:
        """The number of nodes of the value; a maximum holds each of its arguments twice."""
        return 1 + sum(part.weight for part in self.parts)


@dataclass(eq=False)
class Fixed(Tree):
    value: Expr
    made: Apply | None = None  # what was worked out, if anything: it says in which order it was written


@dataclass(eq=False)
class At(Tree):
    run: Run

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset({self.run})


@dataclass(eq=False)
class Length(Tree):
    space: Space


@dataclass(eq=False)
class Stretch(Tree):
    """The position along a tensor's own leading axes that broadcasting reads."""

    run: Run
    lead: Lead

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset({self.run})


@dataclass(eq=False)
class Affine(Tree):
    terms: tuple[tuple[Tree, Run], ...]
    rest: Tree

    @property
    def parts(self) -> tuple[Tree, ...]:
        return *(coefficient for coefficient, _ in self.terms), self.rest

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset(run for _, run in self.terms)


@dataclass(eq=False)
class Overhang(Tree):
    position: Affine

    @property
    def parts(self) -> tuple[Tree, ...]:
        return (self.position,)

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset()


Position: TypeAlias = "Run | Stretch | int | Affine | Read"


@dataclass(eq=False)
class Read(Tree):
    variable: Variable
    positions: tuple[Position, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        return tuple(position for position in self.positions if isinstance(position, Tree))

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset().union(*map(free_in, self.positions))

    @cached_property
    def reads(self) -> bool:
        return True


def free_in(position: Position) -> frozenset[Run]:
    if isinstance(position, Run):
        return frozenset({position})
    return position.free if isinstance(position, Tree) else frozenset()


@dataclass(eq=False)
class Pad(Tree):
    read: Read
    fill: Fixed

    @property
    def parts(self) -> tuple[Tree, ...]:
        return self.read, self.fill


@dataclass(eq=False)
class Apply(Tree):
    op: str
    arguments: tuple[Tree, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        return self.arguments

    @cached_property
    def weight(self) -> int:
        weights = [part.weight for part in self.arguments]
        return 1 + (reduce(lambda a, b: 2 * (a + b) + 1, weights) if self.op in ("maximum", "minimum") else sum(weights))


@dataclass(eq=False)
class Fold(Tree):
    op: str
    body: Tree
    runs: tuple[Run, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        return (self.body,)

    @cached_property
    def free(self) -> frozenset[Run]:
        return self.body.free - set(self.runs)


@dataclass(eq=False)
class Inverted(Tree):
    body: Tree
    row: Run
    column: Run

    @property
    def parts(self) -> tuple[Tree, ...]:
        return (self.body,)


@dataclass(eq=False)
class Piece(Tree):
    """``value`` put where each target run is at its position, added up over ``runs``."""

    value: Tree
    places: tuple[tuple[Run, Position], ...]
    runs: tuple[Run, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        return self.value, *(position for _, position in self.places if isinstance(position, Tree))

    @cached_property
    def free(self) -> frozenset[Run]:
        inside = self.value.free.union(*(free_in(position) for _, position in self.places))
        return inside.union(run for run, _ in self.places) - set(self.runs)


@dataclass(eq=False)
class Scatter(Tree):
    pieces: tuple[Piece, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        return self.pieces


@dataclass(eq=False)
class Statement:
    """``variable[runs] = value``."""

    variable: Variable
    runs: tuple[Run, ...]
    value: Tree
    fail: Callable[[str], NoReturn]  # points at the value
    text: str = ""  # what the user wrote, if this is an equation of the layer itself
    calls: tuple[Call, ...] = ()  # that it was written out for, the outermost first


def in_order(around: Iterable[Run], free: frozenset[Run]) -> tuple[Run, ...]:
    """The free runs in the order of ``around``, ``...`` in front."""
    return tuple(sorted((run for run in around if run in free), key=lambda run: not isinstance(run.space, Lead)))


def inside(tree: Tree) -> Iterator[Tree]:
    """The tree and everything in it, subscripts too."""
    yield tree
    for part in tree.parts:
        yield from inside(part)
