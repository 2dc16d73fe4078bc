"""Expressions up to the names of their indices."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr, Symbol

from symbp.calculus import may_stand, placed, terms, total
from symbp.ir import Bracket, Constant, Element, Index, Inverse, Leading, Padded, Reduce, rename_bound

MOST_INDICES = 4  # of a reduction whose orders are all tried


def canonical(expr: Any) -> Any:
    """expr with bound indices named by their range and depth alone, so that equal reductions are equal objects."""
    if not expr.args or not expr.has(Reduce):
        return expr
    if not isinstance(expr, Reduce):
        return expr.func(*map(canonical, expr.args))
    body = canonical(expr.body)
    depth = 1 + max((_depth(i) for r in body.atoms(Reduce) for i in r.indices), default=0)
    named = (_named(expr.op, body, order, depth) for order in _orders(expr))
    return min(named, key=sympy.default_sort_key)


def same(one: Expr, other: Expr) -> bool:
    """Whether the two differ in the names of their bound indices at most."""
    return bool(one == other or (one.has(Reduce) and other.has(Reduce) and canonical(one) == canonical(other)))


def _orders(node: Reduce) -> Any:
    """A sum may take its indices in any order; the position of a maximum may not. Of many indices not all orders are tried:
    two equal sums may then look different, no more."""
    free = not node.op.startswith("arg") and len(node.indices) <= MOST_INDICES
    return itertools.permutations(node.indices) if free else [node.indices]


def _named(op: str, body: Expr, order: tuple[Index, ...], depth: int) -> Reduce:
    new = {i: Index(f"{index_letter(i.size)}'{depth}_{k}", i.size) for k, i in enumerate(order)}
    return Reduce(op, body.xreplace(new), *new.values())


def index_letter(size: Expr) -> str:
    """What a canonical index over this range is called, before its depth."""
    if isinstance(size, Leading):
        return size.name
    if isinstance(size, Constant):  # a constant is written by its own name, so its index must have another
        return size.name[0]
    return size.name.lower() if isinstance(size, Symbol) else "i"


def is_canonical(index: Index) -> bool:
    """Whether its name says no more than its range and its depth."""
    return "_" in index.name.partition("'")[2]


def _depth(index: Index) -> int:
    return int(index.name.partition("'")[2].partition("_")[0]) if is_canonical(index) else 0


def normal(expr: Expr) -> Expr:
    """expr with its sums in normal form and canonical, and factors beside a bracket read at the value it fixes."""
    return canonical(_normal(rename_bound(expr)))


def _normal(expr: Any) -> Any:
    if isinstance(expr, Element) or not expr.args:
        return expr
    if isinstance(expr, Reduce):
        body = _normal(expr.body)
        return total(body, expr.indices) if expr.op == "sum" else Reduce(expr.op, body, *expr.indices)
    if not expr.has(Reduce, Bracket):
        return expr
    built = expr.func(*map(_normal, expr.args))
    return sympy.Add(*map(localise, terms(built))) if isinstance(built, sympy.Mul) else built


def localise(product: Expr) -> Expr:
    """f(k) [k == g] = f(g) [k == g]."""
    for bracket in product.args:
        if isinstance(bracket, Bracket) and isinstance(bracket.args[0], Index):
            index, value = bracket.args
            rest = sympy.Mul(*(f for f in product.args if f is not bracket))
            if rest.has(index) and may_stand(value, index, rest):
                return placed(rest, {index: value}) * bracket
    return product


def match(pattern: Any, expr: Any, found: dict[Index, Expr] | None = None) -> dict[Index, Expr] | None:
    """The indices to put for those of the pattern so that it becomes expr, or None. Both are canonical."""
    found = {} if found is None else found
    if isinstance(pattern, Index):
        return _bind(pattern, expr, found)
    if not pattern.args or not expr.args:
        return found if pattern == expr else None
    if pattern.func != expr.func or len(pattern.args) != len(expr.args):
        return None
    commutes = isinstance(pattern, sympy.Add | sympy.Mul) and len(pattern.args) <= 4
    for args in itertools.permutations(expr.args) if commutes else [expr.args]:
        trial: dict[Index, Expr] | None = dict(found)
        for one, other in zip(pattern.args, args, strict=True):
            trial = match(one, other, trial) if trial is not None else None
        if trial is not None:
            return trial
    return None


def _bind(index: Index, value: Any, found: dict[Index, Expr]) -> dict[Index, Expr] | None:
    if "'" in index.name:
        return found if index == value else None
    fits = value.size == index.size if isinstance(value, Index) else bool(value.is_integer)
    return found | {index: value} if fits and found.get(index, value) == value else None


def rewrite(expr: Any, change: Callable[[Any], Any]) -> Any:
    """expr with ``change`` tried at every node from the outside in; where it returns None the arguments are visited, those of
    a padded read or an inverse apart, which are of an element and of nothing else."""
    if isinstance(expr, Padded | Inverse):
        return expr
    changed = change(expr)
    if changed is not None:
        return changed
    return expr.func(*(rewrite(arg, change) for arg in expr.args)) if expr.args else expr
