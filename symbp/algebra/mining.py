"""What forward equations say about the expressions inside them: each equation is solved for what stands in it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, Symbol

from symbp.algebra.identities import identities
from symbp.algebra.match import canonical
from symbp.algebra.renaming import Renaming
from symbp.algebra.rules import Rule
from symbp.algebra.signs import is_centred
from symbp.ir import Constant, Element, Equation, Index, Inverse, Padded, Reduce, Where, elements, free_indices

LARGEST_OFFSET = 16  # against what it is added to: y - c has lost four bits

Given = frozenset[Any]


@lru_cache(maxsize=4096)
def mine(equations: tuple[Equation, ...]) -> tuple[Rule, ...]:
    """Every rule that the equations give, one by one and together."""
    return (*_one_by_one(equations), *_asked(settled_sums, equations))


def _one_by_one(equations: tuple[Equation, ...]) -> Iterator[Rule]:
    for equation in equations:
        yield from _asked(lambda alone: mined(*alone), (equation,))


def _asked(question: Callable[[tuple[Equation, ...]], tuple[Rule, ...]], equations: tuple[Equation, ...]) -> Iterator[Rule]:
    """The rules that the question finds, asked under names that say nothing: equations that repeat are asked about once."""
    names = Renaming.of(expr for e in equations for expr in (e.target, e.value))
    hidden = tuple(map(names.hidden_equation, equations))
    meant = dict(zip(hidden, equations, strict=True))
    for rule in question(hidden):
        pattern, value, given = names.shown(rule.pattern), names.shown(rule.value), frozenset(map(names.shown, rule.given))
        yield Rule(pattern, value, meant[rule.equation], given, tuple(meant[e] for e in rule.needs), rule.opens)


@lru_cache(maxsize=4096)
def settled_sums(equations: tuple[Equation, ...]) -> tuple[Rule, ...]:
    """The rules that the equations give together."""
    return identities(equations, list(_one_by_one(equations)))


@lru_cache(maxsize=4096)
def mined(equation: Equation) -> tuple[Rule, ...]:
    """The rules that one equation gives, those of its branches under their conditions."""
    position = equation.target.position
    if not all(isinstance(p, Index) for p in position) or len(set(position)) < len(position):
        return ()
    rules = []
    for given, value in _branches(canonical(equation.value)):
        target = equation.target
        known = _exponential(value, target) | _scaled(value, target) | _solved(value, target)
        rules += [Rule(kernel, canonical(inverse), equation, given) for kernel, inverse in known.items() if not given or kernel != value]
    return tuple(rules)


def _branches(value: Expr, given: Given = frozenset()) -> Iterator[tuple[Given, Expr]]:
    """(the conditions under which it is taken, what is computed there)."""
    choices = [f for f in Mul.make_args(value) if isinstance(f, Where)]
    if len(choices) != 1:
        yield given, value
        return
    rest = Mul(*(f for f in Mul.make_args(value) if f != choices[0]))
    condition, then, otherwise = choices[0].args
    yield from _branches(rest * then, given | {condition})
    yield from _branches(rest * otherwise, given | {sympy.Not(condition)})


# ---------------------------------------------------------------- solving


def _solved(value: Expr, target: Element) -> dict[Expr, Expr]:
    """What each part that stands once in the value is in terms of the target."""
    solved = {kernel: _solve(value, kernel, target) for kernel in dict.fromkeys(_kernels(value))}
    return {kernel: inverse for kernel, inverse in solved.items() if inverse is not None}


def _scaled(value: Expr, target: Element) -> dict[Expr, Expr]:
    """c f(x) = y - d where y = c f(x) + d: nothing is divided by c, which may be zero."""
    terms = Add.make_args(sympy.expand_mul(value))
    moving = [term for term in terms if elements(term)]
    if len(moving) != 1 or len(terms) == 1 or not moving[0].has(Constant):
        return {}
    number, kernel = moving[0].as_coeff_Mul()
    factors = [factor for factor in Mul.make_args(kernel) if elements(factor)]
    rest = Add(*(term for term in terms if term != moving[0]))
    if len(factors) != 1 or not isinstance(factors[0], sympy.Function) or not _keeps_digits(rest, moving[0]):
        return {}
    return {kernel: (target - rest) / number}


def _exponential(value: Expr, target: Element) -> dict[Expr, Expr]:
    """exp(x)/s = exp(y) where y = x - log(s)."""
    product = sympy.exp(value) if isinstance(value, Add) and any(isinstance(f, sympy.log) for t in value.args for f in t.args) else value
    return {product: sympy.exp(target)} if isinstance(product, Mul) and product.has(sympy.exp) and product != value else {}


def _kernels(node: Any) -> Iterator[Expr]:
    """Subexpressions worth eliminating, the outermost first; reductions and branches are not opened."""
    whole_power = isinstance(node, Pow) and node.exp.is_Integer
    if isinstance(node, sympy.Function | Element | Reduce) or (isinstance(node, Pow) and not whole_power) or is_centred(node):
        yield node
    if not isinstance(node, Element | Padded | Inverse | Reduce | Where):
        for arg in node.args:
            yield from _kernels(arg)


def _solve(value: Expr, kernel: Expr, target: Element) -> Expr | None:
    """The kernel in terms of target, if it stands once in value and no step divides by what may be zero."""
    if value == kernel:
        return target
    if any(node.has(kernel) for node in value.atoms(Padded, Inverse)):
        return None
    variable = Symbol("kernel'", real=True, positive=kernel.is_positive)
    opened = value.xreplace({kernel: variable})
    once = sum(1 for node in sympy.preorder_traversal(opened) if node == variable) == 1
    covers = set(free_indices(kernel)) == set(free_indices(value))
    return _peel(opened, variable, target, _divided(value)) if once and covers else None


def _divided(value: Expr) -> set[Expr]:
    """What value itself divides by: where it has a value, these are not zero."""
    return {power.base for power in value.atoms(Pow) if power.exp.could_extract_minus_sign()}


def _peel(value: Expr, variable: Symbol, target: Expr, nonzero: set[Expr]) -> Expr | None:
    if value == variable:
        return target
    if isinstance(value, Add | Mul):
        (inner,) = (arg for arg in value.args if arg.has(variable))
        rest = value.func(*(arg for arg in value.args if arg != inner))
        if isinstance(value, Add):  # y - f(z) has lost the digits of what was added to a large f(z)
            return _peel(inner, variable, target - rest, nonzero) if _keeps_digits(rest, inner) else None
        divisor = sympy.fraction(rest)[0]
        return _peel(inner, variable, target / rest, nonzero) if _may_divide(divisor, target, nonzero) else None
    if isinstance(value, sympy.exp):
        return _peel(value.args[0], variable, sympy.log(target), nonzero)
    if isinstance(value, sympy.log):
        return _peel(value.args[0], variable, sympy.exp(target), nonzero)
    if isinstance(value, Pow) and value.base.has(variable) and _invertible(value):
        return _peel(value.base, variable, target ** (1 / value.exp), nonzero)
    return None


def _keeps_digits(offset: Expr, moving: Expr) -> bool:
    """Whether what moves can be had back from its sum with the offset: not where that is data, or a large number."""
    scale = Mul(*(factor for factor in Mul.make_args(moving) if factor.is_number or isinstance(factor, Constant)))
    ratio = offset / scale
    return not elements(offset) and not (ratio.is_number and abs(ratio) > LARGEST_OFFSET)


def _may_divide(divisor: Expr, target: Expr, nonzero: set[Expr]) -> bool:
    """Whether it is not zero; or is a scale, a value along fewer axes than the target: of h = (x - mu) r follows
    x - mu = h/r in name only, for a rewrite that leaves a division by r behind is refused."""
    if divisor.is_nonzero or divisor.is_positive:
        return True
    factors = Mul.make_args(divisor)
    scales = all(isinstance(f, Element) and set(free_indices(f)) < set(free_indices(target)) for f in factors)
    return scales or all(f.is_number or f in nonzero for f in factors)


def _invertible(power: Pow) -> bool:
    """Odd whole powers are one to one; a root is, on its domain; an even power is not."""
    return bool(power.exp == -1 or (power.exp.is_Rational and abs(power.exp.p) == 1 and power.exp.q == 2))
