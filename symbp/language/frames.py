"""What an expression is read in: the layer being written out, the equation, and the session that collects statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from sympy import Expr, Rational

from symbp.ir import Constant
from symbp.language.axes import Axis, Lead, Mismatch, Shape, Space, unify
from symbp.language.functions import MATRIX
from symbp.language.names import Names
from symbp.language.syntax import Syntax
from symbp.language.trees import Affine, Overhang, Position, Read, Run, Statement, Tree, Variable

MOST_VISITS = 20_000  # names, numbers and operations that calls may add to those of a layer's own text; a few seconds

Fail = Callable[[str], NoReturn]


@dataclass(frozen=True)
class Layer:
    """One layer as syntax, its names decided, and the layers that it calls."""

    syntax: Syntax
    names: Names
    scope: Mapping[str, Layer]
    nearby: tuple[str, ...] = ()  # the names of all the layers that it could have called

    @property
    def elementwise(self) -> bool:
        """No axis is named: every value has the shape of the inputs."""
        flat = not self.names.has_axes and not set(self.names.calls) & set(MATRIX)
        return flat and all(layer.elementwise for layer in self.scope.values())


@dataclass(frozen=True)
class Use:
    """A read at an affine position: the length of its axis may say how far an index of the position runs."""

    form: Affine
    axis: Axis
    padded: bool
    guarded: bool  # in a branch of where, which may not be taken
    written: str
    fail: Fail


@dataclass(frozen=True)
class Unsized:
    """An index that its equation reads at affine positions alone."""

    name: str
    space: Space
    uses: tuple[Use, ...]
    bound: bool  # by a reduction; else it is on the left
    complaint: str
    order: int  # in which the equations are read


@dataclass(frozen=True)
class Target:
    """An axis of a scatter's target: the places of its equations say how long it is, and that no two of them meet."""

    variable: Variable
    number: int  # of the axis
    run: Run
    positions: tuple[Position, ...]  # one for each equation; the run itself where the axis is whole
    padded: bool  # moved so that nothing is before the first place
    fails: tuple[Fail, ...]
    order: int

    @property
    def whole(self) -> bool:
        return all(position is self.run for position in self.positions)


@dataclass(frozen=True)
class Crop:
    """An axis that is another without its borders: how much is left out at each end."""

    run: Run
    whole: Run
    border: Overhang
    fail: Fail
    order: int


@dataclass
class Session:
    """The statements found so far, in an order that can be run; one session for a layer with all its calls."""

    defaults: Mapping[Constant, Rational] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    unsized: list[Unsized] = field(default_factory=list)
    scatters: list[tuple[Target, ...]] = field(default_factory=list)
    crops: list[Crop] = field(default_factory=list)
    spaces: list[tuple[Space, Callable[[], NoReturn]]] = field(default_factory=list)  # of every index, with who says it has no length
    same: dict[Variable, Variable] = field(default_factory=dict)  # a target that was read ahead, and the result that it is
    most_visits: int = MOST_VISITS
    visits: int = 0
    order: int = 0
    calls: int = 0

    def hint(self, level: int, name: str) -> tuple[int, int, str]:
        self.order += 1
        return level, self.order, name


@dataclass(frozen=True)
class Start:
    """What a recurrence is at one place before its first step, as a value at its other axes."""

    runs: tuple[Run, ...]
    value: Tree  # reads a tensor at these runs, or has none of them

    def at(self, others: tuple[Position, ...]) -> Tree:
        """The value at these places of the other axes."""
        if not isinstance(self.value, Read):
            return self.value
        moved = dict(zip(self.runs, others, strict=True))
        return Read(self.value.variable, tuple(moved[p] if isinstance(p, Run) else p for p in self.value.positions))


