"""The order in which people write: numbers, constants, cotangents, values in the order of the program, sums last; plus before minus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Function, Integer, Mul, Pow, Rational

from symbp.ir import (
    Bracket,
    Broadcast,
    Constant,
    Element,
    Leading,
    Padded,
    Program,
    Reduce,
    Size,
    Where,
    elements,
    free_indices,
    reductions,
)

FRACTIONS = (2, 3, 4, 6, 7, 8, 9)  # denominators that are written as a division, not as a decimal


@dataclass(frozen=True)
class Names:
    """What a printer knows of the layer: where each name stands in it, which names are cotangents, whether indices can be left out."""

    position: dict[str, int] = field(default_factory=dict)
    cotangents: dict[str, str] = field(default_factory=dict)  # dx -> x
    elementwise: bool = False


def names_of(programs: Iterable[Program]) -> Names:
    """The names of a layer, from its forward programs."""
    programs = tuple(programs)
    known = dict.fromkeys(name for program in programs for name in program.tensors)
    cotangents = {f"d{name}": name for name in known if f"d{name}" not in known}
    elementwise = all(map(_is_elementwise, programs))
    return Names({name: k for k, name in enumerate(known)}, cotangents, elementwise)


def _is_elementwise(program: Program) -> bool:
    over_dots = all(isinstance(size, Leading) for tensor in program.tensors.values() for size in tensor.shape)
    return over_dots and not any(equation.value.has(Reduce) for equation in program.equations)


def without_broadcast_sums(expr: Any) -> Any:
    """expr with every sum over broadcast axes replaced by its body: a sentence says it once for all."""
    while found := [node for node in reductions(expr) if _sums_a_broadcast(node)]:
        expr = expr.xreplace({node: _without_brackets(node.body) for node in found})
    return expr


def _sums_a_broadcast(node: Reduce) -> bool:
    over_dots = node.op == "sum" and all(isinstance(i.size, Leading) for i in node.indices)
    return over_dots and any(bracket.has(Broadcast) for bracket in node.body.atoms(Bracket))


def _without_brackets(body: Expr) -> Expr:
    return body.xreplace({bracket: Integer(1) for bracket in body.atoms(Bracket) if bracket.has(Broadcast)})


def terms(expr: Expr, names: Names) -> list[tuple[bool, Expr]]:
    """The terms of a sum as (negative, term without its sign), in the order in which they are written."""
    signed = [unsigned(term) for term in Add.make_args(expr)]
    return sorted(signed, key=lambda term: (term[0], *_term_key(term[1], names)))


def unsigned(expr: Expr) -> tuple[bool, Expr]:
    """(is it written with a minus, expr without it)."""
    if expr == -sympy.oo or (expr.is_Rational and expr < 0):
        return True, -expr
    if not isinstance(expr, Mul):
        return False, expr
    parts = [_signed_factor(factor) for factor in expr.args]
    return sum(sign for sign, _ in parts) % 2 == 1, Mul(*(factor for _, factor in parts))


def _signed_factor(factor: Expr) -> tuple[bool, Expr]:
    """A negative number, or a sum of negative terms alone, with its sign outside."""
    negative = factor < 0 if factor.is_Rational else isinstance(factor, Add) and all(unsigned(term)[0] for term in factor.args)
    return bool(negative), -factor if negative else factor


def quotient(expr: Expr, names: Names) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the line of a product without sign, in the order in which they are written."""
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(expr):
        if factor.is_Rational and not factor.is_Integer:
            top, bottom = as_fraction(factor)
            above += [top] if top != 1 else []
            below += [bottom] if bottom != 1 else []
        elif isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return sorted(above, key=lambda f: _factor_key(f, names)), sorted(below, key=lambda f: _factor_key(f, names))


def as_fraction(number: Rational) -> tuple[Expr, Expr]:
    """Above and below the line: 3/2 is written as a division, 11/10 as the decimal 1.1."""
    return (number, Integer(1)) if decimal(number) else (Integer(number.p), Integer(number.q))


def decimal(number: Rational) -> str:
    """The number as a short decimal, "" if it is not one: 0.044715, 1e-5."""
    if not number.is_Rational or number.q == 1 or number.q in FRACTIONS:
        return ""
    text = f"{float(number):.12g}"
    if Rational(text) != number or len(text) > 12:
        return ""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else text


def _term_key(term: Expr, names: Names) -> tuple[Any, ...]:
    kind = 0 if term.is_number else 1 if elements(term) else 2
    return kind, -len(free_indices(term)), first_place(term, names), _length(term), sympy.default_sort_key(term)


def _factor_key(factor: Expr, names: Names) -> tuple[Any, ...]:
    return _category(factor, names), first_place(factor, names), sympy.default_sort_key(factor)


def _category(factor: Expr, names: Names) -> int:
    base = factor.base if isinstance(factor, Pow) and not factor.base.is_number else factor
    if factor.is_number:
        return 0
    if not elements(factor) and not factor.has(Bracket, Where):
        return 1 if factor.has(Constant, Size) else 2
    base = base.element if isinstance(base, Padded) else base
    if isinstance(base, Element):
        return 3 if base.name in names.cotangents else 4
    if isinstance(base, Where) and any(e.name in names.cotangents for e in elements(base)):
        return 3
    order = (Add, Function, Where, Bracket, Reduce)
    return next((5 + k for k, kind in enumerate(order) if isinstance(base, kind)), 6)


def first_place(expr: Expr, names: Names) -> int:
    """Where the first of its values stands in the layer; cotangents before all."""
    last = len(names.position)
    return min((-1 if e.name in names.cotangents else names.position.get(e.name, last) for e in elements(expr)), default=last)


def _length(expr: Expr) -> int:
    return sum(1 for _ in sympy.preorder_traversal(expr))
