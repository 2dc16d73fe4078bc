"""The nodes of an equation: SymPy is the algebra of scalars, tensors enter it as opaque real atoms.

    Element(T, i, j)         one element of the tensor T; a position is an index, an integer, or an integer element (a gather)
    Reduce(op, body, i, j)   a reduction over bound indices; op is one of REDUCTIONS
    Bracket(a, b)            Iverson bracket: 1 where the integers a and b are equal, else 0
    Where(c, a, b)           a where the condition c holds, else b; the branch not taken is not looked at
    Broadcast(index, length) the position along a tensor's own leading axes that NumPy's broadcasting reads at ``index``

The leaves are symbols: Tensor (a head), Index (carries its size), Size (an axis length), Leading (the length of all the
axes that ``...`` stands for), Constant (a keyword of the layer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol
from sympy.core.symbol import Str
from sympy.logic.boolalg import false, true

REDUCTIONS = ("sum", "prod", "max", "min", "argmax", "argmin")


class Size(Symbol):
    """The length of one axis. Taken as positive by the algebra; the generated code also accepts empty axes."""

    __slots__ = ()

    def __new__(cls, name: str) -> Size:
        return Symbol.__xnew__(cls, name, integer=True, positive=True)


class Leading(Size):
    """The number of elements along the leading axes ``...``; ``parts`` are the lengths it is broadcast from, if any."""

    __slots__ = ("parts",)

    def __new__(cls, name: str = "...", parts: tuple[Leading, ...] = ()) -> Leading:
        self = Symbol.__xnew__(cls, name, integer=True, positive=True)
        self.parts = parts
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.parts)


class Constant(Symbol):
    """A keyword of the layer with a default value; not differentiated."""

    __slots__ = ()

    def __new__(cls, name: str) -> Constant:
        return Symbol.__xnew__(cls, name, real=True)


class Index(Symbol):
    """A running index, 0 .. size-1. An index whose size is a Leading runs over several axes at once."""

    __slots__ = ("size",)

    def __new__(cls, name: str, size: Expr) -> Index:
        self = Symbol.__xnew__(cls, name, integer=True, nonnegative=True)
        self.size = size
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.size)


class Tensor(Symbol):
    """The head of a tensor: its name, the sizes of its axes, its kind, and what is known of its sign."""

    __slots__ = ("kind", "shape")

    def __new__(cls, name: str, shape: tuple[Expr, ...] = (), kind: str = "real", **sign: bool) -> Tensor:
        known = {"integer": True, "nonnegative": True} if kind != "real" else {"real": True} | sign
        self = Symbol.__xnew__(cls, name, **known)
        self.shape, self.kind = tuple(shape), kind
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.shape, self.kind)


class Node(Expr):
    """What the five nodes share: commutative, real, and opaque to differentiation (the calculus opens them itself)."""

    is_commutative = True

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Integer(0)


class Element(Node):
    def __new__(cls, head: Tensor, *position: Any) -> Element:
        return Expr.__new__(cls, head, *map(sympy.sympify, position))

    @property
    def head(self) -> Tensor:
        return self.args[0]

    @property
    def position(self) -> tuple[Expr, ...]:
        return self.args[1:]

    @property
    def name(self) -> str:
        return self.head.name

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_is_integer(self) -> bool | None:
        return self.head.is_integer

    def _eval_is_positive(self) -> bool | None:
        return self.head.is_positive

    def _eval_is_nonnegative(self) -> bool | None:
        return self.head.is_nonnegative

    def _sympystr(self, printer: Any) -> str:
        inside = ",".join(printer._print(p) for p in self.position)
        return f"{self.name}[{inside}]" if inside else self.name


class Reduce(Node):
    def __new__(cls, op: str | Str, body: Expr, *indices: Index) -> Reduce:
        assert str(op) in REDUCTIONS and indices, (op, indices)
        return Expr.__new__(cls, Str(str(op)), sympy.sympify(body), *indices)

    @property
    def op(self) -> str:
        return self.args[0].name

    @property
    def body(self) -> Expr:
        return self.args[1]

    @property
    def indices(self) -> tuple[Index, ...]:
        return self.args[2:]

    @property
    def free_symbols(self) -> set[Expr]:
        return self.body.free_symbols - set(self.indices)

    def _eval_is_integer(self) -> bool | None:
        return True if self.op in ("argmax", "argmin") else self.body.is_integer

    def _eval_is_positive(self) -> bool | None:
        return False if self.op in ("argmax", "argmin") else self.body.is_positive or None

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.op in ("argmax", "argmin") else self.body.is_nonnegative or None

    def _sympystr(self, printer: Any) -> str:
        return f"{self.op}({printer._print(self.body)}, {', '.join(i.name for i in self.indices)})"


class Bracket(Node):
    def __new__(cls, left: Any, right: Any) -> Expr:
        left, right = sympy.sympify(left), sympy.sympify(right)
        if left == right:
            return Integer(1)
        if left.is_Integer and right.is_Integer:
            return Integer(0)
        return Expr.__new__(cls, *sorted((left, right), key=_bracket_order))

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_positive else None

    def _sympystr(self, printer: Any) -> str:
        return f"[{printer._print(self.args[0])} == {printer._print(self.args[1])}]"


def _bracket_order(side: Expr) -> tuple[Any, ...]:
    return (not isinstance(side, Index), sympy.default_sort_key(side))


class Where(Node):
    def __new__(cls, condition: Any, then: Any, otherwise: Any) -> Expr:
        condition, then, otherwise = map(sympy.sympify, (condition, then, otherwise))
        if condition in (true, false):
            return then if condition == true else otherwise
        return then if then == otherwise else Expr.__new__(cls, condition, then, otherwise)

    @property
    def condition(self) -> Any:
        return self.args[0]

    @property
    def branches(self) -> tuple[Expr, Expr]:
        return self.args[1:]

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return Where(self.condition, *(branch.diff(symbol) for branch in self.branches))

    def _all_branches(self, fact: str) -> bool | None:
        return all(getattr(branch, fact) for branch in self.branches) or None

    def _eval_is_finite(self) -> bool | None:
        return self._all_branches("is_finite")

    def _eval_is_positive(self) -> bool | None:
        return self._all_branches("is_positive")

    def _eval_is_nonnegative(self) -> bool | None:
        return self._all_branches("is_nonnegative")

    def _sympystr(self, printer: Any) -> str:
        return f"where({', '.join(map(printer._print, self.args))})"


class Broadcast(Node):
    def __new__(cls, index: Index, length: Leading) -> Expr:
        return index if index.size == length else Expr.__new__(cls, index, length)

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return f"broadcast({printer._print(self.args[0])})"


# ---------------------------------------------------------------- looking into an expression


def leaves(expr: Expr) -> tuple[Expr, ...]:
    """The outermost Element and Reduce nodes of expr, in a fixed order; conditions are looked into, positions are not."""
    found: dict[Expr, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, Element | Reduce):
            found[node] = None
        else:
            for arg in node.args:
                visit(arg)

    visit(expr)
    return tuple(sorted(found, key=sympy.default_sort_key))


def elements(expr: Any) -> tuple[Element, ...]:
    """All Element nodes anywhere in expr, inside reductions and positions too, in a fixed order."""
    return tuple(sorted(expr.atoms(Element), key=sympy.default_sort_key))


def reductions(expr: Any) -> tuple[Reduce, ...]:
    """All Reduce nodes anywhere in expr, in a fixed order."""
    return tuple(sorted(expr.atoms(Reduce), key=sympy.default_sort_key))


def free_indices(expr: Any) -> tuple[Index, ...]:
    """The free indices of expr, by name."""
    return tuple(sorted((s for s in expr.free_symbols if isinstance(s, Index)), key=lambda i: i.name))


def rewrite_elements(expr: Any, change: Callable[[Element], Expr]) -> Any:
    """expr with ``change`` made at every element, those inside positions first."""
    if not expr.args:
        return expr
    built = expr.func(*(rewrite_elements(arg, change) for arg in expr.args))
    return change(built) if isinstance(built, Element) else built


# ---------------------------------------------------------------- names of bound indices

_numbers: ContextVar[Iterator[int] | None] = ContextVar("numbers", default=None)


@contextmanager
def numbering() -> Iterator[None]:
    """Fresh indices are numbered from one inside the outermost such block, so that a layer's names depend on it alone."""
    if _numbers.get() is not None:
        yield
        return
    token = _numbers.set(count(1))
    try:
        yield
    finally:
        _numbers.reset(token)


