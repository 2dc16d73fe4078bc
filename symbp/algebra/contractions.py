"""Sums over what forward has summed already: Σ_j P[i,j] dP[i,j] with dP[i,j] = Σ_e do[i,e] v[j,e] is Σ_e do[i,e] o[i,e],
where forward has o[i,e] = Σ_j P[i,j] v[j,e].

It must be less work, for it is less exact: where P is 1 at one j and 0 at the others, dP[i,j] less the sum over j is
exactly 0, while Σ_e do[i,e] o[i,e] was rounded on another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Mul

from symbp.algebra.cost import cost
from symbp.algebra.factors import assign
from symbp.algebra.match import canonical, normal
from symbp.algebra.restating import Restated, definition_at
from symbp.calculus import placed
from symbp.ir import Element, Equation, Index, Reduce, free_indices, readable, reads, reductions, rename_bound
from symbp.ir.derivation import Fact


@dataclass(frozen=True)
class Contraction:
    """``equation`` computes ``scale`` times the sum of the factors' product over the bound indices."""

    equation: Equation
    scale: Expr
    factors: tuple[Expr, ...]
    bound: tuple[Index, ...]


Known = Mapping[str, Sequence[Contraction]]  # by the name of a tensor that they read


def contractions(equations: Iterable[Equation]) -> Known:
    """The equations that are a sum of products and nothing else."""
    known: dict[str, list[Contraction]] = {}
    for equation in equations:
        if (found := _contraction(equation)) is not None:
            known.setdefault(min(reads(found.factors)), []).append(found)
    return known


def _contraction(equation: Equation) -> Contraction | None:
    factors = Mul.make_args(equation.value)
    sums = [f for f in factors if isinstance(f, Reduce) and f.op == "sum"]
    scale = Mul(*(f for f in factors if f not in sums))
    if len(sums) != 1 or free_indices(scale) or scale.has(Element) or equation.loop is not None:
        return None
    # an index with a mark in its name stands for itself in a pattern: these stand for any
    open_names = {i: Index(f"{k} of the sum", i.size) for k, i in enumerate(sums[0].indices)}
    body = Mul.make_args(canonical(sums[0].body.xreplace(open_names)))
    plain = all(isinstance(p, Index) for p in equation.target.position)
    return Contraction(equation, scale, body, tuple(open_names.values())) if plain and len(body) > 1 else None


def regrouped(equation: Equation, backward: Mapping[str, Equation], known: Known) -> Iterator[Restated]:
    """The equation with its sums over what forward has summed already replaced by sums of that, if there are any."""
    value, used, facts = canonical(equation.value), list[Equation](), list[Fact]()
    for node in reductions(value):
        for shorter, contraction, opened in _shorter(node, backward, known):
            if cost([shorter]) < cost([node]):
                value = value.xreplace({node: shorter})
                used += [contraction.equation, opened]
                facts.append(_fact(contraction))
                break
    if used:
        yield Restated(value, tuple(dict.fromkeys(used)), tuple(facts))


def _fact(contraction: Contraction) -> Fact:
    equation = contraction.equation
    return Fact(readable(equation.value), equation.target, equation.number)


def _shorter(node: Reduce, backward: Mapping[str, Equation], known: Known) -> Iterator[tuple[Expr, Contraction, Equation]]:
    """The sum as a sum over forward contractions, with the cotangent that had to be written out for it."""
    factors = Mul.make_args(node.body)
    for factor in (f for f in factors if node.op == "sum" and isinstance(f, Element) and f.name in backward):
        written = definition_at(factor, backward)
        inner = [f for f in Mul.make_args(written) if isinstance(f, Reduce) and f.op == "sum"] if written is not None else []
        if written is None or len(inner) != 1:
            continue
        outside = [f for f in (*factors, *Mul.make_args(written)) if f not in (factor, inner[0])]
        offered = [*outside, *Mul.make_args(inner[0].body)]
        for contraction in (one for name in sorted(reads(offered)) for one in known.get(name, ())):
            shorter = _with(contraction, offered, (*node.indices, *inner[0].indices))
            if shorter is not None:
                yield shorter, contraction, backward[factor.name]


def _with(contraction: Contraction, factors: list[Expr], indices: tuple[Index, ...]) -> Expr | None:
    """The sum of the factors' product over the indices by what the contraction computes, if it stands in it."""
    assigned = assign(contraction.factors, factors, {}) if len(factors) > len(contraction.factors) else None
    if assigned is None:
        return None
    found, rest = assigned
    gone = [found.get(i) for i in contraction.bound]
    left = Mul(*rest)
    if len(set(gone)) < len(gone) or not all(g in indices and not left.has(g) for g in gone):
        return None
    summed = rename_bound(left * placed(contraction.equation.target, found) / contraction.scale)
    over = [i for i in indices if i not in gone]
    return normal(Reduce("sum", summed, *over)) if over else None
