"""An expression case by case: every choice made one way and the other, every |u| and sign(u) for u above, below and at 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from sympy import Expr, Integer

from symbp.ir import Where

MOST_CHOICES = 4  # that are told apart; beyond, an expression is not taken to pieces


def cases(expr: Expr) -> Iterator[Expr]:
    """What expr is in each case; together they are all. The cases do not know of one another, so some may be impossible.

    Raises:
        ValueError: there are too many.
    """
    yield from _cases(expr, MOST_CHOICES)


def _cases(expr: Expr, left: int) -> Iterator[Expr]:
    choice = _innermost(expr)
    if choice is None:
        yield expr
        return
    if not left:
        raise ValueError(f"more than {MOST_CHOICES} choices")
    for settled in _settled(expr, choice):
        yield from _cases(settled, left - 1)


def _innermost(expr: Expr) -> Any:
    """The first choice that holds no other, in a fixed order."""
    found = sorted(expr.atoms(Where, sympy.Abs, sympy.sign), key=sympy.default_sort_key)
    return next((node for node in found if not any(node.has(other) for other in found if other != node)), None)


def _settled(expr: Expr, choice: Any) -> Iterator[Expr]:
    if isinstance(choice, Where):
        yield from (taken(expr, choice.condition, side) for side in (0, 1))
        return
    (value,) = choice.args
    size, sign = sympy.Abs(value), sympy.sign(value)
    yield expr.xreplace({size: value, sign: Integer(1)})
    yield expr.xreplace({size: -value, sign: Integer(-1)})
    yield expr.xreplace({size: Integer(0), sign: Integer(0)}).xreplace({value: Integer(0)})


def taken(node: Any, condition: Any, side: int) -> Any:
    """node where the condition holds (side 0) or does not (side 1)."""
    if isinstance(node, Where) and node.condition == condition:
        return taken(node.branches[side], condition, side)
    return node.func(*(taken(arg, condition, side) for arg in node.args)) if node.has(Where) else node
