"""One expression in index notation -> one array operation tree.

An expression is lowered over an *order*, the axes that its array may have, from left to right. The result has those of them
that the expression depends on; a missing axis is inserted only where two arrays meet. Products and sums meet narrow operands first.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Add, Expr, Mul, Pow

from symbp.calculus.inside import Form
from symbp.errors import EmitError
from symbp.ir import Bracket, Broadcast, Constant, Element, Index, Inverse, Leading, Padded, Reduce, Size, Where, elements, free_indices
from symbp.plan import extents, gathers, guards, matrices, products, starts, sums, totals, windows
from symbp.plan.arrays import REAL, Array, Call, Length, Name, Number

FUNCTIONS = {
    "exp": "exp", "log": "log", "log1p": "log1p", "expm1": "expm1", "logaddexp": "logaddexp", "sin": "sin", "cos": "cos", "tan": "tan",
    "asin": "asin", "acos": "acos", "atan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh", "acosh": "acosh",
    "atanh": "atanh", "Abs": "abs", "sign": "sign", "erf": "erf", "erfc": "erfc",
    "logcosh": "log_cosh", "tanhshrink": "tanhshrink", "loggamma": "gammaln", "polygamma": "polygamma",
    "floor": "floor", "ceiling": "ceil",
}  # fmt: skip
COMPARISONS = {
    sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal",
    sympy.StrictGreaterThan: "greater",
    sympy.GreaterThan: "greater_equal",
    sympy.Equality: "equal",
    sympy.Unequality: "not_equal",
}
LOGIC = {sympy.And: "and", sympy.Or: "or"}


@dataclass(frozen=True)
class Value:
    """An array with its axes; the kind is real, integer, boolean, or scalar (a Python number, which has no dtype)."""

    node: Array
    axes: tuple[Index, ...] = ()
    kind: str = "real"


@dataclass(frozen=True)
class Lowering:
    """What lowering needs to know of the layer."""

    first: frozenset[str] = frozenset()  # names that stand first in a product: the upstream cotangents
    shifts: frozenset[str] = frozenset()  # tensors that are maxima: subtracted before anything else is added
    safe_max: bool = True  # the layer has no maximum of its own: maxima are shifts, and there are none of an empty axis
    layer: str = ""  # its name, for messages
    inside: frozenset[Form] = frozenset()  # positions that forward reads, which it checks
    whole: bool = False  # inside a position or a comparison of positions: integers stay integers

    def value(self, expr: Expr, order: tuple[Index, ...]) -> Value:
        """expr over those axes of the order that it depends on."""
        if is_scalar(expr):
            return Value(self.scalar(expr), (), "scalar")
        if isinstance(expr, Element):
            return gathers.read(self, expr, order)
        if isinstance(expr, Reduce):
            return matrices.determinant(self, expr, order) if expr.op in ("det", "logdet") else sums.reduction(self, expr, order)
        if isinstance(expr, Padded):
            return starts.ended(self, expr, order) or starts.shifted(self, expr, order) or windows.padded(self, expr, order)
        if isinstance(expr, Inverse):
            return matrices.inverse(self, expr, order)
        if isinstance(expr, Add):
            return totals.total(self, expr, order)
        if isinstance(expr, Mul):
            return products.product(self, expr, order)
        if isinstance(expr, Pow):
            return products.power(self, expr, order)
        if isinstance(expr, Where):
            return self.where(expr.condition, *expr.branches, order)
        if isinstance(expr, Bracket):
            return self.condition(equality(expr), order)
        if isinstance(expr, Index):
            return gathers.positions(self, expr)
        return self.function(expr, order)

    def real(self, expr: Expr, order: tuple[Index, ...]) -> Value:
        """expr as floating-point numbers: an integer array times float32 would be float64."""
        value = self.value(expr, order)
        return self.cast(value) if value.kind in ("integer", "boolean") and not self.whole else value

    def cast(self, value: Value) -> Value:
        return Value(Call("cast", (value.node, REAL)), value.axes)

    # ------------------------------------------------------------ Python numbers

    def scalar(self, expr: Expr) -> Array:
        """A number, constant or length, or what is computed of them alone."""
        if expr.is_Rational:
            return Number(expr)
        if isinstance(expr, Size):
            return Length(expr)
        if isinstance(expr, Constant):
            return Name(expr.name)
        if expr in (sympy.oo, -sympy.oo):
            return Call("inf", ()) if expr == sympy.oo else Call("negative", (Call("inf", ()),))
        if expr in (sympy.pi, sympy.E):
            return Call("pi" if expr == sympy.pi else "e", ())
        if isinstance(expr, Add | Mul | Pow):
            return products.scalar(self, expr)
        if isinstance(expr, sympy.floor | sympy.Max | sympy.Min):
            return extents.scalar(self, expr)
        return Call(self._function_name(expr), tuple(map(self.scalar, expr.args)), ("scalar",))

    # ------------------------------------------------------------ functions, conditions

    def function(self, expr: Expr, order: tuple[Index, ...]) -> Value:
        if self.whole and isinstance(expr, sympy.floor | sympy.Mod):
            return extents.counted(self, expr, order)
        name, args = self._function_name(expr), list(expr.args)
        if name == "polygamma" and args[0] == 0:
            name, args = "digamma", args[1:]
        values = [self.real(arg, order) for arg in args]
        result = self.join(name, values, order)
        return self.cast(result) if name == "polygamma" else result

    def _function_name(self, expr: Expr) -> str:
        name = type(expr).__name__
        if name not in FUNCTIONS:
            raise EmitError(f"{self.layer}: {expr} has no form in NumPy; the functions known are {', '.join(sorted(FUNCTIONS))}")
        return FUNCTIONS[name]

    def where(self, condition: sympy.Basic, then: Expr, otherwise: Expr, order: tuple[Index, ...]) -> Value:
        """``where``, or the maximum or minimum that it spells out, or the values of a recurrence one step earlier."""
        if isinstance(condition, sympy.GreaterThan | sympy.LessThan) and condition.args == (then, otherwise):
            name = "maximum" if isinstance(condition, sympy.GreaterThan) else "minimum"
            return self._promoted(self.join(name, [self.real(then, order), self.real(otherwise, order)], order), (then, otherwise))
        if (then, otherwise) in ((1, 0), (0, 1)):
            return self.condition(condition if then == 1 else sympy.Not(condition), order)
        before = starts.started(self, Where(condition, then, otherwise), order)
        if before:
            return before
        then, otherwise = windows.cautious(self, then), windows.cautious(self, otherwise)
        branches = guards.guarded(then, condition), guards.guarded(otherwise, condition, holds=False)
        values = [self.condition(condition, order), *(self.real(branch, order) for branch in branches)]
        return self._promoted(self.join("where", values, order), (then, otherwise))

    def _promoted(self, value: Value, branches: tuple[Expr, Expr]) -> Value:
        """The choice between two Python numbers is float64: it takes the dtype of the layer."""
        return self.cast(value) if all(map(is_scalar, branches)) and not self.whole else Value(value.node, value.axes)

    def condition(self, expr: sympy.Basic, order: tuple[Index, ...]) -> Value:
        """A boolean array."""
        if type(expr) in LOGIC:
            return self.join(LOGIC[type(expr)], [self.condition(arg, order) for arg in _in_order(expr)], order, "boolean")
        if isinstance(expr, sympy.Not):
            return self.join("not", [self.condition(expr.args[0], order)], order, "boolean")
        left, right = expr.args
        if isinstance(expr, sympy.Unequality) and isinstance(left, Element) and left.head.kind == "boolean":
            return self.value(left, order)
        exact = self if any(e.head.kind == "real" for e in elements(expr)) else replace(self, whole=True)
        return self.join(COMPARISONS[type(expr)], [exact.value(left, order), exact.value(right, order)], order, "boolean")

    # ------------------------------------------------------------ axes

    def join(self, function: str, values: Sequence[Value], order: tuple[Index, ...], kind: str = "real") -> Value:
        """One elementwise operation on values whose axes stand in the order."""
        present = {axis for value in values for axis in value.axes}
        axes = tuple(axis for axis in order if axis in present)
        if sum(map(leading, axes)) > 1:
            raise EmitError(
                f"{self.layer}: leading axes meet each other in one array, which NumPy cannot index; name the axes instead of ..."
            )
        if kind == "real" and all(value.kind == "scalar" for value in values):
            kind = "scalar"
        return Value(Call(function, tuple(align(value, axes) for value in values)), axes, kind)


def equality(bracket: Bracket) -> sympy.Eq:
    """What a bracket says, of positions counted from the start."""
    axis, place = bracket.args
    from_end = isinstance(axis, Index) and place.is_Integer and place < 0
    return sympy.Eq(axis, place + axis.size if from_end else place, evaluate=False)


def is_scalar(expr: sympy.Basic) -> bool:
    """Whether expr is a Python number in the code: it reads no array and no index."""
    return not expr.has(Element, Reduce, Bracket, Broadcast, Index, Where)


def _in_order(expr: sympy.Basic) -> list[sympy.Basic]:
    return sorted(expr.args, key=sympy.default_sort_key)


def leading(axis: Index) -> bool:
    return isinstance(axis.size, Leading)


def align(value: Value, axes: tuple[Index, ...]) -> Array:
    """The array, with an axis of length one for each of the axes that it lacks right of its first."""
    if not value.axes or value.kind == "scalar":
        return value.node
    pattern = ["..." if leading(axis) else ":" if axis in value.axes else "None" for axis in axes[axes.index(value.axes[0]) :]]
    if "None" not in pattern:
        return value.node
    while pattern[0] != "..." and pattern[-1] == ":":
        pattern.pop()
    return Call("expand", (value.node,), tuple(pattern))


def arrange(value: Value, order: tuple[Index, ...]) -> Value:
    """The value with its axes in the order."""
    wanted = tuple(axis for axis in order if axis in value.axes)
    if wanted == value.axes or value.kind == "scalar":
        return value
    assert len(wanted) == len(value.axes), (value, order)
    if any(map(leading, value.axes)):
        assert leading(wanted[0]) and leading(value.axes[0]), "leading axes stand first"
        if len(wanted) == 3:
            return Value(Call("swap", (value.node,)), wanted, value.kind)
        old, new = (tuple(axes.index(axis) - len(axes) for axis in wanted[1:]) for axes in (value.axes, wanted))
        return Value(Call("moveaxis", (value.node,), (old, new)), wanted, value.kind)
    permutation = tuple(value.axes.index(axis) for axis in wanted)
    return Value(Call("transpose", (value.node,), permutation), wanted, value.kind)


def natural_order(expr: Expr, order: tuple[Index, ...]) -> tuple[Index, ...]:
    """The axes of expr as its tensors lie in memory, the widest first, so that little is transposed; else in the given order."""
    free = free_indices(expr)
    wanted = sorted(free, key=lambda axis: (order.index(axis) if axis in order else len(order), axis.name))
    orders = (windows.memory_order(e) for e in expr.atoms(Element))
    plain = {axes for axes in orders if axes is not None and set(axes) <= set(free)}
    ranked = sorted(plain, key=lambda axes: (-len(axes), [wanted.index(a) for a in axes]))
    before: dict[Index, set[Index]] = {axis: set() for axis in wanted}
    for lead in filter(leading, wanted):
        before.update({axis: {lead} for axis in wanted if not leading(axis)})
    for axes in ranked:
        _follow(before, tuple(dict.fromkeys(axes)), wanted)
    return _sorted_axes(before, wanted)


def _follow(before: dict[Index, set[Index]], axes: tuple[Index, ...], wanted: list[Index]) -> None:
    """Require the axes in this order, unless that contradicts what is required already."""
    trial = {axis: set(earlier) for axis, earlier in before.items()}
    for first, second in itertools.pairwise(axes):
        trial[second].add(first)
    if len(_sorted_axes(trial, wanted)) == len(wanted):
        before.update(trial)


def _sorted_axes(before: dict[Index, set[Index]], wanted: list[Index]) -> tuple[Index, ...]:
    """The axes, each after those required before it; fewer than all if that is impossible."""
    found: list[Index] = []
    while ready := [axis for axis in wanted if axis not in found and before[axis] <= set(found)]:
        found.append(ready[0])
    return tuple(found)
