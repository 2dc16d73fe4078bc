"""Products and powers as chains of two-operand operations, in an order that is cheap, accurate, and reads well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational

from symbp.ir import Bracket, Constant, Element, Index, Reduce, Size, Where
from symbp.plan import lower, starts, sums
from symbp.plan.arrays import Array, Call, Name, Number
from symbp.plan.totals import arranged, chain, is_negative, negated

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

HALF = Rational(1, 2)


# ---------------------------------------------------------------- products


def product(lowering: Lowering, expr: Expr, order: tuple[Index, ...]) -> Value:
    """Narrow operands first, so that few wide temporaries are made; a choice between a value and zero goes round the whole product."""
    factors = list(Mul.make_args(expr))
    at_end = starts.product_at_end(lowering, factors, order)
    if at_end:
        return at_end
    for factor in sorted(factors, key=sympy.default_sort_key):
        chosen = _choice(factor)
        if chosen:
            condition, then, otherwise = chosen
            rest = Mul(*(f for f in factors if f is not factor))
            return lowering.where(condition, rest * then, rest * otherwise, order)
    return _Product(lowering, expr, order).value()


def _choice(factor: Expr) -> tuple[sympy.Basic, Expr, Expr] | None:
    if isinstance(factor, Bracket):
        return lower.equality(factor), Integer(1), Integer(0)
    if isinstance(factor, Where) and Integer(0) in factor.branches:
        return factor.condition, *factor.branches
    return None


class _Product:
    """The factors of one product: Python numbers apart, arrays grouped by their axes, each group in numerators and denominators."""

    def __init__(self, lowering: Lowering, expr: Expr, order: tuple[Index, ...]) -> None:
        self.lowering, self.order = lowering, order
        self.coefficient, factors = _coefficient(expr)
        self.scalars: tuple[list[Expr], list[Expr]] = ([], [])
        self.groups: dict[tuple[Index, ...], tuple[list[Value], list[Value]]] = {}
        above, below = _fraction(factors)
        below = self._means(above, below)
        for side, exprs in enumerate((above, below)):
            for factor in sorted(exprs, key=lambda f: _reading_order(f, lowering.first)):
                self._put(factor, side)

    def _means(self, above: list[Expr], below: list[Expr]) -> list[Expr]:
        """A sum over axes, divided by their lengths, is a mean."""
        for factor in above:
            sizes = [index.size for index in factor.indices] if isinstance(factor, Reduce) and factor.op == "sum" else []
            if not sizes or Counter(sizes) - Counter(below):  # two axes of one length need it twice
                continue
            value = self.lowering.value(factor, self.order)
            if isinstance(value.node, Call) and value.node.function == "sum" and self._sums_all(factor, value):
                mean = lower.Value(Call("mean", value.node.args, value.node.options), value.axes)
                above.remove(factor)
                self.groups.setdefault(value.axes, ([], []))[0].append(mean)
                return list((Counter(below) - Counter(sizes)).elements())
        return below

    def _sums_all(self, factor: Reduce, value: Value) -> bool:
        """Whether the array is summed along all the indices at once: none was contracted before."""
        body = self.lowering.real(factor.body, lower.natural_order(factor.body, (*self.order, *factor.indices)))
        return sums.reduce_axes(self.lowering, "sum", body, factor.indices) == value

    def _put(self, factor: Expr, side: int) -> None:
        if lower.is_scalar(factor):
            self.scalars[side].append(factor)
            return
        value = self.lowering.real(factor, self.order)
        self.groups.setdefault(value.axes, ([], []))[side].append(value)

    def value(self) -> Value:
        groups = sorted(self.groups.items(), key=lambda item: (len(item[0]), [self.order.index(axis) for axis in item[0]]))
        result: Value | None = None
        owed: list[Value] = []
        for _, (above, below) in groups:
            if result is None and above:
                result = self._divide(self._times([*self._numbers(above), *above]), below)
                result = self._divide(result, self._scalar_divisors())
                result, owed = self._divide(result, owed), []
            elif result is None:
                owed += below
            else:
                result = self._divide(self._times([result, *above]), below)
        if result is None:
            start = self._numbers([]) or [lower.Value(Number(Integer(1)), (), "scalar")]
            result = self._divide(self._divide(self._times(start), owed), self._scalar_divisors())
        return result

    def _numbers(self, above: list[Value]) -> list[Value]:
        """Coefficient and Python numbers that multiply; a bare sign goes to the first array."""
        negative, size = self.coefficient < 0, abs(self.coefficient)
        numerator = _split(size)[0]
        found = [Number(numerator)] if numerator != 1 else []
        exprs: list[Array] = [*found, *(self.lowering.scalar(s) for s in self.scalars[0])]
        values = [lower.Value(node, (), "scalar") for node in exprs]
        if negative and values:
            values[0] = lower.Value(negated(values[0].node), (), "scalar")
        elif negative and above:
            above[0] = lower.Value(negated(above[0].node), above[0].axes)
        elif negative:
            values = [lower.Value(Number(Integer(-1)), (), "scalar")]
        return values

    def _scalar_divisors(self) -> list[Value]:
        divisor = _split(abs(self.coefficient))[1]
        nodes = [Number(divisor)] if divisor != 1 else []
        return [lower.Value(node, (), "scalar") for node in (*nodes, *(self.lowering.scalar(s) for s in self.scalars[1]))]

    def _times(self, values: list[Value]) -> Value:
        result = values[0]
        for value in values[1:]:
            result = self.lowering.join("multiply", [result, value], self.order)
        return result

    def _divide(self, result: Value, divisors: list[Value]) -> Value:
        for divisor in divisors:
            result = self.lowering.join("divide", [result, divisor], self.order)
        return result


def _coefficient(expr: Expr) -> tuple[Rational, list[Expr]]:
    """The rational factor and the others; -(a - 1)*b is taken as (1 - a)*b."""
    number, rest = expr.as_coeff_Mul()
    factors = list(Mul.make_args(rest))
    flip = [f for f in factors if isinstance(f, Add) and _mostly_negative(f)]
    if number.is_Rational and number < 0 and flip:
        factors[factors.index(flip[0])] = Add(*(-term for term in flip[0].args))
        number = -number
    if not number.is_Rational:
        return Rational(1), [number, *factors]
    return number, [f for f in factors if f != 1]


def _mostly_negative(total: Expr) -> bool:
    signs = [is_negative(term) for term in total.args]
    return sum(signs) * 2 >= len(signs)


def _split(size: Rational) -> tuple[Rational, Rational]:
    """What to multiply by and what to divide by: 1/2 divides, 0.1 multiplies, 2/3 does both."""
    short = size.q != 1 and 10**6 % size.q == 0 and not (size.p == 1 and size.q < 10)
    return (size, Integer(1)) if short else (Integer(size.p), Integer(size.q))


def _fraction(factors: Iterable[Expr]) -> tuple[list[Expr], list[Expr]]:
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if isinstance(factor, Pow) and is_negative(exponent):
            below.append(Pow(base, -exponent))
        else:
            above.append(factor)
    return above, below


def _reading_order(factor: Expr, first: frozenset[str]) -> tuple[object, ...]:
    """Constants, the upstream cotangent, names, calls, sums."""
    if lower.is_scalar(factor):
        return (0, not isinstance(factor, Constant), isinstance(factor, Size), str(factor))
    base = factor.as_base_exp()[0]
    rank = 2 if isinstance(base, Element) else 4 if isinstance(factor, Add) else 3
    if isinstance(base, Element) and base.name in first:
        rank = 1
    return (rank, str(base.name) if isinstance(base, Element) else "", sympy.default_sort_key(factor))


# ---------------------------------------------------------------- powers


def power(lowering: Lowering, expr: Expr, order: tuple[Index, ...]) -> Value:
    base, exponent = expr.as_base_exp()
    if is_negative(exponent):
        return _Product(lowering, expr, order).value()
    value = lowering.real(base, order)
    if exponent == HALF:
        return lowering.join("sqrt", [value], order)
    if exponent == 2:
        return _square(lowering, value, order)
    if exponent.is_Rational and exponent.q == 2 and exponent > 1:
        root = lowering.join("sqrt", [value], order)
        return lowering.join("multiply", [lowering.real(base ** (exponent - HALF), order), root], order)
    return lowering.join("power", [value, lowering.real(exponent, order)], order)


def _square(lowering: Lowering, value: Value, order: tuple[Index, ...]) -> Value:
    if isinstance(value.node, Name):
        return lowering.join("multiply", [value, value], order)
    return lowering.join("square", [value], order)


# ---------------------------------------------------------------- Python numbers


def scalar(lowering: Lowering, expr: Expr) -> Array:
    """A sum, product or power of Python numbers."""
    if isinstance(expr, Add):
        terms = [(-1 if is_negative(t) else 1, t) for t in expr.args]
        values = [(s, lower.Value(lowering.scalar(t if s > 0 else -t), (), "scalar"), False) for s, t in terms]
        if not expr.has(Size):
            return chain(lowering, arranged(values), ()).node
        ranks = {value: (value[0] < 0, term.is_Integer, not term.has(Size)) for value, (_, term) in zip(values, terms, strict=True)}
        return chain(lowering, sorted(values, key=ranks.__getitem__), ()).node  # H + 2 * padding - 1
    if isinstance(expr, Pow) and not is_negative(expr.exp):
        if expr.exp == HALF:
            return Call("sqrt", (lowering.scalar(expr.base),), ("scalar",))
        return Call("power", (lowering.scalar(expr.base), lowering.scalar(expr.exp)))
    return _Product(lowering, expr, ()).value().node
