"""From an expression to its text: what the Unicode and the LaTeX printer share, namely order, signs and brackets.

A printer's ``show(expr, around)`` puts brackets where expr binds less tightly than ``around`` asks for.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sympy
from sympy import Add, Expr, Mul, Pow
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, BooleanFunction, Not, Or

from symbp.explain.matrices import Chain, Factor, Matrices
from symbp.explain.order import (
    Names,
    as_fraction,
    content,
    first_place,
    is_turned,
    quotients,
    terms,
    unsigned,
    with_primes,
    without_broadcast_sums,
)
from symbp.ir import Bracket, Broadcast, Element, Index, Inverse, Leading, Padded, Reduce, Size, Where, readable, stem

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly an expression binds

FUNCTIONS = {"Abs": "abs", "loggamma": "gammaln", "Max": "maximum", "Min": "minimum"}
EVEN = (sympy.Abs, sympy.cos, sympy.cosh)
POLYGAMMA = ("digamma", "trigamma")


def choice(expr: Where) -> str:
    """where(a >= b, a, b) is the maximum of two, where(a <= b, a, b) their minimum; "" for any other."""
    name = {sympy.Ge: "maximum", sympy.Le: "minimum"}.get(type(expr.condition), "")
    return name if expr.condition.args == expr.branches else ""


class Printer:
    """Base of the two printers: dispatch and brackets here, symbols in the subclasses."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def formula(self, expr: Any) -> str:
        """The whole expression, with bound indices called as the user called them; matrices as they stand."""
        if isinstance(expr, Matrices):
            return self.matrices(expr)
        return self.show(self.settled(expr))

    def matrices(self, side: Matrices) -> str:
        text = ""
        for product in side.products:
            sign = self.minus if product.negative else self.plus if text else ""
            text += (f" {sign} " if text else sign) + self.show(product.formula, PRODUCT)
        return text

    def settled(self, expr: Any) -> Any:
        return with_primes(readable(without_broadcast_sums(sympy.sympify(expr))), self.names)

    def show(self, expr: Any, around: int = SUM) -> str:
        text, binds = self._write(expr)
        return text if binds >= around else self.fenced(text)

    def _write(self, expr: Any) -> tuple[str, int]:
        if isinstance(expr, Element | Padded | Inverse | Bracket | Where | Index | Size | Broadcast):
            return self._node(expr), ATOM
        if isinstance(expr, Reduce):
            return self.reduce(expr), PRODUCT
        if isinstance(expr, Chain):
            return self.dot.join(map(self.matrix, expr.args)), ATOM
        if isinstance(expr, Relational | BooleanFunction | BooleanAtom):
            return self.condition(expr), SUM
        if expr.is_Number:
            return self._signed_number(expr)
        if isinstance(expr, Add):
            return self._sum(expr)
        if isinstance(expr, Mul | Pow):
            return self._product(expr)
        return (self._call(expr), ATOM) if expr.args else (self.symbol(expr), ATOM)

    def _node(self, expr: Any) -> str:
        if isinstance(expr, Element):
            return self.element(expr)
        if isinstance(expr, Bracket):
            return self.bracket(expr)
        if isinstance(expr, Where):
            return self.call(chosen, expr.branches) if (chosen := choice(expr)) else self.where(expr)
        if isinstance(expr, Padded):
            return self.call("pad", expr.args if expr.fill != 0 else expr.args[:1])
        if isinstance(expr, Inverse):
            return self.inverse(expr)
        if isinstance(expr, Broadcast):
            return self._node(expr.args[0])
        if isinstance(expr, Leading):
            return self.leading(expr)
        return self.index(stem(expr)) if isinstance(expr, Index) else self.symbol(expr)

    def _signed_number(self, number: Expr) -> tuple[str, int]:
        negative, size = unsigned(number, self.names)
        if size.is_Rational and not size.is_Integer:
            text, binds = self._product(size)
        else:
            text, binds = self.number(size), ATOM
        return (self.minus + text, SUM) if negative else (text, binds)

    def _sum(self, expr: Expr) -> tuple[str, int]:
        number, inside = content(expr, self.names)
        if number != 1:
            turned = is_turned(inside, self.names)
            top, bottom = as_fraction(number)
            below = [bottom] if bottom != 1 else []
            return self._signed(turned, [([*([top] if top != 1 else []), -inside if turned else inside], below)])
        text = ""
        for negative, term in terms(expr, self.names):
            sign = (f" {self.minus} " if negative else f" {self.plus} ") if text else (self.minus if negative else "")
            text += sign + self.show(term, PRODUCT)
        return text, SUM

    def _product(self, expr: Expr) -> tuple[str, int]:
        negative, size = unsigned(expr, self.names)
        return self._signed(negative, quotients(size, self.names))

    def _signed(self, negative: bool, fractions: list[tuple[list[Expr], list[Expr]]]) -> tuple[str, int]:
        [above, below] = fractions[0]
        if len(fractions) > 1:
            text, binds = self.side_by_side(fractions), PRODUCT
        elif not below and len(above) == 1:
            text, binds = self._power(above[0]) if isinstance(above[0], Pow) else self._write_number_or(above[0])
        else:
            text, binds = (self.over(above, below) if below else self.times(above)), PRODUCT
        return (self.minus + (text if binds >= PRODUCT else self.fenced(text)), SUM) if negative else (text, binds)

    def _write_number_or(self, expr: Expr) -> tuple[str, int]:
        return (self.number(expr), ATOM) if expr.is_Number else self._write(expr)

    def _power(self, expr: Pow) -> tuple[str, int]:
        if expr.exp == sympy.Rational(1, 2):
            return self.root(expr.base), ATOM
        return self.power(expr.base, expr.exp), POWER

    def _call(self, expr: Any) -> str:
        name, args = type(expr).__name__, expr.args
        if name == "polygamma" and args[0].is_Integer and args[0] < len(POLYGAMMA):
            name, args = POLYGAMMA[int(args[0])], args[1:]
        if isinstance(expr, EVEN) and is_turned(args[0], self.names):
            args = (-args[0],)
        return self.call(FUNCTIONS.get(name, name), args)

    def side_by_side(self, fractions: list[tuple[list[Expr], list[Expr]]]) -> str:
        """Fractions that are multiplied."""
        return self.dot.join(self.over(above, below) if below else self.times(above) for above, below in fractions)

    def times(self, factors: list[Expr]) -> str:
        """A product; a sum over an index may stand unfenced only at its end."""
        if not factors:
            return self.number(sympy.Integer(1))
        if self.between_numbers and len(factors) > 1 and factors[0].is_number and factors[1].is_number:
            return self.show(factors[0], ATOM) + self.between_numbers + self.times(factors[1:])
        *first, last = factors
        fenced = [self.fenced(self.show(f)) if isinstance(f, Reduce) else self.show(f, POWER) for f in first]
        text = self.show(last, PRODUCT if isinstance(last, Reduce) or not first else POWER)
        return self.dot.join([*fenced, text])

    def cotangents_first(self, factors: list[Expr]) -> tuple[list[Expr], list[Expr]]:
        """(those that are cotangents, the others): printed as fractions themselves, cotangents stand before a fraction."""
        ahead = [f for f in factors if isinstance(f, Element) and f.name in self.names.cotangents]
        return ahead, [f for f in factors if f not in ahead]

    def condition(self, expr: Any) -> str:
        if isinstance(expr, And | Or):
            word = self.word("and" if isinstance(expr, And) else "or")
            parts = sorted(expr.args, key=lambda part: (first_place(part, self.names), sympy.default_sort_key(part)))
            parts = self.names.written.sorted(parts, lambda part: part)
            return word.join(self.fenced(self.show(a)) if isinstance(a, And | Or) else self.show(a) for a in parts)
        if isinstance(expr, Not):
            return self.word("not").lstrip() + self.fenced(self.show(expr.args[0]))
        if not isinstance(expr, Relational):
            return str(expr)
        expr = expr.reversed if expr.lhs.is_number and not expr.rhs.is_number else expr
        left, right = expr.args
        if isinstance(expr, sympy.Ne) and right == 0 and isinstance(left, Element) and left.head.kind == "boolean":
            return self.show(left)
        return f"{self.show(left)} {self.relations[expr.rel_op]} {self.show(right)}"

    # what a printer says in its own way

    plus = "+"
    minus: str
    dot: str
    between_numbers = ""  # what keeps two numbers apart where a product has no dot
    relations: ClassVar[dict[str, str]]

    def fenced(self, text: str) -> str:
        raise NotImplementedError

    def element(self, expr: Element) -> str:
        raise NotImplementedError

    def matrix(self, factor: Factor) -> str:
        raise NotImplementedError

    def inverse(self, expr: Inverse) -> str:
        raise NotImplementedError

    def reduce(self, expr: Reduce) -> str:
        raise NotImplementedError

    def bracket(self, expr: Bracket) -> str:
        raise NotImplementedError

    def where(self, expr: Where) -> str:
        raise NotImplementedError

    def leading(self, expr: Leading) -> str:
        raise NotImplementedError

    def index(self, name: str) -> str:
        raise NotImplementedError

    def symbol(self, expr: Any) -> str:
        raise NotImplementedError

    def number(self, expr: Expr) -> str:
        raise NotImplementedError

    def over(self, above: list[Expr], below: list[Expr]) -> str:
        raise NotImplementedError

    def power(self, base: Expr, exponent: Expr) -> str:
        raise NotImplementedError

    def root(self, base: Expr) -> str:
        raise NotImplementedError

    def call(self, name: str, args: tuple[Expr, ...]) -> str:
        raise NotImplementedError

    def word(self, name: str) -> str:
        raise NotImplementedError
