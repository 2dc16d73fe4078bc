"""The choices of the generated code, explained: what it saves for the backward pass and why, and what a stable form avoids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational

from symbp.explain.assumptions import positive_constants, with_positive_constants
from symbp.explain.lines import Line, Section
from symbp.explain.words import IMPOSSIBLE, Why
from symbp.ir import Cotangent, Element, Index, Reduce, Tensor, elements, reads
from symbp.ir.derivation import Derivation, Kept, Phrase, Step
from symbp.ir.functions import expm1, log1p

BYTES = 8  # of one number in float64
FEW = 3  # gradients that are named one by one

# ---------------------------------------------------------------- what is saved


def kept_section(derivation: Derivation) -> tuple[Section, ...]:
    """A line for each forward value that backward uses, saved or computed again, and for each that it does without."""
    lines = (*(_kept_line(kept, derivation) for kept in derivation.kept), *_left_out(derivation), *_prices(derivation))
    return (Section(Phrase("title:kept"), lines),) if derivation.kept else ()


def _kept_line(kept: Kept, derivation: Derivation) -> Line:
    return _choice(Element(Tensor(kept.name)), _why_kept(kept, derivation))


def _choice(side: Expr, why: Why) -> Line:
    return Line((side,), why=why, kind="choice")


def _why_kept(kept: Kept, derivation: Derivation) -> Why:
    readers, memory = _readers(kept, derivation), _memory(kept)
    if not kept.saved:
        return (Phrase("kept:again", (readers, kept.code)), *(Phrase("kept:spared", (m,)) for m in memory))
    for where, tensors in (("input", derivation.forward.inputs), ("output", derivation.forward.outputs)):
        if kept.name in {t.name for t in tensors}:
            return (Phrase(f"kept:{where}", (readers,)), *_impossible(kept.name, derivation))
    says = Phrase("kept:code", (readers, kept.code)) if kept.code else Phrase("kept:value", (readers,))
    return (says, *(Phrase("kept:bytes", (m,)) for m in memory))


def _readers(kept: Kept, derivation: Derivation) -> Any:
    """The gradients that need it: by name where they are few."""
    if len(kept.gradients) > FEW and len(kept.gradients) == len(derivation.backward.outputs):
        return Phrase("every gradient")
    gradients = tuple(Element(Cotangent(f"d{name}")) for name in kept.gradients)
    return gradients if len(gradients) <= FEW else Phrase("and more", (gradients[0], len(gradients) - 1))


def _memory(kept: Kept) -> tuple[Expr, ...]:
    """The bytes of the array, where its shape is known."""
    return () if kept.shape is None else (Mul(Integer(BYTES), *kept.shape),)


def _impossible(name: str, derivation: Derivation) -> Why:
    """Is this the input that no formula in the output alone can replace?"""
    reasons = [phrase for step in derivation.steps if step.rule == IMPOSSIBLE for phrase in step.reason]
    return tuple(Phrase("kept:impossible", reason.about[:1]) for reason in reasons if reason.about[1] == name)


def _left_out(derivation: Derivation) -> Iterator[Line]:
    """The forward values that a local derivative reads as it is first found, and backward in the end does not."""
    used = {name for kept in derivation.kept for name in (kept.name, *kept.of)}
    first = reads(step.after for step in derivation.steps if step.rule == "local derivative")
    for name, tensor in derivation.forward.tensors.items():
        if name in first - used and tensor.kind == "real" and (instead := _instead(name, derivation)):
            yield _choice(Element(Tensor(name)), (Phrase("kept:instead", (instead,)),))


def _instead(name: str, derivation: Derivation) -> Any:
    """What backward reads in its place, as output forms and conditions say; nothing if they do not."""
    shown = [phrase for step in derivation.steps if step.before and name in reads([step.before]) for phrase in step.reason]
    if by := [phrase.about[0] for phrase in shown if phrase.key == "shows the branch"]:
        return by[0]
    kept = {k.name for k in derivation.kept}
    facts = (fact for step in derivation.steps for fact in step.facts if name in reads([fact.left]))
    instead = dict.fromkeys(Element(Tensor(e.name)) for fact in facts for e in elements(fact.right) if e.name in kept)
    return tuple(e for k in derivation.kept for e in instead if e.name == k.name)


def _prices(derivation: Derivation) -> Iterator[Line]:
    """1 - y and 1 - y² of an output y, which an output form brought in: they have few digits where y is near 1."""
    outputs = {t.name for t in derivation.forward.outputs}
    found: dict[Expr, Expr] = {}
    for equation in derivation.backward.equations if _has_output_form(derivation) else ():
        for node in equation.value.atoms(Add):
            power = 1 - node
            base = power.base if isinstance(power, Pow) and power.exp == 2 else power
            if isinstance(base, Element) and base.name in outputs:
                found[node] = sympy.Abs(base) if base != power else base
    yield from (_choice(node, (Phrase("kept:price", (size,)),)) for node, size in found.items())


def _has_output_form(derivation: Derivation) -> bool:
    return any(step.rule == "output form" for step in derivation.steps)


# ---------------------------------------------------------------- what a stable form avoids


def dangers(steps: Iterable[Step]) -> tuple[tuple[Line, ...], ...]:
    """For each stable form the parts that it does without, and where they would have failed; what differs in names alone is said once."""
    said: set[Expr] = set()
    found = []
    for step in steps:
        lines = [_choice(part, (why,)) for part, why in _dangers(step)]
        found.append(tuple(line for line in lines if _nameless(line.sides[0]) not in said))
        said |= {_nameless(line.sides[0]) for line in lines}
    return tuple(found)


def _dangers(step: Step) -> Iterator[tuple[Expr, Phrase]]:
    assert step.before is not None
    left = {_plain(node) for node in sympy.preorder_traversal(step.after) if isinstance(node, Expr)}
    left |= {sympy.exp(node.args[0]) for node in left if isinstance(node, expm1)}  # it overflows where exp does
    seen: set[Expr] = set()
    for node in sympy.preorder_traversal(step.before):
        why = _danger(node, step.after) if isinstance(node, Expr) else None
        if why and not {_plain(node)} & (left | seen):
            seen.add(_plain(node))
            yield node, why


def _plain(expr: Any) -> Any:
    """expr whatever its indices are called."""
    return expr.xreplace({i: Index("i", i.size) for i in expr.atoms(Index)})


def _nameless(expr: Any) -> Any:
    """expr whatever its tensors are called."""
    plain = _plain(expr)
    return plain.xreplace({e: Element(Tensor(f"u{k}")) for k, e in enumerate(elements(plain))})


def _danger(node: Expr, after: Expr) -> Phrase | None:
    """Where this operation fails in floating point and the form after does not, None if it does nowhere."""
    inside = node.args[0] if node.args else None
    if isinstance(node, sympy.exp) and not with_positive_constants(node.args[0]).is_nonpositive:
        return _beyond("danger:overflow", node.args[0], *map(_largest_exponent, FORMATS))
    if isinstance(node, sympy.cosh | sympy.sinh):
        return _beyond("danger:overflow", sympy.Abs(inside), *(_largest_exponent(f) + math.log(2) for f in FORMATS))
    if isinstance(node, Pow) and node.exp.is_negative and _is_sum_of_exponentials(node.base):
        return _beyond("danger:vanishes", -node.base.body.args[0], *map(_smallest_exponent, FORMATS))
    if isinstance(node, sympy.log):
        return _danger_of_log(node.args[0], after)
    return _danger_of_sum(node) if isinstance(node, Add) and len(node.args) == 2 else None


def _danger_of_log(inside: Expr, after: Expr) -> Phrase | None:
    if _is_sum_of_exponentials(inside):
        return _beyond("danger:log of sum", -inside.body.args[0], *map(_smallest_exponent, FORMATS))
    if isinstance(inside, Add) and 1 in inside.args and (after.has(log1p(inside - 1)) or not (inside - 1).could_extract_minus_sign()):
        return _within(inside - 1, *(_half_a_digit(f) for f in FORMATS))
    return Phrase("danger:log", (inside,)) if isinstance(inside, Element | Add) else None


def _danger_of_sum(node: Expr) -> Phrase | None:
    """exp(u) - 1, 1 + erf(u), u - tanh(u): two terms that are nearly the same somewhere."""
    for term in node.args:
        coefficient, function = term.as_coeff_Mul()
        rest = (node - term) / -coefficient
        if isinstance(function, sympy.exp) and rest == 1:
            return _within(function.args[0], *(_half_a_digit(f) for f in FORMATS))
        if isinstance(function, sympy.erf) and abs(rest) == 1:
            return _beyond("danger:cancels", rest * function.args[0], *map(_where_erf_is_one, FORMATS))
        if isinstance(function, sympy.tanh) and rest == function.args[0]:
            return _within(rest, *(math.sqrt(3 * _half_a_digit(f)) for f in FORMATS))
    return None


def _is_sum_of_exponentials(expr: Any) -> bool:
    return isinstance(expr, Reduce) and expr.op == "sum" and isinstance(expr.body, sympy.exp)


# ---------------------------------------------------------------- thresholds of the two floating formats

FORMATS = (np.finfo(np.float64), np.finfo(np.float32))


def _half_a_digit(form: Any) -> float:
    """What is smaller changes nothing when it is added to 1."""
    return float(form.eps) / 2


def _largest_exponent(form: Any) -> float:
    return math.log(form.max)


def _smallest_exponent(form: Any) -> float:
    """Below minus this the exponential rounds to 0."""
    return -math.log(form.smallest_subnormal) + math.log(2)


def _where_erf_is_one(form: Any) -> float:
    """From here on erf rounds to 1."""
    return next(k / 100 for k in range(1000) if math.erfc(k / 100) < form.eps / 4)


def _beyond(key: str, value: Expr, bound: float, single: float) -> Phrase:
    """What happens where value > bound, in float64 and in float32; written for minus the value where that is shorter."""
    bounds = [Rational(f"{b:.2f}") for b in (bound, single)]
    if value.could_extract_minus_sign():
        return Phrase(key, (sympy.Lt(-value, -bounds[0]), -bounds[1]))
    return Phrase(key, (sympy.Gt(value, bounds[0]), bounds[1]))


def _within(value: Expr, bound: float, single: float) -> Phrase:
    """Nothing is left of the difference where |value| < bound; constants are positive."""
    constants = {symbol: c for c, symbol in positive_constants(value).items()}
    size = sympy.Abs(with_positive_constants(value)).xreplace(constants)
    bounds = [Rational(f"{b:.1e}") for b in (bound, single)]
    return Phrase("danger:cancels", (sympy.Lt(size, bounds[0]), bounds[1]))
