"""Array operations as values: what plan makes of equations, and what emit prints.

    Name(text)                    an array, a constant or a number that has a name in the code
    Number(value)                 an exact rational
    Length(size, "count")         the length of an axis; for leading axes, the number of elements along them
    Length(size, "shape")         the lengths of leading axes, a tuple
    Call(function, args, options) one operation

The axes of an array are counted from the right (``-1``), because leading axes make its rank unknown. A Call does not know its
axes: two trees that are equal compute the same array, whatever the indices of their equations are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sympy import Expr, Rational


@dataclass(frozen=True)
class Name:
    text: str


@dataclass(frozen=True)
class Number:
    value: Rational


@dataclass(frozen=True)
class Length:
    size: Expr  # a Size
    form: str = "count"  # or "shape"


@dataclass(frozen=True)
class Call:
    function: str
    args: tuple[Array, ...]
    options: tuple[object, ...] = ()


Array = Name | Number | Length | Call
REAL = Name("?")  # stands for a real array that gives its dtype, until it is known which

VIEWS = frozenset({"expand", "transpose", "swap", "reshape", "flatten", "shape", "item", "broadcast"})
LEAN = VIEWS | {"arange", "zeros", "grid", "negative", "dims"}  # not worth a name of their own
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "argmax", "argmin", "prod", "matmul", "einsum", "unbroadcast", "scatter_add"})
POWERS = frozenset({"exp", "log", "log1p", "expm1", "logaddexp", "sqrt", "power", "erf", "erfc", "gammaln", "digamma", "polygamma"})
CIRCULAR = frozenset({"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"})
HEAVY = REDUCTIONS | POWERS | CIRCULAR | {"where"}  # worth a place in memory where both passes need it


@dataclass(frozen=True)
class Assign:
    """``target = value``"""

    target: str
    value: Array
    number: int = 0  # of the equation whose value it is, 0 for a temporary

    @property
    def nodes(self) -> tuple[Array, ...]:
        return (self.value,)


@dataclass(frozen=True)
class Update:
    """``place += value``, ``-=`` or ``=`` (sign 0), where place is a part of an array assigned just before."""

    place: Call
    sign: int
    value: Array
    number: int = 0

    @property
    def target(self) -> str:
        target = self.place.args[0]
        assert isinstance(target, Name)
        return target.text

    @property
    def nodes(self) -> tuple[Array, ...]:
        return (*self.place.args, self.value)


Statement = Assign | Update


def dims(*parts: Array) -> Call:
    """A shape made of lengths; its options say which parts are themselves shapes, those of leading axes."""
    return Call("dims", parts, tuple(isinstance(part, Length) and part.form == "shape" for part in parts))


def walk(node: Array) -> Iterator[Array]:
    """The node and everything inside it."""
    yield node
    if isinstance(node, Call):
        for arg in node.args:
            yield from walk(arg)


def names(node: Array) -> set[str]:
    return {part.text for part in walk(node) if isinstance(part, Name)}


def replace(node: Array, new: Mapping[Array, Array]) -> Array:
    """The node with every occurrence of a key replaced."""
    if node in new:
        return new[node]
    if not isinstance(node, Call):
        return node
    return Call(node.function, tuple(replace(arg, new) for arg in node.args), node.options)


def rewrite(statement: Statement, change: Callable[[Array], Array]) -> Statement:
    """The statement with its arrays changed; an update keeps the array that it changes."""
    if isinstance(statement, Assign):
        return Assign(statement.target, change(statement.value), statement.number)
    target, *places = statement.place.args
    place = Call("item", (target, *map(change, places)), statement.place.options)
    return Update(place, statement.sign, change(statement.value), statement.number)
