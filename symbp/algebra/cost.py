"""What an expression costs to compute: passes over memory, at nominal sizes. It only ranks equal forms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr

from symbp.ir import Bracket, Cotangent, Element, Index, Leading, Reduce, Where, elements, free_indices, leaves
from symbp.ir.functions import StableFunction

AXIS = 64.0  # nominal length of an axis
FUNCTION = 8.0  # an exp against one multiplication
SMALL_POWER = 1.5  # x**2 and x**3: more than a product, so that p*(1 - p) beats p - p**2, which cancels
DIVISION = 1.0  # what a division costs beyond a multiplication
READ = 0.25  # reading a value that forward has anyway
CONTRACTION = 0.2  # a multiply-add inside a matrix product


def cost(expressions: Iterable[Expr]) -> float:
    """The work of computing the expressions together: each distinct subexpression once, each tensor read once."""
    return _cost(tuple(expressions))


@lru_cache(maxsize=16_384)
def _cost(expressions: tuple[Expr, ...]) -> float:
    seen: set[Any] = set()
    work = 0.0
    for root in expressions:
        work += _dividing(root) if isinstance(root, sympy.Pow) else 0
        for node in sympy.preorder_traversal(root):
            if node not in seen:
                seen.add(node)
                work += _own(node)
    read: dict[Any, float] = {}
    for element in _read(expressions):
        read[element.head] = max(read.get(element.head, 0.0), _points(free_indices(element)))
    return work + READ * sum(read.values())


def _read(expressions: Iterable[Any]) -> Iterator[Element]:
    """The elements that backward has to read; a sum of forward values alone is known from forward."""
    for node in expressions:
        if isinstance(node, Element):
            yield node
        elif not isinstance(node, Reduce) or any(isinstance(e.head, Cotangent) for e in elements(node)):
            yield from _read(node.args)


def _points(indices: Iterable[Index]) -> float:
    return math.prod((_length(i.size) for i in indices), start=1.0)


def _length(size: Expr) -> float:
    return float(size) if size.is_Integer else AXIS**2 if isinstance(size, Leading) else AXIS


@lru_cache(maxsize=65536)
def _own(node: Any) -> float:
    """The work of one node, its arguments at hand."""
    if isinstance(node, Reduce):
        return _points(_axes(node.body)) * (CONTRACTION if _contracts(node) else 1)
    if not isinstance(node, Expr) or isinstance(node, Element | Bracket):
        return 0.0
    points = _points(_axes(node))
    if isinstance(node, sympy.Mul):
        return _combined([arg for arg in node.args if arg != -1]) + _dividing(node)
    if isinstance(node, sympy.Add):
        return _combined(list(node.args)) + sum(_dividing(arg) for arg in node.args if isinstance(arg, sympy.Pow))
    if isinstance(node, sympy.Pow):
        return points * (0 if node.exp == -1 else SMALL_POWER if node.exp.is_Integer and abs(node.exp) <= 3 else 4)
    if isinstance(node, Where):
        return points
    return points * FUNCTION if isinstance(node, sympy.Function | StableFunction) else 0.0


def _axes(node: Expr) -> set[Index]:
    """The axes that node is computed along; one that a bracket fixes is a place to write to, not an axis to go along."""
    rest = (factor for factor in sympy.Mul.make_args(node) if not isinstance(factor, Bracket))
    return {index for factor in rest for index in free_indices(factor)}


def _combined(args: list[Expr]) -> float:
    """The passes that combine the arguments two by two: first those along the same axes, then the narrowest first."""
    groups: dict[frozenset[Index], int] = {}
    for axes in map(frozenset, map(_axes, args)):
        groups[axes] = groups.get(axes, 0) + 1
    within = sum(_points(axes) * (count - 1) for axes, count in groups.items())
    joined: set[Index] = set()
    between = 0.0
    for number, axes in enumerate(sorted(groups, key=_points)):
        joined |= axes
        between += _points(joined) if number else 0.0
    return within + between


def _dividing(node: Expr) -> float:
    """A product divides once, by all of its denominators together, and where they are, before it is spread over more axes."""
    below = [f for f in sympy.Mul.make_args(node) if isinstance(f, sympy.Pow) and f.exp.could_extract_minus_sign()]
    return DIVISION * _points(_axes(sympy.Mul(*below))) if below else 0.0


def _contracts(node: Reduce) -> bool:
    """No one operand spans all the axes: a matrix product rather than a plain reduction."""
    axes = _axes(node.body)
    return not any(axes <= set(free_indices(leaf)) for leaf in leaves(node.body))


def operations(expr: Expr) -> int:
    """How much there is to read."""
    return sum(1 for node in sympy.preorder_traversal(expr) if node.args and not isinstance(node, Element | Bracket))


@lru_cache(maxsize=16_384)
def divisors(expr: Expr) -> frozenset[Expr]:
    """The values that depend on data and are divided by."""
    powers = {p.base for p in expr.atoms(sympy.Pow) if p.exp.could_extract_minus_sign()}
    return frozenset(base for base in powers if base.has(Element))


def divisions(expr: Expr) -> int:
    """How many different values that depend on data are divided by."""
    return len(divisors(expr))
