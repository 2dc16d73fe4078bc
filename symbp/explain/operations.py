"""What one primitive node does: its symbol for graphs and lists (×, +1, ×(−1), 1/·, Σ), and its local derivative in words."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, Rational

from symbp.explain.order import Names, quotient, terms, unsigned
from symbp.explain.printer import POWER, PRODUCT, choice
from symbp.explain.unicode import MINUS, Unicode
from symbp.ir import Broadcast, Element, Index, Inverse, Padded, Reduce, Tensor, Where, elements
from symbp.ir.derivation import Phrase

VARIABLE = Element(Tensor("x"))  # stands for the operand in a symbol such as x²
REDUCTIONS = {"sum": "Σ", "prod": "Π"}
FUNCTIONS = {"Abs": "abs", "loggamma": "gammaln", "polygamma": "digamma"}
# the symbols whose local derivative is told under a key of its own
TOLD = frozenset("× + exp log 1/· x² √ Σ mean max min maximum minimum read pad prod det logdet inv where".split())  # noqa: SIM905


def symbol(value: Expr, names: Names) -> str:
    """The symbol of the operation that an expression of one node computes."""
    if isinstance(value, Element):
        return "=" if all(isinstance(p, Index | Broadcast) for p in value.position) else "read"
    if isinstance(value, Reduce):
        inner = "" if isinstance(value.body, Element) else symbol(value.body, names)
        apart = "∘" if value.op not in REDUCTIONS and inner[:1].isalpha() else ""
        return REDUCTIONS.get(value.op, value.op) + apart + inner
    if isinstance(value, Padded | Inverse):
        return "pad" if isinstance(value, Padded) else "inv"
    if isinstance(value, Where):
        return choice(value) or "where"
    if isinstance(value, Add):
        return _of_sum(value, names)
    if isinstance(value, Mul | Pow):
        return "mean" if _is_mean(value) else _of_product(value, names)
    if not value.args:
        return Unicode(names).formula(value)
    name = type(value).__name__
    return FUNCTIONS.get(name, name)


def saying(value: Expr, operand: Expr, names: Names) -> Phrase | None:
    """The local derivative of the operation in a few words, None if there are none."""
    mark = symbol(value, names)
    if mark in TOLD:
        return Phrase(f"node:{mark}")
    if mark == MINUS:
        below = any(sign and term.has(operand) for sign, term in terms(value, names))
        return Phrase("subtracted" if below else "node:+")
    if mark == "÷":
        below = any(f.has(operand) for f in quotient(unsigned(value, names)[1], names)[1])
        return Phrase("divisor" if below else "divided")
    if mark.startswith(("×", "÷")):
        return Phrase("constant factor")
    if mark.startswith("Σ"):
        return saying(value.body, operand, names) if isinstance(value, Reduce) else None
    if mark.startswith("+"):
        return Phrase("node:+")
    return Phrase("constant less value") if mark.endswith(f"{MINUS}·") else None


def _of_sum(value: Expr, names: Names) -> str:
    moving = [(sign, term) for sign, term in terms(value, names) if elements(term)]
    fixed = [(sign, term) for sign, term in terms(value, names) if not elements(term)]
    if len(moving) != 1 or not fixed:
        return MINUS if len(moving) == 2 and any(sign for sign, _ in moving) else "+"
    offset = Unicode(names).formula(Add(*(-term if sign else term for sign, term in fixed)))
    if moving[0][0]:
        return f"{offset}{MINUS}·"
    return offset if offset.startswith(MINUS) else f"+{offset}"


def _is_mean(value: Expr) -> bool:
    """A sum over the number of its terms."""
    sums = [f for f in Mul.make_args(value) if isinstance(f, Reduce) and f.op == "sum" and isinstance(f.body, Element)]
    return len(sums) == 1 and value * Mul(*(i.size for i in sums[0].indices)) == sums[0]


def _of_product(value: Expr, names: Names) -> str:
    negative, size = unsigned(value, names)
    above, below = quotient(size, names)
    moving = [f for f in above if elements(f)], [f for f in below if elements(f)]
    factor = Mul(-1 if negative else 1, *(f for f in above if not elements(f))) / Mul(*(f for f in below if not elements(f)))
    if sum(map(len, moving)) > 1:
        return "÷" if moving[1] else "×"
    if moving[1]:
        return _inverse(moving[1][0], factor, names)
    return _power(moving[0][0], names) if factor == 1 and moving[0] else _scaled(factor, names)


def _inverse(below: Expr, factor: Expr, names: Names) -> str:
    top = Unicode(names).show(factor, POWER)
    return f"{top}/·" if isinstance(below, Element) else f"{top}/{_power(below, names)}"


def _power(expr: Expr, names: Names) -> str:
    if not isinstance(expr, Pow):
        return symbol(expr, names)
    if expr.exp == Rational(1, 2):
        return "√"
    if not elements(expr.base):
        return f"{Unicode(names).show(expr.base, POWER)}^·"
    exponent = "·" if elements(expr.exp) else ""
    return f"x^{exponent}" if exponent else Unicode(names).formula(expr.xreplace({expr.base: VARIABLE}))


def _scaled(factor: Expr, names: Names) -> str:
    text = Unicode(names).show(factor, PRODUCT)
    if text.startswith("1/"):
        return f"÷{text[2:]}"
    return f"×{text}"
