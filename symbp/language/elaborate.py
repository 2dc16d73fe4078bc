"""A layer -> statements: its equations in order, with every called layer written out in its place."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Rational

from symbp.ir import Constant
from symbp.language.axes import Lead
from symbp.language.calls import Calls, bare_names
from symbp.language.expression import Expression
from symbp.language.folds import length
from symbp.language.frames import MOST_VISITS, Equation, Frame, Layer, Session
from symbp.language.kinds import decide_kinds
from symbp.language.recurrence import start
from symbp.language.scatter import Places
from symbp.language.sharing import shared
from symbp.language.syntax import EquationSyntax, base_name
from symbp.language.targets import places
from symbp.language.trees import Fixed, Read, Run, Statement, Stretch, Variable


@dataclass(frozen=True)
class Elaboration:
    """One layer with its calls written out; nothing has a SymPy form yet, except numbers."""

    layer: Layer
    inputs: tuple[Variable, ...]
    statements: tuple[Statement, ...]
    outputs: tuple[Variable, ...]
    constants: Mapping[Constant, Rational]
    session: Session  # what is to be found out of lengths


def elaborate(layer: Layer) -> Elaboration:
    """The statements of a layer.

    Raises:
        ReadError: its equations make no sense together; points at the place.
    """
    names, calls = layer.names, Calls(body)
    constants = {Constant(name): calls.default(layer, node) for name, node in names.constants.items()}
    inputs = {name: Variable(name) for name in names.inputs}
    session = Session(constants, most_visits=MOST_VISITS + len(layer.syntax.text))
    frame = Frame(layer, session, bare_names(layer), dict(inputs))
    if frame.bare == "axes":
        spread(frame, tuple(inputs.values()))
    frame.values |= {constant.name: Fixed(constant) for constant in constants}
    assigned = body(calls, frame)
    statements = shared(session.statements, session.same)
    decide_kinds(statements)
    return Elaboration(layer, tuple(inputs.values()), statements, tuple(assigned[name] for name in names.outputs), constants, session)


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


# ---------------------------------------------------------------- the equations of a layer


def body(calls: Calls, frame: Frame) -> dict[str, Variable]:
    """Every target of the frame's layer."""
    names, syntax = frame.layer.names, frame.layer.syntax
    for said in syntax.lengths:
        name = base_name(said.target)
        frame.lengths[name] = length(Expression(frame, Equation(frame), calls), said.value, name)
    frame.ahead = set(names.recurrences)
    frame.values |= {name: frame.variable(name) for name in names.recurrences}
    scatters = {name: Places(calls, frame, one) for name, one in names.assignments.items() if one.scattered}
    assigned: dict[str, Variable] = {}
    for equation, mentions in zip(syntax.equations, names.mentions, strict=True):
        name = base_name(equation.target)
        for read in (name, *(mention.name for mention in mentions if mention.role == "value")):
            add_starts(calls, frame, read)
        if equation in names.assignments[name].starts:
            continue
        variable = scatters[name].add(equation) if name in scatters else one_equation(calls, frame, equation)
        if variable is None:
            continue
        assigned[name] = variable
        frame.ahead.discard(name)
        if not frame.caller:
            written = names.assignments[name]
            say(frame.session, variable, "; ".join(e.text for e in (*written.starts, *written.equations)))
    return assigned


def say(session: Session, variable: Variable, text: str) -> None:
    """Says that the statement which assigns the variable is what the user wrote."""
    statement = next(statement for statement in reversed(session.statements) if statement.variable is variable)
    statement.text = text


def add_starts(calls: Calls, frame: Frame, name: str) -> None:
    """The starts of a recurrence, when it is first read or assigned."""
    recurrence = frame.layer.names.recurrences.get(name)
    if recurrence and name not in frame.starts:
        wanted = frame.wanted(f"{name}_start")
        found = sorted(recurrence.starts.items())
        frame.starts[name] = {far: start(calls, frame, name, recurrence.axis, equation, wanted) for far, equation in found}


def one_equation(calls: Calls, frame: Frame, syntax: EquationSyntax) -> Variable:
    """An equation whose left side has all axes of its target."""
    name = base_name(syntax.target)
    if frame.bare == "axes":
        equation = Equation(frame, frame.axes, list(frame.axes), syntax.target)
        variable = calls.assign(equation, frame.variable(name), syntax.value)
        frame.values[name] = Read(variable, frame.axes)
        return variable
    equation, known = Equation(frame, target=syntax.target), frame.values.get(name)
    variable = known if isinstance(known, Variable) else frame.variable(name)
    alone = frame.bare == "scalar" and isinstance(syntax.target, ast.Name)
    if alone and (result := calls.whole_result(equation, syntax.value)):
        variable = calls.renamed(frame, result, variable, syntax.value)
    else:
        equation.left = left(calls, equation, syntax.target)
        equation.around = list(equation.left)
        variable = calls.assign(equation, variable, syntax.value)
    equation.check_lengths()
    frame.values[name] = variable
    return variable


def left(calls: Calls, equation: Equation, target: ast.expr) -> tuple[Run, ...]:
    """The axes of a target."""
    if equation.frame.bare == "whole":
        return (Run("...", equation.space("...", target)),)
    return calls.left(equation, places(target))
