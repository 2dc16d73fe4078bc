"""Square roots as one variable each: 1/q and 1/q³ have a common factor, and 1/q - x²/q³ with q² = 1 + x² is 1/q³."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy
from sympy import Add, Expr, Mul, Pow, Symbol

from symbp.ir import Element, elements


def roots(expr: Expr) -> dict[Expr, Expr]:
    """{b: sqrt(b)} for every b that is raised to a half, or one and a half, somewhere in expr."""
    bases = {p.base for p in expr.atoms(Pow) if p.exp.is_Rational and p.exp.q == 2 and p.base.has(Element)}
    return {base: sympy.sqrt(base) for base in sorted(bases, key=sympy.default_sort_key)}


def reduced(plain: Expr, variables: Mapping[Expr, Symbol]) -> Iterator[Expr]:
    """plain with each q² in its numerator written out, where that makes something cancel; q stands for a root."""
    for root, variable in variables.items():
        if not isinstance(root, Pow) or variable not in plain.free_symbols:
            continue
        square = (root**2).xreplace(dict(variables))
        if elements(square) or square.has(variable) or not square.is_polynomial() or not square.free_symbols & plain.free_symbols:
            continue
        top, bottom = sympy.fraction(sympy.together(plain))
        if top.is_polynomial():
            yield sympy.factor(sympy.cancel(sympy.rem(top, variable**2 - square, variable) / bottom))


def shared(plain: Expr) -> Expr:
    """a/q + b/(p q³) = (a + b/(p q²))/q: what all terms of a sum are multiplied or divided by, and no common denominator."""
    if not isinstance(plain, Add):
        return plain.func(*map(shared, plain.args)) if isinstance(plain, Mul) else plain
    powers = [term.as_powers_dict() for term in plain.args]
    common = [s for s in sorted(plain.free_symbols, key=str) if all(s in p and p[s].is_Integer for p in powers)]
    least = {s: min((p[s] for p in powers), key=abs) for s in common if len({p[s].is_positive for p in powers}) == 1}
    factor = Mul(*(s**power for s, power in least.items()))
    return Mul(factor, Add(*(term / factor for term in plain.args))) if factor != 1 else plain
