"""An expression of the language -> a Tree: names looked up, indices checked, shapes unified. Nothing is ever evaluated as Python."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Integer, Rational, oo, pi

from symbp.ir import Constant
from symbp.language import functions
from symbp.language.axes import Axis, Mismatch, Space, fix, unify
from symbp.language.conditions import condition, use
from symbp.language.frames import MOST_VISITS, Equation, Frame
from symbp.language.functions import FUNCTIONS, NOT_YET, REDUCTIONS, RENAMED, Refused
from symbp.language.grammar import OPERATORS
from symbp.language.names import positions
from symbp.language.trees import Apply, At, Fixed, Fold, Length, Position, Read, Run, Tree, Variable

if TYPE_CHECKING:
    from symbp.language.elaborate import Calls

INDEX_FORMS = "a subscript is an index, a whole number, or an element of an integer tensor"


class Expression:
    """Reads the expressions of one equation."""

    def __init__(self, frame: Frame, equation: Equation, calls: Calls) -> None:
        self.frame, self.equation, self.calls = frame, equation, calls
        self.branches = 0  # of where, around what is being read

    def value(self, node: ast.expr) -> Tree:
        session = self.frame.session
        session.visits += 1
        if session.visits > MOST_VISITS:
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
            return self.read(variable, (), (), node)
        run = self.active("...", node, f"axis ... of {variable}")
        self.equation.sized.add("...")
        return self.read(variable, (run,), (run.space,), node)

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
                return Fixed(functions.apply(op, numbers))
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
            return self.reduction(name, node)
        if name in FUNCTIONS:
            return self.function(name, node)
        if layer is None:
            self.frame.fail(node, self.unknown(name))
        if layer.elementwise:
            return self.calls.pointwise(self, node, layer)
        return self.bare(self.calls.whole(self, node, layer), node)

    def unknown(self, name: str) -> str:
        if name in NOT_YET:
            return f"{name} is not supported yet"
        if name == self.frame.layer.syntax.name:
            return f"{name} calls itself; a layer calls layers that come before it"
        if name in functions.MEANT:
            return f"{name} is not a function of the language; use {functions.MEANT[name]}"
        if name in ("floor", "ceil", "round"):
            return f"{name} has no derivative rule"
        nearest = difflib.get_close_matches(name, [*self.frame.layer.nearby, *FUNCTIONS, *REDUCTIONS], 1)
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
        holds = condition(self, node.args[0])
        self.branches += 1
        branches = tuple(self.value(argument) for argument in node.args[1:])
        self.branches -= 1
        return Apply("where", (holds, *branches))

    def size(self, node: ast.expr) -> Tree:
        name = index_name(node)
        if not name:
            self.frame.fail(node, "size is of an index: size(i)")
        return Length(self.equation.space(name, node))

    def reduction(self, name: str, node: ast.Call) -> Tree:
        if len(node.args) + len(node.keywords) < 2 or not node.args:
            self.frame.fail(node, f"{name} reduces over an index: {name}(x[i], i)")
        runs = tuple(self.bind(argument, name) for argument in node.args[1:])
        runs += tuple(self.ranged(keyword) for keyword in node.keywords)
        if name.startswith("arg") and len(runs) > 1:
            self.frame.fail(node, f"{name} is over one index")
        body = self.value(node.args[0])
        del self.equation.around[-len(runs) :]
        return Fold(name, body, runs)

    def bind(self, node: ast.expr, reduction: str) -> Run:
        name = index_name(node)
        if not name and reduction in RENAMED:
            self.frame.fail(node, f"{reduction} reduces over an index; of two values write {RENAMED[reduction]}(a, b)")
        if not name:
            self.frame.fail(node, f"{reduction} runs over an index here: {reduction}(x[i], i)")
        return self.running(name, node)

    def ranged(self, keyword: ast.keyword) -> Run:
        """An index that is given its length: p=3 or p=kernel."""
        assert keyword.arg
        length = self.value(keyword.value)
        number = length.value if isinstance(length, Fixed) else None
        if not isinstance(number, Constant) and not (isinstance(number, Integer) and number > 0):
            self.frame.fail(keyword.value, f"the length of {keyword.arg} is a whole number or a constant of the layer")
        run = self.running(keyword.arg, keyword)
        self.equation.sized.add(keyword.arg)
        self.unified(keyword, f"index {keyword.arg} has", lambda: fix(run.space, number))  # type: ignore[arg-type]
        return run

    def running(self, name: str, node: ast.AST) -> Run:
        if self.equation.running(name):
            on_left = self.equation.running(name) in self.equation.left
            self.frame.fail(node, f"index {name} is {'on the left' if on_left else 'bound around this'} already; bind another name")
        run = Run(name, self.equation.space(name, node))
        self.equation.around.append(run)
        return run

    # ------------------------------------------------------------ elements

    def subscript(self, node: ast.Subscript) -> Tree:
        variable = self.subscripted(node.value)
        places = [self.position(place, number, str(variable)) for number, place in enumerate(positions(node))]
        return self.read(variable, tuple(p for p, _ in places), tuple(s for _, s in places), node)

    def subscripted(self, node: ast.expr) -> Variable:
        """The tensor before the brackets."""
        if isinstance(node, ast.Name):
            found = self.frame.values.get(node.id)
            if isinstance(found, Variable):
                return found
            what = "a constant" if node.id in self.frame.values else "an index here"
            self.frame.fail(node, f"{node.id} is {what}, not a tensor, and has no axes")
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        layer = self.frame.layer.scope.get(name)
        if layer and name not in (*FUNCTIONS, *REDUCTIONS):
            assert isinstance(node, ast.Call)
            if layer.elementwise:
                self.frame.fail(node, f"{name} is elementwise and has no axes of its own; write {name}(x[n]), not {name}(x)[n]")
            return self.calls.whole(self, node, layer)
        if isinstance(node, ast.Call) and not layer and name not in (*FUNCTIONS, *REDUCTIONS):
            self.frame.fail(node, self.unknown(name))
        self.frame.fail(node, "only a tensor, or a layer called on whole tensors, has axes; give this a name in an equation of its own")

    def position(self, node: ast.expr, number: int, tensor: str) -> tuple[Position, Space]:
        name = index_name(node)
        if name and name not in self.frame.values:
            if name == "..." and number:
                self.frame.fail(node, "... stands for leading axes and comes first: x[...,i]")
            run = self.active(name, node, f"axis {name} of {tensor}")
            self.equation.sized.add(name)
            return run, run.space
        return self.fixed_position(node), Axis(self.frame.session.hint(1000, f"{tensor}{number}".lower()))

    def fixed_position(self, node: ast.expr) -> Position:
        """A whole number, or a gather."""
        value = self.value(node) if isinstance(node, ast.Constant | ast.UnaryOp | ast.Name | ast.Subscript) else None
        if isinstance(value, Fixed) and isinstance(value.value, Integer):
            return int(value.value)
        if not isinstance(value, Read):
            affine = isinstance(node, ast.BinOp) or (isinstance(value, Fixed) and isinstance(value.value, Constant))
            self.frame.fail(node, f"an affine subscript (i*stride + p) is not supported yet; {INDEX_FORMS}" if affine else INDEX_FORMS)
        use(self, value.variable, "integer", node, "is used as a subscript, but its value is no whole number")
        return value

    def read(self, variable: Variable, places: tuple[Position, ...], spaces: tuple[Space, ...], node: ast.expr) -> Read:
        """An element; the first read fixes the rank of the tensor."""
        written = self.frame.layer.syntax.written(node)
        if variable.shape is None:
            variable.shape, variable.shown = spaces, f"{written}, line {node.lineno}"
        shape, shown = variable.shape, f" ({variable.shown})" if variable.shown else ""
        self.unified(node, f"{written} does not fit {variable}{shown}: it has", lambda: unify(shape, spaces))
        return Read(variable, places)

    def unified(self, node: ast.AST, subject: str, join: Callable[[], None]) -> None:
        try:
            join()
        except Mismatch as found:
            self.frame.fail(node, f"{subject} {found}")


def index_name(node: ast.expr) -> str:
    """The name of an index, ``...`` included; "" if the node is something else."""
    if isinstance(node, ast.Constant) and node.value is ...:
        return "..."
    return node.id if isinstance(node, ast.Name) else ""


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
