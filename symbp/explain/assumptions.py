"""What the lines of a derivation rest on beyond algebra: real values, signs, domains, ranges of whole numbers, kink conventions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sympy
from sympy import Abs, Expr, Pow, Symbol, sign

from symbp.explain.words import Why
from symbp.ir import Constant, Element, Index, Reduce, Tensor, Where, elements
from symbp.ir.derivation import Derivation, Phrase, Step


def assumptions(step: Step) -> Why:
    """What the step assumes, each once: of the values that it names, then of the operations in it."""
    given = (step.before, step.after, step.operand, *(side for fact in step.facts for side in (fact.left, fact.right)))
    exprs = [expr for expr in given if expr is not None]
    heads = dict.fromkeys(e.head for expr in exprs for e in elements(expr) if e.head.kind == "real")
    return (*_of_values(list(heads)), *_unique(_domains(exprs)), *_conventions(exprs))


def assumed(derivation: Derivation) -> Why:
    """One sentence on where the forward equations are defined and differentiable, () if that is everywhere."""
    found = tuple(_unique(_domains(equation.value for equation in derivation.forward.equations)))
    return (Phrase("remark:assumed", ((Phrase("assume:all real"), *found),)),) if found else ()


def _of_values(heads: list[Tensor]) -> Iterator[Phrase]:
    kinds = {
        "real": [t for t in heads if not t.is_nonnegative],
        "positive": [t for t in heads if t.is_positive],
        "nonnegative": [t for t in heads if t.is_nonnegative and not t.is_positive],
    }
    yield from (Phrase(f"assume:{kind}", (tuple(map(_bare, found)),)) for kind, found in kinds.items() if found)


def _bare(tensor: Tensor) -> Element:
    return Element(Tensor(tensor.name))


# ---------------------------------------------------------------- where the operations are defined


def _domains(exprs: Iterable[Expr]) -> Iterator[Phrase]:
    for expr in exprs:
        for node in _unconditional(expr):
            yield from _domain(node)


def _unconditional(node: Any) -> Iterator[Any]:
    """The node and what is in it, without the branches of choices: what they need is for their conditions to see to."""
    yield node
    for arg in () if isinstance(node, Where) else node.args:
        yield from _unconditional(arg)


def _domain(node: Any) -> Iterator[Phrase]:
    if isinstance(node, Element):
        for place, size in zip(node.position, node.head.shape, strict=True):
            if isinstance(place, Element):
                yield Phrase("assume:range", (place, size - 1))
    elif isinstance(node, sympy.log) or (isinstance(node, Pow) and not node.exp.is_integer):
        yield from _needed(node.args[0], sympy.Gt)
    elif isinstance(node, Pow) and node.exp.is_negative:
        yield from _needed(node.base, sympy.Ne)


def _needed(value: Expr, relation: Any) -> Iterator[Phrase]:
    """value > 0, or value ≠ 0; where positive constants see to that, that they are positive."""
    if not elements(value) or value.is_positive:
        return
    seen_to = with_positive_constants(value).is_positive
    relations = [sympy.Gt(c, 0) for c in positive_constants(value)] if seen_to else [relation(value, 0)]
    yield from (Phrase("assume:domain", (one,)) for one in relations)


def positive_constants(expr: Expr) -> dict[Constant, Symbol]:
    """The constants of expr, in order, and a positive symbol for each."""
    return {c: Symbol(c.name, positive=True) for c in sorted(expr.atoms(Constant), key=lambda c: c.name)}


def with_positive_constants(expr: Expr) -> Expr:
    return expr.xreplace(positive_constants(expr))


def _unique(phrases: Iterable[Phrase]) -> Iterator[Phrase]:
    """Each once, whatever indices and numbered names are called."""
    seen = set()
    for phrase in phrases:
        key = phrase.key, *map(_nameless, phrase.about)
        if key not in seen:
            seen.add(key)
            yield phrase


def _nameless(thing: Any) -> Any:
    plain = thing.xreplace({i: Index("i", i.size) for i in thing.atoms(Index)})
    return plain.xreplace({e: Element(Tensor(e.name.rstrip("0123456789"))) for e in plain.atoms(Element)})


# ---------------------------------------------------------------- conventions where there is no derivative


def _conventions(exprs: list[Expr]) -> Iterator[Phrase]:
    conditions = [where.condition for expr in exprs for where in expr.atoms(Where)]
    holds = {
        "kink": any(e.head.kind == "real" for condition in conditions for e in elements(condition)),
        "flat": any(expr.has(Abs, sign) for expr in exprs),
        "tie": any(node.op in ("max", "min", "argmax", "argmin") for expr in exprs for node in expr.atoms(Reduce)),
    }
    yield from (Phrase(f"remark:{key}") for key, true in holds.items() if true)
