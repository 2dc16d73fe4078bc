"""A statement -> the SymPy value of its equation: every run gets its Index, every read its Element."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from sympy import Add, Expr, Integer, Mul, log

from symbp.ir import Bracket, Broadcast, Element, Index, Inverse, Padded, Reduce
from symbp.language import functions
from symbp.language.axes import Axis, Lead, resolve
from symbp.language.functions import exponential
from symbp.language.spans import Span
from symbp.language.symbols import Symbols, unused
from symbp.language.trees import (
    Affine,
    Apply,
    At,
    Fixed,
    Fold,
    Inverted,
    Length,
    Pad,
    Piece,
    Position,
    Read,
    Run,
    Scatter,
    Statement,
    Stretch,
    Tree,
)


@dataclass(frozen=True)
class Step:
    """The index of a loop, in one of its statements."""

    name: str
    run: Run
    number: int  # which of the axes that the run stands for
    loop: int
    reverse: bool


@dataclass(frozen=True)
class Chain:
    """a - b + c, or a*b/c, in the order in which it was written."""

    kind: str
    parts: tuple[Expr, ...]


def _same(value: Expr) -> Expr:
    return value


CHAINED: dict[str, tuple[str, Callable[[Expr], Expr]]] = {
    "+": ("sum", _same),
    "-": ("sum", operator.neg),
    "*": ("product", _same),
    "/": ("product", lambda value: 1 / value),
    "and": ("and", _same),
    "or": ("or", _same),
}


class Value:
    """Builds the value of one statement; its bound indices get names that no other index of the statement has."""

    def __init__(self, symbols: Symbols, statement: Statement, loop: Step | None = None) -> None:
        self.symbols, self.loop = symbols, loop
        self.used: set[str] = {loop.name} if loop else set()
        self.indices: dict[Run, tuple[Index, ...]] = {}
        self.chains: dict[Tree | Position, Chain] = {}
        for run in sorted(statement.runs, key=lambda run: isinstance(run.space, Lead)):
            self.start(run)

    def start(self, run: Run) -> tuple[Index, ...]:
        """The indices of a run: one, or one for each axis that its ``...`` stands for."""
        names = []
        for number, space in enumerate(found := resolve((run.space,))):
            stem = run.name if isinstance(run.space, Axis) or isinstance(space, Lead) else space.hint[2]
            is_step = self.loop and self.loop.run is run and self.loop.number == number
            names.append(self.loop.name if self.loop and is_step else unused(stem, self.used))
        self.indices[run] = tuple(Index(name, self.symbols.sizes[space]) for name, space in zip(names, found, strict=True))
        return self.indices[run]

    def of(self, tree: Tree) -> Expr:
        return BUILDERS[type(tree)](self, tree)

    def apply(self, tree: Apply) -> Expr:
        values = [self.of(argument) for argument in tree.arguments]
        value = functions.apply(tree.op, values)
        if tree.op in CHAINED:
            self.chains[tree] = self._chain(tree, values)
        return value

    def _chain(self, tree: Apply, values: list[Expr]) -> Chain:
        """The terms or factors of the tree: those of an argument one by one where the same kind of operation made it."""
        kind, last = CHAINED[tree.op]
        inside = [self._parts(argument, value, kind) for argument, value in zip(tree.arguments, values, strict=True)]
        return Chain(kind, (*inside[0], *(last(part) for parts in inside[1:] for part in parts)))

    def _parts(self, tree: Tree, value: Expr, kind: str) -> tuple[Expr, ...]:
        chain = self.chains.get(tree)
        return chain.parts if chain and chain.kind == kind else (value,)

    @property
    def written(self) -> tuple[tuple[Expr, ...], ...]:
        """The terms of each sum and the factors of each product, in the order in which they were written."""
        return tuple(chain.parts for chain in self.chains.values())

    def element(self, read: Read) -> Element:
        return Element(self.symbols.tensor(read.variable), *(place for position in read.positions for place in self.places(position)))

    def places(self, position: Position) -> tuple[Expr, ...]:
        if isinstance(position, Run):
            return self.indices[position]
        if isinstance(position, Stretch):
            return tuple(Broadcast(index, self.symbols.sizes[position.lead]) for index in self.indices[position.run])
        if isinstance(position, Affine):
            span = Span.of(position, self.symbols.length)
            terms = tuple(c * self.indices[run][0] for c, run in span.terms)
            self.chains[position] = Chain("sum", (*terms, *Add.make_args(span.rest)))
            return (Add(*terms, span.rest),)
        return (Integer(position) if isinstance(position, int) else self.element(position),)

    def padded(self, tree: Pad) -> Expr:
        return Padded(self.element(tree.read), tree.fill.value)

    def fold(self, fold: Fold) -> Expr:
        indices = [index for run in fold.runs for index in self.start(run)]
        body = self.of(fold.body)
        if fold.op == "logsumexp":
            return log(reduced("sum", exponential(body), indices))
        if fold.op == "mean":
            return reduced("sum", body, indices) / Mul(*(index.size for index in indices))
        return reduced(fold.op, body, indices)

    def inverted(self, tree: Inverted) -> Expr:
        [row], [column] = self.indices[tree.row], self.indices[tree.column]
        return Inverse(self.of(tree.body), row, column)

    def fixed(self, tree: Fixed) -> Expr:
        if tree.made:
            self.apply(tree.made)
            self.chains |= {tree: chain} if (chain := self.chains.get(tree.made)) else {}
        return tree.value

    def scatter(self, tree: Scatter) -> Expr:
        return Add(*map(self.piece, tree.pieces))

    def piece(self, piece: Piece) -> Expr:
        indices = [index for run in piece.runs for index in self.start(run)]
        brackets = [Bracket(self.indices[run][0], self.places(position)[0]) for run, position in piece.places]
        return reduced("sum", Mul(*brackets, self.of(piece.value)), indices)


BUILDERS: dict[type[Tree], Callable[..., Expr]] = {
    Apply: Value.apply,
    Read: Value.element,
    Pad: Value.padded,
    Fold: Value.fold,
    Inverted: Value.inverted,
    Scatter: Value.scatter,
    Length: lambda value, tree: value.symbols.length(tree.space),
    At: lambda value, tree: value.indices[tree.run][0],
    Fixed: Value.fixed,
}


def reduced(op: str, body: Expr, indices: list[Index]) -> Expr:
    """The reduction; over no axes at all (a ``...`` that stands for none) it is its one term."""
    if not indices:
        return Integer(0) if op.startswith("arg") else body
    return Reduce(op, body, *indices)
