"""A call written twice is made once: statements of called layers that compute the same value become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from symbp.language.axes import Space, resolve
from symbp.language.trees import (
    Affine,
    Apply,
    At,
    Fixed,
    Fold,
    Inverted,
    Length,
    Overhang,
    Pad,
    Piece,
    Position,
    Read,
    Run,
    Scatter,
    Statement,
    Stretch,
    Tree,
    Variable,
)

Same = dict[Variable, Variable]  # a variable that is left out, and the one that stands for it


def shared(statements: Iterable[Statement], same: Same) -> tuple[Statement, ...]:
    """The statements, without those that compute again what a called layer has computed; what the user named stays.
    ``same`` are variables that others stand for already."""
    first: dict[Any, Variable] = {}
    same = dict(same)
    kept = []
    for statement in statements:
        statement = replace(statement, value=_read_from(statement.value, same))
        key = _key(statement)
        if key in first and not statement.variable.name:
            same[statement.variable] = first[key]
            continue
        if not statement.variable.name:
            first[key] = statement.variable
        kept.append(statement)
    return tuple(kept)


def _read_from(tree: Tree, same: Same) -> Tree:
    """The tree with every read made from the variable that is kept."""
    if not tree.reads:
        return tree
    if isinstance(tree, Read):
        return _kept(tree, same)
    inner = partial(_read_from, same=same)
    if isinstance(tree, Pad):
        return Pad(_kept(tree.read, same), tree.fill)
    if isinstance(tree, Apply):
        return Apply(tree.op, tuple(map(inner, tree.arguments)))
    if isinstance(tree, Scatter):
        return Scatter(tuple(_piece(piece, same) for piece in tree.pieces))
    if isinstance(tree, Inverted):
        return Inverted(inner(tree.body), tree.row, tree.column)
    assert isinstance(tree, Fold), tree
    return Fold(tree.op, inner(tree.body), tree.runs)


def _kept(read: Read, same: Same) -> Read:
    return Read(same.get(read.variable, read.variable), tuple(_position(p, same) for p in read.positions))


def _position(position: Position, same: Same) -> Position:
    return _kept(position, same) if isinstance(position, Read) else position


def _piece(piece: Piece, same: Same) -> Piece:
    return Piece(_read_from(piece.value, same), tuple((run, _position(p, same)) for run, p in piece.places), piece.runs)


def _key(statement: Statement) -> Any:
    """Equal for statements that differ in the names of their indices alone."""
    return Key().of_statement(statement)


class Key:
    """Numbers the indices of one statement as they come up."""

    def __init__(self) -> None:
        self.numbers = count()
        self.runs: dict[Run, int] = {}

    def of_statement(self, statement: Statement) -> Any:
        self.bind(statement.runs)
        return tuple(map(self.of_run, statement.runs)), self.of(statement.value)

    def bind(self, runs: Iterable[Run]) -> None:
        self.runs.update({run: next(self.numbers) for run in runs})

    def of_run(self, run: Run) -> Any:
        return self.runs[run], _spaces(run.space)

    def of_position(self, position: Position) -> Any:
        if isinstance(position, Stretch):
            return self.of_run(position.run), _spaces(position.lead)
        if isinstance(position, Affine):
            return "affine", tuple((self.of(c), self.of_run(run)) for c, run in position.terms), self.of(position.rest)
        return position if isinstance(position, int) else self.of_run(position) if isinstance(position, Run) else self.of(position)

    def of(self, tree: Tree) -> Any:
        return FORMS[type(tree)](self, tree)

    def of_read(self, tree: Read) -> Any:
        return tree.variable, *map(self.of_position, tree.positions)

    def of_fold(self, tree: Fold) -> Any:
        self.bind(tree.runs)
        return tree.op, tuple(map(self.of_run, tree.runs)), self.of(tree.body)

    def of_overhang(self, tree: Overhang) -> Any:
        return "overhang", tuple((self.of(c), _spaces(run.space)) for c, run in tree.position.terms), self.of(tree.position.rest)

    def of_piece(self, tree: Piece) -> Any:
        self.bind(tree.runs)
        places = tuple((self.of_run(run), self.of_position(position)) for run, position in tree.places)
        return places, tuple(map(self.of_run, tree.runs)), self.of(tree.value)


FORMS: dict[type, Callable[[Key, Any], Any]] = {
    Read: Key.of_read,
    Fold: Key.of_fold,
    Piece: Key.of_piece,
    Apply: lambda key, tree: (tree.op, *map(key.of, tree.arguments)),
    Pad: lambda key, tree: ("pad", *map(key.of, tree.parts)),
    Scatter: lambda key, tree: ("scatter", *map(key.of, tree.pieces)),
    Inverted: lambda key, tree: ("inv", key.of_run(tree.row), key.of_run(tree.column), key.of(tree.body)),
    At: lambda key, tree: ("at", key.of_run(tree.run)),
    Overhang: Key.of_overhang,
    Length: lambda key, tree: ("length", _spaces(tree.space)),
    Fixed: lambda key, tree: ("fixed", tree.value),
}


def _spaces(space: Space) -> Any:
    return resolve((space,))
