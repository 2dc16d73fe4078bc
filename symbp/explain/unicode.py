"""An expression as one line of Unicode text: dx[n,k] = y[n,k]·(dy[n,k] − Σ_j dy[n,j]·y[n,j])."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy
from sympy import Expr

from symbp.explain.matrices import Factor
from symbp.explain.order import decimal
from symbp.explain.printer import ATOM, POWER, PRODUCT, Printer
from symbp.ir import Bracket, Element, Inverse, Leading, Reduce, Where, stem

ONES = "𝟏"  # a column of ones
MINUS = "−"
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
REDUCTIONS = {"sum": "Σ", "prod": "Π"}
SYMBOLS = {sympy.oo: "∞", sympy.pi: "π", sympy.E: "e"}


class Unicode(Printer):
    minus, dot = MINUS, "·"
    relations: ClassVar = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}

    def fenced(self, text: str) -> str:
        return f"({text})"

    def element(self, expr: Element) -> str:
        if self.names.elementwise or not expr.position:
            return expr.name
        return f"{expr.name}[{','.join(self.show(p).replace(' ', '') for p in expr.position)}]"

    def matrix(self, factor: Factor) -> str:
        return (factor.name or ONES) + ("ᵀ" if factor.transposed else "")

    def inverse(self, expr: Inverse) -> str:
        """The inverse of the transpose at (j, i) is that of the matrix at (i, j): the position is the element's own."""
        name, _, place = self.show(expr.body).partition("[")
        return f"{name}⁻¹[{place}"

    def reduce(self, expr: Reduce) -> str:
        over = ",".join(stem(i) for i in expr.indices)
        return f"{REDUCTIONS.get(expr.op, expr.op)}_{over} {self.show(expr.body, PRODUCT)}"

    def bracket(self, expr: Bracket) -> str:
        return f"[{self.show(expr.args[0])} = {self.show(expr.args[1])}]"

    def where(self, expr: Where) -> str:
        return f"where({', '.join(map(self.show, expr.args))})"

    def leading(self, expr: Leading) -> str:
        return f"size({expr.name})"

    def index(self, name: str) -> str:
        return name

    def symbol(self, expr: Any) -> str:
        return SYMBOLS.get(expr, str(expr))

    def number(self, expr: Expr) -> str:
        return decimal(expr) or self.symbol(expr)

    def over(self, above: list[Expr], below: list[Expr]) -> str:
        shown = [self.fenced(self.show(f)) if isinstance(f, Reduce) else self.show(f, POWER) for f in above]
        top = self.dot.join(shown) or self.number(sympy.Integer(1))
        if len(below) > 1:
            return f"{top}/{self.fenced(self.times(below))}"
        return f"{top}/{self.show(below[0], PRODUCT if isinstance(below[0], Reduce) else POWER)}"

    def side_by_side(self, fractions: list[tuple[list[Expr], list[Expr]]]) -> str:
        *first, (above, below) = fractions
        return self.dot.join(
            [*(self.fenced(self.over(*sides)) for sides in first), self.over(above, below) if below else self.times(above)]
        )

    def power(self, base: Expr, exponent: Expr) -> str:
        if exponent.is_Integer and exponent > 0:
            return self.show(base, ATOM) + str(exponent).translate(SUPERSCRIPTS)
        text, binds = self._write(exponent)
        return f"{self.show(base, ATOM)}^{text if binds == ATOM else self.fenced(text)}"

    def root(self, base: Expr) -> str:
        return self.call("sqrt", (base,))

    def call(self, name: str, args: tuple[Expr, ...]) -> str:
        return f"{name}({', '.join(map(self.show, args))})"

    def word(self, name: str) -> str:
        return f" {name} "