def stem(index: Index) -> str:
    """The user's name of an index, without the mark that made it fresh."""
    return index.name.split("'")[0]


def fresh(index: Index) -> Index:
    """A new index over the same range. The mark in its name cannot be typed, so it meets no index of the user's."""
    numbers = _numbers.get()
    assert numbers is not None, "fresh indices are made inside `with numbering():`"
    return Index(f"{stem(index)}'{next(numbers)}", index.size)


def rename_bound(expr: Expr) -> Expr:
    """expr with fresh bound indices. Every copy of an expression needs it: a shared bound index is captured."""
    if not expr.has(Reduce):
        return expr
    if isinstance(expr, Reduce):
        new = {i: fresh(i) for i in expr.indices}
        return Reduce(expr.op, rename_bound(expr.body).xreplace(new), *new.values())
    return expr.func(*map(rename_bound, expr.args))


def readable(expr: Any, taken: frozenset[str] = frozenset()) -> Any:
    """expr with its bound indices called as the user called them, numbered where that name is taken."""
    if not expr.args or not expr.has(Reduce):
        return expr
    taken = taken | {i.name for i in free_indices(expr)}
    if not isinstance(expr, Reduce):
        return expr.func(*(readable(arg, taken) for arg in expr.args))
    new: dict[Index, Index] = {}
    inside = {i.name for i in expr.body.atoms(Index) - set(expr.indices)}  # bound further in: they would capture
    for i in expr.indices:
        names = (stem(i) + (str(k) if k > 1 else "") for k in count(1))
        name = next(n for n in names if n not in taken | inside)
        new[i], taken = Index(name, i.size), taken | {name}
    return Reduce(expr.op, readable(expr.body.xreplace(new), taken), *new.values())
