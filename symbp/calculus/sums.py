"""Sums over indices in normal form: brackets collapsed, factors that do not depend on the index outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Integer, Mul

from symbp.ir import Bracket, Element, Index, Reduce, Where, elements, free_indices, fresh, rename_bound


def total(body: Expr, indices: Iterable[Index]) -> Expr:
    """The sum of body over the indices, term by term where that lets a bracket collapse."""
    return Add(*(_total_of_term(term, list(indices)) for term in terms(body)))


def terms(body: Expr) -> Sequence[Expr]:
    """The additive terms of body. A product is multiplied out only over sums that hold a bracket: a centred
    difference such as x - mu stays whole, for its terms lose digits apart."""
    if isinstance(body, Add):
        return [term for arg in body.args for term in terms(arg)]
    if isinstance(body, Mul):
        for factor in body.args:
            if isinstance(factor, Add) and any(collapsible(term) for term in factor.args):
                rest = Mul(*(f for f in body.args if f is not factor))
                return [term for arg in factor.args for term in terms(rest * arg)]
    return [body]


def collapsible(term: Expr) -> bool:
    return any(isinstance(factor, Bracket) for factor in Mul.make_args(term))


def _total_of_term(term: Expr, indices: list[Index]) -> Expr:
    term, indices = _collapse(term, indices)
    inside = [f for f in Mul.make_args(term) if f.free_symbols & set(indices)]
    outside = [f for f in Mul.make_args(term) if not f.free_symbols & set(indices)]
    used = {s for f in inside for s in f.free_symbols}
    count = Mul(*(i.size for i in indices if i not in used))
    over = [i for i in indices if i in used]
    inner = Reduce("sum", Mul(*inside), *over) if over else Integer(1)
    return Mul(*outside) * count * inner


def _collapse(term: Expr, indices: list[Index]) -> tuple[Expr, list[Index]]:
    """sum_i f(i) [i == a] = f(a); a sum inside a product joins the sum around it if that frees a bracket."""
    while True:
        factors = Mul.make_args(term)
        for factor in factors:
            if isinstance(factor, Bracket) and (fixed := _fixed(factor, indices)):
                index, value = fixed
                term = placed(Mul(*(f for f in factors if f is not factor)), {index: value})
                indices = [i for i in indices if i != index]
                break
            if isinstance(factor, Reduce) and factor.op == "sum" and factor.free_symbols & set(indices) and _joins(factor, indices):
                opened = rename_bound(factor)
                term = Mul(*(f for f in factors if f is not factor)) * opened.body
                indices = [*indices, *opened.indices]
                break
        else:
            return term, indices


def _fixed(bracket: Bracket, indices: list[Index]) -> tuple[Index, Expr] | None:
    for index, value in (bracket.args, bracket.args[::-1]):
        if index in indices and not value.has(index) and _same_range(index, value):
            return index, value
    return None


def _same_range(index: Index, value: Expr) -> bool:
    """A value read from an integer tensor lies in the range of the axis it indexes; code checks that."""
    return not isinstance(value, Index) or index.size == value.size


def _joins(inner: Reduce, indices: list[Index]) -> bool:
    body = Mul.make_args(inner.body)
    return any(isinstance(f, Bracket) and _fixed(f, [*indices, *inner.indices]) for f in body)


def placed(expr: Any, places: Mapping[Index, Expr]) -> Any:
    """expr with the places put for the indices. A negative place counts from the end: that is for a position to say;
    where the index stands as a number, as in j <= i, it is counted from the start."""
    counted = {i: i.size + p if p.is_Integer and p < 0 else p for i, p in places.items()}
    if counted == dict(places):
        return expr.xreplace(places)

    def visit(node: Any) -> Any:
        if node in counted:
            return counted[node]
        if isinstance(node, Element | Bracket):
            return node.func(*(places.get(arg, arg) if isinstance(arg, Index) else visit(arg) for arg in node.args))
        return node.func(*map(visit, node.args)) if node.args else node

    return visit(expr)


def pull(position: Sequence[Expr], canonical: Sequence[Index], weight: Expr, bound: Iterable[Index] = ()) -> Expr:
    """``d[position] += weight`` over all free indices, as an expression at the canonical position of d.
    Those bound around it count too where nothing depends on them: sum(x + z[n], n) reads x N times.

    A plain index is renamed; any other access (a gather, an integer, a repeated index, a broadcast) leaves a bracket.
    """
    renamed: dict[Expr, Expr] = {}
    brackets: list[tuple[Index, Expr]] = []
    for access, place in zip(position, canonical, strict=True):
        if isinstance(access, Index) and access not in renamed and access.size == place.size:
            renamed[access] = place
        else:
            brackets.append((place, access))
    free = weight.free_symbols | {s for access in position for s in access.free_symbols} | set(bound)
    others = {i: fresh(i) for i in sorted((s for s in free if isinstance(s, Index)), key=str) if i not in renamed}
    moved = weight.xreplace(renamed | others)
    for place, access in brackets:
        moved = times(moved, Bracket(place, access.xreplace(renamed | others)))
    return total(moved, others.values()) if others else moved


def times(weight: Expr, factor: Expr) -> Expr:
    """weight * factor; where one is 0 outside a condition the other goes inside, so that its inf and nan stay there.
    It stays outside if it brings new indices to values: a sum of products is then still a matrix product."""
    for outer, inner in ((factor, weight), (weight, factor)):
        if isinstance(outer, Where) and 0 in outer.branches and _fits(outer, inner):
            return Where(outer.condition, *(branch if branch == 0 else times(inner, branch) for branch in outer.branches))
    return weight * factor


def _fits(outer: Where, inner: Expr) -> bool:
    return set(free_indices(inner)) <= set(free_indices(outer)) or not any(elements(branch) for branch in outer.branches)
