"""The equations of a scatter, ``y[n, 2*k] = a[n,k]; y[n, 2*k+1] = b[n,k]`` -> one statement that adds up what each puts at its places.

They are read as one equation: an index has one length in all of them.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial
from itertools import count

from sympy import Expr

from symbp.ir import Size
from symbp.language.affine import ONE
from symbp.language.axes import Axis, Space, resolve
from symbp.language.calls import Calls
from symbp.language.elements import placed
from symbp.language.expression import Expression
from symbp.language.frames import Crop, Equation, Fail, Frame, Target
from symbp.language.names import index_name, on_left
from symbp.language.spans import Span, at_least
from symbp.language.syntax import EquationSyntax
from symbp.language.targets import Assignment, places
from symbp.language.trees import Affine, Apply, Overhang, Piece, Position, Read, Run, Scatter, Statement, Variable

FRESH = "uvrs"  # what the axes of a target are called that no index of the user's runs over


class Places:
    """Where the equations of one name put their values, as far as they have been read."""

    def __init__(self, calls: Calls, frame: Frame, assignment: Assignment) -> None:
        self.calls, self.frame, self.assignment = calls, frame, assignment
        self.equation = Equation(frame)
        self.runs: dict[str, Run] = {}  # by the name of the index, in all equations the same
        self.pieces: list[Piece] = []
        self.fails: list[Fail] = []
        self.targets: list[Run] = []

    def add(self, syntax: EquationSyntax) -> Variable | None:
        """Reads one equation; with the last the target is there."""
        equation, nodes = self.equation, places(syntax.target)
        equation.target = syntax.target
        equation.left = tuple(self.running(name, node) for name, node in self.indices(syntax.target).items())
        equation.around = list(equation.left)
        self.targets = self.targets or self.axes()
        self.check_axes(syntax, nodes)
        positions = [self.position(node) for node in nodes]
        value = self.calls.value(equation, syntax.value)
        put = tuple((run, place) for run, place in zip(self.targets, positions, strict=True) if place is not run)
        self.pieces.append(Piece(value, put, tuple(run for run in equation.left if run not in self.targets)))
        self.fails.append(partial(self.frame.fail, syntax.target))
        return self.finish(syntax) if syntax is self.assignment.equations[-1] else None

    def indices(self, target: ast.expr) -> dict[str, ast.AST]:
        """The names of the indices that run on the left, and where each stands first."""
        found: dict[str, ast.AST] = {}
        for mention in on_left(target):
            if mention.name == "..." or (mention.name in self.frame.layer.names.indices and mention.within != "size"):
                found.setdefault(mention.name, mention.node)
        return found

    def running(self, name: str, node: ast.AST) -> Run:
        if name not in self.runs:
            self.runs[name] = Run(name, self.equation.space(name, node))
        return self.runs[name]

    def axes(self) -> list[Run]:
        """The index of each axis of the target: the user's where it runs over the axis in every equation, else a new one."""
        nodes = [places(equation.target) for equation in self.assignment.equations]
        names = self.frame.layer.names
        taken = {*names.indices, *names.inputs, *names.targets, *names.constants}
        fresh = (name for k in count(1) for letter in FRESH if (name := letter + (str(k) if k > 1 else "")) not in taken)
        runs = []
        for number, first in enumerate(nodes[0]):
            whole = all(len(axes) == len(nodes[0]) and index_name(axes[number]) for axes in nodes)
            runs.append(self.runs[index_name(first)] if whole else self.new(next(fresh)))
        return runs

    def new(self, name: str) -> Run:
        return Run(name, Axis(self.frame.session.hint(self.frame.level, name)))

    def check_axes(self, syntax: EquationSyntax, nodes: Sequence[ast.expr]) -> None:
        """All equations have the same axes, those that are whole under the same names."""
        first = self.frame.layer.syntax.written(self.assignment.equations[0].target)
        if len(nodes) != len(self.targets):
            self.frame.fail(syntax.target, f"the target has {len(self.targets)} axes as {first}, and {len(nodes)} here")
        for number, (node, run) in enumerate(zip(nodes, self.targets, strict=True)):
            name = index_name(node)
            if name == "..." and number:
                self.frame.fail(node, "... stands for leading axes and comes first: y[...,2*k]")
            if run.name in self.runs and name != run.name:
                self.frame.fail(node, f"the index of this axis is called {run.name} in {first}; call it so here too")
        whole = [run.name for run in self.targets if run.name in self.runs]
        for name in whole:
            if whole.count(name) > 1:
                self.frame.fail(syntax.target, f"index {name} stands twice on the left")

    def position(self, node: ast.expr) -> Position:
        name = index_name(node)
        return self.runs[name] if name in self.runs else placed(Expression(self.frame, self.equation, self.calls), node)

    def finish(self, syntax: EquationSyntax) -> Variable:
        """The statement of the target; with another one before it, which is wider, where places may be left out."""
        frame, name = self.frame, self.assignment.name
        variable = frame.variable(name)
        self.equation.check_lengths()
        borders = self.borders(syntax) if syntax.padded else {}
        if borders:
            wide = Variable("", wanted=f"{frame.wanted(name)}_wide", assigned=True)
            runs = [self.new(run.name) if number in borders else run for number, run in enumerate(self.targets)]
            self.add_statement(wide, runs, [moved(piece, dict(zip(self.targets, runs, strict=True))) for piece in self.pieces], syntax)
            self.crop(variable, wide, runs, borders, syntax)
        else:
            self.add_statement(variable, self.targets, self.pieces, syntax)
        frame.values[name] = variable
        return variable

    def add_statement(self, variable: Variable, runs: Sequence[Run], pieces: Sequence[Piece], syntax: EquationSyntax) -> None:
        frame, session = self.frame, self.frame.session
        frame.fit(variable, tuple(run.space for run in runs), syntax.target)
        session.statements.append(Statement(variable, tuple(runs), Scatter(tuple(pieces)), partial(frame.fail, syntax.value)))
        session.scatters.append(tuple(self.target(variable, number, run, pieces, syntax) for number, run in enumerate(runs)))

    def target(self, variable: Variable, number: int, run: Run, pieces: Sequence[Piece], syntax: EquationSyntax) -> Target:
        positions = tuple(dict(piece.places).get(run, run) for piece in pieces)
        return Target(variable, number, run, positions, syntax.padded, tuple(self.fails), self.frame.session.order)

    # ------------------------------------------------------------ pad(...) around a target

    def borders(self, syntax: EquationSyntax) -> dict[int, Overhang]:
        """The axes on which places may be before the first, and how far."""
        if len(self.pieces) > 1:
            self.frame.fail(syntax.target, f"pad is around a target that has one equation; {self.assignment.name} has {len(self.pieces)}")
        found = {}
        for number, run in enumerate(self.targets):
            position = dict(self.pieces[0].places).get(run)
            if isinstance(position, Read):
                self.frame.fail(syntax.target, f"axis {number} has its places from {position.variable}; pad leaves out places of indices")
            if isinstance(position, Affine) and not at_least(Span.of(position, measure).smallest, 0):
                found[number] = Overhang(position)
        return found

    def crop(self, variable: Variable, wide: Variable, runs: Sequence[Run], borders: dict[int, Overhang], syntax: EquationSyntax) -> None:
        """The target is what lies between the borders of the wide one."""
        frame, session = self.frame, self.frame.session
        frame.fit(variable, tuple(run.space for run in self.targets), syntax.target)
        places = tuple(Affine(((ONE, run),), borders[n]) if n in borders else run for n, run in enumerate(self.targets))
        session.statements.append(Statement(variable, tuple(self.targets), Read(wide, places), partial(frame.fail, syntax.value)))
        for number, border in borders.items():
            session.crops.append(Crop(self.targets[number], runs[number], border, self.fails[-1], session.hint(0, "")[1]))


def moved(piece: Piece, runs: dict[Run, Run]) -> Piece:
    """The piece with its places on other axes, moved so that none is before the first."""
    places = tuple((runs[run], inside(place) if runs[run] is not run else place) for run, place in piece.places)
    return Piece(piece.value, places, piece.runs)


def inside(place: Position) -> Position:
    assert isinstance(place, Affine)
    return Affine(place.terms, Apply("+", (place.rest, Overhang(place))))


def measure(space: Space) -> Expr:
    """A length as far as it is known while equations are read: enough to see a sign."""
    [axis] = resolve((space,))
    return axis.length if isinstance(axis, Axis) and axis.length is not None else Size(str(axis.hint))
