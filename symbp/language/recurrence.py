"""A read of a recurrence at an earlier step (a later one, where it is reversed) -> a Tree that knows what stands before the first."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from sympy import Integer

from symbp.language.affine import ONE
from symbp.language.axes import Axis, Space, join, resolve
from symbp.language.frames import Equation, Frame, Start
from symbp.language.syntax import EquationSyntax, base_name
from symbp.language.targets import Recurrence, places
from symbp.language.trees import Affine, Apply, At, Fixed, Length, Read, Run, Statement, Tree, Variable

if TYPE_CHECKING:
    from symbp.language.calls import Calls
    from symbp.language.expression import Expression


def start(calls: Calls, frame: Frame, name: str, axis: int, syntax: EquationSyntax, wanted: str) -> Start:
    """The start that an equation gives: ``h[-1,n] = h0[n]``. It fixes the rank of the recurrence."""
    equation = Equation(frame, target=syntax.target)
    nodes = places(syntax.target)
    equation.left = calls.left(equation, [node for number, node in enumerate(nodes) if number - len(nodes) != axis])
    equation.around = list(equation.left)
    value = calls.value(equation, syntax.value)
    others: list[Space] = [run.space for run in equation.left]
    others.insert(len(nodes) + axis, Axis(frame.session.hint(1000, f"{name}{len(nodes) + axis}")))
    variable = frame.values[name]
    assert isinstance(variable, Variable)
    frame.fit(variable, tuple(others), syntax.target)
    equation.sized |= {run.name for run in equation.left}  # by the steps that follow
    equation.check_lengths()
    if not value.reads or (isinstance(value, Read) and all(isinstance(p, int | Run) for p in value.positions)):
        return Start(equation.left, value)
    named = Variable("", tuple(run.space for run in equation.left), wanted=wanted, assigned=True)
    frame.session.statements.append(Statement(named, equation.left, value, partial(frame.fail, syntax.value), syntax.text))
    return Start(equation.left, Read(named, equation.left))


def earlier_or_start(expression: Expression, read: Read, node: ast.Subscript, padded: bool) -> Tree:
    """The read itself, or what stands before the first step where it is there."""
    frame, name = expression.frame, base_name(node)
    recurrence = frame.layer.names.recurrences.get(name)
    steps = shift(read, recurrence) if recurrence else 0
    if recurrence is None or not steps:
        return read
    if name in frame.ahead:
        same_axis(expression, read, recurrence, node)
    if not recurrence.starts:
        if name in frame.ahead and not padded:
            frame.fail(node, unstarted(expression, name, recurrence, node))
        return read
    if padded:
        frame.fail(node, f"{name} has a start; it is read without pad")
    return started(expression, read, recurrence, steps, node)


def steps_on(expression: Expression, read: Read, axis: int, node: ast.Subscript) -> bool:
    """Whether this axis is the one of a recurrence that is still being written: its own steps give the index its length."""
    name = base_name(node)
    recurrence = expression.frame.layer.names.recurrences.get(name)
    if recurrence is None or name not in expression.frame.ahead or axis != recurrence.axis or not shift(read, recurrence):
        return False
    place = read.positions[axis]
    assert isinstance(place, Affine)
    expression.equation.sized.add(place.terms[0][1].name)
    return True


def unstarted(expression: Expression, name: str, recurrence: Recurrence, node: ast.Subscript) -> str:
    written, nodes = expression.frame.layer.syntax.written, places(node)
    inside = [written(place) for place in nodes]
    inside[recurrence.axis] = "-1" if recurrence.step < 0 else "size(t)"
    example = f"{name}[{','.join(inside)}]"
    unknown = f"nothing says what {name} is {beyond(recurrence)}"
    return f"{unknown}; add an equation {example} = ..., or write pad({written(node)}), which is 0 there"


def beyond(recurrence: Recurrence) -> str:
    return "before its first step" if recurrence.step < 0 else "after its last step"


def shift(read: Read, recurrence: Recurrence) -> int:
    """How many steps back it reads (on, where the recurrence is reversed)."""
    place = read.positions[recurrence.axis] if len(read.positions) >= -recurrence.axis else 0
    if not isinstance(place, Affine) or len(place.terms) != 1 or place.terms[0][0] is not ONE or not isinstance(place.rest, Fixed):
        return 0
    return max(0, int(place.rest.value) * recurrence.step) if isinstance(place.rest.value, Integer) else 0


def same_axis(expression: Expression, read: Read, recurrence: Recurrence, node: ast.Subscript) -> None:
    """The index of the recurrence runs over all of its steps."""
    place, shape = read.positions[recurrence.axis], resolve(read.variable.shape or ())
    assert isinstance(place, Affine)
    run, axis = place.terms[0][1], shape[recurrence.axis]
    assert isinstance(run.space, Axis) and isinstance(axis, Axis)
    expression.frame.unified(node, f"index {run.name} has", partial(join, run.space, axis))


def started(expression: Expression, read: Read, recurrence: Recurrence, steps: int, node: ast.Subscript) -> Tree:
    """Where the place is before the first step, the start that stands there."""
    frame, name = expression.frame, read.variable.name or read.variable.wanted
    starts, place = frame.starts[base_name(node)], read.positions[recurrence.axis]
    missing = [far for far in range(1, steps + 1) if far not in starts]
    if missing:
        frame.fail(node, f"nothing says what {name} is {beyond(recurrence)}, {missing[0]} of {steps} steps; add an equation for each")
    assert isinstance(place, Affine)
    run = place.terms[0][1]
    others = tuple(p for number, p in enumerate(read.positions) if number - len(read.positions) != recurrence.axis)
    value: Tree = read
    for step in reversed(range(steps)):
        found = starts[steps - step]
        if len(found.runs) != len(others):
            frame.fail(node, f"{name} has {len(found.runs) + 1} places in brackets where it starts, and {len(others) + 1} here")
        value = Apply("where", (Apply("==", (At(run), counted(run, step, recurrence))), found.at(others), value))
    return value


def counted(run: Run, step: int, recurrence: Recurrence) -> Tree:
    """The number of a step, counted from the last where the recurrence is reversed."""
    if recurrence.step < 0:
        return Fixed(Integer(step))
    return Apply("-", (Length(run.space), Fixed(Integer(step + 1))))
