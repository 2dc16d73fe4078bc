"""An equation after its names are resolved and before its lengths are known: a small tree, and its split into single operations.

Fixed(value)               a number, a constant of the layer, or what they make
At(run)                    an index used as a number
Length(space)              size(i)
Read(variable, positions)  an element; a position is a Run, a Stretch, an int, or a Read (a gather)
Apply(op, arguments)       an operator or function of the language
Fold(op, body, runs)       a reduction
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import NoReturn, TypeAlias

from sympy import Expr

from symbp.language.axes import Lead, Shape, Space

CONDITIONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "holds"})
RING = frozenset({"+", "-", "*", "neg"})  # whole numbers in, whole numbers out


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
    refuse: Callable[[], None] | None = None  # points at its use as a subscript, if there is one

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


Position: TypeAlias = "Run | Stretch | int | Read"


@dataclass(eq=False)
class Read(Tree):
    variable: Variable
    positions: tuple[Position, ...]

    @cached_property
    def free(self) -> frozenset[Run]:
        return frozenset().union(*(frozenset({p}) if isinstance(p, Run) else p.free for p in self.positions if not isinstance(p, int)))

    @cached_property
    def reads(self) -> bool:
        return True


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
class Statement:
    """``variable[runs] = value``."""

    variable: Variable
    runs: tuple[Run, ...]
    value: Tree
    fail: Callable[[str], NoReturn]  # points at the value
    text: str = ""  # what the user wrote, if this is an equation of the layer itself


def in_order(around: Iterable[Run], free: frozenset[Run]) -> tuple[Run, ...]:
    """The free runs in the order of ``around``, ``...`` in front."""
    return tuple(sorted((run for run in around if run in free), key=lambda run: not isinstance(run.space, Lead)))


def inside(tree: Tree) -> Iterator[Tree]:
    """The tree and everything in it, subscripts too."""
    yield tree
    parts = tree.parts if not isinstance(tree, Read) else tuple(p for p in tree.positions if isinstance(p, Read))
    for part in parts:
        yield from inside(part)


def whole_valued(tree: Tree) -> bool:
    """Whether the text makes this a whole number, of integer tensors or positions of maxima."""
    if isinstance(tree, Read):
        return tree.variable.kind == "integer"
    if isinstance(tree, Apply) and tree.op in RING:
        return all(map(whole_valued, tree.arguments))
    if isinstance(tree, Fold):
        return tree.op.startswith("arg") or (tree.op in ("sum", "prod", "max", "min") and whole_valued(tree.body))
    return isinstance(tree, At | Length) or (isinstance(tree, Fixed) and bool(tree.value.is_Integer))


def discrete(tree: Tree) -> bool:
    """Whether a target with this value is an integer tensor."""
    sources = (isinstance(t, Read) or (isinstance(t, Fold) and t.op.startswith("arg")) for t in inside(tree))
    return whole_valued(tree) and any(sources)


# ---------------------------------------------------------------- single operations


class Splitter:
    """Gives each operation of a statement a target of its own, in the order the user wrote them."""

    def __init__(self, names: Iterator[str], statement: Statement) -> None:
        self.names, self.statement = names, statement
        self.found: list[Statement] = []

    def split(self) -> list[Statement]:
        statement = self.statement
        value = self.operation(statement.value, statement.runs)
        alone = not self.found
        return [*self.found, replace(statement, value=value, text=statement.text if alone else "")]

    def operation(self, tree: Tree, around: tuple[Run, ...]) -> Tree:
        """The tree with its operands named."""
        if isinstance(tree, Fold):
            return Fold(tree.op, self.operand(tree.body, around + tree.runs), tree.runs)
        if isinstance(tree, Apply) and tree.reads:
            return Apply(tree.op, tuple(self.operand(argument, around) for argument in tree.arguments))
        return tree

    def operand(self, tree: Tree, around: tuple[Run, ...]) -> Tree:
        """The tree itself where it is a leaf, a condition, or reads no tensor; else an element of its own target."""
        if not isinstance(tree, Apply | Fold) or not tree.reads or (isinstance(tree, Apply) and tree.op in CONDITIONS):
            return tree
        value = self.operation(tree, around)
        runs = in_order(around, tree.free)
        kind = "integer" if discrete(value) else "real"
        variable = Variable(next(self.names), tuple(run.space for run in runs), kind, assigned=True)
        self.found.append(Statement(variable, runs, value, self.statement.fail))
        return Read(variable, runs)