@dataclass(eq=False)
class Frame:
    """One layer being written out: the one that is read, or one that it calls.

    ``bare`` says what a name without axes is: "scalar" a tensor of rank 0, "whole" the tensor at ``...``,
    "axes" the element at ``axes`` (an elementwise layer).
    """

    layer: Layer
    session: Session
    bare: str
    values: dict[str, Variable | Tree]
    axes: tuple[Run, ...] = ()
    level: int = 0  # how many calls deep
    caller: tuple[Frame, ast.AST] | None = None
    lengths: dict[str, Expr] = field(default_factory=dict)  # of indices, where the layer says them: size(p) = 3
    ahead: set[str] = field(default_factory=set)  # targets of recurrences, as long as they are not assigned
    starts: dict[str, dict[int, Start]] = field(default_factory=dict)  # of recurrences, by how far before the first step

    def fail(self, node: ast.AST, message: str) -> NoReturn:
        """Raises the ReadError; what goes wrong in a called layer is the call's fault, and is shown there."""
        if self.caller:
            frame, call = self.caller
            frame.fail(call, f"{self.layer.syntax.name}: {message}")
        self.layer.syntax.fail(node, message)

    def unified(self, node: ast.AST, subject: str, join: Callable[[], None]) -> None:
        try:
            join()
        except Mismatch as found:
            self.fail(node, f"{subject} {found}")

    def fit(self, variable: Variable, shape: Shape, node: ast.expr) -> None:
        """Makes the shape that of the tensor; the first one fixes its rank."""
        written = self.layer.syntax.written(node)
        if variable.shape is None:
            variable.shape, variable.shown = shape, f"{written}, line {node.lineno}"
        known, shown = variable.shape, f" ({variable.shown})" if variable.shown else ""
        self.unified(node, f"{written} does not fit {variable}{shown}: it has", lambda: unify(known, shape))

    def wanted(self, target: str) -> str:
        """The name that a target of this frame has in the program."""
        return f"{self.layer.syntax.name}_{target}" if self.caller else target

    def variable(self, target: str) -> Variable:
        return Variable("", wanted=self.wanted(target), assigned=True) if self.caller else Variable(target, assigned=True)


@dataclass(eq=False)
class Equation:
    """The indices of one equation, or of all those that assign one name: an index name is one length, wherever in it it runs."""

    frame: Frame
    left: tuple[Run, ...] = ()
    around: list[Run] = field(default_factory=list)  # on the left, then bound around what is being read
    target: ast.expr | None = None  # as written, for messages
    spaces: dict[str, Axis | Lead] = field(default_factory=dict)
    mentioned: dict[str, ast.AST] = field(default_factory=dict)
    sized: set[str] = field(default_factory=set)  # the names that something gives a length
    bound: set[str] = field(default_factory=set)  # the names that a reduction binds
    uses: list[Use] = field(default_factory=list)

    def space(self, name: str, node: ast.AST) -> Axis | Lead:
        if name not in self.spaces:
            hint = self.frame.session.hint(self.frame.level, name)
            self.spaces[name] = Lead(hint) if name == "..." else Axis(hint, self.frame.lengths.get(name))
            self.mentioned[name] = node
            self.sized |= {name} & self.frame.lengths.keys()
        return self.spaces[name]

    def running(self, name: str) -> Run | None:
        return next((run for run in self.around if run.name == name), None)

    def check_lengths(self) -> None:
        """Every index has a length, or is left to what the lengths of the axes at its affine positions say."""
        session = self.frame.session
        for name, node in self.mentioned.items():
            said = f", or bind it with its length: sum(..., {name}=3)" if name in self.bound else f", or say it: size({name}) = 3"
            complaint = f"nothing gives index {name} a length; read a tensor at it{said if name != '...' else ''}"
            session.spaces.append((self.spaces[name], partial(self.frame.fail, node, complaint)))
            if name not in self.sized:
                self.leave(name, complaint)
        session.uses += self.uses

    def leave(self, name: str, complaint: str) -> None:
        """The length is left to the affine reads, or to the other equations of the target."""
        if name == "...":
            self.frame.fail(self.mentioned[name], complaint)
        uses = tuple(use for use in self.uses if any(run.space is self.spaces[name] for run in use.form.free))
        if uses:
            session = self.frame.session
            session.unsized.append(Unsized(name, self.spaces[name], uses, name in self.bound, complaint, session.order))
