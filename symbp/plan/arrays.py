"""Array operations as values: what plan makes of equations, and what emit prints.

    Name(text)                    an array, a constant or a number that has a name in the code
    Number(value)                 an exact rational
    Length(size, "count")         the length of an axis; for leading axes, the number of elements along them
    Length(size, "shape")         the lengths of leading axes, a tuple
    Call(function, args, options) one operation

Statements are Assign, Update, and Loop, which holds statements of its own.

The axes of an array are counted from the right (``-1``), because leading axes make its rank unknown. A Call does not know its
axes: two trees that are equal compute the same array, whatever the indices of their equations are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
PLACES = frozenset({"slice", "span", "tuple"})  # parts of calls, and no arrays
LEAN = VIEWS | PLACES | {"arange", "zeros", "empty", "grid", "negative", "dims"}  # not worth a name of their own
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "argmax", "argmin", "prod", "matmul", "einsum", "unbroadcast", "scatter_add"})
REDUCTIONS |= {"running", "running_arg", "fold", "add_at"}
MATRICES = frozenset({"det", "logdet", "inverse"})
POWERS = frozenset(
    {
        "exp",
        "log",
        "log1p",
        "expm1",
        "logaddexp",
        "sqrt",
        "power",
        "erf",
        "erfc",
        "gammaln",
        "digamma",
        "polygamma",
        "log_cosh",
        "tanhshrink",
    }
)
CIRCULAR = frozenset({"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"})
HEAVY = REDUCTIONS | MATRICES | POWERS | CIRCULAR | {"where", "log_cosh", "tanhshrink"}  # worth a place in memory where both passes need it


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
        while isinstance(target, Call):  # a part of the part that a step of a loop is about
            target = target.args[0]
        assert isinstance(target, Name)
        return target.text

    @property
    def nodes(self) -> tuple[Array, ...]:
        return (*self.place.args, self.value)


Line = Assign | Update


@dataclass(frozen=True)
class Loop:
    """``for index in range(length):``, or backwards, its body: values of one step have names, arrays are filled step by step."""

    index: str
    length: Array
    reverse: bool
    body: tuple[Line, ...]

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(line.target for line in self.body)

    @property
    def private(self) -> frozenset[str]:
        """The names that mean something within one step alone."""
        return frozenset({self.index, *(line.target for line in self.body if isinstance(line, Assign))})

    @property
    def nodes(self) -> tuple[Array, ...]:
        return (self.length, *(node for line in self.body for node in line.nodes))


Statement = Line | Loop


def targets(statement: Statement) -> frozenset[str]:
    """The names that it assigns or updates."""
    return statement.targets if isinstance(statement, Loop) else frozenset({statement.target})


def dims(*parts: Array) -> Call:
    """A shape made of lengths; its options say which parts are themselves shapes, those of leading axes."""
    return Call("dims", parts, tuple(isinstance(part, Length) and part.form == "shape" for part in parts))


def walk(node: Array) -> Iterator[Array]:
    """The node and everything inside it."""
    yield node
    if isinstance(node, Call):
        for arg in node.args:
            yield from walk(arg)


def has_windows(node: Array) -> bool:
    """Whether the array is computed of windows, element by element."""
    if not isinstance(node, Call) or node.function in REDUCTIONS:
        return False
    return node.function == "windows" or any(map(has_windows, node.args))


def names(node: Array) -> set[str]:
    return {part.text for part in walk(node) if isinstance(part, Name)}


def replace(node: Array, new: Mapping[Array, Array]) -> Array:
    """The node with every occurrence of a key replaced."""
    if node in new:
        return new[node]
    if not isinstance(node, Call):
        return node
    return Call(node.function, tuple(replace(arg, new) for arg in node.args), node.options)


def every_line(statements: Iterable[Statement]) -> Iterator[Line]:
    """The lines, those of loops among them."""
    for statement in statements:
        yield from statement.body if isinstance(statement, Loop) else (statement,)


def by_line(statement: Statement, change: Callable[[Line], Line]) -> Statement:
    """The statement with its line changed, or every line of a loop's body."""
    if isinstance(statement, Loop):
        return Loop(statement.index, statement.length, statement.reverse, tuple(map(change, statement.body)))
    return change(statement)


def rewrite(statement: Statement, change: Callable[[Array], Array]) -> Statement:
    """The statement with its arrays changed; an update keeps the array that it changes."""
    changed = by_line(statement, lambda line: _rewritten(line, change))
    return Loop(changed.index, change(changed.length), changed.reverse, changed.body) if isinstance(changed, Loop) else changed


def _rewritten(line: Line, change: Callable[[Array], Array]) -> Line:
    if isinstance(line, Assign):
        return Assign(line.target, change(line.value), line.number)
    target, *places = line.place.args
    place = Call("item", (target, *map(change, places)), line.place.options)
    return Update(place, line.sign, change(line.value), line.number)
