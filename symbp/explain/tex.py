r"""An expression as LaTeX mathematics: \frac{\partial L}{\partial x_{n,k}} = y_{n,k} \left(... - \sum_{j} ...\right)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import sympy
from sympy import Expr

from symbp.explain.matrices import Factor
from symbp.explain.order import PRIME, Names, decimal
from symbp.explain.printer import ATOM, PRODUCT, Printer, choice
from symbp.explain.tex_width import width
from symbp.ir import Bracket, Element, Inverse, Leading, Reduce, Where, stem

GREEK = frozenset(
    """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega""".split()  # noqa: SIM905
)
LETTER = "|".join(["[A-Za-z]", *sorted(GREEK)])
ACCENTS = ("hat", "bar", "tilde", "dot")
RENAMED = {"eps": r"\varepsilon", "epsilon": r"\varepsilon", "...": r"\ldots"}
COMMANDS = {name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")} | {
    "maximum": r"\max",
    "minimum": r"\min",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "gammaln": r"\ln\Gamma",
    "digamma": r"\psi",
    "trigamma": r"\psi'",
}
REDUCTIONS = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min", "det": r"\det", "logdet": r"\log\det"}
SYMBOLS = {sympy.oo: r"\infty", sympy.pi: r"\pi", sympy.E: "e"}
WIDE = 24  # em: a fraction that is wider above cannot stay whole
LONG = 34  # em: a case that is wider has its condition below
NEXT = r" \\ "
LOSSES = ("L", "J", "E", r"\mathcal{L}")  # what is differentiated: the first that the layer does not use itself


def loss_letter(names: Names) -> str:
    return next(letter for letter in LOSSES if letter not in names.position)


def name_in_tex(name: str) -> str:
    """x, \\gamma, x_{1}, \\mathrm{norm\\_y}: as one prints a name in mathematics."""
    if name in RENAMED:
        return RENAMED[name]
    if name in GREEK:
        return f"\\{name}"
    base, _, below = name.partition("_")
    if below in ACCENTS and base:
        return rf"\{below}{{{name_in_tex(base)}}}"
    if below.isalpha() and (len(base) == 1 or base in GREEK):
        return rf"{name_in_tex(base)}_{{{name_in_tex(below)}}}"
    if match := re.fullmatch(rf"({LETTER})_?(\d+)", name):
        return f"{name_in_tex(match[1])}_{{{match[2]}}}"
    return name if len(name) == 1 else rf"\mathrm{{{_escaped(name)}}}"


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


class Tex(Printer):
    minus, dot, between_numbers = "-", r" \, ", r" \cdot "
    relations: ClassVar = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.loss = loss_letter(names)

    def fenced(self, text: str) -> str:
        return rf"\left({text}\right)"

    def element(self, expr: Element) -> str:
        if expr.name in self.names.cotangents:
            return rf"\frac{{\partial {self.loss}}}{{\partial {self.value(self.names.cotangents[expr.name], expr)}}}"
        return self.value(expr.name, expr)

    def value(self, name: str, expr: Element) -> str:
        """An element under a name of its own: the cotangent dx[n] is about x[n]."""
        base = name_in_tex(name)
        if self.names.elementwise or not expr.position:
            return base
        inside = ",".join(map(self.show, expr.position))
        return f"{base[:-1]},{inside}}}" if re.fullmatch(r"[^{]*_\{.+\}", base) else f"{base}_{{{inside}}}"

    def matrix(self, factor: Factor) -> str:
        if factor.name in self.names.cotangents:
            text = rf"\frac{{\partial {self.loss}}}{{\partial {name_in_tex(self.names.cotangents[factor.name])}}}"
            return rf"\left({text}\right)^{{\top}}" if factor.transposed else text
        text = name_in_tex(factor.name) if factor.name else r"\mathbf{1}"
        return rf"{text}^{{\top}}" if factor.transposed else text

    def inverse(self, expr: Inverse) -> str:
        body = expr.body
        return rf"\left({name_in_tex(body.name)}^{{-1}}\right)_{{{','.join(map(self.show, body.position))}}}"

    def reduce(self, expr: Reduce) -> str:
        over = ",".join(self.index(stem(i)) for i in expr.indices)
        symbol = REDUCTIONS.get(expr.op, rf"\operatorname*{{{expr.op}}}")
        return f"{symbol}_{{{over}}} {self.show(expr.body, PRODUCT)}"

    def bracket(self, expr: Bracket) -> str:
        return rf"\left[{self.show(expr.args[0])} = {self.show(expr.args[1])}\right]"

    def where(self, expr: Where) -> str:
        *rows, otherwise = self._cases(expr)
        when = [rf"{then} & \text{{if }} {condition}" for then, condition in rows]
        if width(max(when, key=width)) > LONG:
            when = [rf"{then} \\ \quad \text{{if }} {condition}" for then, condition in rows]
        return rf"\begin{{cases}} {NEXT.join(when)} \\ {otherwise[0]} & \text{{otherwise}} \end{{cases}}"

    def _cases(self, expr: Where) -> list[tuple[str, str]]:
        """Values with their conditions: a choice within the last branch is a case more; one with the same last branch, a condition."""
        then, otherwise = expr.branches
        conditions = [expr.condition]
        while isinstance(then, Where) and not choice(then) and then.branches[1] == otherwise:
            conditions.append(then.condition)
            then = then.branches[0]
        first = self.show(then), self.word("and").join(map(self.show, conditions))
        goes_on = isinstance(otherwise, Where) and not choice(otherwise)
        return [first, *(self._cases(otherwise) if goes_on else [(self.show(otherwise), "")])]

    def leading(self, expr: Leading) -> str:
        return rf"\left|{self.index(expr.name)}\right|"

    def index(self, name: str) -> str:
        plain = name.rstrip(PRIME)
        return name_in_tex(plain) + "'" * (len(name) - len(plain))

    def symbol(self, expr: Any) -> str:
        return SYMBOLS.get(expr, name_in_tex(str(expr)))

    def number(self, expr: Expr) -> str:
        text = decimal(expr) or str(SYMBOLS.get(expr, expr))
        mantissa, _, exponent = text.partition("e") if text[0].isdigit() else (text, "", "")
        if not exponent:
            return text
        return f"10^{{{exponent}}}" if mantissa == "1" else rf"{mantissa} \cdot 10^{{{exponent}}}"

    def over(self, above: list[Expr], below: list[Expr]) -> str:
        """A fraction; cotangents, fractions themselves, stand before it."""
        ahead, above = self.cotangents_first(above)
        top, bottom = (self.show(side[0]) if len(side) == 1 else self.times(side) for side in (above, below))
        if width(top) <= WIDE:
            return self.dot.join([*map(self.element, ahead), rf"\frac{{{top}}}{{{bottom}}}"])
        before, after = self._parted(above)
        top = self.show(before[0]) if len(before) == 1 else self.times(before)
        return self.dot.join([*map(self.element, ahead), rf"\frac{{{top}}}{{{bottom}}}", self.times(after)])

    def _parted(self, factors: list[Expr]) -> tuple[list[Expr], list[Expr]]:
        """Those that stay above the line, and those that follow the fraction so that it can be broken: the widest, and what comes after."""
        widths = [width(self.show(factor)) for factor in factors]
        place = widths.index(max(widths))
        return factors[:place], factors[place:]

    def power(self, base: Expr, exponent: Expr) -> str:
        cotangent = isinstance(base, Element) and base.name in self.names.cotangents
        text = self.show(base, ATOM)
        raised = f"{exponent.p}/{exponent.q}" if exponent.is_Rational and not decimal(exponent) and exponent.q > 1 else self.show(exponent)
        return rf"{self.fenced(text) if cotangent else text}^{{{raised}}}"

    def root(self, base: Expr) -> str:
        return rf"\sqrt{{{self.show(base)}}}"

    def call(self, name: str, args: tuple[Expr, ...]) -> str:
        if name == "abs":
            return rf"\left|{self.show(args[0])}\right|"
        if name == "floor":
            return rf"\left\lfloor {self.show(args[0])} \right\rfloor"
        if name == "exp" and self._is_short(args[0]):
            return f"e^{{{self.show(args[0])}}}"
        command = COMMANDS.get(name) or rf"\operatorname{{{_escaped(name)}}}"
        return rf"{command}\left({', '.join(map(self.show, args))}\right)"

    def _is_short(self, exponent: Expr) -> bool:
        return not exponent.has(Reduce, Where) and len(self.show(exponent)) <= 24

    def word(self, name: str) -> str:
        return rf" \text{{ {name} }} "
