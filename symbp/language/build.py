"""Statements -> Programs: every axis gets its Size, every run its Index, every variable its Tensor; then SymPy builds the values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from sympy import Expr, Integer, Mul, log

from symbp.ir import Broadcast, Element, Equation, Index, Leading, Program, Reduce, Size, Tensor
from symbp.language import functions
from symbp.language.axes import Axis, Lead, Shape, Space, resolve
from symbp.language.elaborate import Elaboration
from symbp.language.functions import Refused, exponential
from symbp.language.signs import sign
from symbp.language.trees import Apply, At, Fixed, Fold, Length, Position, Read, Run, Splitter, Statement, Stretch, Tree, Variable, inside


def programs(layer: Elaboration) -> tuple[Program, Program]:
    """The layer as equations, and as single operations.

    Raises:
        ReadError: a value is no finite number, or too large to work out.
    """
    name_variables(layer)
    symbols = Symbols.of(layer)
    names = (name for k in count(1) if (name := f"u{k}") not in symbols.taken)
    nodes = [node for statement in layer.statements for node in Splitter(names, statement).split()]
    return program(layer, layer.statements, symbols), program(layer, nodes, symbols)


def program(layer: Elaboration, statements: Iterable[Statement], symbols: Symbols) -> Program:
    inputs = tuple(symbols.tensor(variable) for variable in layer.inputs)
    equations = tuple(equation(statement, number, symbols) for number, statement in enumerate(statements, 1))
    outputs = tuple(symbols.tensor(variable) for variable in layer.outputs)
    return Program(layer.layer.syntax.name, inputs, equations, outputs, layer.constants)


def equation(statement: Statement, number: int, symbols: Symbols) -> Equation:
    building = Value(symbols, statement)
    position = [index for run in statement.runs for index in building.indices[run]]
    try:
        value = building.of(statement.value)
    except Refused as reason:
        statement.fail(str(reason))
    return Equation(Element(symbols.tensor(statement.variable, value), *position), value, number, statement.text)


# ---------------------------------------------------------------- names


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
    stems: dict[Space, str] = field(default_factory=dict)  # the index name that an axis goes by
    heads: dict[Variable, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, layer: Elaboration) -> Symbols:
        variables = [*layer.inputs, *(statement.variable for statement in layer.statements)]
        symbols = cls(own_names(layer) | {variable.name for variable in variables})
        spaces = [space for variable in variables for space in variable.shape or ()]
        spaces += [run.space for s in layer.statements for tree in inside(s.value) if isinstance(tree, Fold) for run in tree.runs]
        spaces += [tree.space for s in layer.statements for tree in inside(s.value) if isinstance(tree, Length)]
        found = dict.fromkeys(resolve(tuple(spaces)))
        for space in sorted(found, key=lambda space: space.hint):
            symbols.name(space)
        return symbols

    def name(self, space: Space) -> None:
        self.stems[space] = stem = space.hint[2]
        if isinstance(space, Lead):
            parts = tuple(Leading(part.name) for part in space.parts)
            self.sizes[space] = Leading(space.name or unused("...", self.taken), parts)
        elif space.length is not None:
            self.sizes[space] = space.length
        else:
            self.sizes[space] = Size(unused(stem.upper(), self.taken))

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


# ---------------------------------------------------------------- values


class Value:
    """Builds the value of one statement; its bound indices get names that no other index of the statement has."""

    def __init__(self, symbols: Symbols, statement: Statement) -> None:
        self.symbols = symbols
        self.used: set[str] = set()
        self.indices: dict[Run, tuple[Index, ...]] = {}
        for run in sorted(statement.runs, key=lambda run: isinstance(run.space, Lead)):
            self.start(run)

    def start(self, run: Run) -> tuple[Index, ...]:
        """The indices of a run: one, or one for each axis that its ``...`` stands for."""
        spaces = resolve((run.space,))
        names = [run.name if isinstance(run.space, Axis) or isinstance(space, Lead) else self.symbols.stems[space] for space in spaces]
        self.indices[run] = tuple(Index(unused(n, self.used), self.symbols.sizes[s]) for n, s in zip(names, spaces, strict=True))
        return self.indices[run]

    def of(self, tree: Tree) -> Expr:
        if isinstance(tree, Apply):
            return functions.apply(tree.op, [self.of(argument) for argument in tree.arguments])
        if isinstance(tree, Read):
            return self.element(tree)
        if isinstance(tree, Fold):
            return self.fold(tree)
        if isinstance(tree, Length):
            return self.symbols.length(tree.space)
        if isinstance(tree, At):
            return self.indices[tree.run][0]
        assert isinstance(tree, Fixed), tree
        return tree.value

    def element(self, read: Read) -> Element:
        return Element(self.symbols.tensor(read.variable), *(place for position in read.positions for place in self.places(position)))

    def places(self, position: Position) -> tuple[Expr, ...]:
        if isinstance(position, Run):
            return self.indices[position]
        if isinstance(position, Stretch):
            return tuple(Broadcast(index, self.symbols.sizes[position.lead]) for index in self.indices[position.run])
        return (Integer(position) if isinstance(position, int) else self.element(position),)

    def fold(self, fold: Fold) -> Expr:
        indices = [index for run in fold.runs for index in self.start(run)]
        body = self.of(fold.body)
        if fold.op == "logsumexp":
            return log(reduced("sum", exponential(body), indices))
        if fold.op == "mean":
            return reduced("sum", body, indices) / Mul(*(index.size for index in indices))
        return reduced(fold.op, body, indices)


def reduced(op: str, body: Expr, indices: list[Index]) -> Expr:
    """The reduction; over no axes at all (a ``...`` that stands for none) it is its one term."""
    if not indices:
        return Integer(0) if op.startswith("arg") else body
    return Reduce(op, body, *indices)
