"""An expression of the language -> a Tree: names looked up, indices checked, shapes unified. Nothing is ever evaluated as Python."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Rational, oo, pi

from symbp.language import functions
from symbp.language.conditions import condition
from symbp.language.elements import element, pad, read
from symbp.language.folds import reduction
from symbp.language.frames import Equation, Frame
from symbp.language.functions import FUNCTIONS, MATRIX, REDUCTIONS, WORDS, Refused
from symbp.language.grammar import OPERATORS
from symbp.language.names import index_name
from symbp.language.trees import Apply, At, Fixed, Length, Read, Run, Tree, Variable

if TYPE_CHECKING:
    from symbp.language.calls import Calls


class Expression:
    """Reads the expressions of one equation."""

    def __init__(self, frame: Frame, equation: Equation, calls: Calls) -> None:
        self.frame, self.equation, self.calls = frame, equation, calls
        self.branches = 0  # of where, around what is being read

    def value(self, node: ast.expr) -> Tree:
        session = self.frame.session
        session.visits += 1
        if session.visits > session.most_visits:
            self.frame.fail(node, "the layer is too large once the layers that it calls are written out")
        return VALUES[type(node)](self, node)

    def number(self, node: ast.Constant) -> Tree:
        if node.value is ...:
            self.frame.fail(node, "... stands in subscripts (x[...,i]), or after what a reduction runs over: mean(x[...], ...)")
        exact = Fraction(self.frame.layer.syntax.written(node))
        return Fixed(Rational(exact.numerator, exact.denominator))

    def name(self, node: ast.Name) -> Tree:
        if node.id == "inf" and not self.branches:
            self.frame.fail(node, "inf stands only in a branch of where(condition, a, b)")
        if node.id in ("inf", "pi"):
            return Fixed(oo if node.id == "inf" else pi)
        if node.id in self.frame.layer.names.indices and node.id not in self.frame.values:
            return At(self.active(node.id, node, f"index {node.id}"))
        found = self.frame.values.get(node.id)
        if found is None:
            self.frame.fail(node, f"{node.id} is not known here")
        return self.bare(found, node) if isinstance(found, Variable) else found

    def active(self, name: str, node: ast.AST, subject: str) -> Run:
        """The run of an index that is on the left or bound around the node."""
        run = self.equation.running(name)
        if run is None:
            left = self.frame.layer.syntax.written(self.equation.target) if self.equation.target else "the left"
            self.frame.fail(node, f"{subject} is neither summed nor on the left ({left}); sum it or add it to the left")
        return run

    def bare(self, variable: Variable, node: ast.expr) -> Read:
        """A tensor read without axes."""
        if self.frame.bare != "whole":
            return read(self.frame, variable, (), (), node)
        run = self.active("...", node, f"axis ... of {variable}")
        self.equation.sized.add("...")
        return read(self.frame, variable, (run,), (run.space,), node)

    def unary(self, node: ast.UnaryOp) -> Tree:
        if isinstance(node.op, ast.Not):
            return self.truth(node)
        value = self.value(node.operand)
        return value if isinstance(node.op, ast.UAdd) else self.apply("neg", (value,), node)

    def binary(self, node: ast.BinOp) -> Tree:
        return self.apply(OPERATORS[type(node.op)], (self.value(node.left), self.value(node.right)), node)

    def apply(self, op: str, arguments: tuple[Tree, ...], node: ast.expr) -> Tree:
        """The operation; worked out at once where it is one of numbers."""
        numbers = [argument.value for argument in arguments if isinstance(argument, Fixed)]
        try:
            if len(numbers) == len(arguments):
                return Fixed(functions.apply(op, numbers), Apply(op, arguments))
            if op == "/" and numbers == [0] and isinstance(arguments[1], Fixed):
                raise Refused("division by zero")
        except Refused as reason:
            self.frame.fail(node, str(reason))
        return Apply(op, arguments)

    def truth(self, node: ast.expr) -> Tree:
        self.frame.fail(node, "a condition has no value here; write where(condition, a, b)")

    # ------------------------------------------------------------ calls

    def call(self, node: ast.Call) -> Tree:
        assert isinstance(node.func, ast.Name)
        name, layer = node.func.id, self.frame.layer.scope.get(node.func.id)
        if name in REDUCTIONS:
            return reduction(self, name, node)
        if name in FUNCTIONS:
            return self.function(name, node)
        if name == "pad":
            return pad(self, node)
        if name in MATRIX:
            return self.bare(self.calls.matrix(self, node, name), node)
        if layer is None:
            self.frame.fail(node, self.unknown(name))
        if layer.elementwise:
            return self.calls.pointwise(self, node, layer)
        return self.bare(self.calls.whole(self, node, layer), node)

    def unknown(self, name: str) -> str:
        if name == self.frame.layer.syntax.name:
            return f"{name} calls itself; a layer calls layers that come before it"
        if name in functions.MEANT:
            return f"{name} is not a function of the language; use {functions.MEANT[name]}"
        if name in ("floor", "ceil", "round"):
            return f"{name} has no derivative rule"
        nearest = difflib.get_close_matches(name, [*self.frame.layer.nearby, *WORDS], 1)
        return f"{name} is not a function or layer that is known{f'; did you mean {nearest[0]}?' if nearest else ''}"

    def function(self, name: str, node: ast.Call) -> Tree:
        form = FUNCTIONS[name]
        if node.keywords:
            self.frame.fail(node.keywords[0].value, f"{name} takes no keyword")
        if not form.least <= len(node.args) <= form.most:
            self.frame.fail(node, f"{name} takes {form.arity}, {len(node.args)} given")
        if name == "size":
            return self.size(node.args[0])
        if name != "where":
            return self.apply(name, tuple(self.value(argument) for argument in node.args), node)
        return Apply("where", (condition(self, node.args[0]), *map(self.branch, node.args[1:])))

    def branch(self, node: ast.expr) -> Tree:
        """A value that is looked at only where it is taken; it may be infinite."""
        self.branches += 1
        value = self.value(node)
        self.branches -= 1
        return value

    def size(self, node: ast.expr) -> Tree:
        name = index_name(node)
        if not name:
            self.frame.fail(node, "size is of an index: size(i)")
        return Length(self.equation.space(name, node))

    def subscript(self, node: ast.Subscript) -> Tree:
        return element(self, node)


VALUES: dict[type[ast.expr], Callable[..., Tree]] = {
    ast.Constant: Expression.number,
    ast.Name: Expression.name,
    ast.UnaryOp: Expression.unary,
    ast.BinOp: Expression.binary,
    ast.Compare: Expression.truth,
    ast.BoolOp: Expression.truth,
    ast.Call: Expression.call,
    ast.Subscript: Expression.subscript,
}
