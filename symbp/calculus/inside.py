"""Which positions lie inside their axis: those that forward reads, which are checked, and those that follow from the lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sympy
from sympy import Expr, Max, Min, Symbol

from symbp.calculus.affine import Affine, affine, sign_of
from symbp.ir import Broadcast, Constant, Derived, Element, Index, Padded, Program, Size, Where

Form = tuple[Expr, tuple[tuple[Expr, Expr], ...], Expr]  # length of the axis, (coefficient, length) of each index, offset


def without_padding(program: Program, forward: Program) -> Program:
    """The program with every padded read that is never outside as a plain one."""
    checked = frozenset(read_inside(forward))

    def plain(value: Expr) -> Expr:
        inside = [p for p in value.atoms(Padded) if _is_inside(p.element, checked)]
        return value.xreplace({p: p.element for p in inside})

    return replace(program, equations=tuple(replace(e, value=plain(e.value)) for e in program.equations))


def read_inside(program: Program) -> Iterator[Form]:
    """The positions at which the program reads without padding, whatever branch is taken."""
    for equation in program.equations:
        for element in _always_read(equation.value):
            for position, size in zip(element.position, element.head.shape, strict=True):
                found = form(position, size)
                if found:
                    yield found


def _always_read(node: Any) -> Iterator[Element]:
    if isinstance(node, Element):
        yield node
    inner = node.args[:1] if isinstance(node, Where) else node.args[0].args if isinstance(node, Padded) else node.args
    for arg in inner:
        yield from _always_read(arg)


def form(position: Expr, size: Expr) -> Form | None:
    """What is the same for all indices of the same lengths."""
    found = affine(position)
    if found is None:
        return None
    steps = sorted(((step, index.size) for index, step in found.steps.items()), key=str)
    return size, tuple(steps), size + found.offset if position.is_Integer and position < 0 else found.offset


def _is_inside(element: Element, checked: frozenset[Form]) -> bool:
    """Beside padding, a negative number lies before the array."""
    if any(p.is_Integer and p < 0 for p in element.position):
        return False
    return all(fits(at, size, checked) for at, size in zip(element.position, element.head.shape, strict=True))


def fits(position: Expr, size: Expr, checked: frozenset[Form]) -> bool:
    """Whether the position is sure to lie inside an axis of that length: it is checked, or the lengths say so."""
    if isinstance(position, Element | Broadcast) or (isinstance(position, Index) and position.size == size):
        return True
    found = affine(position)
    return found is not None and (form(position, size) in checked or (_starts_inside(found) and _ends_inside(found, size)))


def _starts_inside(position: Affine) -> bool:
    """Whether the least value is at least 0."""
    least = position.least()
    return least is not None and is_nonnegative(least)


def is_nonnegative(value: Expr) -> bool:
    """For all lengths, and for constants of at least 0: what reads at them without padding checks that. An axis may be empty."""
    return bool(value.xreplace({s: Symbol(s.name, nonnegative=True, integer=True) for s in value.atoms(Constant, Size)}).is_nonnegative)


def _ends_inside(position: Affine, size: Expr) -> bool:
    """Whether the largest value is less than the length of the axis."""
    largest = position.largest()
    if largest is None:
        return False
    lengths = [size, *(size.formulas if isinstance(size, Derived) else ())]
    reached = [arg for length in lengths for arg in (Max.make_args(length) if isinstance(length, Max) else (length,))]
    return any(is_nonnegative(sympy.expand(length - 1 - bound)) for bound in _bounds(largest) for length in reached)


def _bounds(value: Expr) -> Iterator[Expr]:
    """The value, and values that it is at most: floor(a/b) is at most a/b, Min(a, b) at most either."""
    yield value
    for size in sorted(value.atoms(Derived), key=str):
        if sign_of(value.coeff(size)) == 1:
            for formula in size.formulas:
                for part in Min.make_args(formula) if isinstance(formula, Min) else (formula,):
                    yield from _bounds(sympy.expand(value.xreplace({size: part.replace(sympy.floor, lambda quotient: quotient)})))
