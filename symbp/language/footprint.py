"""What the equations of a scatter cover: how long an axis of the target is, and that no two equations meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import gcd

import sympy
from sympy import Add, Expr, Integer, Max

from symbp.language.frames import Target
from symbp.language.spans import Sizes, Span, at_least
from symbp.language.trees import Position, Read


def extent(target: Target, size: Sizes) -> Expr | None:
    """The length of an axis: one more than the largest place. None where a tensor says the places.

    Raises:
        ReadError: a place may be before the first.
    """
    if any(isinstance(position, Read) for position in target.positions):
        return None
    ends = []
    for position, fail in zip(target.positions, target.fails, strict=True):
        span = Span.of(position, size)
        least = sympy.expand(span.smallest)
        if not target.padded and not at_least(least, 0):
            surely = "is" if at_least(-least, 1) else "may be"
            drop = "write pad(...) = ... around the left side if what falls outside is to be left out"
            fail(f"a place on axis {target.number} {surely} before the first: the smallest is {least}; {drop}")
        ends.append(span.largest + 1)
    return largest(ends)


def largest(values: Sequence[Expr]) -> Expr:
    """The largest, without those that are surely not."""
    kept: list[Expr] = []
    for value in map(sympy.expand, values):
        if not any(at_least(other - value, 0) for other in kept):
            kept = [*(other for other in kept if not at_least(value - other, 0)), value]
    return Max(*kept)


def check_apart(targets: Sequence[Target], size: Sizes) -> None:
    """No two equations of one name put values at one place.

    Raises:
        ReadError: that cannot be seen; points at the later one.
    """
    for one, other in combinations(range(len(targets[0].positions)), 2):
        if not any(apart(target.positions[one], target.positions[other], size) for target in targets if not target.whole):
            name = targets[0].variable
            example = "2*k and 2*k+1, or k and k+size(k)"
            targets[0].fails[other](f"{name} may be assigned twice at one place; equations of one name keep apart, like {example}")


def apart(one: Position, other: Position, size: Sizes) -> bool:
    """Whether two places surely never are the same: they lie behind each other, or leave different remainders."""
    if isinstance(one, Read) or isinstance(other, Read):
        return False
    left, right = Span.of(one, size), Span.of(other, size)
    if at_least(right.smallest - left.largest, 1) or at_least(left.smallest - right.largest, 1):
        return True
    distance = sympy.expand(left.rest - right.rest)
    steps = [c for c, _ in (*left.terms, *right.terms)] + [term for term in Add.make_args(distance) if not term.is_Integer]
    common = gcd(*(int(content(step)) for step in steps))
    by = int(distance.as_coeff_Add()[0])
    return bool(by % common) if common else by != 0


def content(value: Expr) -> Expr:
    """The whole number that divides it whatever the sizes and constants are."""
    return Integer(gcd(*(int(term.as_coeff_Mul()[0]) for term in Add.make_args(sympy.expand(value)))))
