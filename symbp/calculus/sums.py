"""Sums over indices in normal form: brackets collapsed, factors that do not depend on the index outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Add, Eq, Expr, Mul

from symbp.calculus.affine import affine
from symbp.calculus.brackets import eliminated, pins
from symbp.calculus.places import is_finite
from symbp.ir import Bracket, Cotangent, Element, Index, Padded, Reduce, Where, elements, free_indices, fresh, rename_bound


def total(body: Expr, indices: Iterable[Index], step: Index | None = None) -> Expr:
    """The sum of body over the indices, term by term where that lets a bracket collapse; ``step`` is the index of a
    recurrence, along which no sum is left that a bracket fixes."""
    return Add(*(_total_of_term(term, list(indices), step) for term in _summands(body)))


def _summands(body: Expr) -> Sequence[Expr]:
    """The additive terms of body, with those of a difference of forward values left together: apart they lose digits."""
    found = terms(body)
    values = [term for term in found if _is_value(term)]
    minus = [term.could_extract_minus_sign() for term in values]
    several = len({e.name for term in values for e in elements(term)}) > 1
    if not several or all(minus) or not any(minus):
        return found
    number, difference = Add(*values).primitive()
    sign = -1 if difference.could_extract_minus_sign() else 1  # so that a sum and its opposite are found to be so
    plain = Add(*(sign * term for term in difference.args))
    return [*(term for term in found if term not in values), Mul(sign * number, plain, evaluate=False)]


def _is_value(term: Expr) -> bool:
    """Whether it is a multiple of one forward value."""
    value = term.as_coeff_Mul()[1]
    return isinstance(value, Element) and not isinstance(value.head, Cotangent)


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
    return any(isinstance(factor, Bracket) or pins(factor) for factor in Mul.make_args(term))


def _total_of_term(term: Expr, indices: list[Index], step: Index | None) -> Expr:
    term, indices = _collapse(term, indices, step)
    inside = [f for f in Mul.make_args(term) if f.free_symbols & set(indices)]
    outside = [f for f in Mul.make_args(term) if not f.free_symbols & set(indices)]
    used = {s for f in inside for s in f.free_symbols}
    count = Mul(*(i.size for i in indices if i not in used))
    over = [i for i in indices if i in used]
    inner = (Reduce("sum", Mul(*group), *(i for i in over if i in _symbols(group))) for group in _grouped(inside, over))
    return Mul(*outside, count, *inner)


def _grouped(factors: Sequence[Expr], indices: Sequence[Index]) -> list[list[Expr]]:
    """The factors in groups that share none of the indices: Σ_jk f(j) g(k) is a product of two sums."""
    groups: list[list[Expr]] = []
    for factor in factors:
        near = [group for group in groups if _symbols(group) & factor.free_symbols & set(indices)]
        groups = [*(group for group in groups if group not in near), [*(f for group in near for f in group), factor]]
    return groups


def _symbols(factors: Sequence[Expr]) -> set[Expr]:
    return {symbol for factor in factors for symbol in factor.free_symbols}


def _collapse(term: Expr, indices: list[Index], step: Index | None) -> tuple[Expr, list[Index]]:
    """sum_i f(i) [i == a] = f(a); a sum inside a product joins the sum around it if that frees a bracket."""
    while found := _collapsed(Mul.make_args(term), indices, step):
        term, indices = found
    return term, indices


def _collapsed(factors: Sequence[Expr], indices: list[Index], step: Index | None) -> tuple[Expr, list[Index]] | None:
    """The product and the indices left after one step; None if there is none."""
    for factor in factors:
        rest = [f for f in factors if f is not factor]
        if found := eliminated(factor, rest, indices, step):
            index, term = found
            return term, [i for i in indices if i != index]
        if _frees_a_bracket(factor, rest, indices):
            opened = rename_bound(factor)
            return Mul(*rest) * opened.body, [*indices, *opened.indices]
    return None


def _frees_a_bracket(inner: Expr, rest: Sequence[Expr], indices: list[Index]) -> bool:
    """Whether it is a sum that holds one which fixes an index once the two sums are one."""
    if not (isinstance(inner, Reduce) and inner.op == "sum" and inner.free_symbols & set(indices)):
        return False
    factors = Mul.make_args(inner.body)
    around = [*indices, *inner.indices]
    brackets = (f for f in factors if isinstance(f, Bracket))
    return any(eliminated(b, [*rest, *(f for f in factors if f is not b)], around) for b in brackets)


def pull(leaf: Element | Padded, canonical: Sequence[Index], weight: Expr, bound: Iterable[Index] = (), step: Index | None = None) -> Expr:
    """``d[position of leaf] += weight`` over all free indices, as an expression at the canonical position of d.
    Those bound around it count too where nothing depends on them: sum(x + z[n], n) reads x N times.

    A plain index is renamed; any other access (a gather, an integer, a window, a repeated index, a broadcast) leaves a bracket.
    """
    renamed: dict[Expr, Expr] = {}
    left: list[tuple[Index, Expr]] = []
    read = leaf.element if isinstance(leaf, Padded) else leaf
    for access, place in zip(read.position, canonical, strict=True):
        if isinstance(access, Index) and access not in renamed and access.size == place.size:
            renamed[access] = place
        else:
            left.append((place, access))
    free = weight.free_symbols | {s for access in read.position for s in access.free_symbols} | set(bound)
    others = {i: fresh(i) for i in sorted((s for s in free if isinstance(s, Index)), key=str) if i not in renamed}
    marked = {fresh(place): place for place in canonical} if any(map(_is_form, (access for _, access in left))) else {}
    moved = (_read_at(Element(read.head, *marked), leaf, weight) if marked else weight).xreplace(renamed | others | marked)
    for place, access in left:
        moved = times(moved, _meets(place, access.xreplace(renamed | others), isinstance(leaf, Padded)))
    return total(moved, others.values(), others.get(step) if step else None) if others else moved


def _is_form(access: Expr) -> bool:
    return affine(access) is not None and not isinstance(access, Index) and not access.is_Integer


def _read_at(place: Element, leaf: Expr, weight: Expr) -> Expr:
    """The weight with what stands at the place for what the leaf reads, for it counts there alone; where it is infinite at
    another place that would be 0 times infinity."""
    factors = [(factor, factor.xreplace({leaf: place})) for factor in Mul.make_args(weight)]
    return Mul(*(at_place if is_finite(at_place) else factor for factor, at_place in factors))


def _meets(place: Index, access: Expr, padded: bool) -> Expr:
    """1 where the access is this place; a number counts from the end, or where it is padded, may lie outside."""
    return Where(Eq(place, access), 1, 0) if padded and access.is_Integer else Bracket(place, access)


def times(weight: Expr, factor: Expr) -> Expr:
    """weight * factor; where one is 0 outside a condition the other goes inside, so that its inf and nan stay there.
    It stays outside if it brings new indices to values: a sum of products is then still a matrix product."""
    for outer, inner in ((factor, weight), (weight, factor)):
        if isinstance(outer, Where) and 0 in outer.branches and _fits(outer, inner):
            return Where(outer.condition, *(branch if branch == 0 else times(inner, branch) for branch in outer.branches))
    return weight * factor


def _fits(outer: Where, inner: Expr) -> bool:
    return set(free_indices(inner)) <= set(free_indices(outer)) or not any(elements(branch) for branch in outer.branches)
