"""The rules that make a form stable: each is an identity, tried at every node, and says what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, exp, log

from symbp.algebra.match import canonical, rewrite
from symbp.algebra.signs import signed
from symbp.calculus import value_at
from symbp.ir import Bracket, Element, Equation, Padded, Reduce, Where, elements, free_indices, rename_bound
from symbp.ir.functions import erfc, expm1, log1p, logaddexp, logcosh, tanhshrink

FOLDED = "folded exponent"  # tried on the largest quotient first


def stable(expr: Expr, definitions: dict[str, Equation], maxima: frozenset[str] = frozenset()) -> tuple[Expr, tuple[str, ...]]:
    """expr in a stable form, and the keys of the rules that were used, in order of first use."""
    used: dict[str, None] = {}
    rules: tuple[tuple[str, Callable[[Expr], Expr | None]], ...] = (
        ("log of quotient", lambda e: _log_of_quotient(e, definitions)),
        ("largest out of log", lambda e: _log_sum_exp(e, maxima)),
        ("logaddexp", _log_add_exp),
        ("exponents added", _merged),
        ("largest exponent subtracted", lambda e: _shifted(e, maxima)),
        (FOLDED, _folded),
        ("log1p", _log1p),
        ("expm1", _expm1),
        ("erfc", _erfc),
        ("logcosh", _log_cosh),
        ("tanhshrink", _tanhshrink),
    )
    value = canonical(rename_bound(expr))
    for name, rule in rules:
        changed = (rewrite if name == FOLDED else _everywhere)(value, rule)
        if changed != value:
            used[name] = None
            value = changed
    # what is nested deeper than before gets other names: none may be one that an index around it still has
    return signed(canonical(rename_bound(value))), tuple(used)


def _everywhere(node: Any, rule: Callable[[Expr], Expr | None]) -> Any:
    """The rule at every node from the inside out."""
    if isinstance(node, Element) or not node.args:
        return node
    built = node.func(*(_everywhere(arg, rule) for arg in node.args))
    changed = rule(built) if isinstance(built, Expr) else None
    return built if changed is None else changed


# ---------------------------------------------------------------- logarithms


def _log_of_quotient(node: Expr, definitions: dict[str, Equation]) -> Expr | None:
    """log(n/d) = log n - log d, where n/d is written out from the equations that hold exponentials."""
    if not isinstance(node, log):
        return None
    inside = written_out(node.args[0], definitions)
    if isinstance(inside, Where) and inside.has(exp):
        return Where(inside.condition, *(_log_of_quotient(log(b), {}) or log(b) for b in inside.branches))
    if not inside.has(exp) or not any(p.exp.could_extract_minus_sign() for p in inside.atoms(Pow)):
        return None
    top, bottom = sympy.fraction(sympy.cancel(inside) if not inside.has(Reduce) else sympy.together(inside))
    if bottom == 1 or not (top.is_positive and bottom.is_positive):
        return None
    powers = [f for f in Mul.make_args(top) if isinstance(f, exp)]
    if powers and not bottom.has(Reduce):
        top, bottom = top / Mul(*powers), sympy.expand(bottom / Mul(*powers))
    return sympy.expand_log(log(top)) - log(bottom)


def written_out(expr: Expr, definitions: dict[str, Equation]) -> Expr:
    if expr.has(Padded):  # what is padded is not written out
        return expr
    return expr.xreplace({e: value_at(e, definitions[e.name]) for e in elements(expr) if e.name in definitions})


def _log_sum_exp(node: Expr, maxima: frozenset[str]) -> Expr | None:
    if not (isinstance(node, log) and isinstance(node.args[0], Reduce)):
        return None
    total = node.args[0]
    largest = _largest(total, maxima)
    return None if largest is None else largest + log(_less(total, largest))


def _largest(total: Reduce, maxima: frozenset[str]) -> Reduce | None:
    """max of u over the indices of sum exp(u); None if the body is no bare exponential or is shifted already."""
    if total.op != "sum" or not isinstance(total.body, exp) or any(r.op == "max" for r in total.body.atoms(Reduce)):
        return None
    if any(isinstance(-term, Element) and (-term).name in maxima for term in Add.make_args(total.body.args[0])):
        return None
    renamed = rename_bound(total)
    return Reduce("max", renamed.body.args[0], *renamed.indices)


def _less(total: Reduce, largest: Expr) -> Reduce:
    renamed = rename_bound(total)
    return Reduce("sum", exp(renamed.body.args[0] - largest), *renamed.indices)


def _log_add_exp(node: Expr) -> Expr | None:
    if not (isinstance(node, log) and isinstance(node.args[0], Add) and len(node.args[0].args) == 2):
        return None
    exponents = [_exponent(term) for term in node.args[0].args]
    if None in exponents or not any(e is not None and elements(e) for e in exponents):
        return None
    return logaddexp(*sorted((e for e in exponents if e is not None), key=lambda e: (not e.is_number, str(e))))


def _exponent(term: Expr) -> Expr | None:
    return term.args[0] if isinstance(term, exp) else Integer(0) if term == 1 else None


def _log1p(node: Expr) -> Expr | None:
    if isinstance(node, log) and isinstance(node.args[0], Add) and 1 in node.args[0].args:
        rest = node.args[0] - 1
        return log1p(rest) if elements(rest) else None
    return None


# ---------------------------------------------------------------- exponentials


def _merged(node: Expr) -> Expr | None:
    """exp(a) exp(b) = exp(a + b), and exp(a) sum f exp(b) = sum f exp(a + b): neither factor need be representable."""
    factors = [f for f in node.args if isinstance(f, exp)] if isinstance(node, Mul) else []
    along = {i for f in factors for i in free_indices(f)}  # a sum gets no new axis: that would be a pass over more memory
    grown = [f for f in node.args if _is_weighted(f) and along <= set(free_indices(f.body))] if factors else []
    if len(factors) + len(grown) < 2:
        return None
    rest = Mul(*(f for f in node.args if f not in (*factors, *grown[:1])))
    exponent = Add(*(f.args[0] for f in factors))
    return rest * (_raised(grown[0], exponent) if grown else exp(exponent))


def _is_weighted(factor: Expr) -> bool:
    """Whether it is sum f exp(u), with one exponential in each term."""
    powers = [f for f in Mul.make_args(factor.body) if isinstance(f, exp)] if isinstance(factor, Reduce) else []
    return isinstance(factor, Reduce) and factor.op == "sum" and len(powers) == 1


def _raised(part: Expr, exponent: Expr) -> Expr:
    """part with the exponent added in each of its exponentials."""
    return rewrite(rename_bound(part), lambda node: exp(node.args[0] + exponent) if isinstance(node, exp) else None)


def _degree(node: Any) -> Expr | None:
    """n, if node is multiplied by exp(n a) when a is added in each exponential; None if there is no such n."""
    if not node.has(exp):
        return Integer(0)
    if isinstance(node, exp):
        return Integer(1)
    if isinstance(node, Reduce):
        return _degree(node.body) if node.op == "sum" else None
    if isinstance(node, Pow):
        inner = _degree(node.base) if node.exp.is_Integer else None
        return None if inner is None else inner * node.exp
    degrees = [_degree(arg) for arg in node.args] if isinstance(node, Add | Mul) else [None]
    if None in degrees or (isinstance(node, Add) and len(set(degrees)) > 1):
        return None
    return degrees[0] if isinstance(node, Add) else Add(*degrees)


def _shifted(node: Expr, maxima: frozenset[str]) -> Expr | None:
    """exp(a) / sum exp(u) = exp(a - m) / sum exp(u - m) for any m; m is the largest u. So too wherever the degrees cancel."""
    if not isinstance(node, Mul):
        return None
    grown = [f for f in node.args if _degree(f)]
    totals = {p.base for f in grown for p in f.atoms(Pow) if p.exp.is_negative and isinstance(p.base, Reduce)}
    found = [total for total in sorted(totals, key=sympy.default_sort_key) if _largest(total, maxima) is not None]
    if len(found) != 1 or Add(*map(_degree, grown)) != 0:
        return None
    largest = _largest(found[0], maxima)
    assert largest is not None
    return Mul(*(_raised(f, -largest) if f in grown else f for f in node.args))


def _folded(node: Expr) -> Expr | None:
    """A quotient rational in E = exp(u), with E in the denominator, by e = exp(-|u|): at u >= 0 E is 1/e, else e."""
    if not isinstance(node, Mul | Pow):
        return None
    factors = Mul.make_args(node)
    held = [f for f in factors if f.has(exp)]
    grown = [b.args[0] for f in held if isinstance(f, Pow) and f.exp.is_negative for b in f.base.atoms(exp)]
    if not grown or not elements(grown[0]) or any(b.has(Reduce) for b in grown):
        return None
    small = -grown[0] if grown[0].could_extract_minus_sign() else grown[0]
    forms = [_in_kernel(Mul(*held), small, power) for power in (-1, 1)]
    if None in forms:
        return None
    return Mul(*(f for f in factors if f not in held)) * _joined(small, *(f for f in forms if f is not None))


def _in_kernel(quotient: Expr, small: Expr, power: int) -> tuple[Expr, Expr] | None:
    """(numerator, denominator) in e, where exp(small) is e**power; None if another exponential is left."""
    kernel = exp(Where(small <= -small, small, -small))
    variable = sympy.Symbol("e'", positive=True)
    read = (*elements(quotient), *sorted(quotient.atoms(Padded), key=sympy.default_sort_key))  # what is padded is one variable
    atoms = {a: sympy.Symbol(f"a'{k}", real=True) for k, a in enumerate(read)}

    def put(node: Any) -> Any:
        ratio = sympy.cancel(node.args[0] / small) if isinstance(node, exp) else None
        return variable ** (power * ratio) if ratio is not None and ratio.is_Integer else None

    opened = rewrite(quotient, put)
    if opened.has(exp) or opened.has(Reduce, Bracket, Where):
        return None
    top, bottom = sympy.fraction(sympy.cancel(sympy.together(opened.xreplace(atoms))))
    back = {variable: kernel} | {dummy: atom for atom, dummy in atoms.items()}
    return sympy.factor(top).xreplace(back), sympy.factor(bottom).xreplace(back)


def _joined(small: Expr, above: tuple[Expr, Expr], below: tuple[Expr, Expr]) -> Expr:
    condition = small >= 0
    if above[1] == below[1]:
        return Where(condition, above[0], below[0]) / above[1]
    return Where(condition, above[0] / above[1], below[0] / below[1])


def _expm1(node: Expr) -> Expr | None:
    """c exp(u) - c = c expm1(u)."""
    if not isinstance(node, Add) or len(node.args) != 2:
        return None
    for one, other in (node.args, node.args[::-1]):
        coefficient, power = one.as_coeff_Mul()
        if isinstance(power, exp) and other == -coefficient:
            return coefficient * expm1(power.args[0])
    return None


def _log_cosh(node: Expr) -> Expr | None:
    inside = node.args[0] if isinstance(node, log) else None
    return logcosh(inside.args[0]) if isinstance(inside, sympy.cosh) and elements(inside) else None


def _tanhshrink(node: Expr) -> Expr | None:
    """c u - c tanh(u)."""
    for term in node.args if isinstance(node, Add) else ():
        coefficient, function = term.as_coeff_Mul()
        if isinstance(function, sympy.tanh) and -coefficient * function.args[0] in node.args and elements(function):
            whole = -coefficient * function.args[0]
            return -coefficient * tanhshrink(function.args[0]) + Add(*(t for t in node.args if t not in (term, whole)))
    return None


def _erfc(node: Expr) -> Expr | None:
    """c - c erf(u) = c erfc(u), within a sum too; c + c erf(u) = c erfc(-u), for erf is odd."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        coefficient, function = term.as_coeff_Mul()
        constant = abs(coefficient)
        if isinstance(function, sympy.erf) and constant in node.args:
            sign = -1 if coefficient.is_positive else 1
            return constant * erfc(sign * function.args[0]) + Add(*(t for t in node.args if t not in (term, constant)))
    return None
