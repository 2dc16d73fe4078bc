"""What a module checks when it is called, beside the shapes: that positions lie inside their axes, and that lengths follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Integer

from symbp.calculus.affine import affine
from symbp.calculus.inside import Form, fits, form, is_nonnegative, read_inside
from symbp.errors import EmitError
from symbp.ir import Bracket, Derived, Element, Equation, Padded, Program, Size, Where, elements, free_indices
from symbp.plan import extents, lower
from symbp.plan.arrays import Call, Length
from symbp.plan.windows import Span, span, window_span

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering

Read = tuple[str, Expr, Expr]  # tensor, position, length of the axis


def known_inside(program: Program) -> frozenset[Form]:
    """The positions that a module checks, or that lie inside by the lengths: what the program always reads, and where it adds."""
    scattered = (form(position, size) for equation in program.equations for _, position, size in _added(equation))
    return frozenset((*read_inside(program), *(found for found in scattered if found)))


def checks(lowering: Lowering, program: Program) -> tuple[Call, ...]:
    """The calls, in the order of the inputs and of the equations."""
    found = [*_lengths(lowering, program)]
    numbers: dict[tuple[str, Expr, bool], Expr] = {}  # of the numbers that the user wrote, the one furthest from an end will do
    for equation in program.equations:
        for read in (*_always_read(equation), *_added(equation)):
            name, position, size = read
            if position.is_Integer:
                key = name, size, bool(position < 0)
                numbers[key] = max(position, numbers.get(key, position), key=abs)
            elif not fits(position, size, frozenset()):
                found.append(_check_inside(lowering, *read))
    found += [_check_inside(lowering, name, position, size) for (name, size, _), position in numbers.items()]
    found += [call for equation in program.equations for call in _taken(lowering, program, equation)]
    return tuple(dict.fromkeys(found))


def _axis(size: Expr) -> str:
    return size.name.lower() if isinstance(size, Size) else str(size)


def _lengths(lowering: Lowering, program: Program) -> Iterator[Call]:
    """Of inputs, the lengths that follow from those of others."""
    owners: dict[Derived, str] = {}
    for tensor in program.inputs:
        owners = {size: tensor.name for size in tensor.shape if isinstance(size, Derived)} | owners
    for size, name in owners.items():
        for formula in size.formulas:
            yield Call("check_fit", (Length(size), extents.formula(lowering, formula)), (name, _axis(size)))


def _check_inside(lowering: Lowering, name: str, position: Expr, size: Expr) -> Call:
    found = span(position, size) or Span(position, (), size)
    reach = window_span(lowering, found, [index.size for index in found.indices])
    args = (lowering.scalar(size), *(reach.args if found.steps else reach.args[:1]))
    return Call("check_inside", args, (name, _axis(size)))


# ---------------------------------------------------------------- what is read, and where is added


def _always_read(equation: Equation) -> Iterator[Read]:
    """The affine positions that are read whatever branches are taken; NumPy looks up a number that the user wrote in any case."""
    yield from (read for read, conditions in _reads(equation.value, ()) if not conditions or read[1].is_Integer)


def _reads(node: Any, conditions: tuple[Any, ...]) -> Iterator[tuple[Read, tuple[Any, ...]]]:
    """Each affine position that is read without padding, and the conditions under which it is."""
    if isinstance(node, Element):
        for position, size in zip(node.position, node.head.shape, strict=True):
            if position.is_Integer or span(position, size):
                yield (node.name, position, size), conditions
    if isinstance(node, Where):
        then, otherwise = node.branches
        yield from _reads(node.condition, conditions)
        yield from _reads(then, (*conditions, node.condition))
        yield from _reads(otherwise, (*conditions, sympy.Not(node.condition)))
        return
    for arg in node.args[0].position if isinstance(node, Padded) else node.args:
        yield from _reads(arg, conditions)


def _added(equation: Equation) -> Iterator[Read]:
    """Where values are added up along axes of the target whose lengths follow from that."""
    for bracket in sorted(equation.value.atoms(Bracket), key=sympy.default_sort_key):
        axis, place = bracket.args
        if axis in equation.target.position and isinstance(axis.size, Derived) and span(place, axis.size):
            yield equation.name, place, axis.size


# ---------------------------------------------------------------- what a condition keeps inside


def _taken(lowering: Lowering, program: Program, equation: Equation) -> Iterator[Call]:
    """A check for each position that a condition has to keep inside, if that cannot be seen."""
    inputs = {t.name for t in program.inputs}
    for (name, position, size), conditions in _reads(equation.value, ()):
        if not conditions or position.is_Integer or fits(position, size, known_inside(program)):
            continue
        if _is_kept_inside(position, size, conditions):
            continue
        taken = sympy.And(*conditions)
        if any(element.name not in inputs for element in (*elements(taken), *elements(position))):
            where = f"{program.name}, equation {equation.number}"
            raise EmitError(f"{where}: {position} may lie outside axis {_axis(size)} of {name}; write pad({name}[...]) to read 0 there")
        axes = tuple(sorted({*free_indices(taken), *free_indices(position)}, key=lambda i: (not lower.leading(i), i.name)))
        when = lower.align(lowering.condition(taken, axes), axes)
        at = lower.align(replace(lowering, whole=True).value(position, axes), axes)
        yield Call("check_taken", (lowering.scalar(size), when, at), (name, _axis(size)))


def _is_kept_inside(position: Expr, size: Expr, conditions: Iterable[Any]) -> bool:
    """Whether the conditions imply that the position lies inside the axis."""
    known = _nonnegative(sympy.And(*conditions))
    return all(_follows(value, known) for value in (position, size - 1 - position))


def _nonnegative(condition: Any) -> list[Expr]:
    """Values that are at least 0 where the condition holds: comparisons of whole numbers, taken apart."""
    found: list[Expr] = []
    parts = sympy.And.make_args(condition)
    for part in parts:
        if isinstance(part, sympy.Ge | sympy.Gt | sympy.Le | sympy.Lt):
            strict = Integer(isinstance(part, sympy.Gt | sympy.Lt))
            found.append(part.gts - part.lts - strict)
        elif isinstance(part, sympy.Eq):
            found += [part.lhs - part.rhs, part.rhs - part.lhs]
    apart = [part for part in parts if isinstance(part, sympy.Ne)]
    for _ in apart:  # what is at least 0, and not 0, is at least 1
        gaps = [gap for part in apart for gap in (part.lhs - part.rhs, part.rhs - part.lhs)]
        found += [gap - 1 for gap in gaps if _follows(gap, found) and gap - 1 not in found]
    return found


def _follows(value: Expr, known: Iterable[Expr]) -> bool:
    """Whether the value is at least 0, by itself or because it is at least one that is."""
    return any(_is_at_least_0(value - other) for other in (Integer(0), *known))


def _is_at_least_0(value: Expr) -> bool:
    found = affine(sympy.expand(value))
    least = found.least() if found else None
    return least is not None and is_nonnegative(least)
