"""What is said beside a line and once at the end: phrases by key; the tables of languages/ have their texts."""

from __future__ import annotations

from sympy import Abs, sign

from symbp.ir import Bracket, Broadcast, Element, Loop, Reduce, Where
from symbp.ir.derivation import Derivation, Fact, Phrase, Step

Why = tuple[Phrase, ...]

IMPOSSIBLE = "no output form"  # is said once, at the end


def why(step: Step, says: Phrase | None = None) -> Why:
    """The reason of a step, in short: the facts that it rests on, its own reason, or what its rule does."""
    if step.facts:
        return tuple(map(_by, step.facts))
    if step.reason:
        return step.reason
    if says:
        return (says,)
    return () if step.rule == "local derivative" else (Phrase(f"why:{step.rule}"),)


def _by(fact: Fact) -> Phrase:
    by = Phrase("by from", (fact, fact.number)) if fact.number else Phrase("by", (fact,))
    return Phrase("given that", (by, fact.given)) if fact.given else by


def in_turn(loop: Loop) -> Phrase:
    """The order in which a recurrence is computed."""
    return Phrase("from the last" if loop.reverse else "in turn", (loop.index.name,))


def remarks(derivation: Derivation) -> Why:
    """What holds for the derivation as a whole."""
    backward = [e.value for e in derivation.backward.equations] + [s.after for s in derivation.node_steps]
    forward = [e.value for e in derivation.forward.equations]
    holds = {
        "broadcast": any(bracket.has(Broadcast) for value in backward for bracket in value.atoms(Bracket)),
        "kink": any(_is_kink(where) for value in forward for where in value.atoms(Where)),
        "flat": any(value.has(Abs, sign) for value in forward),
        "tie": any(node.op in ("max", "min", "argmax", "argmin") for value in forward for node in value.atoms(Reduce)),
    }
    proved = [phrase for step in derivation.steps if step.rule == IMPOSSIBLE for phrase in step.reason]
    return (*proved, *(Phrase(f"remark:{key}") for key, true in holds.items() if true))


def _is_kink(where: Where) -> bool:
    """Does the condition look at values? A mask, or a comparison of indices, is no kink."""
    return any(element.head.kind == "real" for element in where.condition.atoms(Element))
