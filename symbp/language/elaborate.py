"""A layer -> statements: its equations in order, with every called layer written out in its place.

A call of a layer re-reads that layer's own syntax with its inputs bound to the caller's tensors, so that shapes unify
through it. An elementwise layer is written out at the element where it is called.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial

from sympy import Rational

from symbp.ir import Constant
from symbp.language.axes import Lead
from symbp.language.expression import Expression, index_name
from symbp.language.frames import Equation, Frame, Layer, Session
from symbp.language.names import positions
from symbp.language.sharing import shared
from symbp.language.syntax import EquationSyntax, base_name
from symbp.language.trees import Fixed, Read, Run, Statement, Stretch, Tree, Variable, discrete, in_order, whole_valued

HEAVIEST_VALUE = 10_000  # nodes


@dataclass(frozen=True)
class Elaboration:
    """One layer with its calls written out; nothing has a SymPy form yet, except numbers."""

    layer: Layer
    inputs: tuple[Variable, ...]
    statements: tuple[Statement, ...]
    outputs: tuple[Variable, ...]
    constants: tuple[tuple[Constant, Rational], ...]


def elaborate(layer: Layer) -> Elaboration:
    """The statements of a layer.

    Raises:
        ReadError: its equations make no sense together; points at the place.
    """
    names, inputs = layer.names, {name: Variable(name) for name in layer.names.inputs}
    frame = Frame(layer, Session(), bare_names(layer), dict(inputs))
    constants = tuple((Constant(name), default(layer, node)) for name, node in names.constants.items())
    if frame.bare == "axes":
        spread(frame, tuple(inputs.values()))
    frame.values |= {constant.name: Fixed(constant) for constant, _ in constants}
    assigned = Calls().body(frame)
    statements = shared(frame.session.statements)
    decide_kinds(statements)
    return Elaboration(layer, tuple(inputs.values()), statements, tuple(assigned[name] for name in names.outputs), constants)


def bare_names(layer: Layer) -> str:
    """What a name without axes is in this layer; see Frame."""
    if layer.elementwise:
        return "axes"
    return "scalar" if layer.names.has_axes else "whole"


def spread(frame: Frame, inputs: tuple[Variable, ...]) -> None:
    """Gives an elementwise layer its axes: all those of its inputs, which broadcast where there are several."""
    order = frame.session.hint(0, "...")
    leads = tuple(Lead(order, name=f"...{tensor}") for tensor in inputs) if len(inputs) > 1 else ()
    joint = Lead(order, parts=leads, name="...")
    run = Run("...", joint)
    frame.axes = (run,)
    for tensor, lead in zip(inputs, leads or (joint,), strict=True):
        tensor.shape = (lead,)
        frame.values[tensor.name] = Read(tensor, (Stretch(run, lead) if leads else run,))


def default(layer: Layer, node: ast.expr) -> Rational:
    """The default of a constant: an exact number."""
    frame = Frame(layer, Session(), "scalar", {})
    value = Expression(frame, Equation(frame), Calls()).value(node)
    if not isinstance(value, Fixed) or not isinstance(value.value, Rational):
        frame.fail(node, "the default of a constant is a number")
    return value.value


def decide_kinds(statements: tuple[Statement, ...]) -> None:
    """Which targets are integer tensors; those used as one and no whole number are refused."""
    for statement in statements:
        variable, value = statement.variable, statement.value
        if discrete(value) or (variable.refuse and whole_valued(value)):
            variable.kind = "integer"
        elif variable.refuse:
            variable.refuse()


class Calls:
    """Bodies of layers and calls of layers, each in terms of the other."""

    def body(self, frame: Frame) -> dict[str, Variable]:
        """Every target of the frame's layer."""
        assigned = {}
        for equation in frame.layer.syntax.equations:
            name = base_name(equation.target)
            assigned[name] = self.axes_equation(frame, equation) if frame.bare == "axes" else self.equation(frame, equation)
            if not frame.caller:
                frame.session.text(assigned[name], equation.text)
        return assigned

    def axes_equation(self, frame: Frame, syntax: EquationSyntax) -> Variable:
        """An equation of an elementwise layer."""
        equation = Equation(frame, frame.axes, list(frame.axes), syntax.target)
        name = base_name(syntax.target)
        variable = self.assign(equation, frame.variable(name), syntax.value)
        frame.values[name] = Read(variable, frame.axes)
        return variable

    def equation(self, frame: Frame, syntax: EquationSyntax) -> Variable:
        name, equation = base_name(syntax.target), Equation(frame, target=syntax.target)
        layer = self.called(frame, syntax.value)
        if frame.bare == "scalar" and isinstance(syntax.target, ast.Name) and layer and not layer.elementwise:
            assert isinstance(syntax.value, ast.Call)
            variable = renamed(self.whole(Expression(frame, equation, self), syntax.value, layer), frame.variable(name))
        else:
            equation.left = self.left(equation, syntax.target)
            equation.around = list(equation.left)
            variable = self.assign(equation, frame.variable(name), syntax.value)
        equation.check_lengths()
        frame.values[name] = variable
        return variable

    def left(self, equation: Equation, target: ast.expr) -> tuple[Run, ...]:
        """The axes of a target."""
        frame = equation.frame
        if frame.bare == "whole":
            return (Run("...", equation.space("...", target)),)
        runs: list[Run] = []
        for place in positions(target) if isinstance(target, ast.Subscript) else []:
            name = index_name(place)
            if not name or name in frame.values:
                frame.fail(place, "a target's axes are indices; a scatter (y[n, 2*k]) is not supported yet")
            if name in [run.name for run in runs]:
                frame.fail(place, f"index {name} stands twice on the left")
            if name == "..." and runs:
                frame.fail(place, "... stands for leading axes and comes first: y[...,k]")
            runs.append(Run(name, equation.space(name, place)))
        return tuple(runs)

    def assign(self, equation: Equation, variable: Variable, value: ast.expr) -> Variable:
        """Adds the statement; a call's result that is all of the value takes the target's name instead."""
        frame, session = equation.frame, equation.frame.session
        mark = len(session.statements)
        tree = Expression(frame, equation, self).value(value)
        if tree.weight > HEAVIEST_VALUE:
            frame.fail(value, "this value is too large; give a part a name of its own")
        called = [s.variable for s in session.statements[mark:]]
        if isinstance(tree, Read) and tree.positions == equation.left and tree.variable in called:
            return renamed(tree.variable, variable)
        variable.shape = tuple(run.space for run in equation.left)
        session.statements.append(Statement(variable, equation.left, tree, partial(frame.fail, value)))
        return variable

    def called(self, frame: Frame, node: ast.expr) -> Layer | None:
        """The layer that an expression is a call of."""
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        return frame.layer.scope.get(name)

    # ------------------------------------------------------------ calls

    def pointwise(self, caller: Expression, node: ast.Call, layer: Layer) -> Tree:
        """An elementwise layer written out at the element where it is called."""
        frame = Frame(layer, caller.frame.session, "axes", {}, level=caller.frame.level + 1, caller=(caller.frame, node))
        given = self.arguments(caller, node, layer)
        trees = {name: self.kept(caller, given[name], frame.wanted(name)) for name in layer.names.inputs}
        free = frozenset().union(*(tree.free for tree in trees.values()))
        frame.axes = in_order(caller.equation.around, free)
        frame.values |= trees | self.constants(caller, frame, given)
        assigned = self.body(frame)
        return Read(self.result(caller, node, layer, assigned), frame.axes)

    def kept(self, caller: Expression, node: ast.expr, wanted: str) -> Tree:
        """An argument as it is where it is a leaf or reads no tensor, else an element with a name."""
        tree = caller.value(node)
        if isinstance(tree, Read) or not tree.reads:
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
        return self.result(caller, node, layer, self.body(frame))

    def tensor(self, frame: Frame, node: ast.expr, wanted: str) -> Variable:
        """An argument as a whole tensor."""
        found = frame.values.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(found, Variable):
            return found
        equation, layer = Equation(frame), self.called(frame, node)
        if layer and not layer.elementwise:
            assert isinstance(node, ast.Call)
            return self.whole(Expression(frame, equation, self), node, layer)
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
            value = caller.value(given[name]) if name in given else Fixed(default(frame.layer, node))
            if not isinstance(value, Fixed):
                caller.frame.fail(given[name], f"{name} of {frame.layer.syntax.name} is a constant: a number, or a constant of this layer")
            found[name] = value
        return found

    def result(self, caller: Expression, node: ast.Call, layer: Layer, assigned: dict[str, Variable]) -> Variable:
        """The one output of a called layer."""
        outputs = layer.names.outputs
        if len(outputs) > 1:
            caller.frame.fail(node, f"{layer.syntax.name} has outputs {', '.join(outputs)}; a layer that is called has one")
        return assigned[outputs[0]]


def renamed(variable: Variable, target: Variable) -> Variable:
    """The result of a call under the name of the target that takes it."""
    variable.name, variable.wanted = target.name, target.wanted
    return variable
