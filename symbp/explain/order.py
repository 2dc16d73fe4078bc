"""The order in which people write: numbers, constants, cotangents, values in the order of the program, sums last; plus before minus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Function, Integer, Mul, Pow, Rational

from symbp.explain.written import Written, written_in
from symbp.ir import (
    Bracket,
    Broadcast,
    Constant,
    Element,
    Index,
    Leading,
    Padded,
    Program,
    Reduce,
    Size,
    Where,
    elements,
    free_indices,
    reductions,
    stem,
)

ODD = (sympy.sin, sympy.tan, sympy.asin, sympy.atan, sympy.sinh, sympy.tanh, sympy.asinh, sympy.atanh, sympy.erf)
PRIME = "′"
HALF = Rational(1, 2)
FRACTIONS = (2, 3, 4, 6, 7, 8, 9)  # denominators that are written as a division, not as a decimal


@dataclass(frozen=True)
class Names:
    """What a printer knows of the layer: where each name stands in it, which names are cotangents, whether indices can be left out."""

    position: dict[str, int] = field(default_factory=dict)
    cotangents: dict[str, str] = field(default_factory=dict)  # dx -> x
    elementwise: bool = False
    written: Written = field(default_factory=Written)
    indices: frozenset[str] = frozenset()  # of the forward equations
    typed: frozenset[str] = frozenset()  # the words of the equations as they were typed


def names_of(programs: Iterable[Program]) -> Names:
    """The names of a layer, from its forward programs."""
    programs = tuple(programs)
    known = dict.fromkeys(name for program in programs for name in program.tensors)
    cotangents = {f"d{name}": name for name in known if f"d{name}" not in known}
    elementwise = all(map(_is_elementwise, programs))
    equations = [equation for program in programs for equation in program.equations]
    indices = frozenset(stem(index) for e in equations for index in (*e.target.atoms(Index), *e.value.atoms(Index)))
    typed = frozenset(word for e in equations for word in re.findall(r"\w+", e.text))
    position = {name: k for k, name in enumerate(known)}
    return Names(position, cotangents, elementwise, written_in(programs), indices, typed)


def with_primes(expr: Any, names: Names) -> Any:
    """expr with d2, where it is another d and not a name that the user typed, as d′; i22, another i2, as i′′."""
    others = {index: match for index in expr.atoms(Index) if (match := re.fullmatch(r"(.+?)([2-5]+)", index.name))}
    new = {
        i: m[1] + PRIME * sum(int(d) - 1 for d in m[2]) for i, m in others.items() if m[1] in names.indices and i.name not in names.typed
    }
    twice = {name for name, times in Counter(new.values()).items() if times > 1}
    return expr.xreplace({index: Index(name, index.size) for index, name in new.items() if name not in twice})


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
    signed = sorted((unsigned(term, names) for term in Add.make_args(expr)), key=lambda term: (term[0], *_term_key(term[1], names)))
    if names.written.turned(signed) is False:
        return names.written.sorted(signed, lambda term: term[1])
    kept = [names.written.sorted([term for term in signed if term[0] is sign], lambda term: term[1]) for sign in (False, True)]
    return [term for kind in kept for term in kind]


def unsigned(expr: Expr, names: Names) -> tuple[bool, Expr]:
    """(is it written with a minus, expr without it)."""
    if expr == -sympy.oo or (expr.is_Rational and expr < 0):
        return True, -expr
    if not isinstance(expr, Mul):
        return (False, expr) if isinstance(expr, Add) else _signed_factor(expr, names)
    parts = [_signed_factor(factor, names) for factor in expr.args]
    return sum(sign for sign, _ in parts) % 2 == 1, Mul(*(factor for _, factor in parts))


def _signed_factor(factor: Expr, names: Names) -> tuple[bool, Expr]:
    """A negative number, or a sum whose signs are all against how it was written, with its sign outside."""
    if factor.is_Rational:
        return (True, -factor) if factor < 0 else (False, factor)
    base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, Integer(1))
    if isinstance(base, ODD) and power.is_Integer and is_turned(base.args[0], names):
        return power % 2 == 1, Pow(base.func(-base.args[0], evaluate=False), power)
    if not (isinstance(base, Add) and power.is_Integer):
        return False, factor
    signed = [unsigned(term, names) for term in base.args]
    turned = names.written.turned(signed)
    negative = all(sign for sign, _ in signed) if turned is None else turned
    return negative and power % 2 == 1, Pow(-base if negative else base, power)


def is_turned(expr: Expr, names: Names) -> bool:
    """Is it a sum with every sign against how it was written?"""
    return isinstance(expr, Add) and names.written.turned([unsigned(term, names) for term in expr.args]) is True


def quotients(expr: Expr, names: Names) -> list[tuple[list[Expr], list[Expr]]]:
    """A product without sign as fractions, (above, below), to be multiplied: one, unless a/b*c was written."""
    above, below = quotient(expr, names)
    factors = [(False, factor) for factor in above] + [(True, factor) for factor in below]
    found: list[tuple[list[Expr], list[Expr]]] = []
    under = True
    for divides, factor in names.written.as_written(factors) or factors:
        if (under and not divides) or not found:
            found.append(([], []))
        under = divides
        found[-1][divides].append(factor)
    return found


def quotient(expr: Expr, names: Names) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the line of a product without sign, in the order in which they are written."""
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(expr):
        if factor.is_Rational and not factor.is_Integer:
            _divide(above, below, factor)
        elif isinstance(factor, Add):
            number, inside = content(factor, names)
            _divide(above, below, number)
            above.append(inside)
        elif isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    above, below = _with_one_root(above, below)
    return _in_order(above, names), _in_order(below, names)


