"""Which way the comparisons of a trial go: at points where a choice falls one way only, nothing is seen of the other.

A comparison that seldom goes one of its ways is turned round at random, alike wherever the same difference is compared: what
holds whichever way it goes, holds for the way that it really goes.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import mpmath
import sympy
from sympy import Add, Expr, Rational

from symbp.ir import Index, elements, free_indices
from symbp.ir.interpret import Machine

ORDERS = (sympy.StrictLessThan, sympy.LessThan, sympy.StrictGreaterThan, sympy.GreaterThan)
EQUALITIES = (sympy.Equality, sympy.Unequality)
SIGNED = (sympy.Abs, sympy.sign)
SELDOM = 4  # one way in so many, of a comparison of data
SAME = 30  # digits to which two differences are taken for one


@dataclass(frozen=True)
class Compared:
    """What is compared with 0, and how: u > 0 and u <= 0 are one comparison, u >= 0 and u < 0 another."""

    value: Expr
    kind: str  # "equal", "above", "at least", "sign"

    @property
    def of_positions(self) -> bool:
        return not elements(self.value)

    def goes(self, value: Any) -> bool:
        return bool(value == 0 if self.kind == "equal" else value > 0 if self.kind == "above" else value >= 0)


@dataclass
class Ways:
    """What has been seen of the comparisons, and which of them are turned round."""

    turned: frozenset[Compared] = frozenset()
    seen: Counter[tuple[Compared, bool]] = field(default_factory=Counter)
    draw: random.Random = field(default_factory=lambda: random.Random(0))
    turns: dict[str, bool] = field(default_factory=dict)  # by size of the difference

    def lopsided(self) -> frozenset[Compared]:
        """The comparisons of data that seldom went one way, and those of positions that never did; with all that compare the same."""
        values = {compared.value for compared, _ in self.seen if self._is_lopsided(compared)}
        return frozenset(compared for compared, _ in self.seen if compared.value in values)

    def _is_lopsided(self, compared: Compared) -> bool:
        least, most = sorted(self.seen[compared, way] for way in (False, True))
        return least == 0 or (not compared.of_positions and SELDOM * least < least + most)

    def turns_round(self, expr: Expr, difference: Any) -> bool:
        """Whether a comparison of two values with this difference is to go the other way."""
        compared, scale = compared_in(expr)
        value = difference * scale.q / mpmath.mpf(scale.p)
        self.seen[compared, compared.goes(value)] += 1
        if compared not in self.turned or value == 0 or not mpmath.isfinite(value):
            return False
        size = mpmath.nstr(abs(value), SAME)
        if size not in self.turns:
            self.turns[size] = bool(self.draw.randrange(2))
        return self.turns[size]


@dataclass
class Choosing(Machine):
    """A machine that notes which way comparisons go, and turns some of them."""

    ways: Ways = field(default_factory=Ways)

    def operation(self, expr: Any, args: list[Any], where: dict[Any, Any]) -> Any:
        if isinstance(expr, ORDERS + EQUALITIES) and self.ways.turns_round(expr, args[0] - args[1]):
            args = [args[0], args[0]] if isinstance(expr, EQUALITIES) else args[::-1]
        elif isinstance(expr, SIGNED) and self.ways.turns_round(expr, args[0]):
            return -super().operation(expr, args, where)
        return super().operation(expr, args, where)


@lru_cache(maxsize=16_384)
def compared_in(expr: Expr) -> tuple[Compared, Rational]:
    """What is compared, and how many times that the sides differ by: u <= -u and v[i] > 0 and v[j] <= 0 are alike."""
    difference = sympy.expand(expr.args[0] - expr.args[-1] if len(expr.args) > 1 else expr.args[0])
    scale, rest = difference.primitive() if isinstance(difference, Add) else difference.as_coeff_Mul(rational=True)
    rest = rest.xreplace({index: Index(f"{k}'", index.size) for k, index in enumerate(free_indices(rest))})
    if rest.could_extract_minus_sign():
        scale, rest = -scale, -rest
    kind = "equal" if isinstance(expr, EQUALITIES) else "sign"
    if isinstance(expr, ORDERS):
        above = isinstance(expr, sympy.StrictGreaterThan | sympy.LessThan)
        kind = "above" if above == scale.is_positive else "at least"
    return Compared(rest, kind), scale
