"""Values with names, and calls of layers: a called layer's own syntax is read again with its inputs bound to the caller's tensors,
so that shapes unify through it. An elementwise layer is written out at the element where it is called."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial

from sympy import Rational

from symbp.ir import Call
from symbp.language.axes import Axis, Lead
from symbp.language.conditions import condition, is_comparison
from symbp.language.expression import Expression
from symbp.language.frames import Equation, Frame, Layer, Session
from symbp.language.functions import MATRIX, WORDS
from symbp.language.names import index_name
from symbp.language.trees import Fixed, Fold, Inverted, Pad, Read, Run, Statement, Tree, Variable, in_order

HEAVIEST_VALUE = 10_000  # nodes; a maximum holds each of its arguments twice


def bare_names(layer: Layer) -> str:
    """What a name without axes is in this layer; see Frame."""
    if layer.elementwise:
        return "axes"
    return "scalar" if layer.names.has_axes else "whole"


class Calls:
    """What an expression needs of the layers around it; ``body`` writes out all equations of one."""

    def __init__(self, body: Callable[[Calls, Frame], dict[str, Variable]]) -> None:
        self.body = body

    # ------------------------------------------------------------ values

    def value(self, equation: Equation, node: ast.expr, condition_too: bool = False) -> Tree:
        """The value of an equation, or of a part that gets a name."""
        expression = Expression(equation.frame, equation, self)
        tree = condition(expression, node) if condition_too and is_comparison(node) else expression.value(node)
        if tree.weight > HEAVIEST_VALUE:
            equation.frame.fail(node, "this value is too large; give a part a name of its own")
        return tree

    def left(self, equation: Equation, nodes: Sequence[ast.expr]) -> tuple[Run, ...]:
        """The axes of a target, all of them indices."""
        runs: list[Run] = []
        for place in nodes:
            name = index_name(place)
            if name in [run.name for run in runs]:
                equation.frame.fail(place, f"index {name} stands twice on the left")
            if name == "..." and runs:
                equation.frame.fail(place, "... stands for leading axes and comes first: y[...,k]")
            runs.append(Run(name, equation.space(name, place)))
        return tuple(runs)

    def assign(self, equation: Equation, variable: Variable, node: ast.expr) -> Variable:
        """Adds the statement; a call's result that is all of the value takes the target's name instead."""
        session = equation.frame.session
        mark = len(session.statements)
        tree = self.value(equation, node, condition_too=True)
        called = [s.variable for s in session.statements[mark:]]
        if isinstance(tree, Read) and tree.positions == equation.left and tree.variable in called:
            return self.renamed(equation.frame, tree.variable, variable, node)
        equation.frame.fit(variable, tuple(run.space for run in equation.left), equation.target or node)
        session.statements.append(Statement(variable, equation.left, tree, partial(equation.frame.fail, node)))
        return variable

    def renamed(self, frame: Frame, result: Variable, target: Variable, node: ast.expr) -> Variable:
        """The result of a call under the name of the target that takes it."""
        result.name, result.wanted = target.name, target.wanted
        if target.shape is not None:
            assert result.shape is not None
            frame.fit(target, result.shape, node)
            frame.session.same[target] = result
        return result

    # ------------------------------------------------------------ calls

    def called(self, frame: Frame, node: ast.expr) -> Layer | None:
        """The layer that an expression is a call of."""
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        return None if name in WORDS else frame.layer.scope.get(name)

    def whole_result(self, equation: Equation, node: ast.expr) -> Variable | None:
        """The result of a call of what takes whole tensors, None where the expression is something else."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        expression, layer = Expression(equation.frame, equation, self), self.called(equation.frame, node)
        if node.func.id in MATRIX:
            return self.matrix(expression, node, node.func.id)
        return self.whole(expression, node, layer) if layer and not layer.elementwise else None

    def pointwise(self, caller: Expression, node: ast.Call, layer: Layer) -> Tree:
        """An elementwise layer written out at the element where it is called."""
        frame = Frame(layer, caller.frame.session, "axes", {}, level=caller.frame.level + 1, caller=(caller.frame, node))
        given = self.arguments(caller, node, layer)
        trees = {name: self.kept(caller, given[name], frame.wanted(name)) for name in layer.names.inputs}
        free = frozenset().union(*(tree.free for tree in trees.values()))
        frame.axes = in_order(caller.equation.around, free)
        frame.values |= trees | self.constants(caller, frame, given)
        return Read(self.result(caller, node, layer, self.written_out(frame)), frame.axes)

    def kept(self, caller: Expression, node: ast.expr, wanted: str) -> Tree:
        """An argument as it is where it is a leaf or reads no tensor, else an element with a name."""
        tree = caller.value(node)
        if isinstance(tree, Read | Pad) or not tree.reads:
            return tree
        runs = in_order(caller.equation.around, tree.free)
        variable = Variable("", tuple(run.space for run in runs), wanted=wanted, assigned=True)
        caller.frame.session.statements.append(Statement(variable, runs, tree, partial(caller.frame.fail, node)))
        return Read(variable, runs)

    def whole(self, caller: Expression, node: ast.Call, layer: Layer) -> Variable:
        """Any other layer, on whole tensors."""
        frame = Frame(layer, caller.frame.session, bare_names(layer), {}, level=caller.frame.level + 1, caller=(caller.frame, node))
        given = self.arguments(caller, node, layer)
        for name in layer.names.inputs:
            frame.values[name] = self.tensor(caller.frame, given[name], frame.wanted(name))
        frame.values |= self.constants(caller, frame, given)
        return self.result(caller, node, layer, self.written_out(frame))

    def written_out(self, frame: Frame) -> dict[str, Variable]:
        """The targets of a called layer; its statements say that they are there for this call."""
        session = frame.session
        session.calls += 1
        call, mark = Call(session.calls, frame.layer.syntax.name), len(session.statements)
        assigned = self.body(self, frame)
        for statement in session.statements[mark:]:
            statement.calls = (call, *statement.calls)
        return assigned

    def matrix(self, caller: Expression, node: ast.Call, name: str) -> Variable:
        """det, logdet or inv of the last two axes, which have one length; the axes before them stay."""
        frame = caller.frame
        if len(node.args) != 1 or node.keywords:
            frame.fail(node, f"{name} takes one tensor, {len(node.args) + len(node.keywords)} given")
        tensor = self.tensor(frame, node.args[0], f"{name}_x")
        hint = partial(frame.session.hint, frame.level + 1)
        lead, side = Run("...", Lead(hint("..."))), Axis(hint("i"))
        row, column = Run("i", side), Run("j", side)
        frame.fit(tensor, (lead.space, side, side), node)
        body = Read(tensor, (lead, row, column))
        value: Tree = Inverted(body, row, column) if name == "inv" else Fold(name, body, (row, column))
        runs = (lead, row, column) if name == "inv" else (lead,)
        variable = Variable("", tuple(run.space for run in runs), wanted=f"{name}_{tensor}", assigned=True)
        frame.session.statements.append(Statement(variable, runs, value, partial(frame.fail, node)))
        return variable

    def tensor(self, frame: Frame, node: ast.expr, wanted: str) -> Variable:
        """An argument as a whole tensor."""
        found = frame.values.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(found, Variable):
            return found
        equation = Equation(frame)
        if result := self.whole_result(equation, node):
            return result
        if frame.bare != "whole":
            frame.fail(node, "a whole tensor is expected here: a name, or a layer called on names; give this an equation of its own")
        equation.left = (Run("...", equation.space("...", node)),)
        equation.around = list(equation.left)
        variable = self.assign(equation, Variable("", wanted=wanted, assigned=True), node)
        equation.check_lengths()
        return variable

    def arguments(self, caller: Expression, node: ast.Call, layer: Layer) -> dict[str, ast.expr]:
        """What the call gives for each input and constant."""
        name, inputs, constants = layer.syntax.name, layer.names.inputs, tuple(layer.names.constants)
        takes = f"{name} takes {len(inputs)} tensor{'s' * (len(inputs) > 1)} ({', '.join(inputs)})"
        if len(node.args) > len(inputs):
            keywords = f"; give {', '.join(constants)} by keyword" if constants else ""
            caller.frame.fail(node, f"{takes}, {len(node.args)} given{keywords}")
        given = dict(zip(inputs, node.args, strict=False))
        for keyword in node.keywords:
            assert keyword.arg
            if keyword.arg not in (*inputs, *constants):
                caller.frame.fail(keyword, f"{name} has no input or constant {keyword.arg}; it has {', '.join((*inputs, *constants))}")
            if keyword.arg in given:
                caller.frame.fail(keyword, f"{keyword.arg} of {name} is given twice")
            given[keyword.arg] = keyword.value
        missing = [i for i in inputs if i not in given]
        if missing:
            caller.frame.fail(node, f"{takes}, {', '.join(missing)} not given")
        return given

    def constants(self, caller: Expression, frame: Frame, given: dict[str, ast.expr]) -> dict[str, Variable | Tree]:
        """The callee's constants: what the call gives, else their defaults."""
        found: dict[str, Variable | Tree] = {}
        for name, node in frame.layer.names.constants.items():
            value = caller.value(given[name]) if name in given else Fixed(self.default(frame.layer, node))
            if not isinstance(value, Fixed):
                caller.frame.fail(given[name], f"{name} of {frame.layer.syntax.name} is a constant: a number, or a constant of this layer")
            found[name] = value
        return found

    def default(self, layer: Layer, node: ast.expr) -> Rational:
        """The default of a constant: an exact number."""
        frame = Frame(layer, Session(), "scalar", {})
        value = Expression(frame, Equation(frame), self).value(node)
        if not isinstance(value, Fixed) or not isinstance(value.value, Rational):
            frame.fail(node, "the default of a constant is a number")
        return value.value

    def result(self, caller: Expression, node: ast.Call, layer: Layer, assigned: dict[str, Variable]) -> Variable:
        """The one output of a called layer."""
        outputs = layer.names.outputs
        if len(outputs) > 1:
            caller.frame.fail(node, f"{layer.syntax.name} has outputs {', '.join(outputs)}; a layer that is called has one")
        return assigned[outputs[0]]
