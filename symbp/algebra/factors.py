"""A product inside a product: are all factors of one among those of the other?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Integer, Mul, Pow

from symbp.algebra.match import match
from symbp.ir import Index

Found = dict[Index, Expr]


def within(pattern: Expr, product: Expr, found: Found | None = None) -> tuple[Found, Expr] | None:
    """(indices, rest) such that product = rest · pattern at the indices, or None. Both are canonical."""
    wanted, offered = pattern.as_coeff_mul(), product.as_coeff_mul()
    assigned = assign(wanted[1], list(offered[1]), found or {})
    if assigned is None:
        return None
    indices, rest = assigned
    return indices, Mul(offered[0] / wanted[0], *rest)


def assign(wanted: Sequence[Expr], offered: list[Expr], found: Found) -> tuple[Found, list[Expr]] | None:
    """The indices at which each wanted factor is one of the offered, and the offered that are left."""
    if not wanted:
        return found, offered
    first, *others = wanted
    for place, factor in enumerate(offered):
        for part, left in _parts(first, factor):
            bound = match(first, part, dict(found))
            remaining = [*offered[:place], *([] if left == 1 else [left]), *offered[place + 1 :]]
            assigned = None if bound is None else assign(others, remaining, bound)
            if assigned is not None:
                return assigned
    return None


def _parts(wanted: Expr, factor: Expr) -> Iterator[tuple[Expr, Expr]]:
    """(part, left) with part · left = factor, where part may be the wanted one: b**3 also offers b."""
    yield factor, Integer(1)
    if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp > 1 and not isinstance(wanted, Pow):
        yield factor.base, factor.base ** (factor.exp - 1)
