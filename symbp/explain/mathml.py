"""An expression as MathML, what browsers typeset by themselves: <mfrac><mrow><mi>∂</mi><mi>L</mi></mrow>...</mfrac>."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import Any, ClassVar
from unicodedata import lookup
from xml.etree import ElementTree

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.explain.lines import Chained, Partial
from symbp.explain.matrices import Factor
from symbp.explain.order import PRIME, Names, decimal
from symbp.explain.printer import ATOM, PRODUCT, SUM, Printer
from symbp.explain.tex import GREEK, LETTER, loss_letter
from symbp.explain.unicode import MINUS
from symbp.ir import Bracket, Element, Inverse, Leading, Reduce, Where, stem
from symbp.ir.derivation import Fact

BREAKABLE = 24  # letters in width of a sum beyond which it may go on in the next row
LONG = 30  # of a term, beyond which it may be broken as well
SHORT = 9  # letters in width of an exponent: beyond, exp(...) is written on the line
SMALL = 0.75  # an index to the letter that has it

EQUALS, RECEIVES = "<mo>=</mo>", "<mo>←</mo>"
NEGATIVE = f'<mo form="prefix">{MINUS}</mo>'
APPLIED = "<mo>\u2061</mo>"  # between a function and its brackets, without a width
TIMES = "\u2062"  # the product that is not drawn
INFIX = {"=": 2.2, "←": 2.8, "+": 2.2, MINUS: 2.2, "\u2061": 0.0, TIMES: 0.3}  # signs with the space around them
ONES, TRANSPOSED = "<mn>𝟏</mn>", '<mi mathvariant="normal">⊤</mi>'
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙"}
RENAMED = {"eps": "<mi>ε</mi>", "...": "<mi>…</mi>", r"\mathcal{L}": "<mi>ℒ</mi>"}
DESCENDING = frozenset("gjpqyβγζημξρφϕχψ")
VARIANTS = {"epsilon": "ε", "phi": "ϕ"}  # as TeX draws them
CALLS = {
    "maximum": "<mi>max</mi>",
    "minimum": "<mi>min</mi>",
    "asin": "<mi>arcsin</mi>",
    "acos": "<mi>arccos</mi>",
    "atan": "<mi>arctan</mi>",
    "gammaln": f'<mi>ln</mi>{APPLIED}<mi mathvariant="normal">Γ</mi>',
    "digamma": "<mi>ψ</mi>",
    "trigamma": "<msup><mi>ψ</mi><mo>′</mo></msup>",
}
REDUCTIONS = {"sum": "<mo>∑</mo>", "prod": "<mo>∏</mo>", "logdet": '<mo rspace="0.17em">log det</mo>'}
SYMBOLS = {sympy.oo: '<mi mathvariant="normal">∞</mi>', sympy.pi: "<mi>π</mi>", sympy.E: "<mi>e</mi>"}


def name_in_mathml(name: str) -> str:
    """x, γ, x with an index 1, norm_y upright: as one prints a name in mathematics."""
    if name in RENAMED:
        return RENAMED[name]
    if name in GREEK:
        return _greek(name)
    base, _, below = name.partition("_")
    if below in ACCENTS and base:
        return f'<mover accent="true">{name_in_mathml(base)}<mo stretchy="false">{ACCENTS[below]}</mo></mover>'
    if below.isalpha() and (len(base) == 1 or base in GREEK):
        return f"<msub>{name_in_mathml(base)}{name_in_mathml(below)}</msub>"
    if match := re.fullmatch(rf"({LETTER})_?(\d+)", name):
        return f"<msub>{name_in_mathml(match[1])}<mn>{match[2]}</mn></msub>"
    return f"<mi>{escape(name)}</mi>"


def _greek(name: str) -> str:
    """Capitals upright."""
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    letter = VARIANTS.get(name) or lookup(f"GREEK {case} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    return f'<mi mathvariant="normal">{letter}</mi>' if name[0].isupper() else f"<mi>{letter}</mi>"


def one(text: str) -> str:
    """The text as one element, which a fraction or an index asks for."""
    return text if re.fullmatch(r"<(m[ino])\b[^>]*>[^<]*</\1>", text) else f"<mrow>{text}</mrow>"


def fence(text: str, left: str = "(", right: str = ")") -> str:
    return f"<mrow><mo>{left}</mo>{text}<mo>{right}</mo></mrow>"


def fraction(above: str, below: str) -> str:
    return f"<mfrac>{one(above)}{one(below)}</mfrac>"


def displayed(text: str) -> str:
    """A formula of a line: fractions and sums at their full size."""
    return f'<math displaystyle="true">{text}</math>'


def breadth(text: str) -> float:
    """About how wide a formula is, in letters."""
    return _breadth(ElementTree.fromstring(f"<mrow>{text}</mrow>"))


def _breadth(element: ElementTree.Element) -> float:
    inside = [_breadth(child) for child in element]
    if element.tag == "mo":
        return INFIX.get(element.text or "", len(element.text or ""))
    if element.tag in ("msub", "msup", "msubsup"):
        return inside[0] + SMALL * max(inside[1:])
    if element.tag in ("mfrac", "munder", "mover", "mtable"):
        return max(inside)
    return len(element.text or "") + sum(inside)


class MathML(Printer):
    minus, plus = f"<mo>{MINUS}</mo>", "<mo>+</mo>"
    dot = f'<mo lspace="0.17em" rspace="0">{TIMES}</mo>'
    between_numbers = "<mo>·</mo>"
    relations: ClassVar = {
        "<": "<mo>&lt;</mo>",
        "<=": "<mo>≤</mo>",
        ">": "<mo>&gt;</mo>",
        ">=": "<mo>≥</mo>",
        "==": EQUALS,
        "!=": "<mo>≠</mo>",
    }

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        loss = loss_letter(names)
        self.loss = RENAMED.get(loss, f"<mi>{loss}</mi>")

    def show(self, expr: Any, around: int = SUM) -> str:
        """A minus in front stands closer than one between two terms."""
        text = super().show(expr, around)
        return text.replace(self.minus, NEGATIVE, 1) if text.startswith(self.minus) else text

    def side(self, side: Any) -> str:
        """One side of a line: an expression, ∂a/∂b, Σ dy·∂y/∂x, or a fact."""
        if isinstance(side, Partial):
            return fraction(f"<mi>∂</mi>{self._atomic(side.value)}", f"<mi>∂</mi>{self._atomic(side.operand)}")
        if isinstance(side, Chained):
            over = self.over_indices("<mo>∑</mo>", side) if side.over else ""
            return f"{over}{self.formula(side.cotangent)}{self.dot}{self.side(side.partial)}"
        if isinstance(side, Fact):
            return f"{self.formula(side.left)}{EQUALS}{self.formula(side.right)}"
        return self.formula(side)

    def rows(self, side: Any) -> list[str]:
        """One side in the pieces between which it may be broken: the terms of a long sum, the factors of a long term."""
        whole = self.side(side)
        terms = _split(whole, {"+", MINUS}) if breadth(whole) > BREAKABLE else [whole]
        return [row for term in terms for row in (_split(term, {TIMES}) if breadth(term) > LONG else [term])]

    def over_indices(self, operator: str, node: Reduce | Chained) -> str:
        indices = node.over if isinstance(node, Chained) else node.indices
        return f"<munder>{operator}{one(self.listed([self.index(stem(i)) for i in indices]))}</munder>"

    def listed(self, texts: list[str]) -> str:
        return "<mo>,</mo>".join(texts)

    def _atomic(self, expr: Expr) -> str:
        text = self.formula(expr)
        return self.fenced(text) if isinstance(expr, Add | Mul | Pow | Reduce) else text

    def fenced(self, text: str) -> str:
        return fence(text)

    def element(self, expr: Element) -> str:
        if expr.name in self.names.cotangents:
            return fraction(f"<mi>∂</mi>{self.loss}", f"<mi>∂</mi>{self.value(self.names.cotangents[expr.name], expr)}")
        return self.value(expr.name, expr)

    def value(self, name: str, expr: Element, above: str = "") -> str:
        """An element under a name of its own, perhaps with an exponent: the cotangent dx[n] is about x[n]."""
        base, below = _split_index(name_in_mathml(name))
        position = () if self.names.elementwise else expr.position
        inside = self.listed([*([below] if below else []), *map(self.show, position)])
        scripts = f"{one(inside) if inside else ''}{one(above) if above else ''}"
        tag = f"m{'sub' if inside else ''}{'sup' if above else ''}"
        return f"<{tag}>{_standing(base)}{scripts}</{tag}>" if scripts else base

    def matrix(self, factor: Factor) -> str:
        if factor.name in self.names.cotangents:
            text = fraction(f"<mi>∂</mi>{self.loss}", f"<mi>∂</mi>{name_in_mathml(self.names.cotangents[factor.name])}")
            text = fence(text) if factor.transposed else text
        else:
            text = name_in_mathml(factor.name) if factor.name else ONES
        return f"<msup>{one(text)}{TRANSPOSED}</msup>" if factor.transposed else text

    def inverse(self, expr: Inverse) -> str:
        body = expr.body
        base = fence(f"<msup>{name_in_mathml(body.name)}<mrow>{NEGATIVE}<mn>1</mn></mrow></msup>")
        return f"<msub>{base}{one(self.listed(list(map(self.show, body.position))))}</msub>"

    def reduce(self, expr: Reduce) -> str:
        operator = REDUCTIONS.get(expr.op, f'<mo movablelimits="true" rspace="0.17em">{expr.op}</mo>')
        return f"{self.over_indices(operator, expr)}{self.show(expr.body, PRODUCT)}"

    def bracket(self, expr: Bracket) -> str:
        return fence(f"{self.show(expr.args[0])}{EQUALS}{self.show(expr.args[1])}", "[", "]")

    def where(self, expr: Where) -> str:
        then, otherwise = map(self.show, expr.branches)
        condition = f"<mtext>if&#160;</mtext>{self.show(expr.condition)}"
        rows = ((then, condition), (otherwise, "<mtext>otherwise</mtext>"))
        table = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return f'<mrow><mo>{{</mo><mtable class="cases">{table}</mtable></mrow>'

    def leading(self, expr: Leading) -> str:
        return fence(self.index(expr.name), "|", "|")

    def index(self, name: str) -> str:
        plain = name.rstrip(PRIME)
        primes = len(name) - len(plain)
        return f"<msup>{name_in_mathml(plain)}<mo>{PRIME * primes}</mo></msup>" if primes else name_in_mathml(plain)

    def symbol(self, expr: Any) -> str:
        return SYMBOLS.get(expr) or name_in_mathml(str(expr))

    def number(self, expr: Expr) -> str:
        if expr in SYMBOLS:
            return SYMBOLS[expr]
        mantissa, _, exponent = (decimal(expr) or str(expr)).partition("e")
        if not exponent:
            return f"<mn>{mantissa}</mn>"
        size = f"<mn>{exponent.lstrip('-')}</mn>"
        power = f"<msup><mn>10</mn>{one(NEGATIVE + size if exponent.startswith('-') else size)}</msup>"
        return power if mantissa == "1" else f"<mn>{mantissa}</mn><mo>·</mo>{power}"

    def over(self, above: list[Expr], below: list[Expr]) -> str:
        """A fraction; cotangents, fractions themselves, stand before it."""
        ahead, above = self.cotangents_first(above)
        top, bottom = (self.show(side[0]) if len(side) == 1 else self.times(side) for side in (above, below))
        return self.dot.join([*map(self.element, ahead), fraction(top, bottom)])

    def power(self, base: Expr, exponent: Expr) -> str:
        above = self.show(exponent)
        if isinstance(base, Element) and base.name not in self.names.cotangents:
            return self.value(base.name, base, above)
        text = self.fenced(self.show(base)) if isinstance(base, Element) else self.show(base, ATOM)
        return f"<msup>{one(text)}{one(above)}</msup>"

    def root(self, base: Expr) -> str:
        return f"<msqrt>{self.show(base)}</msqrt>"

    def call(self, name: str, args: tuple[Expr, ...]) -> str:
        shown = list(map(self.show, args))
        if name == "abs":
            return fence(shown[0], "|", "|")
        if name == "floor":
            return fence(shown[0], "⌊", "⌋")
        if name == "exp" and breadth(shown[0]) <= SHORT and not args[0].has(Reduce, Where):
            return f"<msup><mi>e</mi>{one(shown[0])}</msup>"
        function = CALLS.get(name) or f"<mi>{escape(name)}</mi>"
        return f"<mrow>{function}{APPLIED}{self.fenced(self.listed(shown))}</mrow>"

    def word(self, name: str) -> str:
        return f"<mtext>&#160;{name}&#160;</mtext>"


def _split_index(name: str) -> tuple[str, str]:
    """The base and the index of a name that has one: its position joins the index that it has."""
    match = re.fullmatch(r"<msub>(<m\w+.*?</m\w+>)(<m\w+.*</m\w+>)</msub>", name)
    return (match[1], match[2]) if match and not match[1].startswith("<mover") else (name, "")


def _standing(base: str) -> str:
    """The base of an index without its descender, below which browsers would put the index."""
    return f'<mpadded depth="0">{base}</mpadded>' if base[4:-5] in DESCENDING else base


def _split(text: str, signs: set[str]) -> list[str]:
    """The formula cut before each of the signs that stands between its parts, not inside one."""
    rows: list[list[ElementTree.Element]] = [[]]
    for element in ElementTree.fromstring(f"<mrow>{text}</mrow>"):
        if element.tag == "mo" and element.text in signs and "form" not in element.attrib and rows[-1]:
            element.set("form", "infix")
            rows.append([])
        rows[-1].append(element)
    return ["".join(ElementTree.tostring(element, encoding="unicode") for element in row) for row in rows]


def distinct(texts: list[Any]) -> list[Any]:
    """Without a side that reads the same as the one before it."""
    return [text for text, _ in groupby(texts)]
