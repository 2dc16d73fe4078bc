"""Positions that are affine in indices: taken apart, and solved for one index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy
from sympy import Expr, Integer, Symbol

from symbp.ir import Constant, Index, Leading, Node, free_indices


@dataclass(frozen=True)
class Affine:
    """The sum of coefficient times index, plus an offset."""

    steps: Mapping[Index, Expr]
    offset: Expr

    def largest(self) -> Expr | None:
        """The value where every index adds the most; None if the sign of a coefficient cannot be seen."""
        return self._extreme(1)

    def least(self) -> Expr | None:
        return self._extreme(-1)

    def _extreme(self, sign: int) -> Expr | None:
        found = self.offset
        for index, step in self.steps.items():
            own = sign_of(step)
            if not own:
                return None
            found += step * (index.size - 1) if own == sign else Integer(0)
        return sympy.expand(found)


@lru_cache(maxsize=16_384)
def affine(position: Expr) -> Affine | None:
    """The position by its indices; None if it is not affine in them, or reads a tensor."""
    indices = free_indices(position)
    if position.has(Node) or any(isinstance(index.size, Leading) for index in indices):
        return None
    plain = sympy.expand(position)
    steps = {index: plain.coeff(index) for index in indices}
    offset = sympy.expand(plain - sum(index * step for index, step in steps.items()))
    return None if any(map(free_indices, (offset, *steps.values()))) else Affine(steps, offset)


def sign_of(coefficient: Expr) -> int:
    """1, -1, or 0 where it cannot be seen; a constant that multiplies an index is at least 1, and so is a length."""
    value = coefficient.xreplace({c: Symbol(c.name, positive=True) for c in coefficient.atoms(Constant)})
    return 1 if value.is_positive else -1 if value.is_negative else 0


def solved(left: Expr, right: Expr, index: Index) -> Expr | None:
    """The value of the index for which left == right; None if that is not a position."""
    for one, other in ((left, right), (right, left)):
        if one == index:
            return None if other.has(index) else other
    form = affine(left - right)
    step = form.steps.get(index) if form else None
    return sympy.expand(index - step * (left - right)) if step in (1, -1) else None
