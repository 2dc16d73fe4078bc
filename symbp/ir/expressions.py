"""Looking into expressions, rewriting their elements, and the names of their bound indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

import sympy
from sympy import Expr

from symbp.ir.nodes import Element, Inverse, Padded, Reduce
from symbp.ir.symbols import Constant, Index

# ---------------------------------------------------------------- looking into one


def leaves(expr: Expr) -> tuple[Expr, ...]:
    """The outermost nodes of expr that read tensors (Element, Padded, Reduce, Inverse), in a fixed order; conditions are
    looked into, positions are not."""
    found: dict[Expr, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, Element | Padded | Reduce | Inverse):
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
    """expr with ``change`` made at every element, those inside positions first; what is padded, or inverted as a matrix,
    changes only into another element."""
    if not expr.args:
        return expr
    if isinstance(expr, Padded | Inverse):
        inner, *rest = expr.args
        changed = rewrite_elements(inner, change)
        return expr.func(changed, *rest) if isinstance(changed, Element) else expr
    built = expr.func(*(rewrite_elements(arg, change) for arg in expr.args))
    return change(built) if isinstance(built, Element) else built


# ---------------------------------------------------------------- names of bound indices

_numbers: ContextVar[Iterator[int] | None] = ContextVar("numbers", default=None)


@contextmanager
def numbering(anew: bool = False) -> Iterator[None]:
    """Fresh indices are numbered from one inside the outermost such block, so that a layer's names depend on it alone.
    Anew: from one inside this block too; what comes out of it holds no fresh index, and what goes in neither."""
    if _numbers.get() is not None and not anew:
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
    taken = taken | {symbol.name for symbol in (*free_indices(expr), *expr.atoms(Constant))}
    if not isinstance(expr, Reduce):
        return expr.func(*(readable(arg, taken) for arg in expr.args))
    new: dict[Index, Index] = {}
    inside = {i.name for i in expr.body.atoms(Index) - set(expr.indices)}  # bound further in: they would capture
    for i in expr.indices:
        names = (stem(i) + (str(k) if k > 1 else "") for k in count(1))
        name = next(n for n in names if n not in taken | inside)
        new[i], taken = Index(name, i.size), taken | {name}
    return Reduce(expr.op, readable(expr.body.xreplace(new), taken), *new.values())
