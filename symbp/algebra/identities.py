"""Sums that the forward equations settle: deviations from a mean add up to 0, a softmax to 1.

Each is found by writing the summed value out, one definition after the other, until its sums are ones that an equation names.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sympy
from sympy import Add, Expr

from symbp.algebra.match import canonical, rewrite
from symbp.algebra.rules import Rule
from symbp.algebra.signs import is_centred
from symbp.calculus import total, value_at
from symbp.ir import Equation, Index, Padded, Program, Reduce, elements, free_indices, reads, reductions, rename_bound

DEEPEST = 2  # definitions written out, one inside the other

Axes = tuple[Expr, ...]


def identities(equations: Sequence[Equation], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Every sum of a forward value, or of a difference of forward values, that has a value without a sum."""
    named = {e.name: e for e in equations}
    sums = {rule.equation.name: rule for rule in rules if isinstance(rule.pattern, Reduce) and rule.pattern.op == "sum"}
    found = [
        rule
        for equation in filter(_is_plain, equations)
        for summand in _summands(equation)
        for indices in _choices(summand, named)
        if (rule := _settled(summand, indices, named, sums)) is not None
    ]
    return tuple({rule.pattern: rule for rule in found}.values())


def definitions(equation: Equation, program: Program) -> tuple[Equation, ...]:
    """The equation with those that write it out, if a sum over its own indices is among them."""
    names = {equation.name}
    for _ in range(DEEPEST):
        names |= reads(program.definitions[name].value for name in names if name in program.definitions)
    group = tuple(e for e in program.equations if e.name in names)
    own = {str(i.size) for i in free_indices(equation.target)}
    axes = _axes_of_sums(e.value for e in group)
    return group if _is_plain(equation) and any({str(size) for size in one} <= own for one in axes) else ()


def _is_plain(equation: Equation) -> bool:
    """Whether it is one of a real tensor, element by element of it."""
    position = equation.target.position
    return equation.target.head.kind == "real" and len(set(position)) == len(position) and all(isinstance(p, Index) for p in position)


def _summands(equation: Equation) -> Iterator[Expr]:
    """The value that the equation names, and the differences in it."""
    if free_indices(equation.target):
        yield equation.target
    for node in sorted((node for node in equation.value.atoms(Add) if is_centred(node)), key=sympy.default_sort_key):
        yield -node if node.could_extract_minus_sign() else node


def _choices(summand: Expr, named: Mapping[str, Equation]) -> Iterator[tuple[Index, ...]]:
    """The indices of the summand that its definitions sum over."""
    free, tried = free_indices(summand), set()
    for axes in _summed_axes(summand, named):
        for indices in itertools.combinations(free, len(axes)):
            if indices not in tried and sorted(map(str, axes)) == sorted(str(i.size) for i in indices):
                tried.add(indices)
                yield indices


def _summed_axes(summand: Expr, named: Mapping[str, Equation]) -> list[Axes]:
    """What the sums in the definitions of the summand, and in the definitions that those read, run over."""
    found: dict[Axes, None] = {}
    names = reads([summand])
    for _ in range(DEEPEST):
        values = [named[name].value for name in sorted(names) if name in named]
        found |= dict.fromkeys(_axes_of_sums(values))
        names = reads(values)
    return list(found)


def _axes_of_sums(values: Iterable[Expr]) -> list[Axes]:
    return [tuple(i.size for i in r.indices) for value in values for r in reductions(value) if r.op == "sum"]


def _settled(summand: Expr, indices: tuple[Index, ...], named: Mapping[str, Equation], sums: Mapping[str, Rule]) -> Rule | None:
    """The sum of the summand without a sum, if writing definitions out leads there."""
    body, needs = summand, dict[str, Equation]()
    for _ in range(DEEPEST + 1):
        value, used = _summed(body, indices, sums)
        if not value.has(Reduce, *indices):
            rests_on = tuple((needs | used).values())
            pattern = canonical(Reduce("sum", summand, *indices))
            return Rule(pattern, value, rests_on[-1], needs=rests_on[:-1], opens=True) if rests_on else None
        moving = [e for e in elements(body) if e.name in named and set(free_indices(e)) & set(indices)]
        if not moving or body.has(Padded):  # what is padded is not written out
            return None
        needs |= {e.name: named[e.name] for e in moving}
        body = body.xreplace({e: value_at(e, named[e.name]) for e in moving})
    return None


def _summed(body: Expr, indices: tuple[Index, ...], sums: Mapping[str, Rule]) -> tuple[Expr, dict[str, Equation]]:
    """The sum of body term by term, with the values that equations give its sums, and those equations."""
    terms = Add.make_args(rename_bound(sympy.expand_mul(body)))
    value = canonical(Add(*(total(term, indices) for term in terms)))
    used: dict[str, Equation] = {}

    def named(node: Expr) -> Expr | None:
        for name, rule in sums.items():
            if isinstance(node, Reduce) and (known := rule.instance(node)) is not None:
                used[name] = rule.equation
                return known
        return None

    return rewrite(value, named), used