def _divide(above: list[Expr], below: list[Expr], number: Rational) -> None:
    top, bottom = as_fraction(number)
    above += [top] if top != 1 else []
    below += [bottom] if bottom != 1 else []


def content(expr: Expr, names: Names) -> tuple[Rational, Expr]:
    """2, x - mu for 2*x - 2*mu, where x - mu was written: SymPy multiplies a sum by a number term by term."""
    number, inside = expr.primitive()
    if number == 1 or names.written.turned([unsigned(term, names) for term in inside.args]) is None:
        return Integer(1), expr
    return number, inside


def _with_one_root(above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """The factors with sqrt(2)/sqrt(pi) as the root of 2/pi."""
    tops, bottoms = ([f for f in side if isinstance(f, Pow) and f.exp == HALF and f.is_number] for side in (above, below))
    if not (tops and bottoms):
        return above, below
    root = Pow(Mul(*(f.base for f in tops)) / Mul(*(f.base for f in bottoms)), HALF, evaluate=False)
    return [root, *(f for f in above if f not in tops)], [f for f in below if f not in bottoms]


def _in_order(factors: list[Expr], names: Names) -> list[Expr]:
    return names.written.sorted(sorted(factors, key=lambda f: _factor_key(f, names)), lambda factor: factor)


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
    if isinstance(factor, Index):
        return 1
    if not elements(factor) and not factor.has(Bracket, Where):
        return 2 if factor.has(Constant, Size) else 3
    base = base.element if isinstance(base, Padded) else base
    if isinstance(base, Element):
        return 4 if base.name in names.cotangents else 5
    if isinstance(base, Where) and any(e.name in names.cotangents for e in elements(base)):
        return 4
    order = (Add, Function, Where, Bracket, Reduce)
    return next((6 + k for k, kind in enumerate(order) if isinstance(base, kind)), 7)


def first_place(expr: Expr, names: Names) -> int:
    """Where the first of its values stands in the layer; cotangents before all."""
    last = len(names.position)
    return min((-1 if e.name in names.cotangents else names.position.get(e.name, last) for e in elements(expr)), default=last)


def _length(expr: Expr) -> int:
    return sum(1 for _ in sympy.preorder_traversal(expr))
