"""Statements -> Programs, of equations and of single operations; equations that depend on each other's steps become loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

from sympy.logic.boolalg import Boolean

from symbp.ir import Element, Equation, Loop, Program, Where
from symbp.language.elaborate import Elaboration
from symbp.language.functions import Refused
from symbp.language.loops import Built, in_cycles, step_name
from symbp.language.split import Splitter
from symbp.language.symbols import Symbols, name_variables
from symbp.language.trees import Statement
from symbp.language.values import Step, Value


def programs(layer: Elaboration) -> tuple[Program, Program]:
    """The layer as equations, and as single operations.

    Raises:
        ReadError: a value is no finite number, or too large to work out.
    """
    name_variables(layer)
    symbols = Symbols.of(layer)
    built = [build(statement, symbols) for statement in layer.statements]
    stepped = list(in_steps(built))
    names = (name for k in count(1) if (name := f"u{k}") not in symbols.taken)
    equations = [one.equation if step is None else build(one.statement, symbols, step).equation for one, step in stepped]
    nodes = [build(node, symbols, step).equation for node, step in split(stepped, names)]
    return program(layer, equations, symbols), program(layer, nodes, symbols)


def program(layer: Elaboration, equations: Iterable[Equation], symbols: Symbols) -> Program:
    inputs = tuple(symbols.tensor(variable) for variable in layer.inputs)
    numbered = tuple(replace(equation, number=number) for number, equation in enumerate(equations, 1))
    outputs = tuple(symbols.tensor(variable) for variable in layer.outputs)
    return Program(layer.layer.syntax.name, inputs, numbered, outputs, tuple(layer.constants.items()))


def build(statement: Statement, symbols: Symbols, step: Step | None = None) -> Built:
    building = Value(symbols, statement, step)
    position = [index for run in statement.runs for index in building.indices[run]]
    axes = tuple((run, number) for run in statement.runs for number in range(len(building.indices[run])))
    try:
        value = building.of(statement.value)
    except Refused as reason:
        statement.fail(str(reason))
    if isinstance(value, Boolean) and not value.is_Symbol:  # to SymPy every symbol is a Boolean
        value = Where(value, 1, 0)  # the elements of a boolean tensor are numbers
    loop = Loop(step.loop, building.indices[step.run][step.number], step.reverse) if step else None
    target = Element(symbols.tensor(statement.variable, value), *position)
    equation = Equation(target, value, text=statement.text, loop=loop, calls=statement.calls, written=building.written)
    return Built(statement, equation, axes)


def in_steps(built: list[Built]) -> Iterator[tuple[Built, Step | None]]:
    """The statements in an order that can be run, each with its place in a loop if it is in one."""
    loops = count(1)
    for members, cycle in in_cycles(built):
        if cycle is None:
            yield from ((built[number], None) for number in members)
            continue
        name, loop = step_name(built, cycle), next(loops)
        for number in members:
            run, axis = built[number].axes[cycle.axes[number]]
            yield built[number], Step(name, run, axis, loop, cycle.reverse)


def split(stepped: list[tuple[Built, Step | None]], names: Iterator[str]) -> Iterator[tuple[Statement, Step | None]]:
    """The single operations; those of a loop that have no step of their own come before it."""
    inside_loop: list[tuple[Statement, Step | None]] = []
    for number, (one, step) in enumerate(stepped):
        for node in Splitter(names, one.statement).split():
            if step is None or step.run not in node.runs:
                yield node, None
            else:
                inside_loop.append((node, step))
        after = stepped[number + 1][1] if number + 1 < len(stepped) else None
        if step and (after is None or after.loop != step.loop):
            yield from inside_loop
            inside_loop = []
