"""What an expression is read in: the layer being written out, the equation, and the session that collects statements."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from symbp.language.axes import Axis, Lead
from symbp.language.names import Names
from symbp.language.syntax import Syntax
from symbp.language.trees import Run, Statement, Tree, Variable

MOST_VISITS = 5_000  # nodes of one layer with its calls written out


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
        return not self.names.has_axes and all(layer.elementwise for layer in self.scope.values())


@dataclass
class Session:
    """The statements found so far, in an order that can be run; one session for a layer with all its calls."""

    statements: list[Statement] = field(default_factory=list)
    visits: int = 0
    order: int = 0

    def hint(self, level: int, name: str) -> tuple[int, int, str]:
        self.order += 1
        return level, self.order, name

    def text(self, variable: Variable, text: str) -> None:
        """Says that the statement which assigns the variable is an equation that the user wrote."""
        for statement in self.statements:
            if statement.variable is variable:
                statement.text = text


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

    def fail(self, node: ast.AST, message: str) -> NoReturn:
        """Raises the ReadError; what goes wrong in a called layer is the call's fault, and is shown there."""
        if self.caller:
            frame, call = self.caller
            frame.fail(call, f"{self.layer.syntax.name}: {message}")
        self.layer.syntax.fail(node, message)

    def wanted(self, target: str) -> str:
        """The name that a target of this frame has in the program."""
        return f"{self.layer.syntax.name}_{target}" if self.caller else target

    def variable(self, target: str) -> Variable:
        return Variable("", wanted=self.wanted(target), assigned=True) if self.caller else Variable(target, assigned=True)


@dataclass(eq=False)
class Equation:
    """The indices of one equation: an index name is one length, wherever in the equation it runs."""

    frame: Frame
    left: tuple[Run, ...] = ()
    around: list[Run] = field(default_factory=list)  # on the left, then bound around what is being read
    target: ast.expr | None = None  # as written, for messages
    spaces: dict[str, Axis | Lead] = field(default_factory=dict)
    mentioned: dict[str, ast.AST] = field(default_factory=dict)
    sized: set[str] = field(default_factory=set)  # the names that something gives a length

    def space(self, name: str, node: ast.AST) -> Axis | Lead:
        if name not in self.spaces:
            hint = self.frame.session.hint(self.frame.level, name)
            self.spaces[name] = Lead(hint) if name == "..." else Axis(hint)
            self.mentioned[name] = node
        return self.spaces[name]

    def running(self, name: str) -> Run | None:
        return next((run for run in self.around if run.name == name), None)

    def check_lengths(self) -> None:
        for name, node in self.mentioned.items():
            if name not in self.sized:
                example = f"read a tensor at it{'' if name == '...' else f', or bind it with its length: sum(..., {name}=3)'}"
                self.frame.fail(node, f"nothing gives index {name} a length; {example}")
