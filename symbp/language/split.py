"""A statement -> statements of one operation each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbp.language.kinds import discrete
from symbp.language.trees import (
    CONDITIONS,
    Affine,
    Apply,
    Fold,
    Inverted,
    Piece,
    Read,
    Run,
    Scatter,
    Statement,
    Tree,
    Variable,
    in_order,
    inside,
)


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
        if isinstance(tree, Scatter):
            return Scatter(tuple(self.piece(piece, around) for piece in tree.pieces))
        if isinstance(tree, Inverted):
            return Inverted(self.operand(tree.body, around), tree.row, tree.column)
        if isinstance(tree, Apply) and tree.op == "where":
            condition, *branches = tree.arguments
            return Apply("where", (condition, *(b if may_leave(b) else self.operand(b, around) for b in branches)))
        if isinstance(tree, Apply) and tree.reads:
            return Apply(tree.op, tuple(self.operand(argument, around) for argument in tree.arguments))
        return tree

    def piece(self, piece: Piece, around: tuple[Run, ...]) -> Piece:
        return Piece(self.operand(piece.value, around + piece.runs), piece.places, piece.runs)

    def operand(self, tree: Tree, around: tuple[Run, ...]) -> Tree:
        """The tree itself where it is a leaf, a condition, or reads no tensor; else an element of its own target."""
        if not isinstance(tree, Apply | Fold) or not tree.reads or (isinstance(tree, Apply) and tree.op in CONDITIONS):
            return tree
        value = self.operation(tree, around)
        runs = in_order(around, tree.free)
        kind = "integer" if discrete(value) else "real"
        variable = Variable(next(self.names), tuple(run.space for run in runs), kind, assigned=True)
        self.found.append(Statement(variable, runs, value, self.statement.fail, calls=self.statement.calls))
        return Read(variable, runs)


def may_leave(tree: Tree) -> bool:
    """Whether it reads a place that may be outside where the branch is not taken: it stays in the branch then."""
    places = (position for part in inside(tree) if isinstance(part, Read) for position in part.positions)
    return not isinstance(tree, Read) and any(isinstance(position, Affine | Read) for position in places)
