"""A call written twice is made once: statements of called layers that compute the same value become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Any

from symbp.language.axes import Space, resolve
from symbp.language.trees import Apply, At, Fixed, Fold, Length, Position, Read, Run, Statement, Stretch, Tree, Variable

Same = dict[Variable, Variable]  # a variable that is left out, and the one that stands for it


def shared(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements, without those that compute again what a called layer has computed; what the user named stays."""
    first: dict[Any, Variable] = {}
    same: Same = {}
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
    if isinstance(tree, Read):
        return _kept(tree, same)
    if isinstance(tree, Apply):
        return Apply(tree.op, tuple(_read_from(argument, same) for argument in tree.arguments))
    return Fold(tree.op, _read_from(tree.body, same), tree.runs) if isinstance(tree, Fold) else tree


def _kept(read: Read, same: Same) -> Read:
    positions = tuple(_kept(p, same) if isinstance(p, Read) else p for p in read.positions)
    return Read(same.get(read.variable, read.variable), positions)


def _key(statement: Statement) -> Any:
    """Equal for statements that differ in the names of their indices alone."""
    numbers = count()
    runs = {run: next(numbers) for run in statement.runs}

    def of_run(run: Run) -> Any:
        return runs[run], _spaces(run.space)

    def of_position(position: Position) -> Any:
        if isinstance(position, Stretch):
            return of_run(position.run), _spaces(position.lead)
        return position if isinstance(position, int) else of_run(position) if isinstance(position, Run) else of_tree(position)

    def of_tree(tree: Tree) -> Any:
        if isinstance(tree, Read):
            return tree.variable, *map(of_position, tree.positions)
        if isinstance(tree, Apply):
            return tree.op, *map(of_tree, tree.arguments)
        if isinstance(tree, Fold):
            runs.update({run: next(numbers) for run in tree.runs})
            return tree.op, tuple(map(of_run, tree.runs)), of_tree(tree.body)
        if isinstance(tree, At):
            return "at", of_run(tree.run)
        assert isinstance(tree, Length | Fixed), tree
        return ("length", _spaces(tree.space)) if isinstance(tree, Length) else ("fixed", tree.value)

    return tuple(map(of_run, statement.runs)), of_tree(statement.value)


def _spaces(space: Space) -> Any:
    return resolve((space,))
